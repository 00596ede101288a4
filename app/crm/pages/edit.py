"""Creating and editing a record: a form from the declaration, errors in place, conflicts shown, nothing lost."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, make_response, render_template, request

from app.crm.pages import forms, locale, once, twins, undo
from app.crm.pages.forms import Control, Form, Sent
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, ObjectSpec, Operation, Record
from app.shared.errors import Conflict, FieldError, Forbidden, Invalid


def _may_write() -> None:
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))


def _render(
    spec: ObjectSpec, controls: Sequence[Control], *, record: Record | None = None, status: int = 200, **more: Any
) -> Response:
    problems = [(item.spec.name, f"{_(item.spec.label)}: {item.problem}") for item in controls if item.problem]
    known = {item.spec.name for item in controls}
    problems += [("", text) for name, text in more.pop("others", {}).items() if name not in known]
    page = render_template(
        "form.html",
        spec=spec, record=record, controls=controls, problems=problems, later_open=False,
        conflicts=[item for item in controls if item.theirs is not None], **{"next": "", "twins": (), **more},
    )  # fmt: skip
    return make_response(page, status)


def _by_field(errors: Sequence[FieldError]) -> dict[str, str]:
    return {error.field: error.message for error in errors}


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
    _may_write()
    with reading() as reader:
        spec = reader.catalog[object]
        values = defaults(reader, spec)
        controls = forms.controls(reader, spec, values, forms.link_labels(reader, spec, values))
    return _render(spec, controls, token=once.token(), next=undo.local(request.args.get("next"), ""))


def create(object: str) -> Response:
    """POST /<object>/new: on to the record, or back to `_next` (a record's composer)."""
    _may_write()
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
            problems, errors = _by_field(error.errors) or {"": error.detail}, error.errors
    with reading() as reader:
        controls = forms.with_sent(forms.controls(reader, spec, {}, {}), sent, problems)
        offered = twins.found(reader, spec, errors)
    return _render(
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
    _may_write()
    with reading() as reader:
        spec = reader.catalog[object]
        record = reader.record(object, id)
        controls = _controls_of(reader, spec, record)
    return _render(spec, controls, record=record, was=_was(spec, record), version=record.version)


def _controls_of(reader: Reader, spec: ObjectSpec, record: Record) -> list[Control]:
    values = forms.exact_values(spec, record)
    labels = {name: value.label for name, value in record.values.items() if getattr(value, "label", None)}
    return forms.controls(reader, spec, values, labels)


def _was(spec: ObjectSpec, record: Record) -> str:
    return json.dumps(forms.exact_values(spec, record), separators=(",", ":"))


def _changed(spec: ObjectSpec, form: Form, sent: Sent) -> dict[str, Any]:
    """The fields that the user has changed, but for those where the other's value was chosen."""
    was = forms.remembered(form)
    return {
        field.name: sent.values[field.name]
        for field in forms.editable(spec)
        if _is_present(field.name, field.type, form)
        and sent.texts[field.name] != forms.texts(field, was.get(field.name))
        and form.get(f"_keep.{field.name}") != "theirs"
    }


def _is_present(name: str, kind: str, form: Form) -> bool:
    """Whether the form held the field at all; boxes that aren't ticked send nothing but their mark."""
    beside = name == "pipeline" and "/" in form.get("stage", "")  # the choice of the stage says both
    return beside or name in form or f"{name}__text" in form or f"_has.{name}" in form


def save(object: str, id: int) -> Response:
    """POST /<object>/<id>/edit: only what was changed, checked against what the form was made from."""
    _may_write()
    form: Form = request.form
    with reading() as reader:
        spec = reader.catalog[object]
        sent = forms.read(reader, spec, form)
    values = _changed(spec, form, sent)
    target = undo.local(form.get("_next"), f"/{object}/{id}")
    if not values and not sent.problems and not _undecided(form):
        return undo.answer(target, "unchanged")
    problems = sent.problems | _undecided(form)
    if problems:
        return _again(spec, id, form, sent, problems, 422)
    try:
        stored = services().crm.apply(principal(), ChangeSet(operations=(_operation(object, id, form, values),)))
    except Conflict as error:
        if not error.errors:
            raise
        return _conflict(spec, id, sent, error)
    except Invalid as error:
        return _again(spec, id, form, sent, _by_field(error.errors) or {"": error.detail}, 422, error.errors)
    return undo.answer(target, f"updated:{object}", stored.id)


def _operation(object: str, id: int, form: Form, values: Mapping[str, Any]) -> Operation:
    was = forms.remembered(form)
    version = form.get("_version", "")
    return Operation(
        action="update",
        object=object,
        id=id,
        values=dict(values),
        expect={name: was.get(name) for name in values},
        version=int(version) if version.isdecimal() else None,
    )


def _undecided(form: Form) -> dict[str, str]:
    """The fields in dispute for which no value was chosen. None is chosen for the user: either choice loses one."""
    open_ = [name for name in form.getlist("_disputed") if form.get(f"_keep.{name}") not in ("mine", "theirs")]
    return dict.fromkeys(open_, _("Choose which value to keep."))


def _disputed(form: Form, item: Control) -> Control:
    """A field that was in dispute when the form was sent still is, with the choice that was made."""
    name = item.spec.name
    if name not in form.getlist("_disputed"):
        return item
    theirs, keep = form.get(f"_theirs.{name}", ""), form.get(f"_keep.{name}", "")
    return replace(item, theirs=theirs, mine=_mine(item), keep=keep)


def _mine(item: Control) -> str:
    """What the user's own value says, as far as it can be said in a line."""
    names = {option.key: _(option.label) for option in item.spec.options} | dict(item.choices)
    if item.spec.type == "link" and not item.choices:
        return item.label or _("nothing")
    if item.spec.type == "boolean":
        return _("Yes") if item.text == "true" else _("No")
    return ", ".join(names.get(text, text) for text in item.texts)[:200] or _("nothing")


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
        controls = forms.with_sent(_controls_of(reader, spec, record), sent, problems)
        offered = twins.found(reader, spec, errors)
    controls = [_disputed(form, item) for item in controls]
    said = {"was": form.get("_was", "{}"), "version": form.get("_version", ""), "others": problems, "twins": offered}
    return _render(spec, controls, record=record, status=status, **said)


def _conflict(spec: ObjectSpec, id: int, sent: Sent, error: Conflict) -> Response:
    """The form again, made from the record as it is now: the user's own changes stand, theirs are shown beside."""
    disputed = {fault.field for fault in error.errors}
    with reading() as reader:
        record = reader.record(spec.name, id)
        fresh = _controls_of(reader, spec, record)
        mine = {item.spec.name: item for item in forms.with_sent(fresh, sent, {})}
    was = forms.remembered(request.form)
    merged = []
    for item in fresh:
        name = item.spec.name
        touched = sent.texts.get(name) != forms.texts(item.spec, was.get(name))
        kept = mine[name] if touched else item
        theirs = locale.plain(_shown(item, record)) if name in disputed else None
        merged.append(replace(kept, theirs=theirs, mine=_mine(kept)) if theirs is not None else kept)
    return _render(spec, merged, record=record, status=409, was=_was(spec, record), version=record.version)


def _shown(item: Control, record: Record) -> Any:
    value = record.values.get(item.spec.name)
    if item.spec.options and isinstance(value, str):
        return next((option.label for option in item.spec.options if option.key == value), value)
    return _("nothing") if value in (None, "", ()) else value
