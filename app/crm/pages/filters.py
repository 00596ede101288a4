"""The filter's editor: field, operator, value by type. It sends a plain form, and the answer leads back to the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from app.crm import query as door
from app.crm.pages import board_shape, queries, tolerance
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.shared.contract import Catalog, Condition, FieldSpec, Query
from app.shared.errors import BadRequest, Invalid

_KINDS = {
    "number": "number", "money": "number", "date": "date", "datetime": "date", "boolean": "boolean",
    "select": "options", "multi_select": "options", "stage": "options", "tags": "tags", "link": "link",
}  # fmt: skip
# For each kind of field its operators, the usual one first, as the form names them: `filled` is `empty` turned round.
_OPERATORS: dict[str, tuple[tuple[str, str], ...]] = {
    "text": (
        ("contains", "contains"), ("eq", "is"), ("ne", "is not"), ("starts_with", "starts with"),
        ("not_contains", "doesn't contain"), ("empty", "is empty"), ("filled", "is not empty"),
    ),
    "number": (
        ("gte", "is at least"), ("gt", "is over"), ("lte", "is at most"), ("lt", "is under"), ("between", "is between"),
        ("eq", "is"), ("ne", "is not"), ("empty", "is empty"), ("filled", "is not empty"),
    ),
    "date": (
        ("during", "is in"), ("gte", "is on or after"), ("lte", "is on or before"), ("between", "is between"),
        ("empty", "is empty"), ("filled", "is not empty"),
    ),
    "boolean": (("eq", "is"),),
    "options": (("in", "is any of"), ("not_in", "is none of"), ("empty", "is empty"), ("filled", "is not empty")),
    "tags": (
        ("in", "include any of"), ("not_in", "include none of"), ("empty", "are empty"), ("filled", "are not empty"),
    ),
    "link": (("eq", "is"), ("ne", "is not"), ("empty", "is empty"), ("filled", "is not empty")),
}  # fmt: skip
PERIODS = (
    ("today", "today"), ("yesterday", "yesterday"), ("tomorrow", "tomorrow"), ("this_week", "this week"),
    ("last_week", "last week"), ("next_week", "next week"), ("this_month", "this month"),
    ("last_month", "last month"), ("next_month", "next month"), ("this_quarter", "this quarter"),
    ("last_quarter", "last quarter"), ("next_quarter", "next quarter"), ("this_year", "this year"),
    ("last_year", "last year"), ("last_7_days", "the last 7 days"), ("last_30_days", "the last 30 days"),
    ("last_90_days", "the last 90 days"), ("next_7_days", "the next 7 days"), ("next_30_days", "the next 30 days"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A filter as it is being made: strings as the form holds them."""

    path: str
    fields: tuple[FieldSpec, ...]
    op: str
    values: tuple[str, ...] = ()
    label: str = ""  # of a link's value
    problem: str = ""

    @property
    def field(self) -> FieldSpec:
        return self.fields[-1]

    @property
    def kind(self) -> str:
        return _KINDS.get(self.field.type, "text")


@dataclass(frozen=True, slots=True)
class FieldGroup:
    label: str
    choices: list[tuple[str, str]] = field(default_factory=list)


def field_groups(catalog: Catalog, object: str) -> list[FieldGroup]:
    """What can be filtered by: the object's own fields, then those of the records that it links to."""
    spec = catalog[object]
    groups = [FieldGroup(spec.label_one, [(item.name, item.label) for item in spec.fields])]
    for link in spec.fields:
        target = catalog.objects.get(link.target or "")
        if link.type == "link" and target and target.name not in ("pipelines", object):
            choices = [
                (f"{link.name}.{item.name}", f"{link.label} › {item.label}")
                for item in target.fields
                if not item.read_only
            ]
            groups.append(FieldGroup(link.label, choices))
    return groups


def operators(kind: str) -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in _OPERATORS[kind]]


def _value(draft: Draft, text: str) -> Any:
    """One value of the form as the query holds it; what is no number stays text, for the door to refuse in words."""
    if draft.kind == "boolean":
        return text == "true"
    if draft.kind == "link":
        return int(text) if text.isdecimal() else text
    if draft.kind == "number":
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return text


def condition(draft: Draft) -> Condition:
    """The draft as a condition of the query."""
    if draft.op in ("empty", "filled"):
        return Condition(field=draft.path, op="empty", value=draft.op == "empty")
    values = [_value(draft, text) for text in draft.values]
    several = draft.op in ("in", "not_in", "between")
    made = {"field": draft.path, "op": draft.op, "value": values if several else values[0]}
    return Condition.model_validate(made)


def _missing(draft: Draft) -> str:
    """What is still to be said, as a sentence; "" where nothing is."""
    if draft.op in ("empty", "filled"):
        return ""
    wanted = 2 if draft.op == "between" else 1
    given = [value for value in draft.values if value.strip()]
    if len(given) >= wanted:
        return ""
    return _("Give both ends.") if wanted == 2 else _("Choose or type a value.")


