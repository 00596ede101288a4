"""Frames as Queries: the one whose rows an answer opens, and those that compute its numbers."""

from __future__ import annotations

from app.chatbot.understanding import frame as frames
from app.chatbot.understanding.frame import Frame, Shape, Term
from app.chatbot.understanding.paths import kind_field
from app.shared.contract import And, Catalog, Condition, Filter, Group, Having, Measure, Or, Query

MOST_GROUPS = 1000


def of(catalog: Catalog, frame: Frame) -> Query:
    """The Query that the answer's link opens: the exact rows, or the grouped list."""
    if frame.groups:
        return groups(frame)
    if frame.versus:
        return versus(catalog, frame)
    if frame.shape == "rate":
        return decided(catalog, frame)
    return frame.rows_query(frame.part)


def groups(frame: Frame) -> Query:
    """One row a group, largest measure first; dates in their order."""
    group_by = frame.groups
    dated = bool(group_by[0].bucket)
    measure = Measure() if frame.shape == "rate" else frame.measure
    by_measure = ("-" if frame.descending else "") + measure.key
    by_keys = dated and not frame.ranked
    sort = tuple(group.key for group in group_by) if by_keys else (by_measure,)
    limit = MOST_GROUPS if frame.having or frame.shape == "rate" else frame.limit or (MOST_GROUPS if dated else 50)
    having = (_bound(frame.having, measure),) if frame.having else ()
    return Query(object=frame.object, where=frame.where(), group_by=group_by, measures=(measure,), having=having,
                 sort=sort, limit=limit)  # fmt: skip


def _bound(having: frames.Having, measure: Measure) -> Having:
    """A bound on groups, as the door takes it."""
    value = [having.low, having.high] if having.high is not None else having.low
    return Having.model_validate({"measure": measure.key, "op": having.op, "value": value})


def versus(catalog: Catalog, frame: Frame) -> Query:
    """The records of all sides; grouped by what differs, where that is one field."""
    sides = Or(items=tuple(term.filter for term in frame.versus))
    where: Filter = And(items=(*(term.filter for term in frame.terms), sides)) if frame.terms else sides
    group = _side_group(frame)
    if group is None or frame.shape in ("list", "share", "rate"):
        return Query(object=frame.object, where=where)
    return Query(object=frame.object, where=where, group_by=(group,), measures=(frame.measure,))


def _side_group(frame: Frame) -> Group | None:
    first = frame.versus[0]
    if any(not isinstance(term.filter, Condition) for term in frame.versus):
        return None
    if first.period is None:
        return Group(field=first.slot) if first.slot != "id" and "*" not in first.slot else None
    buckets = {term.period.bucket for term in frame.versus if term.period}
    return (
        Group.model_validate({"field": first.slot, "bucket": buckets.pop()})
        if len(buckets) == 1 and None not in buckets
        else None
    )


def decided(catalog: Catalog, frame: Frame) -> Query:
    """The won and lost records that a win rate is over."""
    stage = kind_field(catalog[frame.object])
    assert stage is not None
    return frame.rows_query((Term(Condition(field=stage.name, op="in", value=["won", "lost"]), stage.name),))


def won(catalog: Catalog, frame: Frame) -> Query:
    """The won ones among them."""
    stage = kind_field(catalog[frame.object])
    assert stage is not None
    return frame.rows_query((Term(Condition(field=stage.name, op="eq", value="won"), stage.name),))


def frame_of(query: Query) -> Frame:
    """A Query as a frame, so that a follow-up can lean on it."""
    items = query.where.items if isinstance(query.where, And) else (query.where,) if query.where else ()
    terms = tuple(Term(item, _slot(item)) for item in items)
    measure = query.measures[0] if query.measures else Measure()
    shape: Shape = "groups" if query.group_by else "measure" if query.measures else "list"
    return Frame(query.object, shape, terms, measure, query.group_by)


def _slot(filter_: Filter) -> str:
    return filter_.field if isinstance(filter_, Condition) else ""
