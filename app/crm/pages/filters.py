"""The filter's editors: one condition at a time, and the whole filter. Each sends a form and leads back to the list."""

from dataclasses import replace
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from app.crm import query as door
from app.crm.pages import board_shape, queries, tolerance, undo
from app.crm.pages import filter_choices as choices
from app.crm.pages import filter_fields as fields
from app.crm.pages import filter_tree as tree
from app.crm.pages.filter_fields import Draft
from app.crm.pages.filter_tree import Node
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.query.wording import Writer
from app.shared.contract import Catalog, Condition, Query
from app.shared.errors import BadRequest, Invalid


def _list_pairs() -> list[tuple[str, str]]:
    """The list's own parameters, of an editor's address."""
    found = tolerance.of_query(request.args.items(multi=True))
    return [pair for pair in found if pair[0] != "cursor" and not pair[0].startswith(f"{tree.ROOT}.")]


def _leads(query: Query, path: str) -> Response | Answer:
    """The way back to the list; a script is told where, since it would fetch the list only to open it again."""
    target = queries.address(path or f"/{query.object}", queries.params(query))
    if undo.wants_fragment():
        return make_response("", 200, {"X-Leads-To": target})
    return redirect(target)


# --- one condition ---------------------------------------------------------------------------------------------------


def editor(object: str) -> str | Response | Answer:
    """GET /<object>/filter: one condition; with `_apply` the list that it makes."""
    form, path = request.args, board_shape.own_path(object, request.args.get("_path", ""))
    index = int(form["_edit"]) if form.get("_edit", "").isdecimal() else None
    with reading() as reader:
        query = tolerance.query(object, _list_pairs())
        values = form.getlist("_value")
        draft = fields.sent(
            reader.catalog, object, form.get("_field", ""), form.get("_op", ""), values, form.get("_text", "")
        )  # fmt: skip
        if draft is None and index is not None:
            draft = _edited(reader, query, index)
        if draft and form.get("_apply"):
            draft = choices.by_name(reader, draft)
            problem = fields.missing(draft)
            if not problem:
                try:
                    return _leads(_with(query, draft, index), path)
                except (Invalid, BadRequest) as error:
                    problem = error.detail
            draft = replace(draft, problem=problem)
        return _render(reader, query, draft, index, path)


def _edited(reader: Reader, query: Query, index: int) -> Draft | None:
    items = queries.conditions(query)
    item = items[index] if index < len(items) else None
    return fields.draft(reader.catalog, query.object, item) if isinstance(item, Condition) else None


def _with(query: Query, draft: Draft, index: int | None) -> Query:
    """The query with the finished condition in its place."""
    items = queries.conditions(query)
    place = len(items) if index is None else index
    items[place : place + 1] = [fields.condition(draft)]
    return queries.with_conditions(query, items)


def _render(reader: Reader, query: Query, draft: Draft | None, index: int | None, path: str) -> str:
    draft = choices.named(reader, draft) if draft else None
    values = choices.values(reader, draft) if draft else choices.Values()
    if draft:
        values = replace(values, counts=choices.counts(reader, query, draft, index))
    builder = [*queries.params(queries.changed(query)), ("_path", path)]
    return render_template(
        "_filter.html" if undo.wants_fragment() else "filter.html",
        spec=reader.catalog[query.object], query=query, draft=draft, index=index, path=path, pairs=_list_pairs(),
        groups=choices.field_groups(reader.catalog, query.object), values=values,
        operators=fields.operators(draft.kind) if draft else [],
        builder=queries.address(f"/{query.object}/filter/all", builder),
        start=queries.address(f"/{query.object}/filter", builder),
        related=choices.relations(reader.catalog, query.object),
    )  # fmt: skip


# --- the whole filter ------------------------------------------------------------------------------------------------


