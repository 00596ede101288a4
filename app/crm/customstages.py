"""The stages of pipelines, as admins shape them. Each change bumps the catalog and writes a line of the audit log.

A stage keeps its key for life, and no other stage of any pipeline has it. A retired stage takes no more deals; those
that stood there are moved in the same transaction, as one change set that can be undone.
"""

from collections.abc import Sequence
from types import EllipsisType
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from app.crm import catalog
from app.crm.customnames import bad, checked_label, free, log, only_admins, placed, renumber, snake
from app.crm.schema import pipelines, record_tables, stages
from app.shared.contract import SYSTEM, ChangeSet, Operation, Option, Principal
from app.shared.db import text_key
from app.shared.errors import NotFound

KINDS = ("open", "won", "lost")
_PROBABILITY = {"won": 100, "lost": 0}
MOST_MOVED = 100_000  # deals that one change set can move


def create_stage(
    connection: Connection,
    label: str,
    *,
    pipeline: int | str | None = None,
    kind: str = "open",
    probability: int | None = None,
    actor: Principal = SYSTEM,
) -> Option:
    """A new stage, after the last one of its kind or, where it is open, before the won and lost ones. Raises Invalid.

    `pipeline`: its id or name; the first one where none is given. `probability` in percent: 100 for won, 0 for lost.
    """
    only_admins(actor)
    label, home = checked_label(label), pipeline_of(connection, pipeline)
    if home.retired:
        raise bad("pipeline", f"{home.name} is retired: bring it back first.")
    _check(kind, probability)
    mine = of_pipeline(connection, home.id)
    _check_label(home, mine, label)
    key = free(snake(label), connection.execute(select(stages.c.key)).scalars())
    position = _make_room(connection, mine, kind)
    probability = _PROBABILITY.get(kind) if probability is None else probability
    row = {"pipeline_id": home.id, "key": key, "label": label, "kind": kind, "probability": probability}
    connection.execute(insert(stages).values(**row, position=position))
    catalog.bump(connection)
    log(connection, actor, "stage.created", pipeline=home.name, stage=key, label=label, kind=kind)
    return Option(key, label, kind, probability, home.name)


def pipeline_of(connection: Connection, wanted: int | str | None) -> Row[Any]:
    """A pipeline by its id or name; the first one in use for None. Raises Invalid."""
    statement = select(pipelines).order_by(pipelines.c.retired, pipelines.c.position, pipelines.c.id).limit(1)
    if isinstance(wanted, int):
        statement = statement.where(pipelines.c.id == wanted)
    elif wanted is not None:
        statement = statement.where(pipelines.c.name_key == text_key(wanted))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise bad("pipeline", f"There is no pipeline {wanted!r}.")
    return row


