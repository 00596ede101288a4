"""Creating and editing a record: a form from the declaration, errors in place, conflicts shown, nothing lost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, make_response, render_template, request

from app.crm.pages import changing, forms, locale, once, twins, undo
from app.crm.pages.forms import Control, Form, Sent
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, ObjectSpec, Operation, Record
from app.shared.errors import Conflict, FieldError, Invalid


def render(
    spec: ObjectSpec, controls: Sequence[Control], *, record: Record | None = None, status: int = 200, **more: Any
) -> Response:
    """The form's page with these controls and what is wrong with them."""
    problems = [(item.spec.name, f"{_(item.spec.label)}: {item.problem}") for item in controls if item.problem]
    known = {item.spec.name for item in controls}
    problems += [("", text) for name, text in more.pop("others", {}).items() if name not in known]
    page = render_template(
        "form.html",
        spec=spec, record=record, controls=controls, problems=problems, later_open=False,
        conflicts=[item for item in controls if item.theirs is not None], **{"next": "", "twins": (), **more},
    )  # fmt: skip
    return make_response(page, status)


# --- create ----------------------------------------------------------------------------------------------------------


def defaults(reader: Reader, spec: ObjectSpec) -> dict[str, Any]:
    """A new record's first values: declared defaults, the asking user as owner, and what the address gives."""
    values: dict[str, Any] = {field.name: field.default for field in spec.fields if field.default is not None}
    me = principal().user_id
    if spec.field("owner") and me:
        values["owner"] = me
    stage = next((field for field in spec.fields if field.type == "stage"), None)
    if stage and stage.options:
        values["stage"] = next((item.key for item in stage.options if item.kind == "open"), stage.options[0].key)
    given = {
        field.name: request.args[field.name] for field in forms.editable(spec) if request.args.get(field.name)
    }  # fmt: skip
    return values | given


def new(object: str) -> Response:
    """GET /<object>/new: an empty form; fields of the address are filled in (`?company=5`)."""
    changing.may_write()
    with reading() as reader:
        spec = reader.catalog[object]
        values = defaults(reader, spec)
        controls = forms.controls(reader, spec, values, forms.link_labels(reader, spec, values))
    return render(spec, controls, token=once.token(), next=undo.local(request.args.get("next"), ""))


def create(object: str) -> Response:
    """POST /<object>/new: on to the record, or back to `_next` (a record's composer)."""
    changing.may_write()
    form: Form = request.form
    with reading() as reader:
        spec = reader.catalog[object]
        sent = forms.read(reader, spec, form)
    given = {name: value for name, value in sent.values.items() if name in form or value not in (None, [], False)}
    operation = Operation(action="create", object=object, values=given)
    problems: Mapping[str, str] = sent.problems
    errors: Sequence[FieldError] = ()
    if not problems:
        try:
            stored = once.apply(principal(), ChangeSet(operations=(operation,)), form.get(once.FIELD, ""))
            return _after_create(object, stored, form)
        except Invalid as error:
            problems, errors = changing.by_field(error.errors) or {"": error.detail}, error.errors
    with reading() as reader:
        controls = forms.with_sent(forms.controls(reader, spec, {}, {}), sent, problems)
        offered = twins.found(reader, spec, errors)
    return render(
        spec,
        controls,
        status=422,
        token=form.get(once.FIELD, ""),
        next=undo.local(form.get("_next"), ""),
        others=problems,
        twins=offered,
    )


def _after_create(object: str, change_set: int, form: Form) -> Response:
    stored = services().crm.change_set(principal(), change_set)
    made = next((ref for ref in stored.records if ref.object == object), None)
    target = undo.local(form.get("_next"), made.url if made else f"/{object}")
    return undo.answer(target, f"created:{object}", change_set)


# --- edit ------------------------------------------------------------------------------------------------------------


def edit(object: str, id: int) -> Response:
    """GET /<object>/<id>/edit."""
    changing.may_write()
    with reading() as reader:
        spec = reader.catalog[object]
        record = reader.record(object, id)
        controls = changing.controls_of(reader, spec, record)
    return render(spec, controls, record=record, was=changing.was(spec, record), version=record.version)


def save(object: str, id: int) -> Response:
    """POST /<object>/<id>/edit: only what was changed, checked against what the form was made from."""
    changing.may_write()
    form: Form = request.form
    with reading() as reader:
        spec = reader.catalog[object]
        sent = forms.read(reader, spec, form)
    values = changing.changed(spec, form, sent)
    target = undo.local(form.get("_next"), f"/{object}/{id}")
    if not values and not sent.problems and not changing.undecided(form):
        return undo.answer(target, "unchanged")
    problems = sent.problems | changing.undecided(form)
    if problems:
        return _again(spec, id, form, sent, problems, 422)
    try:
        made = ChangeSet(operations=(changing.operation(object, id, form, values),))
        stored = services().crm.apply(principal(), made)
    except Conflict as error:
        if not error.errors:
            raise
        return _conflict(spec, id, sent, error)
    except Invalid as error:
        return _again(spec, id, form, sent, changing.by_field(error.errors) or {"": error.detail}, 422, error.errors)
    return undo.answer(target, f"updated:{object}", stored.id)


def _disputed(form: Form, item: Control) -> Control:
    """A field that was in dispute when the form was sent still is, with the choice that was made."""
    name = item.spec.name
    if name not in form.getlist("_disputed"):
        return item
    theirs, keep = form.get(f"_theirs.{name}", ""), form.get(f"_keep.{name}", "")
    return replace(item, theirs=theirs, mine=changing.mine(item), keep=keep)


def _again(
    spec: ObjectSpec,
    id: int,
    form: Form,
    sent: Sent,
    problems: Mapping[str, str],
    status: int,
    errors: Sequence[FieldError] = (),
) -> Response:
    """The form as the user left it, with what is wrong."""
    with reading() as reader:
        record = reader.record(spec.name, id)
        controls = forms.with_sent(changing.controls_of(reader, spec, record), sent, problems)
        offered = twins.found(reader, spec, errors)
    controls = [_disputed(form, item) for item in controls]
    said = {"was": form.get("_was", "{}"), "version": form.get("_version", ""), "others": problems, "twins": offered}
    return render(spec, controls, record=record, status=status, **said)


def _conflict(spec: ObjectSpec, id: int, sent: Sent, error: Conflict) -> Response:
    """The form again, made from the record as it is now: the user's own changes stand, theirs are shown beside."""
    disputed = {fault.field for fault in error.errors}
    with reading() as reader:
        record = reader.record(spec.name, id)
        fresh = changing.controls_of(reader, spec, record)
        mine = {item.spec.name: item for item in forms.with_sent(fresh, sent, {})}
    was = forms.remembered(request.form)
    merged = []
    for item in fresh:
        name = item.spec.name
        touched = sent.texts.get(name) != forms.texts(item.spec, was.get(name))
        kept = mine[name] if touched else item
        theirs = locale.plain(changing.shown(item, record)) if name in disputed else None
        merged.append(replace(kept, theirs=theirs, mine=changing.mine(kept)) if theirs is not None else kept)
    return render(spec, merged, record=record, status=409, was=changing.was(spec, record), version=record.version)
