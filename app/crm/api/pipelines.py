"""Pipelines and their stages over REST."""

from typing import Any

from flask import Response, jsonify
from pydantic import Field
from sqlalchemy import Connection, Row

from app.crm import customization, custompipelines, customstages, web
from app.crm.api import bodies, params, shaping
from app.crm.api.idempotency import idempotent
from app.crm.api.shaping import MOST_PLACES
from app.shared.contract import Model


class NewStage(Model):
    label: str
    kind: str = "open"
    probability: int | None = None
    pipeline: int | None = None


class StageChange(Model):
    label: str | None = None
    kind: str | None = None
    probability: int | None = None
    position: int | None = Field(default=None, ge=1, le=MOST_PLACES)
    retired: bool | None = None
    move_to: int | None = None


class NewPipeline(Model):
    name: str
    stages: tuple[NewStage, ...] = ()


class PipelineChange(Model):
    name: str | None = None
    position: int | None = Field(default=None, ge=1, le=MOST_PLACES)
    retired: bool | None = None
    move_to: int | None = None


def _stage(row: Row[Any]) -> dict[str, Any]:
    shown = ("id", "key", "label", "kind", "probability", "position", "retired")
    return {name: row._mapping[name] for name in shown} | {"pipeline": row.pipeline_id}


def _pipeline(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    stages = [_stage(stage) for stage in customstages.of_pipeline(connection, row.id)]
    shown = {name: row._mapping[name] for name in ("id", "name", "position", "retired")}
    return {**shown, "stages": stages}


def pipelines() -> Response:
    """GET /pipelines: in their order, with their stages, retired ones too."""
    params.only()

    def step(connection: Connection) -> list[dict[str, Any]]:
        return [_pipeline(connection, row) for row in custompipelines.stored_pipelines(connection)]

    return shaping.listed(shaping.read(step))


def pipeline(id: int) -> Response:
    params.only()
    return jsonify(shaping.read(lambda connection: _pipeline(connection, custompipelines.pipeline_row(connection, id))))


@idempotent
def create_pipeline() -> Response:
    params.only()
    wanted, actor = bodies.model(NewPipeline, bodies.json_object()), web.principal()

    def step(connection: Connection) -> dict[str, Any]:
        labels = [(stage.label, stage.kind) for stage in wanted.stages] or custompipelines.USUAL_STAGES
        made = customization.create_pipeline(connection, wanted.name, labels, actor=actor)
        for stage, row in zip(wanted.stages, _in_order(connection, made, wanted.stages), strict=True):
            if stage.probability is not None:
                customization.change_stage(connection, row, probability=stage.probability, actor=actor)
        return _pipeline(connection, custompipelines.pipeline_row(connection, made))

    made = shaping.write(step)
    return shaping.created(made, "pipelines")


def _in_order(connection: Connection, pipeline: int, wanted: tuple[NewStage, ...]) -> list[int]:
    """The ids of new stages in the order in which they were given."""
    return sorted(row.id for row in customstages.of_pipeline(connection, pipeline)) if wanted else []


def change_pipeline(id: int) -> Response:
    params.only()
    wanted, actor = bodies.model(PipelineChange, bodies.json_object()), web.principal()

    def step(connection: Connection) -> tuple[dict[str, Any], int | None]:
        if wanted.retired is False:
            customization.restore_pipeline(connection, id, actor=actor)
        if wanted.name is not None:
            customization.rename_pipeline(connection, id, wanted.name, actor=actor)
        if wanted.position is not None:
            customization.place_pipeline(connection, id, wanted.position, actor=actor)
        moved = None
        if wanted.retired:
            moved = customization.retire_pipeline(connection, id, move_to=wanted.move_to, actor=actor)
        return _pipeline(connection, custompipelines.pipeline_row(connection, id)), moved

    body, moved = shaping.write(step)
    return shaping.changed(body, moved)


@idempotent
def create_stage() -> Response:
    params.only()
    wanted, actor = bodies.model(NewStage, bodies.json_object()), web.principal()

    def step(connection: Connection) -> dict[str, Any]:
        given = dict(wanted)
        made = customization.create_stage(connection, given.pop("label"), **given, actor=actor)
        home = customstages.pipeline_of(connection, wanted.pipeline)
        return next(_stage(row) for row in customstages.of_pipeline(connection, home.id) if row.key == made.key)

    made = shaping.write(step)
    return shaping.created(made, "stages")


def stage(id: int) -> Response:
    params.only()
    return jsonify(_stage(shaping.read(lambda connection: customstages.stage_of(connection, id))))


def change_stage(id: int) -> Response:
    params.only()
    body, actor = bodies.json_object(), web.principal()
    wanted = bodies.model(StageChange, body)

    def step(connection: Connection) -> tuple[dict[str, Any], int | None]:
        if wanted.retired is False:
            customization.restore_stage(connection, id, actor=actor)
        probability = {"probability": wanted.probability} if "probability" in body else {}
        customization.change_stage(connection, id, label=wanted.label, kind=wanted.kind, **probability, actor=actor)
        if wanted.position is not None:
            customization.place_stage(connection, id, wanted.position, actor=actor)
        moved = None
        if wanted.retired:
            moved = customization.retire_stage(connection, id, move_to=wanted.move_to, actor=actor)
        return _stage(customstages.stage_of(connection, id)), moved

    found, moved = shaping.write(step)
    return shaping.changed(found, moved)
