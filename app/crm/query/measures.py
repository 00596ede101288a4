"""Measures: what is computed for each group, each currency apart, and how it becomes a value of the doors."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Float, Numeric, case, cast, false, func, true

from app.crm.query.columns import plain_number
from app.crm.query.expressions import comparable_money
from app.crm.query.money import in_currency
from app.crm.query.source import Leaf, Source, to_one
from app.crm.query.suggestions import bad
from app.shared.contract import Measure, Value

Expression = ColumnElement[Any]
# What a measure found in one group: currency (None where there is none) -> the aggregate, and over how many rows.
Tally = Mapping[str | None, tuple[Any, int]]
_SUMMABLE = ("number", "money")
_ORDERED = ("number", "money", "date", "datetime")
_EXACT = Context(prec=60)
_FOLDS: dict[str, Callable[..., Expression]] = {"min": func.min, "max": func.max}


@dataclass(frozen=True, slots=True)
class Sum:
    """One measure over the rows of a query."""

    measure: Measure
    leaf: Leaf | None = None
    input: Expression | None = None  # of one row

    @property
    def fn(self) -> str:
        return self.measure.fn

    @property
    def is_money(self) -> bool:
        leaf, counts = self.leaf, self.fn in ("count", "count_distinct")
        return leaf is not None and leaf.field.type == "money" and not counts

    @property
    def adds(self) -> bool:
        """Figures of several groups, or currencies, add up to the figure of all of them."""
        return self.fn not in ("min", "max")

    @property
    def ranked(self) -> Expression:
        """Of one row, for putting groups in order: amounts of several currencies go by their plain figures."""
        assert self.leaf is not None
        assert self.input is not None
        source = self.leaf.source
        return comparable_money(source.scope, source.spec.name, source.table, self.input)


def build(source: Source, measure: Measure) -> Sum:
    """Raises Invalid where the field can't be measured so."""
    if measure.fn == "count" and measure.field is None:
        return Sum(measure)
    leaf = to_one(source, _field(source, measure))
    _check(leaf, measure)
    if measure.fn == "count_distinct" or measure.fn == "count":
        return Sum(measure, leaf, func.nullif(leaf.key, "") if _is_text(leaf) else leaf.key)
    return Sum(measure, leaf, _weighted(leaf) if measure.fn == "weighted" else leaf.key)


def _field(source: Source, measure: Measure) -> str:
    if measure.field:
        return measure.field
    if measure.fn == "weighted" and source.field("amount"):
        return "amount"
    raise bad(measure.key, f"{measure.fn} needs a field: {measure.fn}:amount, say.")


def _is_text(leaf: Leaf) -> bool:
    return leaf.field.type in ("text", "long_text", "email", "url", "phone", "key", "select")


def _check(leaf: Leaf, measure: Measure) -> None:
    kind, path = leaf.field.type, leaf.path
    if measure.fn in ("count", "count_distinct") and kind in ("tags", "multi_select"):
        raise bad(path, f"{path} holds several values: group by it to count them.")
    if measure.fn == "count_distinct" and kind == "money":
        raise bad(path, f"{path} is an amount: group by it to count the different ones.")
    if measure.fn in ("sum", "avg") and kind not in _SUMMABLE:
        raise bad(path, f"{path} is a {kind} field: {measure.fn} needs a number or an amount.")
    if measure.fn in ("min", "max") and kind not in _ORDERED:
        raise bad(path, f"{path} is a {kind} field: {measure.fn} needs a number, an amount or a date.")
    if measure.fn == "weighted" and not (kind == "money" and leaf.source.field("probability")):
        raise bad(path, f"{path} can't be weighted: only amounts of records that have a probability are.")


def _weighted(leaf: Leaf) -> Expression:
    """The amount times its probability in percent: the record's own, else its stage's; none where neither has one."""
    source = leaf.source
    probability: Expression = source.table.c.probability
    stage = next((field for field in source.spec.fields if field.type == "stage"), None)
    if stage is not None:
        probability = func.coalesce(probability, source.follow(stage).table.c.probability)
    return leaf.key * probability if leaf.scope.is_sqlite else cast(leaf.key, Numeric()) * probability


# --- SQL -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One aggregate of the statement: over rows, and over groups of such aggregates."""

    name: str
    over_rows: Expression
    merge: Callable[..., Expression] = func.sum


def columns(place: int, item: Sum, *, sorts: bool, several: bool, codes: Sequence[str] | None) -> Iterator[Column]:
    """What is computed for the measure at this place. `codes`: its currencies, each to be computed by itself.

    m: the aggregate, of amounts that add over all currencies, of others over the workspace's own; q: over how many
    rows (`several` currencies are taken apart by it); x: how many rows are in another currency than the workspace's;
    r: by what groups sort, where that is none of these.
    """
    if item.input is None:
        yield Column(f"m{place}", func.count())
    elif item.fn in ("count", "count_distinct"):
        yield Column(f"m{place}", func.count(item.input.distinct() if item.fn == "count_distinct" else item.input))
    elif not item.is_money:
        yield from _figure(f"{place}", item, item.input)
    elif codes is None:
        yield from _amounts(place, item, sorts, several)
    else:
        for code in codes:
            yield from _figure(f"{place}_{code}", item, case((currency(item) == code, item.input)), counted=True)


