"""The deal board: a column a stage, bounded, with honest counts and sums. Cards move by mouse, touch and keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, render_template, request

from app.crm import query as door
from app.crm.pages import queries, tolerance, undo
from app.crm.pages import show as shown
from app.crm.pages.chips import chips
from app.crm.pages.lists import PAGE_SIZE
from app.crm.pages.reader import Reader, reading
from app.crm.pages.views import views
from app.crm.web import principal, services
from app.shared.contract import (
    ChangeSet,
    FieldSpec,
    Group,
    Groups,
    Measure,
    Operation,
    Option,
    Page,
    Query,
    Record,
)  # fmt: skip
from app.shared.errors import NotFound
from app.shared.types import utc_now

CARDS = 20  # a column shows at first, and again by each "show more"
STALE = timedelta(days=30)
_FIELDS = ("name", "company", "amount", "owner", "stage", "stage_changed_at", "close_date")
_MEASURES = (Measure(), Measure(fn="sum", field="amount"), Measure(fn="weighted", field="amount"))


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage: its cards so far, and what stands behind all of its deals."""

    option: Option
    hue: int
    count: int
    sum: Any
    weighted: Any
    cards: Sequence[Record]
    more: str  # the address of the next cards, "" where all are shown
    url: str  # the same deals as a list


def _stage_field(reader: Reader) -> FieldSpec:
    field = reader.catalog["deals"].field("stage")
    if field is None:
        raise NotFound("Deals have no stages.")
    return field


def _pipelines(field: FieldSpec) -> list[str]:
    return list(dict.fromkeys(option.pipeline or "" for option in field.options))


def _chosen(field: FieldSpec) -> str:
    known = _pipelines(field)
    asked = request.args.get("pipeline", "")
    return asked if asked in known else (known[0] if known else "")


def _scoped(query: Query, pipeline: str, several: bool) -> Query:
    return queries.plus(query, queries.eq("pipeline.name", pipeline)) if several else query


def _lane_query(query: Query, key: str) -> Query:
    sort = query.sort or ("-amount",)
    bounded = queries.changed(query, columns=_FIELDS, limit=CARDS, sort=sort)
    return queries.plus(bounded, queries.eq("stage", key))


def _lane(reader: Reader, query: Query, field: FieldSpec, option: Option, sums: dict[str, tuple[Any, ...]]) -> Lane:
    wanted = _lane_query(query, option.key)
    page = reader.page(wanted)
    count, total, weighted = sums.get(option.key, (0, None, None))
    listed = queries.url(queries.changed(wanted, columns=(), limit=PAGE_SIZE, sort=query.sort))
    return Lane(
        option,
        shown.option_hue(field, option),
        count,
        total,
        weighted,
        page.records,
        _more(query, option, page),
        listed,
    )


def _more(query: Query, option: Option, page: Page) -> str:
    if not page.next_cursor:
        return ""
    pairs = queries.params(query.model_copy(update={"cursor": page.next_cursor, "columns": ()}))
    kept = [*pairs, ("stage_key", option.key), ("pipeline", option.pipeline or "")]
    return queries.address("/deals/board/column", kept)


def _sums(reader: Reader, query: Query) -> tuple[dict[str, tuple[Any, ...]], Groups]:
    grouped = queries.changed(query, group_by=(Group(field="stage"),), measures=_MEASURES, sort=(), limit=200)
    answer = reader.groups(grouped)
    return {row.keys[0]: row.measures for row in answer.rows}, answer


def _plain(query: Query) -> Query:
    """The filters and the order of an address; a board has no columns and no groups."""
    return query.model_copy(update={"columns": (), "group_by": (), "measures": (), "trashed": False})


def show() -> str:
    """GET /deals/board, with the filters of the list."""
    with reading() as reader:

        def render(query: Query, problems: tolerance.Problems) -> str:
            return _render(reader, _plain(query), problems)

        return tolerance.answer("deals", tolerance.pairs(), render)


def _render(reader: Reader, query: Query, problems: Sequence[Any]) -> str:
    field = _stage_field(reader)
    known, pipeline = _pipelines(field), _chosen(field)
    scoped = _scoped(queries.changed(query), pipeline, len(known) > 1)
    sums, answer = _sums(reader, scoped)
    options = [option for option in field.options if (option.pipeline or "") == pipeline]
    lanes = [_lane(reader, scoped, field, option, sums) for option in options]
    return render_template(
        "board.html",
        spec=reader.catalog["deals"], query=query, lanes=lanes, chips=chips(reader, query, "/deals/board"),
        problems=problems, view=views(query), total=answer.totals[0], pipelines=known, pipeline=pipeline,
        stages=options, stage_field=field, stale_before=stale_before(), currency=reader.catalog.currency,
    )  # fmt: skip


def stale_before() -> datetime:
    """Open deals that have been in their stage since before this moment are stale."""
    return utc_now() - STALE


def column() -> str:
    """GET /deals/board/column: the next cards of one stage."""
    with reading() as reader:
        field = _stage_field(reader)
        query = _plain(door.from_params("deals", tolerance.pairs()))
        key = request.args.get("stage_key", "")
        option = next((item for item in field.options if item.key == key), None)
        if option is None:
            raise NotFound("There is no such stage.")
        wanted = _lane_query(query, key).model_copy(update={"cursor": query.cursor})
        page = reader.page(wanted)
        options = [item for item in field.options if item.pipeline == option.pipeline]
    return render_template(
        "_cards.html",
        cards=page.records, more=_more(query, option, page), stages=options, option=option,
        stage_field=field, stale_before=stale_before(),
    )  # fmt: skip


def move(id: int) -> Response:
    """POST /deals/<id>/move: to the stage with the key `stage`; `pipeline` where the board has several."""
    values: dict[str, Any] = {"stage": request.form.get("stage", "")}
    operation = Operation(action="update", object="deals", id=id, values=values)
    stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    return undo.answer(undo.came_from("/deals/board"), "moved", stored.id)
