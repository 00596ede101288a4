"""What a board is made of: the field whose values are its columns, the columns, and what stands behind each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.crm.pages import queries
from app.crm.pages import show as shown
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.shared.contract import (
    Condition,
    FieldSpec,
    Filter,
    Group,
    Groups,
    Measure,
    Money,
    ObjectSpec,
    Option,
    Query,
)
from app.shared.errors import Invalid

NONE, _DOM_NONE = "", "-"  # the key of the column of records without a value, and its name in pages
_FILLED = ("text", "link", "select")
_LIMIT = 200  # columns at most
_USUAL = {"activities": "status"}  # the field that a board without `by` is made of, where it isn't the first
_SORTS = {
    "deals": ("-amount",), "tasks": ("done", "due_date"), "activities": ("-date",), "companies": ("name",),
    "people": ("name",), "notes": ("-created_at",),
}  # fmt: skip
_ORDERS = ("amount", "annual_revenue", "close_date", "due_date", "date", "stage_changed_at", "created_at", "name")
_SMALLEST_FIRST = ("name", "due_date", "close_date", "stage_changed_at")
_EMPTY = (0, None, None)


@dataclass(frozen=True, slots=True)
class Sums:
    """The amounts of one column: one for each currency, and all of them as one where there are rates for it."""

    parts: tuple[tuple[Money, Money | None], ...] = ()  # sum and weighted sum
    whole: tuple[Money, Money | None] | None = None  # converted to the workspace's currency

    @property
    def first(self) -> tuple[Money, Money | None]:
        return self.whole or self.parts[0]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands behind all records of one column."""

    option: Option
    hue: int | None
    count: int
    sums: Sums
    url: str  # the same records as a list
    retired: bool = False
    folded: bool = False

    @property
    def dom(self) -> str:
        return dom(self.option.key)


@dataclass(frozen=True, slots=True)
class Board:
    """The part of a board that an address shows: its columns, and the figures of each."""

    spec: ObjectSpec
    field: FieldSpec
    query: Query
    asked: Query  # without the pipeline's condition
    pipelines: Sequence[str]
    pipeline: str
    options: Sequence[Option]
    figures: Mapping[str, tuple[Any, ...]]
    converted: Mapping[str, tuple[Any, ...]]
    homes: Mapping[str, int]  # the ids of the pipelines by their names, where there are several
    total: int

    @property
    def path(self) -> str:
        """The board's own address, without filters."""
        pipeline = self.pipeline if len(self.pipelines) > 1 else ""
        return path(self.spec.name, self.field.name, pipeline)

    @property
    def targets(self) -> list[Option]:
        """Where cards can be moved to."""
        return [item for item in self.options if not self.is_retired(item)]

    def is_retired(self, option: Option) -> bool:
        return option.key != NONE and option not in self.field.options


def dom(key: str) -> str:
    """A column's name in pages and addresses."""
    return key or _DOM_NONE


def key(dom: str) -> str:
    return "" if dom == _DOM_NONE else dom


def path(object: str, by: str, pipeline: str = "") -> str:
    return queries.address(f"/{object}/board", [("by", "" if by == "stage" else by), ("pipeline", pipeline)])


def own_path(object: str, given: str) -> str:
    """The address of a board of this object, as a page sends it along; "" where it is none."""
    parts = urlsplit(given)
    asked = dict(parse_qsl(parts.query))
    is_board = parts.path == f"/{object}/board" and not parts.netloc
    return path(object, asked.get("by", ""), asked.get("pipeline", "")) if is_board else ""


def fields(spec: ObjectSpec) -> list[FieldSpec]:
    """The fields whose values can be columns; the stage first."""
    found = [field for field in spec.fields if field.type in ("stage", "select") and not field.read_only]
    return sorted(found, key=lambda field: field.type != "stage")


def has_board(spec: ObjectSpec) -> bool:
    return bool(fields(spec))


def chosen(spec: ObjectSpec, asked: str) -> FieldSpec | None:
    """The field that is asked for; else the object's usual one. None: it has no field with choices."""
    known = {field.name: field for field in fields(spec)}
    return known.get(asked) or known.get(_USUAL.get(spec.name, "")) or next(iter(known.values()), None)


def money(spec: ObjectSpec) -> FieldSpec | None:
    """The amount that columns sum."""
    return next((field for field in spec.fields if field.type == "money"), None)


def measures(spec: ObjectSpec) -> tuple[Measure, ...]:
    """Count, and where there is an amount its sum and its weighted sum."""
    amount = money(spec)
    if amount is None:
        return (Measure(),)
    weighted = (Measure(fn="weighted", field=amount.name),) if spec.field("probability") else ()
    return (Measure(), Measure(fn="sum", field=amount.name), *weighted)


def orders(spec: ObjectSpec) -> list[tuple[str, str]]:
    """The orders that cards can stand in: (label, sort)."""
    found = [field for name in _ORDERS if (field := spec.field(name))]
    return [(field.label, field.name if field.name in _SMALLEST_FIRST else f"-{field.name}") for field in found]


def sort(spec: ObjectSpec, query: Query) -> tuple[str, ...]:
    return query.sort or _SORTS.get(spec.name, ())


# --- columns ----------------------------------------------------------------------------------------------------------


