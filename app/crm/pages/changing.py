"""What the form of a record and the editor of one field share: what a form was made from, and what it changes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.crm.pages import forms
from app.crm.pages.forms import Control, Form, Sent
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.crm.web import principal
from app.shared.contract import ObjectSpec, Operation, Record
from app.shared.errors import FieldError, Forbidden


def may_write() -> None:
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))


def by_field(errors: Sequence[FieldError]) -> dict[str, str]:
    return {error.field: error.message for error in errors}


def controls_of(reader: Reader, spec: ObjectSpec, record: Record) -> list[Control]:
    """The controls of a record's fields as they stand."""
    values = forms.exact_values(spec, record)
    labels = {name: value.label for name, value in record.values.items() if getattr(value, "label", None)}
    return forms.controls(reader, spec, values, labels)


def was(spec: ObjectSpec, record: Record) -> str:
    """For the form to remember what it was made from."""
    return json.dumps(forms.exact_values(spec, record), separators=(",", ":"))


def changed(spec: ObjectSpec, form: Form, sent: Sent) -> dict[str, Any]:
    """The fields that the user has changed, but for those where the other's value was chosen."""
    before = forms.remembered(form)
    return {
        field.name: sent.values[field.name]
        for field in forms.editable(spec)
        if _is_present(field.name, form)
        and sent.texts[field.name] != forms.texts(field, before.get(field.name))
        and form.get(f"_keep.{field.name}") != "theirs"
    }


def _is_present(name: str, form: Form) -> bool:
    """Whether the form held the field at all; boxes that aren't ticked send nothing but their mark."""
    beside = name == "pipeline" and "/" in form.get("stage", "")  # the choice of the stage says both
    return beside or name in form or f"{name}__text" in form or f"_has.{name}" in form


def operation(object: str, id: int, form: Form, values: Mapping[str, Any]) -> Operation:
    """The change, checked against what the form was made from."""
    before, version = forms.remembered(form), form.get("_version", "")
    return Operation(
        action="update",
        object=object,
        id=id,
        values=dict(values),
        expect={name: before.get(name) for name in values},
        version=int(version) if version.isdecimal() else None,
    )


def undecided(form: Form) -> dict[str, str]:
    """The fields in dispute for which no value was chosen. None is chosen for the user: either choice loses one."""
    open_ = [name for name in form.getlist("_disputed") if form.get(f"_keep.{name}") not in ("mine", "theirs")]
    return dict.fromkeys(open_, _("Choose which value to keep."))


def mine(item: Control) -> str:
    """What the user's own value says, as far as it can be said in a line."""
    names = {option.key: _(option.label) for option in item.spec.options} | dict(item.choices)
    if item.spec.type == "link" and not item.choices:
        return item.label or _("nothing")
    if item.spec.type == "boolean":
        return _("Yes") if item.text == "true" else _("No")
    return ", ".join(names.get(text, text) for text in item.texts)[:200] or _("nothing")


def shown(item: Control, record: Record) -> Any:
    """What stands in the field now, for the user to choose."""
    value = record.values.get(item.spec.name)
    if item.spec.options and isinstance(value, str):
        return next((option.label for option in item.spec.options if option.key == value), value)
    return _("nothing") if value in (None, "", ()) else value
