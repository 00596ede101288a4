"""Terms of one slot: listed values become one condition, the sides of a comparison become alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.chatbot.understanding.clauses import Unplaced, Unsettled
from app.chatbot.understanding.draft import Draft, is_filler
from app.chatbot.understanding.frame import Term, condition
from app.shared.contract import Condition, Filter, Or


def merge(draft: Draft, terms: Sequence[Term]) -> list[Term]:
    """ "medical and retail companies": values of one field that stand side by side. Comparisons are left apart.

    Raises Unplaced where two values of one field stand apart: no record could have both.
    """
    if draft.versus:
        return list(terms)
    _check_or(draft, terms)
    _check_contradiction(terms)
    merged: list[Term] = []
    for term in sorted(terms, key=lambda one: one.at):
        twin = next((one for one in merged if _mergeable(one, term)), None)
        if twin is None:
            merged.append(term)
        elif twin.filter == term.filter:
            continue  # "brings in the most won": said twice
        elif twin.negated:
            merged[merged.index(twin)] = _neither(twin, term)
        elif _adjacent(draft, twin, term):
            merged[merged.index(twin)] = _either(twin, term)
        else:
            raise (Unsettled if term.kind else Unplaced)(term.label)
    return merged


def _check_contradiction(terms: Sequence[Term]) -> None:
    """ "won deals that are not won": what nothing can be is not what was meant."""
    for one in terms:
        wanted = {str(value) for value in _equals(one.filter) or ()}
        for other in terms:
            if other.slot == one.slot and wanted & {str(value) for value in _excluded(other.filter)}:
                raise Unsettled(other.label)


def _check_or(draft: Draft, terms: Sequence[Term]) -> None:
    """ "in retail or with 500 employees": an "or" between conditions on different fields isn't read as "and"."""
    for at, item in enumerate(draft.items):
        if item.text.lower() != "or":
            continue
        before = max((term for term in terms if term.at < at), key=lambda term: term.at, default=None)
        after = min((term for term in terms if term.at > at), key=lambda term: term.at, default=None)
        if before is not None and after is not None and before.slot != after.slot:
            raise Unplaced("or")


def _mergeable(one: Term, other: Term) -> bool:
    if one.slot != other.slot or one.negated != other.negated or one.kind != other.kind:
        return False
    if one.negated:
        return bool(_excluded(one.filter) and _excluded(other.filter))
    return (_equals(one.filter) is not None and _equals(other.filter) is not None) or bool(one.period and other.period)


def _equals(filter_: Filter) -> list[object] | None:
    """The values that a plain equality allows."""
    if not isinstance(filter_, Condition):
        return None
    if filter_.op == "eq":
        return [filter_.value]
    return list(filter_.value) if filter_.op == "in" and isinstance(filter_.value, list) else None


def _excluded(filter_: Filter) -> list[object]:
    """The values that a plain inequality rules out."""
    if not isinstance(filter_, Condition) or filter_.op not in ("ne", "not_in"):
        return []
    return list(filter_.value) if isinstance(filter_.value, list | tuple) else [filter_.value]


def _neither(one: Term, other: Term) -> Term:
    assert isinstance(one.filter, Condition)
    values = list(dict.fromkeys([*_excluded(one.filter), *_excluded(other.filter)]))
    label = f"{one.label} or {other.label}"
    return replace(one, filter=condition(one.filter.field, "not_in", values), label=label, at=other.at)


def _adjacent(draft: Draft, one: Term, other: Term) -> bool:
    between = draft.items[one.at + 1 : other.at]
    if one.period and not any(item.word("and", "or") for item in between):
        return False  # "the last two weeks of 2024" is no time or the other
    return all(is_filler(item) or item.word("and", "or") for item in between)


def _either(one: Term, other: Term) -> Term:
    label = f"{one.label} or {other.label}"
    left, right = _equals(one.filter), _equals(other.filter)
    if left is None or right is None or not isinstance(one.filter, Condition):
        return replace(one, filter=Or(items=(one.filter, other.filter)), label=label, at=other.at, period=None)
    values = [*left, *(value for value in right if value not in left)]
    if len(values) == 1:
        return replace(one, at=other.at)
    return replace(one, filter=condition(one.filter.field, "in", values), label=label, at=other.at)


def versus(draft: Draft, terms: list[Term]) -> tuple[list[Term], tuple[Term, ...]]:
    """The terms that both sides share, and the sides. Raises Unplaced where a comparison has no two sides."""
    if not draft.versus:
        return terms, ()
    slots = [term.slot for term in terms]
    double = [slot for slot in dict.fromkeys(slots) if slots.count(slot) > 1]
    if not double and draft.groups:
        draft.versus = False
        return terms, ()
    if len(double) != 1:
        raise Unplaced("compare")
    sides = tuple(term for term in terms if term.slot == double[0])
    return [term for term in terms if term.slot != double[0]], sides
