"""Boards: a column for each stage of deals, or for each option of any select field, bounded, with honest figures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import render_template, request
from markupsafe import Markup

from app.crm.pages import board_cards, board_shape, queries, saved, tolerance
from app.crm.pages.board_cards import Card
from app.crm.pages.board_shape import Board, Head
from app.crm.pages.chips import chips
from app.crm.pages.reader import Reader, reading
from app.crm.pages.state import Shown
from app.crm.pages.views import views
from app.crm.pages.words import gettext as _
from app.shared.contract import FieldSpec, ObjectSpec, Option
from app.shared.errors import FieldError, NotFound

CARDS = 20  # a column shows at first, and again by each "show more"
MOST = 200  # cards of one column that are brought again at once
FOLDED_COOKIE = "parley_folded"
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Lane:
    """One column: its head, its cards so far, and where a new record of it begins."""

    head: Head
    cards: Sequence[Card]
    more: str  # the address of the next cards, "" where all are shown
    add: str  # the form for a new record, "" where it can't begin here
    quick: bool  # whether a name is enough for it
    start: Sequence[tuple[str, str]]  # what it begins with beside its name


# --- the page ---------------------------------------------------------------------------------------------------------


def show(object: str) -> str:
    """GET /<object>/board, by the field `by`, with the filters of the list. `X-Board`: its columns alone."""
    with reading() as reader:

        def render(query: Shown, problems: tolerance.Problems) -> str:
            return _render(reader, plain(query), problems)

        return tolerance.answer(object, tolerance.pairs(), render)


def plain(query: Shown) -> Shown:
    """The filters and the order of an address; a board has no groups, and keeps the table's columns for the table."""
    return query.model_copy(update={"group_by": (), "measures": (), "trashed": False, "cursor": None})


def _render(reader: Reader, query: Shown, problems: Sequence[FieldError]) -> str:
    spec, asked = reader.catalog[query.object], request.args.get("by", "")
    field = board_shape.chosen(spec, asked)
    if field is None:
        return render_template("board_none.html", spec=spec, query=query, view=views(query, spec))
    if asked not in ("", field.name):
        problems = (*problems, FieldError("by", _("A board is made of a field with choices; this is none.")))
    board = board_shape.board(reader, query, field, request.args.get("pipeline", ""))
    fresh = "X-Board" in request.headers
    lanes = _lanes(reader, board, counts(), () if fresh else folded(board))
    page = "_lanes.html" if fresh else "board.html"
    return render_template(page, **_context(board, lanes), **({} if fresh else _around(reader, board, query, problems)))


def _context(board: Board, lanes: Sequence[Lane]) -> dict[str, Any]:
    return {"board": board, "lanes": lanes, "spec": board.spec, "field": board.field, "total": board.total,
            "has_money": board_shape.money(board.spec) is not None}  # fmt: skip


def _around(reader: Reader, board: Board, query: Shown, problems: Sequence[FieldError]) -> dict[str, Any]:
    """What the page shows beside the columns."""
    return {
        "query": board.asked, "chips": chips(reader, board.asked, board.path), "problems": problems,
        "view": views(board.asked, board.spec), "pipelines": board.pipelines, "pipeline": board.pipeline,
        "fields": [(item.label, board_shape.with_field(board, item.name), item is board.field)
                   for item in board_shape.fields(board.spec)],
        "orders": [(label, board_shape.in_order(board, sort), (sort,) == board_shape.sort(board.spec, board.asked)[:1])
                   for label, sort in board_shape.orders(board.spec)],
        "new": _new(board), "kept": saved.switcher(query, "board", queries.own_pairs(board.path)),
    }  # fmt: skip


def counts() -> Counts:
    """How many cards the page shows in each column already, as its script says: `lead:40,won:20`."""
    pairs = (part.rpartition(":") for part in request.headers.get("X-Board", "").split(","))
    found = {board_shape.key(name): number for name, _colon, number in pairs}
    return {key: int(number) for key, number in found.items() if number.isdecimal() and len(number) < 6}


def folded(board: Board) -> Collection[str]:
    """The columns that this browser shows folded."""
    start = f"{board.spec.name}.{board.field.name}."
    kept = request.cookies.get(FOLDED_COOKIE, "").split("~")
    return {part.removeprefix(start) for part in kept if part.startswith(start)}


def lane_counts(counts: Counts, key: str) -> int:
    return min(max(counts.get(key, CARDS), CARDS), MOST)


# --- columns ----------------------------------------------------------------------------------------------------------


