"""The deal board: a column a stage, bounded, with honest counts and sums. Cards move by mouse, touch and keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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
class Head:
    """What stands behind all deals of one stage."""

    option: Option
    hue: int
    count: int
    sum: Any
    weighted: Any
    url: str  # the same deals as a list
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage: its head, and its cards so far."""

    head: Head
    cards: Sequence[Record]
    more: str  # the address of the next cards, "" where all are shown


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of the board that an address shows: one pipeline's stages, and the sums of each."""

    query: Query
    field: FieldSpec
    pipelines: list[str]
    pipeline: str
    options: list[Option]
    sums: dict[str, tuple[Any, ...]]
    total: int


def _stage_field(reader: Reader) -> FieldSpec:
    field = reader.catalog["deals"].field("stage")
    if field is None:
        raise NotFound("Deals have no stages.")
    return field


def _pipelines(reader: Reader, query: Query, field: FieldSpec) -> list[str]:
    """The pipelines in use; then the retired ones where deals stand in them yet (their move has been undone)."""
    living = list(dict.fromkeys(option.pipeline or "" for option in field.options))
    out = [option for option in field.retired_options if option.pipeline not in living]
    sums = _sums(reader, query)[0] if out else {}
    return living + list(dict.fromkeys(option.pipeline or "" for option in out if option.key in sums))


def _options(field: FieldSpec, pipeline: str, sums: dict[str, tuple[Any, ...]]) -> list[Option]:
    """The stages of a pipeline; then the retired ones where deals stand in them yet."""
    mine = [option for option in field.options if (option.pipeline or "") == pipeline]
    out = [option for option in field.retired_options if option.pipeline == pipeline and option.key in sums]
    return mine + out


def _chosen(known: list[str], asked: str) -> str:
    return asked if asked in known else (known[0] if known else "")


def _scoped(query: Query, pipeline: str, several: bool) -> Query:
    return queries.plus(query, queries.eq("pipeline.name", pipeline)) if several else query


def _lane_query(query: Query, field: FieldSpec, key: str) -> Query:
    sort = query.sort or ("-amount",)
    bounded = queries.changed(query, columns=_FIELDS, limit=CARDS, sort=sort)
    return queries.plus(bounded, queries.stage("stage", field, key))


def _head(board: Shown, option: Option) -> Head:
    count, total, weighted = board.sums.get(option.key, (0, None, None))
    wanted = _lane_query(board.query, board.field, option.key)
    listed = queries.url(queries.changed(wanted, columns=(), limit=PAGE_SIZE, sort=board.query.sort))
    out = option in board.field.retired_options
    return Head(option, shown.option_hue(board.field, option), count, total, weighted, listed, out)


def _lane(reader: Reader, board: Shown, option: Option) -> Lane:
    page = reader.page(_lane_query(board.query, board.field, option.key))
    return Lane(_head(board, option), page.records, _more(board.query, option, page))


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


def _board(reader: Reader, query: Query, asked: str) -> Shown:
    """What the board of these filters shows of the pipeline `asked` (the first where it isn't known)."""
    field = _stage_field(reader)
    known = _pipelines(reader, queries.changed(query), field)
    pipeline = _chosen(known, asked)
    scoped = _scoped(queries.changed(query), pipeline, len(known) > 1)
    sums, answer = _sums(reader, scoped)
    return Shown(scoped, field, known, pipeline, _options(field, pipeline, sums), sums, answer.totals[0])


def _living(field: FieldSpec, pipeline: str) -> list[Option]:
    """Where cards can be moved to."""
    return [option for option in field.options if option.pipeline == pipeline]


def _new(board: Shown) -> str:
    """A new deal begins in the first open stage of the pipeline that is shown."""
    first = next((option for option in _living(board.field, board.pipeline) if option.kind == "open"), None)
    return f"/deals/new?stage={first.key}" if first and len(board.pipelines) > 1 else "/deals/new"


def _render(reader: Reader, query: Query, problems: Sequence[Any]) -> str:
    board = _board(reader, query, request.args.get("pipeline", ""))
    return render_template(
        "board.html",
        spec=reader.catalog["deals"], query=query, lanes=[_lane(reader, board, option) for option in board.options],
        chips=chips(reader, query, "/deals/board"), problems=problems, view=views(query), total=board.total,
        pipelines=board.pipelines, pipeline=board.pipeline, stage_field=board.field,
        stages=_living(board.field, board.pipeline), stale_before=stale_before(), currency=reader.catalog.currency,
        new=_new(board),
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
        option = field.option(key)
        if option is None:
            raise NotFound("There is no such stage.")
        wanted = _lane_query(query, field, key).model_copy(update={"cursor": query.cursor})
        page = reader.page(wanted)
        options = _living(field, option.pipeline or "")
    return render_template(
        "_cards.html",
        cards=page.records, more=_more(query, option, page), stages=options, option=option,
        stage_field=field, stale_before=stale_before(),
    )  # fmt: skip


def move(id: int) -> Response:
    """POST /deals/<id>/move: to the stage with the key `stage`; `pipeline` where the board has several.

    A script gets the toast and the heads of the board that it shows, as they are after the move.
    """
    values: dict[str, Any] = {"stage": request.form.get("stage", "")}
    operation = Operation(action="update", object="deals", id=id, values=values)
    stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    target = undo.came_from("/deals/board")
    if not undo.wants_fragment():
        return undo.answer(target, "moved", stored.id)
    return undo.answer(target, "moved", stored.id, template="_moved.html", heads=_heads(target))


def _heads(address: str) -> list[Head]:
    """The heads of the board at this address, with its filters."""
    given = parse_qsl(urlsplit(address).query)
    asked = next((value for key, value in given if key == "pipeline"), "")
    made: list[Head] = []
    with reading() as reader:

        def render(query: Query, _problems: tolerance.Problems) -> str:
            board = _board(reader, _plain(query), asked)
            made[:] = [_head(board, option) for option in board.options]
            return ""

        tolerance.answer("deals", tolerance.of_query(given), render)
    return made
