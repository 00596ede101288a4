"""A list of any object: one Query, shown as a table of records or of groups. All its state is in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.crm import query as door
from app.crm.pages import bulk, furniture, groups, paging, queries, saved, tolerance
from app.crm.pages import show as shown
from app.crm.pages.chips import chips
from app.crm.pages.reader import Reader, reading
from app.crm.pages.state import Shown
from app.crm.pages.views import views
from app.shared.contract import Catalog, Condition, FieldSpec, Measure, ObjectSpec, Query, Record

PAGE_SIZE = 50
_USUAL_SORT = {"tasks": ("done", "due_date"), "activities": ("-date",), "companies": ("name",), "people": ("name",)}
_UNSORTED = ("tags", "multi_select", "long_text")
_LARGEST_FIRST = ("number", "money", "date", "datetime")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its path, what it shows, and where a click on its head leads."""

    path: str
    label: str
    field: FieldSpec
    sort: str  # "ascending", "descending" or "" as now sorted
    sort_url: str
    numeric: bool

    def value(self, record: Record) -> Any:
        return record.values.get(self.path)


def columns(catalog: Catalog, query: Query) -> list[Column]:
    """The chosen columns, else the object's listed ones; the record's name always stands first."""
    spec = catalog[query.object]
    paths = query.columns or tuple(field.name for field in spec.fields if field.listed)
    paths = (spec.label_field, *(path for path in paths if path != spec.label_field))
    found = ((path, queries.resolve(catalog, query.object, path)) for path in paths)
    return [_column(query, path, fields) for path, fields in found if fields]


def _column(query: Query, path: str, fields: tuple[FieldSpec, ...]) -> Column:
    field = fields[-1]
    state = sort_state(query, path)
    following = next_sort(state, path, largest_first=field.type in _LARGEST_FIRST)
    target = "" if field.type in _UNSORTED else queries.url(queries.changed(query, sort=(following,)))
    return Column(path, queries.path_label(fields), field, state, target, shown.is_numeric(field))


def sort_state(query: Query, key: str) -> str:
    """As `aria-sort` says it."""
    first = query.sort[0] if query.sort else ""
    return {key: "ascending", f"-{key}": "descending"}.get(first, "")


def next_sort(state: str, key: str, *, largest_first: bool) -> str:
    """What a click on a head sorts by next."""
    usual = f"-{key}" if largest_first else key
    return {"ascending": f"-{key}", "descending": key}.get(state, usual)


def totals(reader: Reader, query: Query, columns: Sequence[Column]) -> dict[str, Any]:
    """The sum of each money column over all rows, in one statement."""
    summed = [column.path for column in columns if column.field.type == "money"]
    if not summed:
        return {}
    measures = tuple(Measure(fn="sum", field=path) for path in summed)
    answer = reader.groups(queries.changed(query, measures=measures, columns=(), sort=()))
    return dict(zip(summed, answer.totals, strict=True))


def _wanted_columns() -> Response | None:
    """The form of columns sends one parameter each: the address holds them as one."""
    chosen = request.args.getlist("column")
    if not chosen:
        return None
    rest = [pair for pair in tolerance.pairs() if pair[0] not in ("fields", "cursor")]
    kept = ("limit", request.args.get("limit", ""))
    return redirect(queries.address(request.path, [*rest, kept, ("fields", ",".join(chosen))]))


def _default_view(object: str) -> Response | None:
    """A bare address opens with the view that the person has chosen for it."""
    view = furniture.default(object) if not request.args else None
    return redirect(view.url) if view else None


def show(object: str) -> str | Response:
    """GET /<object>: a page of records, or groups where the address has group_by or measure."""
    if (canonical := _wanted_columns() or _default_view(object)) is not None:
        return canonical
    with reading() as reader:

        def render(query: Shown, problems: tolerance.Problems) -> str:
            if "X-Rows" in request.headers and not query.is_grouped:
                return _rows(reader, query, request.headers["X-Rows"])
            return groups.render(reader, query, problems) if query.is_grouped else _render(reader, query, problems)

        return tolerance.answer(object, tolerance.pairs(), render)


def _render(reader: Reader, query: Shown, problems: tolerance.Problems) -> str:
    spec = reader.catalog[query.object]
    kept = saved.switcher(query)
    sort = query.sort or _USUAL_SORT.get(query.object, ())
    query = query.model_copy(update={"limit": paging.size(request.args.get("limit"), PAGE_SIZE), "sort": sort})
    shown_columns = columns(reader.catalog, query)
    page = reader.page(query.model_copy(update={"columns": _needed(spec, shown_columns)}))
    return render_template(
        "list.html",
        spec=spec, query=query, page=page, columns=shown_columns, sums=totals(reader, query, shown_columns),
        chips=chips(reader, query), problems=problems, currency=reader.catalog.currency, view=views(query, spec),
        pager=paging.pager(query, page, request.args.get("trail", ""), is_cut="limit" in request.args),
        is_filtered=bool(query.where or query.text), all_columns=_all_columns(spec, shown_columns),
        exports=_exports(query, shown_columns), kept=kept,
        **bulk.bar(spec, query, shown_columns),
    )  # fmt: skip


def _exports(query: Query, shown_columns: Sequence[Column]) -> dict[str, str]:
    """Addresses of the same rows as a file: the shown columns, every field, and as another system takes them."""
    whole = queries.changed(query, limit=Query.model_fields["limit"].default)
    path = f"/export/{query.object}.csv"
    shown = door.to_params(whole.model_copy(update={"columns": tuple(column.path for column in shown_columns)}))
    every = door.to_params(whole.model_copy(update={"columns": ()}))
    return {
        "shown": queries.address(path, shown),
        "every": queries.address(path, every),
        "raw": queries.address(path, [*every, ("raw", "true")]),
    }


def _rows(reader: Reader, query: Query, wanted: str) -> str:
    """The rows of some records, by their ids: a live page puts them in the place of those that have changed."""
    ids = [int(word) for word in wanted.split(",") if word.isascii() and word.isdigit()][:PAGE_SIZE]
    shown_columns = columns(reader.catalog, query)
    only = queries.plus(query, Condition(field="id", op="in", value=[*ids]))
    spec = reader.catalog[query.object]
    needed = _needed(spec, shown_columns)
    page = reader.page(queries.changed(only, columns=needed, limit=PAGE_SIZE, cursor=None, sort=()))
    return render_template(
        "_rows.html", spec=spec, query=query, page=page, columns=shown_columns, currency=reader.catalog.currency
    )


def _needed(spec: ObjectSpec, shown_columns: Sequence[Column]) -> tuple[str, ...]:
    """What to read: the shown columns, and what a row needs beside (a task's state)."""
    extra = ("done",) if spec.name == "tasks" else ()
    return tuple(dict.fromkeys((*(column.path for column in shown_columns), *extra)))


def _all_columns(spec: ObjectSpec, shown_columns: Sequence[Column]) -> list[tuple[str, str, bool]]:
    """Every column that could be shown: (path, label, whether it is)."""
    now = {column.path for column in shown_columns}
    own = [(field.name, field.label) for field in spec.fields]
    more = [(column.path, column.label) for column in shown_columns if "." in column.path]
    return [(path, label, path in now) for path, label in own + more]
