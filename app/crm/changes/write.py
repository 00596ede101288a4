"""A plan into the tables: a fixed number of statements for each object in the set, whatever the set's size."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, Update, and_, bindparam, delete, insert, select, tuple_, update

from app.crm.changes import index, joins, mentions, rows
from app.crm.changes.codec import columns, encode
from app.crm.changes.context import Context
from app.crm.changes.plan import Line, Plan
from app.crm.changes.rows import Work
from app.crm.objects import WRITTEN_OBJECTS
from app.crm.schema import TABLES, changes, import_rows, key_name, taggings, tags
from app.shared.contract import FieldSpec
from app.shared.db import text_key

_LINKS_TO_OWN_KIND = {"companies": "parent_id", "tasks": "after_id"}
_LINE = insert(changes)


def write(context: Context, plan: Plan, change_set: int) -> None:
    """Write every record, its tags, its lines of the journal and its searchable text."""
    gather_labels(context, plan)
    joins.name(context, plan.works.values())
    touched = [work for work in plan.works.values() if _is_touched(work)]
    for name in WRITTEN_OBJECTS:  # in the order in which they link to each other
        mine = [work for work in touched if work.spec.name == name]
        _vacate(context, TABLES[name], mine)
        _insert(context, TABLES[name], [work for work in mine if work.created and not work.purged])
        _update(context, TABLES[name], [work for work in mine if not work.created and not work.purged])
    _tag(context, [work for work in touched if work.state.get("tags") != work.was.get("tags") or work.purged])
    seqs = _journal(context, plan.lines, change_set)
    mentions.write(context, touched)
    index.write(context, [work for work in touched if not work.spec.join], seqs)
    _purge(context, [work for work in touched if work.purged])


def _is_touched(work: Work) -> bool:
    return work.created or work.purged or bool(work.trashed_at) != work.was_trashed or work.state != work.was


def _changed(work: Work) -> tuple[FieldSpec, ...]:
    return tuple(field for field in work.spec.fields if work.state[field.name] != work.was[field.name])


# --- records ---------------------------------------------------------------------------------------------------------


def _insert(context: Context, table: Table, works: list[Work]) -> None:
    if not works:
        return
    late = _LINKS_TO_OWN_KIND.get(table.name)
    links: list[dict[str, Any]] = []

    def made() -> Iterator[dict[str, Any]]:
        for work in works:
            row = _new_row(context, work)
            if late and (row[late] or 0) > work.id:  # made later in the same set: the link follows
                links.append({"b_id": work.id, late: row[late]})
                row[late] = None
            yield row

    rows.execute(context.connection, insert(table), made())
    if late and links:
        context.connection.execute(_setting(table, (late,)), links)


def _new_row(context: Context, work: Work) -> dict[str, Any]:
    work.version, work.state["created_at"], work.state["updated_at"] = 1, context.now, context.now
    row = columns(work.spec.fields, work.state, work.custom)
    row |= {"created_at": context.now, "updated_at": context.now, "created_by_id": context.principal.user_id}
    return row | {"id": work.id, "version": 1, "trashed_at": work.trashed_at, "custom": row.get("custom", {})}


def _update(context: Context, table: Table, works: list[Work]) -> None:
    """One statement for each set of columns that change together."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for work in works:
        work.version, work.state["updated_at"] = work.version + 1, context.now
        row = columns(_changed(work), work.state, work.custom)
        row |= {"version": work.version, "updated_at": context.now}
        if bool(work.trashed_at) != work.was_trashed:
            row["trashed_at"] = work.trashed_at
        groups[tuple(sorted(row))].append(row | {"b_id": work.id})
    for names, changed in groups.items():
        rows.execute(context.connection, _setting(table, names), changed)


@lru_cache(maxsize=256)
def _setting(table: Table, names: tuple[str, ...]) -> Update:
    """The statement that sets these columns; made once, for most writes are small and alike."""
    return update(table).where(table.c.id == bindparam("b_id")).values({name: bindparam(name) for name in names})


def _vacate(context: Context, table: Table, works: list[Work]) -> None:
    """Where a unique value goes from one record to another, the first gives it up before the second takes it."""
    for field in works[0].spec.fields if len(works) > 1 else ():
        if field.unique and field.custom_id is None:
            losing = [work for work in works if not work.created and work.was[field.name] and _loses(work, field)]
            ids = {work.id for work in losing}
            taken = {text_key(work.state[field.name]) for work in works if work.id not in ids}
            taken |= {text_key(work.state[field.name]) for work in losing if not _goes(work)}
            leaving = [work for work in losing if text_key(work.was[field.name]) in taken]
            _set(context, table, [work for work in leaving if not _goes(work)], {key_name(field): None})
            _set(context, table, [work for work in leaving if _goes(work)], {"trashed_at": context.now})


def _goes(work: Work) -> bool:
    return bool(work.trashed_at) or work.purged


