"""Pipelines and their stages, as admins shape them. Each change bumps the catalog."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from app.crm import catalog
from app.crm.customnames import bad, checked_label, free, next_position, snake
from app.crm.schema import pipelines, stages
from app.shared.contract import Option
from app.shared.db import text_key
from app.shared.errors import NotFound

_PROBABILITY = {"won": 100, "lost": 0}


def create_pipeline(connection: Connection, name: str, labels: Sequence[tuple[str, str]]) -> int:
    """A pipeline with its stages as (label, kind), in order. Raises Invalid."""
    name = checked_label(name, "name")
    if connection.scalar(select(pipelines.c.id).where(pipelines.c.name_key == text_key(name))):
        raise bad("name", f"There is a pipeline {name} already.")
    if "open" not in [kind for _, kind in labels]:
        raise bad("stages", "A pipeline needs an open stage.")
    row = {
        "name": name,
        "name_key": text_key(name),
        "position": next_position(connection, pipelines, pipelines.c.id > 0),
    }
    made = connection.execute(insert(pipelines).values(**row).returning(pipelines.c.id)).scalar_one()
    for label, kind in labels:
        create_stage(connection, label, pipeline=made, kind=kind)
    return int(made)


def create_stage(
    connection: Connection,
    label: str,
    *,
    pipeline: int | str | None = None,
    kind: str = "open",
    probability: int | None = None,
) -> Option:
    """A new stage, after the last one of its kind or, where it is open, before the won and lost ones. Raises Invalid.

    `pipeline`: its id or name; the first one where none is given. `probability` in percent: 100 for won, 0 for lost.
    """
    label, name = checked_label(label), _pipeline(connection, pipeline)
    if kind not in ("open", "won", "lost"):
        raise bad("kind", "A stage is open, won or lost.")
    if probability is not None and not 0 <= probability <= 100:
        raise bad("probability", "Expected a percentage from 0 to 100.")
    mine = list(connection.execute(select(stages).where(stages.c.pipeline_id == name.id).order_by(stages.c.position)))
    if any(text_key(stage.label) == text_key(label) and not stage.retired for stage in mine):
        raise bad("label", f"{name.name} has a stage {label} already.")
    key = free(snake(label), [stage.key for stage in mine])
    position = _make_room(connection, mine, kind)
    probability = _PROBABILITY.get(kind) if probability is None else probability
    row = {"pipeline_id": name.id, "key": key, "label": label, "kind": kind, "probability": probability}
    connection.execute(insert(stages).values(**row, position=position))
    catalog.bump(connection)
    return Option(key, label, kind, probability, name.name)


def _pipeline(connection: Connection, wanted: int | str | None) -> Row[Any]:
    statement = select(pipelines).order_by(pipelines.c.position, pipelines.c.id).limit(1)
    if isinstance(wanted, int):
        statement = statement.where(pipelines.c.id == wanted)
    elif wanted is not None:
        statement = statement.where(pipelines.c.name_key == text_key(wanted))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise bad("pipeline", f"There is no pipeline {wanted!r}.")
    return row


def _make_room(connection: Connection, mine: Sequence[Row[Any]], kind: str) -> int:
    alike = [stage.position for stage in mine if stage.kind == kind]
    opens = [stage.position for stage in mine if stage.kind == "open"]
    last = max(alike or (opens if kind == "open" else [stage.position for stage in mine]) or [0])
    later = [stage.id for stage in mine if stage.position > last]
    if later:
        connection.execute(update(stages).where(stages.c.id.in_(later)).values(position=stages.c.position + 1))
    return int(last) + 1


def retire_stage(connection: Connection, pipeline: int | str | None, key: str) -> None:
    """Take a stage out of use; deals that stand there stay. A pipeline keeps an open stage."""
    home = _pipeline(connection, pipeline)
    mine = select(stages).where(stages.c.pipeline_id == home.id, stages.c.retired.is_(False))
    living = {stage.key: stage.kind for stage in connection.execute(mine)}
    if key not in living:
        raise NotFound(f"{home.name} has no stage {key!r}.")
    if [kind for other, kind in living.items() if other != key].count("open") == 0:
        raise bad("stage", "A pipeline needs an open stage.")
    wanted = (stages.c.pipeline_id == home.id) & (stages.c.key == key)
    connection.execute(update(stages).where(wanted).values(retired=True))
    catalog.bump(connection)