def stage_of(connection: Connection, id: int) -> Row[Any]:
    """A stage in use or retired. Raises NotFound."""
    row = connection.execute(select(stages).where(stages.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no stage {id}.")
    return row


def of_pipeline(connection: Connection, pipeline: int) -> Sequence[Row[Any]]:
    """Every stage of a pipeline in order, retired ones too."""
    statement = select(stages).where(stages.c.pipeline_id == pipeline).order_by(stages.c.position, stages.c.id)
    return connection.execute(statement).all()


def _check(kind: str, probability: int | None) -> None:
    if kind not in KINDS:
        raise bad("kind", "A stage is open, won or lost.")
    if probability is not None and not 0 <= probability <= 100:
        raise bad("probability", "Expected a percentage from 0 to 100.")


def _check_label(home: Row[Any], mine: Sequence[Row[Any]], label: str, id: int | None = None) -> None:
    twin = [item for item in mine if text_key(item.label) == text_key(label) and item.id != id and not item.retired]
    if twin:
        raise bad("label", f"{home.name} has a stage {label} already.")


def _make_room(connection: Connection, mine: Sequence[Row[Any]], kind: str) -> int:
    alike = [stage.position for stage in mine if stage.kind == kind]
    opens = [stage.position for stage in mine if stage.kind == "open"]
    last = max(alike or (opens if kind == "open" else [stage.position for stage in mine]) or [0])
    later = [stage.id for stage in mine if stage.position > last]
    if later:
        connection.execute(update(stages).where(stages.c.id.in_(later)).values(position=stages.c.position + 1))
    return int(last) + 1


# --- one stage -------------------------------------------------------------------------------------------------------


def change_stage(
    connection: Connection,
    id: int,
    *,
    label: str | None = None,
    kind: str | None = None,
    probability: int | EllipsisType | None = ...,
    actor: Principal = SYSTEM,
) -> None:
    """Another label, kind or probability (in percent; None: none is set); what isn't given stays. Raises Invalid.

    Deals keep the probability that they have. With another kind the usual probability of the kind comes.
    """
    only_admins(actor)
    row = stage_of(connection, id)
    home, mine = pipeline_of(connection, row.pipeline_id), of_pipeline(connection, row.pipeline_id)
    values: dict[str, Any] = {}
    if label is not None:
        values["label"] = checked_label(label)
        _check_label(home, mine, values["label"], id)
    if kind is not None and kind != row.kind:
        _check_not_last(home, mine, row)
        values |= {"kind": kind, "probability": _PROBABILITY.get(kind)}
    if not isinstance(probability, EllipsisType):
        values["probability"] = probability
    _check(values.get("kind", row.kind), values.get("probability", row.probability))
    _write(connection, actor, "stage.changed", row, home, values)


def _write(
    connection: Connection, actor: Principal, event: str, row: Row[Any], home: Row[Any], values: dict[str, Any]
) -> None:
    changed = {name: value for name, value in values.items() if row._mapping[name] != value}
    if changed:
        connection.execute(update(stages).where(stages.c.id == row.id).values(**changed))
        catalog.bump(connection)
        was = {name: row._mapping[name] for name in changed}
        log(connection, actor, event, pipeline=home.name, stage=row.key, label=row.label, was=was, now=changed)


def _check_not_last(home: Row[Any], mine: Sequence[Row[Any]], row: Row[Any]) -> None:
    if not any(item.kind == row.kind and item.id != row.id and not item.retired for item in mine):
        raise bad("stage", f"{row.label} is the last {row.kind} stage of {home.name}, which needs one.")


def place_stage(connection: Connection, id: int, place: int, *, actor: Principal = SYSTEM) -> None:
    """Move the stage to a place among its pipeline's stages that are in use, counted from 1."""
    only_admins(actor)
    row = stage_of(connection, id)
    mine = of_pipeline(connection, row.pipeline_id)
    living = [item.id for item in mine if not item.retired]
    if row.retired:
        raise bad("position", f"{row.label} is retired: bring it back first.")
    order = placed(living, id, place)
    if order != living:
        renumber(connection, stages, [*order, *(item.id for item in mine if item.retired)])
        catalog.bump(connection)
        log(connection, actor, "stage.changed", stage=row.key, label=row.label,
            was={"position": living.index(id) + 1}, now={"position": order.index(id) + 1})  # fmt: skip


def deals_in(connection: Connection, *ids: int) -> int:
    """How many deals stand in these stages, the trash aside."""
    deals = record_tables["deals"]
    wanted = select(func.count()).where(deals.c.stage_id.in_(ids), deals.c.trashed_at.is_(None))
    return connection.scalar(wanted) or 0


def retire_stage(
    connection: Connection, id: int, *, move_to: int | None = None, actor: Principal = SYSTEM
) -> int | None:
    """Take a stage out of use; its deals go to the stage `move_to`, which must be given where there are any.

    The moves are one change set: its id comes back, to be announced after the commit, and undone like any other (the
    deals then stand in the retired stage, which shows itself for them). The last stage of its kind stays.
    """
    only_admins(actor)
    row = stage_of(connection, id)
    home, mine = pipeline_of(connection, row.pipeline_id), of_pipeline(connection, row.pipeline_id)
    if row.retired:
        raise bad("stage", f"{row.label} is retired already.")
    _check_not_last(home, mine, row)
    moved = move_deals(connection, [id], move_to, f"Stage {row.label} retired", actor)
    _write(connection, actor, "stage.retired", row, home, {"retired": True})
    return moved


def restore_stage(connection: Connection, id: int, *, actor: Principal = SYSTEM) -> None:
    """Bring a retired stage back, to where it stood. Raises Invalid where another has taken its name."""
    only_admins(actor)
    row = stage_of(connection, id)
    home = pipeline_of(connection, row.pipeline_id)
    _check_label(home, of_pipeline(connection, row.pipeline_id), row.label, id)
    _write(connection, actor, "stage.restored", row, home, {"retired": False})


def move_deals(
    connection: Connection, out: Sequence[int], move_to: int | None, title: str, actor: Principal
) -> int | None:
    """Move the living deals of these stages to another, as one change set; its id, None where there are none."""
    from app.crm.changes import apply_within

    count = deals_in(connection, *out)
    if not count:
        return None
    if move_to is None:
        raise bad("move_to", f"{count:,} {'deal stands' if count == 1 else 'deals stand'} there: choose where to.")
    target = stage_of(connection, move_to)
    if move_to in out or target.retired or pipeline_of(connection, target.pipeline_id).retired:
        raise bad("move_to", "Choose a stage that stays in use.")
    if count > MOST_MOVED:
        raise bad("move_to", f"{count:,} deals stand there, and at most {MOST_MOVED:,} move at once: move some first.")
    deals = record_tables["deals"]
    wanted = select(deals.c.id).where(deals.c.stage_id.in_(out), deals.c.trashed_at.is_(None)).order_by(deals.c.id)
    values = {"pipeline": target.pipeline_id, "stage": target.key}
    operations = tuple(
        Operation.model_construct(action="update", object="deals", id=id, values=values)
        for id in connection.execute(wanted).scalars()
    )
    return apply_within(connection, actor, ChangeSet.model_construct(title=title, operations=operations)).id
