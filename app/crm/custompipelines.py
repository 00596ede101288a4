"""Pipelines, as admins shape them. Each change bumps the catalog and writes a line of the audit log."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from app.crm import catalog
from app.crm.customnames import bad, checked_label, log, next_position, only_admins, placed, renumber
from app.crm.customstages import create_stage, move_deals, of_pipeline
from app.crm.schema import pipelines
from app.shared.contract import SYSTEM, Principal
from app.shared.db import text_key
from app.shared.errors import NotFound

USUAL_STAGES = (("Lead", "open"), ("Proposal", "open"), ("Won", "won"), ("Lost", "lost"))


def create_pipeline(
    connection: Connection, name: str, labels: Sequence[tuple[str, str]] = USUAL_STAGES, *, actor: Principal = SYSTEM
) -> int:
    """A pipeline, the last one, with its stages as (label, kind), in order. Raises Invalid."""
    only_admins(actor)
    name = _free_name(connection, name)
    if "open" not in [kind for _, kind in labels]:
        raise bad("stages", "A pipeline needs an open stage.")
    row = {
        "name": name,
        "name_key": text_key(name),
        "position": next_position(connection, pipelines, pipelines.c.id > 0),
    }
    made = connection.execute(insert(pipelines).values(**row).returning(pipelines.c.id)).scalar_one()
    catalog.bump(connection)
    log(connection, actor, "pipeline.created", pipeline=name)
    for label, kind in labels:
        create_stage(connection, label, pipeline=made, kind=kind, actor=actor)
    return int(made)


def _free_name(connection: Connection, given: str, id: int | None = None) -> str:
    name = checked_label(given, "name")
    twin = connection.execute(select(pipelines).where(pipelines.c.name_key == text_key(name))).one_or_none()
    if twin and twin.id != id:
        more = " It is retired: bring it back, or rename it first." if twin.retired else ""
        raise bad("name", f"There is a pipeline {twin.name} already.{more}")
    return name


def stored_pipelines(connection: Connection) -> Sequence[Row[Any]]:
    """Every pipeline in order, retired ones too."""
    return connection.execute(select(pipelines).order_by(pipelines.c.position, pipelines.c.id)).all()


def pipeline_row(connection: Connection, id: int) -> Row[Any]:
    """A pipeline in use or retired. Raises NotFound."""
    row = connection.execute(select(pipelines).where(pipelines.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no pipeline {id}.")
    return row


def _write(connection: Connection, actor: Principal, event: str, row: Row[Any], **values: Any) -> None:
    changed = {name: value for name, value in values.items() if row._mapping[name] != value}
    if changed:
        connection.execute(update(pipelines).where(pipelines.c.id == row.id).values(**changed))
        catalog.bump(connection)
        shown = {name: value for name, value in changed.items() if name != "name_key"}
        was = {name: row._mapping[name] for name in shown}
        log(connection, actor, event, pipeline=row.name, was=was, now=shown)


def rename_pipeline(connection: Connection, id: int, name: str, *, actor: Principal = SYSTEM) -> None:
    only_admins(actor)
    row = pipeline_row(connection, id)
    name = _free_name(connection, name, id)
    _write(connection, actor, "pipeline.changed", row, name=name, name_key=text_key(name))


def place_pipeline(connection: Connection, id: int, place: int, *, actor: Principal = SYSTEM) -> None:
    """Move the pipeline to a place among those in use, counted from 1. New deals begin in the first."""
    only_admins(actor)
    row, known = pipeline_row(connection, id), stored_pipelines(connection)
    if row.retired:
        raise bad("position", f"{row.name} is retired: bring it back first.")
    living = [item.id for item in known if not item.retired]
    order = placed(living, id, place)
    if order != living:
        renumber(connection, pipelines, [*order, *(item.id for item in known if item.retired)])
        catalog.bump(connection)
        log(connection, actor, "pipeline.changed", pipeline=row.name,
            was={"position": living.index(id) + 1}, now={"position": order.index(id) + 1})  # fmt: skip


def retire_pipeline(
    connection: Connection, id: int, *, move_to: int | None = None, actor: Principal = SYSTEM
) -> int | None:
    """Take a pipeline out of use, with its stages; its deals go to the stage `move_to` of another, as one change set.

    The set's id comes back, to be announced after the commit. The last pipeline stays. Raises Invalid.
    """
    only_admins(actor)
    row = pipeline_row(connection, id)
    if row.retired:
        raise bad("pipeline", f"{row.name} is retired already.")
    if not any(item.id != id and not item.retired for item in stored_pipelines(connection)):
        raise bad("pipeline", f"{row.name} is the last pipeline: deals need one.")
    mine = [stage.id for stage in of_pipeline(connection, id)]
    moved = move_deals(connection, mine, move_to, f"Pipeline {row.name} retired", actor)
    _write(connection, actor, "pipeline.retired", row, retired=True)
    return moved


def restore_pipeline(connection: Connection, id: int, *, actor: Principal = SYSTEM) -> None:
    """Bring a retired pipeline back, with the stages that it had."""
    only_admins(actor)
    _write(connection, actor, "pipeline.restored", pipeline_row(connection, id), retired=False)
