"""Settings: pipelines and their stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import Connection, Row, func, select

from app.crm import customization, custompipelines, customstages
from app.crm.pages import shaping
from app.crm.pages.reader import reading
from app.crm.pages.shaping import NOTHING, Refused
from app.crm.schema import record_tables
from app.crm.web import principal

KINDS = (("open", "Open"), ("won", "Won"), ("lost", "Lost"))
HOME = "/settings/pipelines"


@dataclass(frozen=True, slots=True)
class Shown:
    """A pipeline with its stages, and how many deals stand in each."""

    row: Row[Any]
    stages: Sequence[Row[Any]]
    counts: dict[int, int]

    @property
    def living(self) -> list[Row[Any]]:
        return [stage for stage in self.stages if not stage.retired]

    @property
    def retired(self) -> list[Row[Any]]:
        return [stage for stage in self.stages if stage.retired]

    @property
    def deals(self) -> int:
        return sum(self.counts.get(stage.id, 0) for stage in self.stages)

    def is_last_of_its_kind(self, stage: Row[Any]) -> bool:
        return not any(other.kind == stage.kind and other.id != stage.id for other in self.living)


def _pipelines(connection: Connection) -> list[Shown]:
    deals = record_tables["deals"]
    counted = select(deals.c.stage_id, func.count()).where(deals.c.trashed_at.is_(None)).group_by(deals.c.stage_id)
    counts = {id: count for id, count in connection.execute(counted) if id is not None}
    rows = custompipelines.stored_pipelines(connection)
    return [Shown(row, customstages.of_pipeline(connection, row.id), counts) for row in rows]


def _show(refused: Refused = NOTHING) -> str:
    with reading() as reader:
        found = _pipelines(reader.connection)
    return render_template(
        "settings/pipelines.html",
        pipelines=[item for item in found if not item.row.retired],
        retired=[item for item in found if item.row.retired],
        kinds=KINDS, refused=refused, form=request.form,
    )  # fmt: skip


def listing() -> str:
    """GET /settings/pipelines."""
    shaping.admin()
    return _show()


def change() -> Response:
    """POST /settings/pipelines: make, rename, move or bring back a pipeline or a stage; what `action` names."""
    shaping.admin()
    id = shaping.number("stage") or shaping.number("pipeline") or 0
    steps = {
        "add-pipeline": _add_pipeline, "rename-pipeline": _rename_pipeline, "move-pipeline": _move_pipeline,
        "restore-pipeline": _restore_pipeline, "add": _add_stage, "save": _save_stage, "move": _move_stage,
        "restore": _restore_stage,
    }  # fmt: skip
    action = request.form.get("action", "")
    form = {"add-pipeline": "new-pipeline", "add": f"new-{id}"}.get(action, f"{_kind(action)}-{id}")
    anchor = f"#pipeline-{shaping.number('pipeline')}" if shaping.number("pipeline") else ""
    return shaping.choose(steps, HOME + anchor, _show, form=form)


def _kind(action: str) -> str:
    return "pipeline" if action.endswith("pipeline") else "stage"


def _add_pipeline(connection: Connection) -> None:
    customization.create_pipeline(connection, request.form.get("name", ""), actor=principal())


def _rename_pipeline(connection: Connection) -> None:
    id = shaping.number("pipeline") or 0
    customization.rename_pipeline(connection, id, request.form.get("name", ""), actor=principal())


def _move_pipeline(connection: Connection) -> None:
    id = shaping.number("pipeline") or 0
    living = [row.id for row in custompipelines.stored_pipelines(connection) if not row.retired]
    place = shaping.place(shaping.sent("to"), living.index(id) + 1 if id in living else 1)
    customization.place_pipeline(connection, id, place, actor=principal())


def _restore_pipeline(connection: Connection) -> None:
    customization.restore_pipeline(connection, shaping.number("pipeline") or 0, actor=principal())


def _percent() -> int | None:
    text = shaping.sent("probability").removesuffix("%").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1  # which the door refuses


def _add_stage(connection: Connection) -> None:
    customization.create_stage(
        connection, request.form.get("label", ""), kind=request.form.get("kind", "open"), probability=_percent(),
        pipeline=shaping.number("pipeline"), actor=principal(),
    )  # fmt: skip


def _save_stage(connection: Connection) -> None:
    customization.change_stage(
        connection, shaping.number("stage") or 0, label=request.form.get("label", ""),
        kind=request.form.get("kind") or None, probability=_percent(), actor=principal(),
    )  # fmt: skip


def _move_stage(connection: Connection) -> None:
    id = shaping.number("stage") or 0
    mine = customstages.of_pipeline(connection, customstages.stage_of(connection, id).pipeline_id)
    living = [stage.id for stage in mine if not stage.retired]
    place = shaping.place(shaping.sent("to"), living.index(id) + 1 if id in living else 1)
    customization.place_stage(connection, id, place, actor=principal())


def _restore_stage(connection: Connection) -> None:
    customization.restore_stage(connection, shaping.number("stage") or 0, actor=principal())


# --- retiring --------------------------------------------------------------------------------------------------------


def _show_retire(pipeline: int, stage: int | None, refused: Refused = NOTHING) -> str:
    with reading() as reader:
        row = customstages.stage_of(reader.connection, stage) if stage else None
        custompipelines.pipeline_row(reader.connection, pipeline)
        found = _pipelines(reader.connection)
    home = next(item for item in found if item.row.id == pipeline)
    living = [item for item in found if not item.row.retired]
    targets = [(item, [one for one in item.living if one.id != stage]) for item in living if stage or item is not home]
    ordered = sorted(targets, key=lambda target: target[0] is not home)
    last = home.is_last_of_its_kind(row) if row else len(living) < 2
    return render_template(
        "settings/stage_retire.html",
        home=home, stage=row, count=home.counts.get(stage, 0) if stage else home.deals, targets=ordered,
        is_last=last, refused=refused,
    )  # fmt: skip


def ask_to_retire(id: int) -> str:
    """GET /settings/pipelines/<id>/retire: what it would mean, and where its deals shall go."""
    shaping.admin()
    return _show_retire(id, None)


def retire(id: int) -> Response:
    """POST /settings/pipelines/<id>/retire."""
    shaping.admin()

    def step(connection: Connection) -> int | None:
        return customization.retire_pipeline(connection, id, move_to=shaping.number("move_to"), actor=principal())

    return shaping.take(step, HOME, lambda refused: _show_retire(id, None, refused))


def _home_of(stage: int) -> int:
    with reading() as reader:
        return int(customstages.stage_of(reader.connection, stage).pipeline_id)


def ask_to_retire_stage(id: int) -> str:
    """GET /settings/pipelines/stages/<id>/retire."""
    shaping.admin()
    return _show_retire(_home_of(id), id)


def retire_stage(id: int) -> Response:
    """POST /settings/pipelines/stages/<id>/retire."""
    shaping.admin()
    pipeline = _home_of(id)

    def step(connection: Connection) -> int | None:
        return customization.retire_stage(connection, id, move_to=shaping.number("move_to"), actor=principal())

    return shaping.take(step, f"{HOME}#pipeline-{pipeline}", lambda refused: _show_retire(pipeline, id, refused))