def _loses(work: Work, field: FieldSpec) -> bool:
    return not work.was_trashed and (_goes(work) or work.state[field.name] != work.was[field.name])


def _set(context: Context, table: Table, works: list[Work], values: dict[str, Any]) -> None:
    for chunk in rows.chunks(work.id for work in works):
        context.connection.execute(update(table).where(table.c.id.in_(chunk)).values(values))


def _purge(context: Context, works: list[Work]) -> None:
    """Delete for good. The journal keeps that the record was, not what it held."""
    for name in {work.spec.name for work in works}:
        for chunk in rows.chunks(work.id for work in works if work.spec.name == name):
            said = and_(changes.c.object == name, changes.c.record_id.in_(chunk))
            context.connection.execute(update(changes).where(said).values(before={}, after={}))
            known = and_(import_rows.c.object == name, import_rows.c.record_id.in_(chunk))
            context.connection.execute(delete(import_rows).where(known))
    for name in reversed(WRITTEN_OBJECTS):
        for chunk in rows.chunks(work.id for work in works if work.spec.name == name and not work.created):
            context.connection.execute(delete(TABLES[name]).where(TABLES[name].c.id.in_(chunk)))


# --- tags ------------------------------------------------------------------------------------------------------------


def _tag(context: Context, works: list[Work]) -> None:
    if not works:
        return
    for chunk in rows.chunks(work.key for work in works if not work.created):
        mine = tuple_(taggings.c.object, taggings.c.record_id).in_(chunk)
        context.connection.execute(delete(taggings).where(mine))
    wanted = {name for work in works for name in work.state.get("tags", ())}
    ids = ensure_tags(context.connection, wanted)
    made = (
        {"object": work.spec.name, "record_id": work.id, "tag_id": ids[text_key(name)]}
        for work in works
        if not work.purged
        for name in work.state.get("tags", ())
    )
    rows.execute(context.connection, insert(taggings), made)


def ensure_tags(connection: Any, names: Iterable[str]) -> dict[str | None, int]:
    """The ids of these tags by their keys; what is missing is made."""
    wanted = {text_key(name): name for name in names}
    ids: dict[str | None, int] = {}
    for chunk in rows.chunks(sorted(wanted, key=str)):
        statement = select(tags.c.name_key, tags.c.id).where(tags.c.name_key.in_(chunk))
        ids |= {row.name_key: row.id for row in connection.execute(statement)}
    missing = [key for key in wanted if key not in ids]
    made = dict(zip(missing, rows.allocate(connection, tags, len(missing)), strict=True))
    if made:
        new = [{"id": id, "name": wanted[key], "name_key": key} for key, id in made.items()]
        connection.execute(insert(tags), new)
    return ids | made


# --- the journal -----------------------------------------------------------------------------------------------------


def _journal(context: Context, lines: list[Line], change_set: int) -> dict[tuple[str, int], int]:
    """Write the lines, in order; the newest position of each record."""
    seqs = rows.allocate(context.connection, changes, len(lines), "seq")
    made = (_line(context, line, change_set, seq) for line, seq in zip(lines, seqs, strict=True))
    rows.execute(context.connection, _LINE, made)
    return {line.work.key: seq for line, seq in zip(lines, seqs, strict=True)}


def _line(context: Context, line: Line, change_set: int, seq: int) -> dict[str, Any]:
    before, after = told(context, line)
    return {
        "seq": seq,
        "change_set_id": change_set,
        "action": line.action,
        "object": line.work.spec.name,
        "record_id": line.work.id,
        "label": line.work.label,
        "before": before,
        "after": after,
    }


def told(context: Context, line: Line) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a line before and after, as the journal keeps them; the labels have been gathered."""
    work = line.work
    before = context.currency(work.spec, work.was | line.before)
    after = context.currency(work.spec, work.state | line.after)
    return _encoded(context, work, line.before, before), _encoded(context, work, line.after, after)


def _encoded(context: Context, work: Work, values: dict[str, Any], currency: str) -> dict[str, Any]:
    fields = context.fields(work.spec)
    return {name: encode(fields[name], value, currency, context.labels) for name, value in values.items()}


def gather_labels(context: Context, plan: Plan) -> None:
    """Labels of what lines link to and that nothing has asked for yet: the set's own records, defaults, old values."""
    labels, wanted = context.labels.links, defaultdict(set)
    labels |= {work.key: work.label for work in plan.works.values()}
    for line in plan.lines:
        fields = context.fields(line.work.spec)
        for name, value in [*line.before.items(), *line.after.items()]:
            field = fields[name]
            if field.type == "link" and value and (field.target or "", value) not in labels:
                wanted[field.target or ""].add(value)
    for target, ids in sorted(wanted.items()):
        labels |= {(target, id): found.label for id, found in rows.targets(context, target, sorted(ids)).items()}