def board(reader: Reader, query: Query, field: FieldSpec, pipeline: str = "") -> Board:
    """The board of these filters by this field; of the first pipeline where `pipeline` isn't known."""
    spec, query = reader.catalog[query.object], queries.changed(query)
    known = _pipelines(reader, query, field) if field.type == "stage" else []
    mine = pipeline if pipeline in known else (known[0] if known else "")
    scoped = queries.plus(query, queries.eq("pipeline.name", mine)) if len(known) > 1 else query
    answer = _figures(reader, scoped, field)
    figures = _by_key(answer)
    several = any(isinstance(item, tuple) for row in figures.values() for item in row)
    converted = _converted(reader, scoped, field) if several else {}
    options = _options(field, mine, figures)
    homes = {name: id for id, name in reader.labels("pipelines")} if len(known) > 1 else {}
    return Board(spec, field, scoped, query, known, mine, options, figures, converted, homes, answer.totals[0])


def _figures(reader: Reader, query: Query, field: FieldSpec, currency: str | None = None) -> Groups:
    by = (Group(field=field.name),)
    spec = reader.catalog[query.object]
    figures = {"group_by": by, "measures": measures(spec), "currency": currency}
    grouped = queries.changed(query, **figures, sort=(), columns=(), limit=_LIMIT)
    return reader.groups(grouped)


def _by_key(answer: Groups) -> dict[str, tuple[Any, ...]]:
    return {str(row.keys[0] or NONE): row.measures for row in answer.rows}


def _converted(reader: Reader, query: Query, field: FieldSpec) -> dict[str, tuple[Any, ...]]:
    """The figures in the workspace's currency; nothing where a rate is missing."""
    try:
        return _by_key(_figures(reader, query, field, reader.catalog.currency))
    except Invalid:
        return {}


def _pipelines(reader: Reader, query: Query, field: FieldSpec) -> list[str]:
    """The pipelines in use; then the retired ones where deals stand in them yet (their move has been undone)."""
    living = list(dict.fromkeys(option.pipeline or "" for option in field.options))
    out = [option for option in field.retired_options if option.pipeline not in living]
    held: Collection[str] = _by_key(_figures(reader, query, field)) if out else ()
    return living + list(dict.fromkeys(option.pipeline or "" for option in out if option.key in held))


def _options(field: FieldSpec, pipeline: str, held: Mapping[str, Any]) -> list[Option]:
    """The columns: records without a value, the field's options, and what is retired where records hold it yet."""
    none = [Option(NONE, _("None"))] if NONE in held else []
    if field.type == "stage":
        mine = [option for option in field.options if (option.pipeline or "") == pipeline]
        out = [option for option in field.retired_options if option.pipeline == pipeline and option.key in held]
        return none + mine + out
    known = {option.key for option in field.options}
    out = [shown.find_option(field, key) for key in held if key and key not in known]
    return none + list(field.options) + out


def condition(field: FieldSpec, key: str) -> Filter:
    """What holds for the records of one column."""
    if key == NONE:
        return Condition(field=field.name, op="empty", value=True)
    return queries.stage(field.name, field, key) if field.type == "stage" else queries.eq(field.name, key)


def of_column(board: Board, key: str) -> Query:
    """The records of one column, in the board's order."""
    ordered = queries.changed(board.query, sort=sort(board.spec, board.query))
    return queries.plus(ordered, condition(board.field, key))


def head(board: Board, option: Option, folded: Collection[str] = ()) -> Head:
    count, *amounts = board.figures.get(option.key, _EMPTY)
    listed = queries.changed(of_column(board, option.key), sort=board.query.sort, limit=50)
    hue = shown.option_hue(board.field, option) if option.key else None
    sums = _sums(amounts, board.converted.get(option.key, _EMPTY)[1:], option)
    retired, is_folded = board.is_retired(option), option.key in folded
    return Head(option, hue, count, sums, queries.url(listed), retired, is_folded)


def _sums(amounts: Sequence[Any], converted: Sequence[Any], option: Option) -> Sums:
    """Amounts of zero say nothing; a weighted sum says something of open deals alone."""
    pairs = [tuple(_each(item)) for item in amounts]
    totals = [item for item in (pairs[0] if pairs else ()) if item.minor]
    weighted = {item.currency: item for item in (pairs[1] if len(pairs) > 1 and option.kind == "open" else ())}
    parts = tuple((item, weighted.get(item.currency)) for item in totals)
    if len(parts) < 2 or not converted or not isinstance(converted[0], Money):
        return Sums(parts)
    also = converted[1] if len(converted) > 1 and option.kind == "open" else None
    return Sums(parts, (converted[0], also))


def _each(value: Any) -> Sequence[Money]:
    return value if isinstance(value, tuple) else (value,) if isinstance(value, Money) else ()


def with_field(board: Board, name: str) -> str:
    """The same filters as a board by another field."""
    return queries.address(path(board.spec.name, name), queries.params(board.asked))


def in_order(board: Board, sort: str) -> str:
    """The same board in another order."""
    return queries.address(board.path, queries.params(queries.changed(board.asked, sort=(sort,))))


def given(board: Board) -> Iterator[tuple[str, str]]:
    """What the filters ask of a record by one value of a field: a new record on this board has it too."""
    editable = {item.name for item in board.spec.fields if not item.read_only and item.type in _FILLED}
    for item in queries.conditions(board.asked):
        if isinstance(item, Condition) and item.op == "eq" and item.field in editable and item.value != "me":
            yield item.field, str(item.value)


def stage_value(board: Board, option: Option) -> str:
    """What a form sends for this column: a stage of several pipelines with its pipeline's id."""
    home = board.homes.get(option.pipeline or "", "")
    return f"{home}/{option.key}" if home else option.key
