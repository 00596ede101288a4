"""Quick create: a dialog on any page with the few fields that matter; the form page is what it falls back to."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, make_response, redirect, render_template, request

from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.pages import edit, forms, once, queries, twins, undo
from app.crm.pages.forms import Control
from app.crm.pages.reader import Reader, reading
from app.crm.pages.records import links_here
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, FieldSpec, ObjectSpec, Operation, Record
from app.shared.errors import FieldError, Forbidden, Invalid, NotFound

MOST = 7  # fields
_LEFT_OUT = frozenset({"done", "status", "annual_revenue", "employees", "country"})
_ALSO = {"people": ("email",), "notes": ("company",), "activities": ("body",)}
_AS = dict[str, str]


def _may_write() -> None:
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))


def _fields(spec: ObjectSpec, links: Mapping[str, str]) -> list[FieldSpec]:
    """What matters: the required and listed ones, and the links that come from the record in view."""
    also = {*_ALSO.get(spec.name, ()), *links}
    found = [
        field
        for field in forms.editable(spec)
        if (field.required or field.listed or field.name in also) and field.name not in _LEFT_OUT
    ]
    first = [field for field in found if field.required or field.name in also or field.name == spec.label_field]
    return [field for field in found if field in first or found.index(field) < MOST][: max(MOST, len(first))]


def _in_view(reader: Reader) -> Record | None:
    """The record on whose page the dialog is opened (`from=companies/5`)."""
    object, _slash, id = request.values.get("from", "").partition("/")
    if object not in RECORD_OBJECTS or not (id.isascii() and id.isdigit() and len(id) < 19):
        return None
    try:
        return reader.record(object, int(id))
    except NotFound:
        return None


def _links(spec: ObjectSpec, record: Record | None) -> _AS:
    """A new company from a company's page is no subsidiary of it: links to its own kind are left to be chosen."""
    usable = record is not None and record.trashed_at is None and record.object != spec.name
    return dict(links_here(spec, record)) if record is not None and usable else {}


def _controls(reader: Reader, spec: ObjectSpec, links: _AS, values: Mapping[str, Any]) -> list[Control]:
    names = [field.name for field in _fields(spec, links)]
    every = forms.controls(reader, spec, values, forms.link_labels(reader, spec, values))
    found = {item.spec.name: item for item in every}
    return [found[name] for name in names if name in found]


def show() -> Response:
    """GET /create?object=deals&from=companies/5: the dialog's form; without a script the form page."""
    _may_write()
    object = request.args.get("object", "")
    if object not in RECORD_OBJECTS:
        object = "companies"
    with reading() as reader:
        spec, record = reader.catalog[object], _in_view(reader)
        links = _links(spec, record)
        if not undo.wants_fragment():
            return redirect(queries.address(f"/{object}/new", links.items()))  # type: ignore[return-value]
        values = edit.defaults(reader, spec) | links
        typed = request.args.get("name", "")[:200]
        if typed and spec.field("name"):
            values["name"] = typed
        controls = _controls(reader, spec, links, values)
    return _answer(spec, controls, once.token(), links)


def _answer(
    spec: ObjectSpec, controls: Sequence[Control], token: str, links: _AS, status: int = 200, **more: Any
) -> Response:
    kinds = [(name, BUILT_IN[name].label_one, BUILT_IN[name].icon) for name in RECORD_OBJECTS]
    problems = [(item.spec.name, f"{_(item.spec.label)}: {item.problem}") for item in controls if item.problem]
    full = queries.address(f"/{spec.name}/new", links.items())
    page = render_template(
        "_create.html",
        spec=spec, controls=controls, token=token, kinds=kinds, full=full, problems=problems,
        **{"twins": (), "alike": (), "origin": request.values.get("from", ""), **more},
    )  # fmt: skip
    return make_response(page, status)


def create(object: str) -> Response:
    """POST /create/<object>: a toast with Undo and a link; the form again where something is wrong or likely double."""
    _may_write()
    form = request.form
    with reading() as reader:
        spec, record = reader.catalog[object], _in_view(reader)
        links = _links(spec, record)
        sent = forms.read(reader, spec, form)
        alike = () if form.get("_anyway") else twins.alike(reader, spec, sent.values)
        beside = _beside(spec, sent.values, links, form)
    problems: Mapping[str, str] = sent.problems
    errors: Sequence[FieldError] = ()
    if not problems and not alike:
        try:
            stored = once.apply(principal(), ChangeSet(operations=(beside,)), form.get(once.FIELD, ""))
            return _done(object, stored)
        except Invalid as error:
            problems, errors = {item.field: item.message for item in error.errors} or {"": error.detail}, error.errors
    with reading() as reader:
        controls = forms.with_sent(_controls(reader, spec, links, {}), sent, problems)
        offered = twins.found(reader, spec, errors)
    known = {item.spec.name for item in controls}
    others = [text for name, text in problems.items() if name not in known]
    return _answer(spec, controls, form.get(once.FIELD, ""), links, 422, twins=offered, alike=alike, others=others)


def _beside(spec: ObjectSpec, values: Mapping[str, Any], links: _AS, form: forms.Form) -> Operation:
    """What was filled in, with the defaults of what the dialog doesn't show."""
    given = {name: value for name, value in values.items() if name in form or value not in (None, [], False)}
    hidden = {name: id for name, id in links.items() if name not in form and f"{name}__text" not in form}
    owner = {"owner": principal().user_id} if spec.field("owner") and "owner" not in form else {}
    return Operation(action="create", object=spec.name, values={**owner, **hidden, **given})


def _done(object: str, change_set: int) -> Response:
    stored = services().crm.change_set(principal(), change_set)
    made = next((ref for ref in stored.records if ref.object == object), None)
    target = made.url if made else f"/{object}"
    return undo.answer(target, f"created:{object}", change_set, link=made)


def alike() -> str:
    """GET /create/twins?object=&name=&email=: records that this would likely double, while it is typed."""
    object = request.args.get("object", "")
    if object not in RECORD_OBJECTS:
        raise NotFound(_("There is nothing to compare with."))
    with reading() as reader:
        spec = reader.catalog[object]
        found = twins.alike(reader, spec, {"name": request.args.get("name"), "email": request.args.get("email")})
    return render_template("_alike.html", alike=found)