def builder(object: str) -> str | Response | Answer:
    """GET /<object>/filter/all: every part of the filter; `_do` edits the form, `_apply` leads to the list."""
    form, path = request.args, board_shape.own_path(object, request.args.get("_path", ""))
    with reading() as reader:
        query = tolerance.query(object, _list_pairs())
        catalog = reader.catalog
        has_form = f"{tree.ROOT}.kind" in form
        root = tree.from_form(catalog, object, form) if has_form else tree.from_filter(catalog, object, query.where)
        focus = _do(catalog, root, form.get("_do", "" if has_form else _first(root)))
        if has_form:
            tree.with_names(root, lambda draft: choices.by_name(reader, draft))
        problem = ""
        if form.get("_apply") and not tree.problems(root):
            wanted = _wanted(reader, query, root)
            problem = _refusal(reader, wanted)
            if not problem:
                return _leads(wanted, path)
        tree.with_names(root, lambda draft: choices.named(reader, draft))
        return _render_builder(reader, query, root, focus, path, problem)


def _wanted(reader: Reader, query: Query, root: Node) -> Query:
    where = tree.to_filter(reader.catalog, root)
    return queries.with_conditions(
        query, () if where is None else door.parts(query.model_copy(update={"where": where}))
    )


def _refusal(reader: Reader, wanted: Query) -> str:
    """Why the read door refuses the query; "" where it doesn't."""
    try:
        reader.count(queries.changed(wanted, having=(), sort=(), columns=(), currency=None, measures=(), group_by=()))
    except (Invalid, BadRequest) as error:
        return error.detail
    return ""


def _first(root: Node) -> str:
    """A chip leads to its part; an empty filter begins with a row, a relation from the list of fields with its own."""
    if (index := request.args.get("_edit", "")).isdecimal():
        return f"edit:{root.id}.{int(index)}"
    relation = request.args.get("_relation", "")
    if relation:
        return f"related:{root.id}:{relation}"
    return "" if root.children or root.is_blank else f"condition:{root.id}"


def _do(catalog: Catalog, root: Node, what: str) -> str:
    """Edit the tree as a button asks; gives the name of the control to go on with."""
    action, _colon, rest = what.partition(":")
    id, _colon, detail = rest.partition(":")
    if action == "edit":
        return f"{id}.part"
    if action == "remove":
        tree.remove(root, id)
        return f"{id.rpartition('.')[0]}.add"
    node = tree.find(root, id)
    if node is None or node.kind != "group" or action not in ("condition", "group", "related", "text"):
        return ""
    made = tree.added(node, action)  # type: ignore[arg-type]
    if made.kind == "related" and detail:
        made.relation = detail
        made.where.object = choices.target(catalog, node.object, detail)
    ends = {"condition": "field", "group": "0.field", "related": "relation", "text": "text"}
    return f"{made.id}.{ends[made.kind]}"


def _render_builder(reader: Reader, query: Query, root: Node, focus: str, path: str, problem: str) -> str:
    wanted = _wanted(reader, query, root)
    try:
        count = reader.count(queries.changed(wanted, having=(), sort=(), columns=(), currency=None))
    except (Invalid, BadRequest) as error:
        count, problem = None, problem or error.detail
    catalog = reader.catalog
    return render_template(
        "_builder.html" if undo.wants_fragment() else "builder.html",
        spec=catalog[query.object], query=query, root=root, focus=focus, path=path, problem=problem, count=count,
        pairs=queries.params(queries.changed(query, where=None)),
        has_problems=any(node.problem for node in root.walk()),
        groups_of=lambda name: choices.field_groups(catalog, name) if name in catalog.objects else [],
        relations_of=lambda name: choices.relations(catalog, name) if name in catalog.objects else [],
        operators_of=fields.operators, values_of=lambda draft: choices.values(reader, draft),
        words_of=lambda node: _words(reader, node), one_of=lambda name: catalog[name].label_one.lower(),
        many_of=lambda name: catalog[name].label.lower(),
        back=queries.address(path or f"/{query.object}", queries.params(query)),
    )  # fmt: skip


def _words(reader: Reader, node: Node) -> str:
    """A part that the form has no controls for, in words."""
    made: Any = tree.to_filter(reader.catalog, node)
    writer = Writer(reader.catalog, {})
    return writer.phrase(reader.catalog.objects.get(node.object), made) if made is not None else _("Nothing")
