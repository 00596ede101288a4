"""Each group's own part: of the whole in percent, or its median."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.exact.asker import CITED, NAMED, Asker, percent
from app.chatbot.exact.grouped import by_of, label_of, row_of
from app.chatbot.exact.median import middle
from app.chatbot.types import Answer
from app.chatbot.understanding import periods
from app.chatbot.understanding import query as queries
from app.chatbot.understanding.clauses import period_condition
from app.chatbot.understanding.frame import Frame, Term, condition
from app.shared.contract import Group, GroupRow, Measure, Ref

_MOST = 60  # groups whose medians are looked for one by one


def shares(asker: Asker, frame: Frame) -> Answer:
    """Every group's part of the whole, in percent; the whole is over all groups, those without a name included."""
    query = queries.groups(frame)
    found = asker.groups(query)
    whole = rows.amount(found.totals[0])
    _, many = phrases.nouns(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    if whole is None:
        text = f"There is no share: the amounts of {many}{where} are in several currencies."
        return Answer(text, "none", unread=("share",))
    if not whole:
        return Answer(f"There are no {many}{where} to take a share of.", "exact", query=query)
    measured = [(row, rows.amount(row.measures[0])) for row in found.rows[: rows.MOST_ROWS]]
    parts = [(row, percent(value or 0, whole)) for row, value in measured]
    made = tuple(row_of(asker, frame, row, "share", part) for row, part in parts)
    columns = rows.group_columns(asker.catalog, asker.spec(frame), frame.groups, ("share", "Share in %", "number"))
    entries = [f"{label_of(asker, frame, row)} {wording.number(part)}%" for row, part in parts[:NAMED]]
    of = f"{rows.shown(found.totals[0])} of {many}" if frame.measure.field else f"{wording.number(whole)} {many}"
    text = f"Shares of {of}{where} by {by_of(asker, frame)}: {wording.some(entries, found.group_count)}."
    return Answer(text, "exact", rows.figures("Whole", found.totals[0]), made, columns, query, citations=_cited(parts))


def medians(asker: Asker, frame: Frame) -> Answer:
    """The median of each group, the highest first; dates in their order."""
    query = queries.groups(replace(frame, measure=Measure()))
    found = asker.groups(query)
    _, many = phrases.nouns(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    path = frame.measure.field or ""
    label = f"Median {phrases.field_label(asker.catalog, asker.spec(frame), path).lower()}"
    if found.group_count > min(_MOST, len(found.rows)):
        text = f"There are too many groups ({found.group_count:,}) to find the median of each."
        return Answer(text, "none", unread=("median",))
    values = [(row, middle(asker, _within(frame, row), path)) for row in found.rows]
    if any(isinstance(value, tuple) for _, value in values):
        text = f"There is no {label.lower()}: the amounts of {many}{where} are in several currencies."
        return Answer(text, "none", unread=("median",))
    known = [(row, value) for row, value in values if value is not None]
    if not frame.groups[0].bucket:
        known.sort(key=lambda pair: rows.amount(pair[1]) or 0.0, reverse=frame.descending)
    known = known[: rows.MOST_ROWS]
    made = tuple(row_of(asker, frame, row, "median", value) for row, value in known)
    kind = "money" if made and "currency" in made[0] else "number"
    columns = rows.group_columns(asker.catalog, asker.spec(frame), frame.groups, ("median", label, kind))
    entries = [f"{label_of(asker, frame, row)} {rows.shown(value)}" for row, value in known[:NAMED]]
    text = f"{label} of {many} by {by_of(asker, frame)}{where}: {wording.some(entries, len(known))}."
    if not known:
        text = f"There is no {label.lower()}: no {many}{where} have one."
    return Answer(text, "exact", (), made, columns, query, citations=_cited(known))


def _within(frame: Frame, row: GroupRow) -> Frame:
    """The records of one group, by themselves."""
    terms = tuple(_term(group, key) for group, key in zip(frame.groups, row.keys, strict=True))
    return replace(frame, groups=(), terms=(*frame.terms, *terms))


def _term(group: Group, key: Any) -> Term:
    if key is None or key == "":
        return Term(condition(group.field, "empty", True), group.field)
    if group.bucket:
        return Term(period_condition(group.field, periods.relative(group.bucket, 0, key)), group.field)
    return Term(condition(group.field, "eq", key.id if isinstance(key, Ref) else key), group.field)


def _cited(found: list[tuple[GroupRow, Any]]) -> tuple[Ref, ...]:
    return tuple(row.keys[0] for row, _ in found[:CITED] if isinstance(row.keys[0], Ref))
