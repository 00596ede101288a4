"""A list of any object: one Query, shown as a table of records or of groups. All its state is in the address."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.crm import query as door
from app.crm.pages import arrange, bulk, columns, furniture, grouped, groups, paging, queries, saved, tolerance, totals
from app.crm.pages.chips import chips
from app.crm.pages.columns import Column, usual_sort
from app.crm.pages.reader import Reader, reading
from app.crm.pages.state import Shown
from app.crm.pages.views import views
from app.crm.web import nonce
from app.shared.contract import Condition, ObjectSpec, Page, Query

PAGE_SIZE = 50


def _default_view(object: str) -> Response | None:
    """A bare address opens with the view that the person has chosen for it."""
    view = furniture.default(object) if not request.args else None
    return redirect(view.url) if view else None


def show(object: str) -> str | Response:
    """GET /<object>: a page of records, or groups where the address has group_by or measure."""
    if (canonical := arrange.canonical() or _default_view(object)) is not None:
        return canonical
    with reading() as reader:

        def render(query: Shown, problems: tolerance.Problems) -> str:
            if "X-Rows" in request.headers and not query.is_grouped:
                return _rows(reader, query, request.headers["X-Rows"])
            if "X-Group" in request.headers and not query.is_grouped:
                return _of_group(reader, query)
            return groups.render(reader, query, problems) if query.is_grouped else _render(reader, query, problems)

        return tolerance.answer(object, tolerance.pairs(), render)


def _render(reader: Reader, query: Shown, problems: tolerance.Problems) -> str:
    spec, kept = reader.catalog[query.object], saved.switcher(query)
    if "limit" in request.args:  # the first few alone, as an answer names them
        query = query.model_copy(update={"limit": paging.size(request.args["limit"], PAGE_SIZE)})
    shown_columns = columns.columns(reader.catalog, query)
    sizes = columns.widths(reader, query)
    return render_template(
        "list.html",
        spec=spec, query=query, columns=shown_columns, chips=chips(reader, query), problems=problems,
        currency=reader.catalog.currency, view=views(query, spec), kept=kept, foots=_foot(reader, query, shown_columns),
        is_filtered=bool(query.where or query.text), exports=_exports(query, shown_columns),
        widths={column.path: sizes[column.path] for column in shown_columns if column.path in sizes},
        column_style=columns.style(spec, shown_columns, sizes), nonce=nonce(),
        **_body(reader, query, shown_columns), **_choices(reader, query, shown_columns),
        **bulk.bar(spec, query, shown_columns),
    )  # fmt: skip


def _foot(reader: Reader, query: Shown, shown_columns: Sequence[Column]) -> Mapping[str, totals.Foot]:
    return totals.foot(reader, query, shown_columns)


def _body(reader: Reader, query: Shown, shown_columns: Sequence[Column]) -> dict[str, Any]:
    """The rows: a page of records, or groups with their first ones."""
    if query.group is None:
        page = reader.page(_wanted(reader, query, shown_columns))
        trail, is_cut = request.args.get("trail", ""), "limit" in request.args
        pager = paging.pager(query, page, trail, is_cut=is_cut)
        return {"page": page, "pager": pager, "sections": None, "total": page.total, "rows": len(page.records)}
    sections = grouped.render(reader, query, shown_columns, query.size)
    total = reader.count(queries.changed(query, columns=(), sort=()))
    page = Page(query, (), None, total)
    return {"page": page, "pager": None, "sections": sections, "total": total, "rows": total}


def _wanted(reader: Reader, query: Shown, shown_columns: Sequence[Column]) -> Query:
    limit = query.limit if "limit" in request.args else query.size
    needed = _needed(reader.catalog[query.object], shown_columns)
    return query.model_copy(update={"columns": needed, "limit": limit, "sort": usual_sort(query)})


def _choices(reader: Reader, query: Shown, shown_columns: Sequence[Column]) -> dict[str, Any]:
    """What the menus of order, groups and columns offer."""
    figures = {"group_by": (query.group,), "group": None, "group_order": "", "open": None, "sort": (), "columns": ()}
    sums = totals.measures(totals.chosen(query, shown_columns))
    return {
        "now_sorted": usual_sort(query),
        "sortable": columns.sortable(reader.catalog, query, shown_columns),
        "groupable": grouped.choices(reader.catalog, query.object),
        "group_orders": grouped.orders(query, shown_columns),
        "figures_url": queries.url(queries.changed(query, **figures, measures=sums)) if query.group else "",
        "other_columns": columns.others(reader.catalog[query.object], shown_columns),
        "related_columns": columns.related(reader.catalog, query.object, shown_columns),
    }


def _of_group(reader: Reader, query: Shown) -> str:
    """The next records of one group, for a list that unfolds it: the same address opens them as a list."""
    shown_columns = columns.columns(reader.catalog, query)
    page = reader.page(_wanted(reader, query, shown_columns))
    return render_template(
        "_group_rows.html",
        spec=reader.catalog[query.object], query=query, page=page, columns=shown_columns,
        currency=reader.catalog.currency, more=grouped.more(query, page),
    )  # fmt: skip


def _exports(query: Query, shown_columns: Sequence[Column]) -> dict[str, str]:
    """Addresses of the same rows as a file: the shown columns, every field, and as another system takes them."""
    whole = queries.changed(query, limit=Query.model_fields["limit"].default, currency=None)
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
    shown_columns = columns.columns(reader.catalog, query)
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
