"""Settings: the workspace's own words, so that the assistant and imports know what people here call things."""

from itertools import groupby
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import Connection, Row

from app.crm import catalog, spoken, synonyms
from app.crm.pages import shaping
from app.crm.pages.reader import Reader, reading
from app.crm.pages.shaping import NOTHING, Refused
from app.crm.web import principal

HOME = "/settings/words"


def listing() -> str:
    """GET /settings/words."""
    shaping.admin()
    return _show()


def _show(refused: Refused = NOTHING) -> str:
    with reading() as reader:
        groups = _groups(reader)
        choices = synonyms.choices(reader.connection, reader.catalog)
    return render_template("settings/words.html", groups=groups, choices=choices, refused=refused, form=request.form)


def _groups(reader: Reader) -> list[tuple[str, list[tuple[str | None, list[Row[Any]]]]]]:
    """Under each kind of record, each thing that has words of its own; None for what is gone."""
    by_target = [(key, list(rows)) for key, rows in groupby(spoken.stored(reader.connection), lambda row: row.target)]
    lines = [(spoken.target(key), rows) for key, rows in by_target]
    found: dict[str, list[tuple[str | None, list[Row[Any]]]]] = {}
    for aim, rows in lines:
        spec = reader.catalog.objects.get(aim.object)
        name = synonyms.label(reader.connection, reader.catalog, aim)
        found.setdefault(spec.label if spec else aim.object, []).append((name, rows))
    return list(found.items())


def add() -> Response:
    """POST /settings/words: a new word; refused where it means something already."""
    shaping.admin()

    def step(connection: Connection) -> None:
        word, aim = shaping.sent("word"), shaping.sent("target")
        synonyms.add(connection, catalog.load(connection), aim, word, actor=principal())

    return shaping.take(step, HOME, _show, form="new")


def delete(id: int) -> Response:
    """POST /settings/words/<id>/delete."""
    shaping.admin()
    return shaping.take(lambda connection: synonyms.remove(connection, id, actor=principal()), HOME, _show)