def _from_form(catalog: Catalog, object: str, form: Mapping[str, str], values: Sequence[str]) -> Draft | None:
    path = form.get("_field", "")
    fields = queries.resolve(catalog, object, path) if path else ()
    if not fields:
        return None
    kind = _KINDS.get(fields[-1].type, "text")
    known = [key for key, _label in _OPERATORS[kind]]
    op = form.get("_op", "")
    return Draft(path, fields, op if op in known else known[0], tuple(values), form.get("_text", ""))


def _text(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _from_condition(reader: Reader, object: str, item: Condition) -> Draft | None:
    fields = queries.resolve(reader.catalog, object, item.field)
    if not fields:
        return None
    kind = _KINDS.get(fields[-1].type, "text")
    op, value = item.op, item.value
    if op == "empty":
        return Draft(item.field, fields, "empty" if value else "filled")
    values = tuple(_text(part) for part in (value if isinstance(value, list | tuple) else [value]))
    offered = {key for key, _label in _OPERATORS[kind]}
    if op == "eq" and kind in ("options", "tags"):
        op = "in"
    if op == "lt" and kind == "date":
        op = "lte"
    named = op if op in offered else _OPERATORS[kind][0][0]
    return Draft(item.field, fields, named, values, _link_label(reader, fields[-1], values))


def _link_label(reader: Reader, spec: FieldSpec, values: Sequence[str]) -> str:
    if spec.type != "link" or not spec.target or not values or not values[0].isdecimal():
        return ""
    found = door.fetch(reader.connection, reader.principal, spec.target, [int(values[0])], trashed=True)
    return next((record.label for record in found.values()), "")


def _list_pairs() -> list[tuple[str, str]]:
    return [item for item in tolerance.of_query(request.args.items(multi=True)) if item[0] != "cursor"]


def _apply(object: str, query: Query, draft: Draft, index: int | None, path: str) -> Response:
    """Put the finished filter into the query and go back to its list."""
    items = queries.conditions(query)
    place = len(items) if index is None else index
    items[place : place + 1] = [condition(draft)]
    pairs = queries.params(queries.with_conditions(query, items))
    return redirect(queries.address(path or f"/{object}", pairs))


def _link_by_name(reader: Reader, draft: Draft) -> Draft:
    """Without scripts a link's value is a name: find the one record that has it."""
    from dataclasses import replace

    from app.crm.pages.pickers import by_name

    if draft.kind != "link" or draft.op not in ("eq", "ne") or (draft.values and draft.values[0]):
        return draft
    if not draft.label or not draft.field.target:
        return draft
    found = by_name(reader, draft.field.target, draft.label)
    if len(found) == 1:
        return replace(draft, values=(str(found[0][0]),))
    return replace(draft, problem=_("No single record is called “%(name)s”.", name=draft.label))


def editor(object: str) -> str | Response:
    """GET /<object>/filter: the editor; with `_apply` the list that it makes."""
    from dataclasses import replace

    form = request.args
    path = board_shape.own_path(object, form.get("_path", ""))
    index = int(form["_edit"]) if form.get("_edit", "").isdecimal() else None
    with reading() as reader:
        query = tolerance.query(object, _list_pairs())
        draft = _from_form(reader.catalog, object, form, form.getlist("_value"))
        if draft is None and index is not None:
            items = queries.conditions(query)
            item = items[index] if index < len(items) else None
            draft = _from_condition(reader, object, item) if isinstance(item, Condition) else None
        if draft and form.get("_apply"):
            draft = _link_by_name(reader, draft)
            problem = draft.problem or _missing(draft)
            if not problem:
                try:
                    return _apply(object, query, draft, index, path)
                except (Invalid, BadRequest) as error:
                    problem = error.detail
            draft = replace(draft, problem=problem)
        return _render(reader, object, query, draft, index, path)


def _render(reader: Reader, object: str, query: Query, draft: Draft | None, index: int | None, path: str) -> str:
    spec = reader.catalog[object]
    name = "_filter.html" if request.headers.get("X-Fragment") else "filter.html"
    users = draft is not None and draft.field.target == "users"
    return render_template(
        name,
        spec=spec, query=query, draft=draft, index=index, path=path, pairs=_list_pairs(),
        groups=field_groups(reader.catalog, object), operators=operators(draft.kind) if draft else [],
        periods=[(key, _(label)) for key, label in PERIODS], users=reader.labels("users") if users else [],
        tags=_tags(reader, draft),
    )  # fmt: skip


def _tags(reader: Reader, draft: Draft | None) -> list[str]:
    """The tags that exist, for a filter on them."""
    return all_tags(reader) if draft is not None and draft.kind == "tags" else []


def all_tags(reader: Reader) -> list[str]:
    """The names of the tags that exist, in order, as many as a form can show."""
    from sqlalchemy import select

    from app.crm.schema import tags

    return list(reader.connection.execute(select(tags.c.name).order_by(tags.c.name_key).limit(200)).scalars())
