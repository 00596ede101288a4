"""Amounts of several currencies, made comparable: bounds and rankings by the workspace's rates.

Where a rate is missing they are compared by their figures, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from weakref import WeakKeyDictionary

from app.chatbot.exact import wording
from app.chatbot.exact.asker import Asker, by_rates
from app.chatbot.understanding.frame import Frame, Term, condition
from app.shared.contract import (
    SYSTEM,
    And,
    Condition,
    CrmPort,
    Filter,
    Measure,
    Money,
    Or,
    Page,
    Query,
    Record,
)

_BOUNDS = ("gt", "gte", "lt", "lte", "between")
CURRENCY = "currency"  # the field that says in which currency a record's amounts are


@dataclass(frozen=True, slots=True)
class Worth:
    """What one unit of each currency is worth in the workspace's own; `None` where a rate is missing."""

    currencies: tuple[str, ...]
    rates: Mapping[str, Decimal] | None
    told: str  # the sentence that says how they are compared


def comparable(asker: Asker, frame: Frame) -> Frame:
    """The frame with its bounds on amounts in each record's own currency: over $9,000 is over £7,200 too."""
    bounds = [term for term in frame.terms if _is_bound(asker, frame, term)]
    if not bounds:
        return frame
    field = bounds[0].slot
    worth = _worth(asker, replace(frame, terms=tuple(term for term in frame.terms if term not in bounds)), field)
    if worth is None:
        return frame
    terms = tuple(_in_each(term, worth) if term in bounds else term for term in frame.terms)
    return replace(frame, terms=terms, notes=(*frame.notes, worth.told))


def ranked(asker: Asker, frame: Frame, query: Query, shown: Sequence[str]) -> tuple[Page, str]:
    """The first records by an amount, whatever its currency, and the sentence that says how they were compared."""
    page = asker.page(query, shown)
    if not frame.ranked or not frame.sort or not _is_money(asker, frame, frame.sort):
        return page, ""
    worth = _worth(asker, frame, frame.sort)
    if worth is None or worth.rates is None:
        return page, f" {worth.told}" if worth else ""
    found = [record for code in worth.currencies for record in asker.page(_only(query, code), shown).records]
    best = sorted(found, key=lambda record: _value(record, frame.sort or "", worth), reverse=frame.descending)
    return replace(page, records=tuple(best[: query.limit])), f" {worth.told}"


def _value(record: Record, field: str, worth: Worth) -> Decimal:
    amount = record.values.get(field)
    assert isinstance(amount, Money)
    assert worth.rates is not None
    return amount.major * worth.rates[amount.currency]


def _only(query: Query, code: str) -> Query:
    where = condition(CURRENCY, "eq", code)
    return query.model_copy(update={"where": And(items=(query.where, where)) if query.where else where})


def _worth(asker: Asker, frame: Frame, field: str) -> Worth | None:
    """How the amounts of a frame's records compare; None where they are all in one currency."""
    if not _has_others(asker, frame.object):
        return None
    whole = Query(object=frame.object, where=frame.where(), measures=(Measure(fn="sum", field=field),))
    total = asker.groups(whole).totals[0]
    if not isinstance(total, tuple):
        return None
    codes = tuple(item.currency for item in total if isinstance(item, Money))
    converted = asker.converted(whole)
    if converted is None:
        told = f"Amounts in {wording.listed(codes)} are compared by their figures: not every rate is known."
        return Worth(codes, None, told)
    rates = {rate.currency: rate.rate for rate in converted.rates}
    return Worth(
        codes, {code: rates.get(code, Decimal(1)) for code in codes}, by_rates(converted, "Compared in").strip()
    )


# Whether an object has amounts in other currencies than the workspace's, by port: as of which line of the journal.
_others: WeakKeyDictionary[CrmPort, tuple[int, dict[str, bool]]] = WeakKeyDictionary()


def _has_others(asker: Asker, object: str) -> bool:
    """Most workspaces have one currency: they are asked once after each change, not once a question.

    Over all records, whoever asks: it says only whether there is something to look for.
    """
    now = asker.port.journal_end()
    seen, known = _others.get(asker.port, (now, {}))
    if seen != now:
        known = {}
    if object not in known:
        where = And(items=(condition(CURRENCY, "ne", asker.catalog.currency), condition(CURRENCY, "empty", False)))
        found = asker.port.query(SYSTEM, Query(object=object, where=where, limit=1, columns=("id",)))
        known = {**known, object: isinstance(found, Page) and bool(found.records)}
    _others[asker.port] = (now, known)
    return known[object]


def _in_each(term: Term, worth: Worth) -> Term:
    """The bound in each currency."""
    assert isinstance(term.filter, Condition)
    if worth.rates is None:
        return term
    items: list[Filter] = [_scaled(term.filter, code, worth.rates[code]) for code in worth.currencies]
    return replace(term, filter=Or(items=tuple(items)))


def _scaled(bound: Condition, code: str, rate: Decimal) -> Filter:
    values = bound.value if isinstance(bound.value, list | tuple) else (bound.value,)
    scaled = [float(round(Decimal(str(value)) / rate, 2)) for value in values]
    own = condition(bound.field, bound.op, scaled if bound.op == "between" else scaled[0])
    return And(items=(condition(CURRENCY, "eq", code), own))


def _is_bound(asker: Asker, frame: Frame, term: Term) -> bool:
    is_plain = isinstance(term.filter, Condition) and term.filter.op in _BOUNDS
    return is_plain and _is_money(asker, frame, term.slot.rstrip("<>="))


def _is_money(asker: Asker, frame: Frame, path: str) -> bool:
    """Whether it is an amount of the records themselves, which say their currency."""
    field = asker.spec(frame).field(path)
    return field is not None and field.type == "money" and asker.spec(frame).field(CURRENCY) is not None