def _figure(name: str, item: Sum, input: Expression, *, counted: bool = False) -> Iterator[Column]:
    fold = _FOLDS.get(item.fn, func.sum)
    yield Column(f"m{name}", fold(input), fold)
    if item.fn == "avg" or counted:
        yield Column(f"q{name}", func.count(input))


def _amounts(place: int, item: Sum, sorts: bool, several: bool) -> Iterator[Column]:
    """Over all currencies at once where that can be taken apart again: a workspace with one is read in one go."""
    assert item.input is not None
    own = item.input if item.adds or not has_currencies(item) else case((is_foreign(item).is_not(true()), item.input))
    yield from _figure(f"{place}", item, own, counted=several)
    if has_currencies(item):
        yield Column(f"x{place}", func.count().filter(is_foreign(item)))
    if sorts and (not item.adds or item.ranked is not item.input):
        fold = _FOLDS.get(item.fn, func.sum)
        yield Column(f"r{place}", fold(item.ranked), fold)


def plain(place: int, item: Sum) -> Iterator[Column]:
    """The aggregate of all rows' amounts, for rows of one currency."""
    assert item.input is not None
    return _figure(f"{place}", item, item.input, counted=True)


def currency(item: Sum) -> Expression:
    """The ISO code of one row's amount, in small letters."""
    assert item.leaf is not None
    return item.leaf.currency


def has_currencies(item: Sum) -> bool:
    return item.leaf is not None and "currency_key" in item.leaf.source.table.c


def is_foreign(item: Sum) -> ColumnElement[bool]:
    """Whether one row's amount is in another currency than the workspace's own; null where it names none."""
    return code(item) != item.leaf.scope.catalog.currency.casefold() if item.leaf else false()


def code(item: Sum) -> Expression:
    """The currency that one row names."""
    assert item.leaf is not None
    return item.leaf.source.table.c.currency_key


def rank(item: Sum, place: int, found: Mapping[str, Expression]) -> Expression:
    """By what groups are put in order, over their aggregates."""
    figure = found.get(f"r{place}", found[f"m{place}"])
    return cast(figure, Float()) / func.nullif(found[f"q{place}"], 0) if item.fn == "avg" else figure


# --- values ----------------------------------------------------------------------------------------------------------


def tally(place: int, item: Sum, found: Mapping[str, Any], codes: Sequence[str] | None) -> Tally:
    """What was read of one group; amounts under the workspace's currency until `split` takes them apart."""
    if item.is_money and codes is not None:
        return {code: _pair(f"{place}_{code}", found) for code in codes}
    own = item.leaf.scope.catalog.currency.casefold() if item.is_money and item.leaf else None
    return {own: _pair(f"{place}", found)}


def _pair(name: str, found: Mapping[str, Any]) -> tuple[Any, int]:
    figure = found[f"m{name}"]
    return figure, int(found.get(f"q{name}", 0 if figure is None else 1) or 0)


def split(item: Sum, whole: Tally, others: Tally) -> Tally:
    """The tally with these other currencies' part taken out of the workspace's own, and beside it."""
    if not others:
        return whole
    [(own, (figure, count))] = whole.items()
    if item.adds:
        figure = (figure or 0) - sum(other for other, _ in others.values())
        count -= sum(number for _, number in others.values())
    return {own: (figure, count), **others}


def merge(item: Sum, tallies: Sequence[Tally]) -> Tally:
    """The tally of several groups together. Not for distinct counts."""
    merged: dict[str | None, tuple[Any, int]] = {}
    for one in tallies:
        for code, (found, count) in one.items():
            before = merged.get(code)
            merged[code] = (found, count) if before is None else (_join(item, before[0], found), before[1] + count)
    return merged


def _join(item: Sum, one: Any, other: Any) -> Any:
    if one is None or other is None:
        return one if other is None else other
    if not item.adds:
        return min(one, other) if item.fn == "min" else max(one, other)
    return one + other


def finish(item: Sum, tally: Tally, workspace: str) -> Value:
    """The measure's value: a tuple of Money, by currency code, where there are several."""
    if item.fn in ("count", "count_distinct"):
        return sum(int(found or 0) for found, _ in tally.values())
    present = {code: (found, count) for code, (found, count) in sorted(tally.items(), key=_code) if count}
    if not present:
        return nothing(item, workspace)
    values = tuple(_value(item, code, found, count) for code, (found, count) in present.items())
    return values[0] if len(values) == 1 else values


def _code(entry: tuple[str | None, Any]) -> str:
    return entry[0] or ""


def nothing(item: Sum, workspace: str) -> Value:
    """The measure over no values."""
    if item.fn not in ("sum", "weighted"):
        return None
    return in_currency(0, workspace) if item.is_money else 0


def _value(item: Sum, code: str | None, found: Any, count: int) -> Value:
    if isinstance(found, date):
        return found
    if item.is_money:
        return in_currency(_EXACT.divide(Decimal(int(found)), Decimal(divisor(item, count))), code or "")
    if item.fn == "avg":
        return plain_number(float(found) / count if isinstance(found, float) else _quotient(found, count))
    return plain_number(found)


def divisor(item: Sum, count: int) -> int:
    """What an amount's aggregate is divided by: a weighted one holds percents."""
    return count if item.fn == "avg" else 100 if item.fn == "weighted" else 1


def _quotient(found: Any, count: int) -> float:
    return float(_EXACT.divide(Decimal(found), Decimal(count)))
