"""What a merge has moved in the trash, or unseen by who merged: an undo moves it back the same way."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.crm.changes import rows
from app.crm.changes.context import Context
from app.crm.changes.net import Key, Net
from app.crm.changes.rows import Work
from app.crm.schema import changes
from app.shared.contract import FieldSpec, ObjectSpec

Fates = set[Key]  # what a set put into the trash or took out of it


def fates(connection: Connection, change_set: int) -> Fates:
    statement = select(changes.c.object, changes.c.record_id).where(
        changes.c.change_set_id == change_set, changes.c.action.in_(("trash", "restore"))
    )
    return {(row.object, row.record_id) for row in connection.execute(statement)}


def is_move(spec: ObjectSpec, change: Net, known: Fates) -> bool:
    """Whether a set changed nothing of a record but links from or to what it trashed or restored."""
    if change.moves or not change.after:
        return False
    return all(_follows(spec.field(name), change, known) for name in change.after)


def _follows(field: FieldSpec | None, change: Net, known: Fates) -> bool:
    if field is None or field.type != "link":
        return False
    ends = (change.before.get(field.name), change.after.get(field.name))
    return any(end and (field.target or "", end["id"]) in known for end in ends)


def moved(context: Context, known: Fates, nets: dict[Key, Net], name: str, ids: Sequence[int]) -> dict[int, Work]:
    """Those of some unseen records that a merge has moved.

    Whoever may undo the fate of a merge's twins may undo this with it; of what such a record holds nothing is shown.
    A record of a join counts too that went to the trash because it would have stood there twice.
    """
    spec = context.catalog[name]
    mine = [id for id in ids if is_move(spec, nets[name, id], known) or (spec.join and _is_double(nets[name, id]))]
    found = rows.load(context, spec, mine, with_tags=True, everyone=True) if mine else {}
    return {id: work for id, work in found.items() if not nets[name, id].moves or _hangs_on(work, known)}


def _is_double(change: Net) -> bool:
    return change.moves in (["trash"], ["restore"]) and not change.after


def _hangs_on(work: Work, known: Fates) -> bool:
    return any((end.target or "", work.state[end.name]) in known for end in work.spec.ends)
