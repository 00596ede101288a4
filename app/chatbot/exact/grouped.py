"""Numbers by group: breakdowns, rankings, trends, rates, and groups above a bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.exact.asker import CITED, NAMED, Asker, by_rates, percent
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding import query as queries
from app.chatbot.understanding.frame import Frame
from app.chatbot.understanding.text import plural
from app.shared.contract import GroupRow, Groups, Ref

TIES = 20  # groups past a ranking's end that are looked at for equal ones


def groups(asker: Asker, frame: Frame) -> Answer:
    found = asker.comparable(queries.groups(frame))
    kept = _kept(asker, frame, found)
    label = phrases.measure_label(asker.catalog, frame)
    made = [row_of(asker, frame, row, frame.measure.key, row.measures[0]) for row in kept[: rows.MOST_ROWS]]
    is_money = any("currency" in row or isinstance(row[frame.measure.key], list) for row in made)
    kind = "money" if is_money else "number"
    columns = rows.group_columns(asker.catalog, asker.spec(frame), frame.groups, (frame.measure.key, label, kind))
    figures = _figures(asker, frame, found, kept, label)
    text = _text(asker, frame, found, kept, label) + _tied(asker, frame, found, kept) + by_rates(found)
    return Answer(text, "exact", figures, tuple(made), columns, found.query, citations=_refs(kept))


def _kept(asker: Asker, frame: Frame, found: Groups) -> list[GroupRow]:
    """The groups that answer: a ranking and a bound are not about records that belong to no group."""
    kept = list(found.rows)
    if frame.having is not None:
        return [row for row in kept if _has_key(row)]
    if not frame.ranked:
        return kept
    if not all(_has_key(row) for row in kept):
        more = found.query.model_copy(update={"limit": found.query.limit + 1})
        kept = [row for row in asker.groups(more).rows if _has_key(row)]
    return kept[frame.nth - 1 : frame.limit]


def _tied(asker: Asker, frame: Frame, found: Groups, kept: Sequence[GroupRow]) -> str:
    """Who is left out of a ranking by nothing but its length."""
    if not frame.ranked or not kept:
        return ""
    more = asker.groups(found.query.model_copy(update={"limit": found.query.limit + TIES}))
    shown = {_key(row) for row in kept}
    equal = [row for row in more.rows if row.measures[0] == kept[-1].measures[0] and _has_key(row)]
    others = [label_of(asker, frame, row) for row in equal if _key(row) not in shown]
    return f" Equal to the last: {wording.some(others[:NAMED], len(others))}." if others else ""


def _has_key(row: GroupRow) -> bool:
    return row.keys[0] is not None and row.keys[0] != ""


def _refs(kept: Sequence[GroupRow]) -> tuple[Ref, ...]:
    return tuple(row.keys[0] for row in kept[:CITED] if isinstance(row.keys[0], Ref))


def row_of(asker: Asker, frame: Frame, row: GroupRow, name: str, value: Any) -> dict[str, Any]:
    return rows.group_row(asker.catalog, asker.spec(frame), frame.groups, row, name, value)


def label_of(asker: Asker, frame: Frame, row: GroupRow) -> str:
    return rows.group_label(asker.catalog, asker.spec(frame), frame.groups, row)


def by_of(asker: Asker, frame: Frame) -> str:
    return wording.listed([rows.group_name(asker.catalog, asker.spec(frame), group).lower() for group in frame.groups])


def _plural(asker: Asker, frame: Frame) -> str:
    """What a group is one of: Companies; Products."""
    field = phrases.field_at(asker.catalog, asker.spec(frame), frame.groups[0].field)
    target = asker.catalog.objects.get(field.target or "") if field else None
    return target.label if target else wording.sentence_case(plural(by_of(asker, frame)))


def _figures(
    asker: Asker, frame: Frame, found: Groups, kept: Sequence[GroupRow], label: str
) -> tuple[Figure, ...]:  # fmt: skip
    if frame.having is not None:
        return (Figure(_plural(asker, frame), len(kept)),)
    if frame.ranked and kept:
        return rows.figures(f"{label_of(asker, frame, kept[0])}: {label.lower()}", kept[0].measures[0])
    return rows.figures(label, found.totals[0])


def _text(asker: Asker, frame: Frame, found: Groups, kept: Sequence[GroupRow], label: str) -> str:
    where = phrases.conditions(asker.catalog, frame)
    _, many = phrases.nouns(asker.catalog, frame)
    by = by_of(asker, frame)
    if not kept and frame.having is not None:
        return f"None found ({many} by {by}{where})."
    if not kept:
        return f"No {many}{where} with a known {by}." if found.rows else f"No {many}{where}."
    measured = f"{label} of {many}" if frame.measure.field else wording.sentence_case(many)
    if len(kept) == 1 and frame.ranked:
        what = f"{label.lower()} of {many}" if frame.measure.field else many
        place = f"{wording.ordinal(frame.nth).strip()}: " if frame.nth > 1 else ""
        return f"{label_of(asker, frame, kept[0])}: {place}{rows.shown(kept[0].measures[0])} ({what}{where})."
    entries = [f"{label_of(asker, frame, row)} {rows.shown(row.measures[0])}" for row in kept[:NAMED]]
    tail = wording.some(entries, len(kept))
    if frame.having is not None:
        none = " Those with none are not counted." if frame.having.op in ("lt", "lte") else ""
        return f"{len(kept):,} found ({measured[:1].lower()}{measured[1:]} by {by}{where}): {tail}.{none}"
    return f"{measured} by {by}{where}: {tail}."


def rates(asker: Asker, frame: Frame) -> Answer:
    """Win rates by group: won / (won + lost) of each, from two grouped queries."""
    query = queries.groups(frame)
    decided = asker.groups(query.model_copy(update={"where": queries.decided(asker.catalog, frame).where}))
    won = asker.groups(query.model_copy(update={"where": queries.won(asker.catalog, frame).where}))
    pairs = _rated(frame, decided, won)
    made = tuple(row_of(asker, frame, row, "win_rate", rate) for row, rate in pairs[: rows.MOST_ROWS])
    columns = rows.group_columns(asker.catalog, asker.spec(frame), frame.groups, ("win_rate", "Win rate", "number"))
    entries = [f"{label_of(asker, frame, row)} {wording.number(rate)}%" for row, rate in pairs[:NAMED]]
    where = phrases.conditions(asker.catalog, frame)
    text = f"Win rate by {by_of(asker, frame)}{where}: {wording.some(entries, len(pairs))}."
    if not pairs:
        text = f"There is no win rate: nothing{where} is won or lost yet."
    first = (Figure(f"{label_of(asker, frame, pairs[0][0])}: win rate", pairs[0][1], "%"),) if pairs else ()
    return Answer(text, "exact", first if frame.ranked else (), made, columns, decided.query)


def _rated(frame: Frame, decided: Groups, won: Groups) -> list[tuple[GroupRow, float]]:
    counts = {_key(row): row.measures[0] for row in won.rows}
    known = [row for row in decided.rows if row.measures[0] and (_has_key(row) or not frame.ranked)]
    pairs = [(row, percent(counts.get(_key(row), 0), row.measures[0])) for row in known]
    if frame.ranked or not frame.groups[0].bucket:
        pairs.sort(key=lambda pair: pair[1], reverse=frame.descending)
    return pairs[frame.nth - 1 : frame.limit] if frame.ranked else pairs


def _key(row: GroupRow) -> tuple[Any, ...]:
    return tuple((key.object, key.id) if isinstance(key, Ref) else key for key in row.keys)