def _lanes(
    reader: Reader, board: Board, counts: Counts, folded: Collection[str], only: Collection[str] | None = None
) -> list[Lane]:
    """The columns with their cards; a folded one has none before it is opened."""
    wanted = [option for option in board.options if only is None or option.key in only]
    pages = {option.key: _page(reader, board, option.key, lane_counts(counts, option.key))
             for option in wanted if option.key not in folded and board.figures.get(option.key)}  # fmt: skip
    records = [record for page in pages.values() for record in page.records]
    tasks = board_cards.next_tasks(reader, board.spec.name, records)
    return [
        Lane(
            board_shape.head(board, option, folded),
            board_cards.cards(board, pages[option.key].records, tasks) if option.key in pages else (),
            _more(board, option.key, pages[option.key].next_cursor) if option.key in pages else "",
            *_adding(board, option),
        )
        for option in wanted
    ]


def _page(reader: Reader, board: Board, key: str, limit: int, cursor: str | None = None) -> Any:
    query = board_shape.of_column(board, key)
    changes = {"columns": board_cards.columns(board.spec), "limit": limit, "cursor": cursor}
    return reader.page(query.model_copy(update=changes))


def _more(board: Board, key: str, cursor: str | None) -> str:
    if not cursor:
        return ""
    kept = [*queries.params(board.asked), ("cursor", cursor), ("by", board.field.name), ("pipeline", board.pipeline)]
    return queries.address(f"/{board.spec.name}/board/lane", [*kept, ("lane", board_shape.dom(key))])


def _adding(board: Board, option: Option) -> tuple[str, bool, Sequence[tuple[str, str]]]:
    """Where a record of this column is created, whether a name is enough, and what it begins with.

    Nothing begins won, lost or retired; what the filters ask for by one value is filled in.
    """
    if board.is_retired(option) or option.kind in ("won", "lost"):
        return "", False, ()
    needed = {field.name for field in board.spec.fields if field.required and field.default is None}
    start = dict(board_shape.given(board)) | {board.field.name: board_shape.stage_value(board, option)}
    page = queries.address(f"/{board.spec.name}/new", [*start.items(), ("next", board.path)])
    return page, needed <= {board.spec.label_field, board.field.name}, (*start.items(), ("_next", board.path))


def _new(board: Board) -> str:
    """A new record begins in the first open stage of the pipeline that is shown."""
    first = next((option for option in board.targets if option.kind == "open"), None)
    several = first is not None and len(board.pipelines) > 1
    return f"/deals/new?stage={first.key}" if several and first else f"/{board.spec.name}/new"


# --- parts of a board -------------------------------------------------------------------------------------------------


def lane(object: str) -> str:
    """GET /<object>/board/lane: the next cards of one column."""
    with reading() as reader:
        field, key = _field(reader.catalog[object]), board_shape.key(request.args.get("lane", ""))
        query = tolerance.query(object, tolerance.pairs())
        board = board_shape.board(reader, plain(query), field, request.args.get("pipeline", ""))
        if key not in {option.key for option in board.options}:
            raise NotFound(_("There is no such column."))
        page = _page(reader, board, key, CARDS, query.cursor)
        tasks = board_cards.next_tasks(reader, object, page.records)
        cards = board_cards.cards(board, page.records, tasks)
    more = _more(board, key, page.next_cursor)
    return render_template("_cards.html", spec=board.spec, field=field, cards=cards, more=more)


def _field(spec: ObjectSpec) -> FieldSpec:
    field = board_shape.chosen(spec, request.args.get("by", ""))
    if field is None:
        raise NotFound(_("There is no such board."))
    return field


def fresh(object: str, address: str, keys: Collection[str]) -> Markup:
    """The columns `keys` of the board at this address as they are now, as HTML; "" where it is no board of these."""
    parts = urlsplit(address)
    if parts.path != f"/{object}/board":
        return Markup("")
    given = parse_qsl(parts.query)
    asked = dict(given)
    with reading() as reader:

        def render(query: Shown, _problems: tolerance.Problems) -> str:
            field = board_shape.chosen(reader.catalog[object], asked.get("by", ""))
            if field is None:
                return ""
            board = board_shape.board(reader, plain(query), field, asked.get("pipeline", ""))
            return render_template("_lanes.html", **_context(board, _lanes(reader, board, counts(), (), keys)))

        return Markup(tolerance.answer(object, tolerance.of_query(given), render))  # noqa: S704 - a template's own
