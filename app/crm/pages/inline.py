"""Editing one field where its value stands, in a list or on a record's page: its control, and one change set.

The answers are pieces of a page for `static/js/edit.js`. Without scripts the record's form is the way.
"""

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, make_response, render_template, request

from app.crm.pages import changing, edit, forms, frame, locale, numerals, show, undo
from app.crm.pages.forms import Control, Form, Sent
from app.crm.pages.reader import Reader, reading
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, FieldSpec, ObjectSpec, Record
from app.shared.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """The field that is edited: `part` is the object with this field alone (a stage has its pipeline beside it)."""

    spec: ObjectSpec
    part: ObjectSpec
    field: FieldSpec
    record: Record
    currency: str  # the workspace's own


def _place(reader: Reader, object: str, id: int, name: str) -> Place:
    spec = reader.catalog[object]
    field = spec.field(name)
    if field is None or not show.is_editable(field):
        raise NotFound(f"{spec.label} have no field {name!r} that can be edited.")
    beside = spec.field("pipeline") if field.type == "stage" else None
    part = replace(spec, fields=(field, beside) if beside else (field,))
    return Place(spec, part, field, reader.record(object, id), reader.catalog.currency)


def _control(reader: Reader, place: Place) -> Control:
    return changing.controls_of(reader, place.part, place.record)[0]


def _editor(place: Place, item: Control, status: int = 200, **more: Any) -> Response:
    """The control as a form of its own; also the value as it stands, for the page to go back to."""
    made = {"was": changing.was(place.part, place.record), "version": place.record.version, "by": ""} | more
    plain = replace(item, theirs=None)  # what is in dispute stands below the control, with a button for each choice
    page = render_template("_editor.html", place=place, item=item, plain=plain, currency=place.currency,
                           point=numerals.point(), **made)  # fmt: skip
    return make_response(page, status)


def editor(object: str, id: int, name: str) -> Response:
    """GET /<object>/<id>/field/<name>: the control; with `by`, who has changed the field while it was being edited."""
    changing.may_write()
    with reading() as reader:
        place = _place(reader, object, id, name)
        item = _control(reader, place)
    if place.record.trashed_at:
        raise Conflict(f"{place.record.label} is in the trash. Restore it first.")
    by = request.args.get("by", "")[:100]
    return _editor(place, _disputed(item, place, item) if by else item, by=by)


def _disputed(item: Control, place: Place, fresh: Control) -> Control:
    """The user's control with what stands in the field meanwhile."""
    theirs = locale.plain(changing.shown(fresh, place.record))
    return replace(item, theirs=theirs, mine=changing.mine(item))


def save(object: str, id: int, name: str) -> Response:
    """POST /<object>/<id>/field/<name>: the fresh value and a toast; 422 and 409 give back what was typed."""
    changing.may_write()
    form: Form = request.form
    with reading() as reader:
        place = _place(reader, object, id, name)
        sent = forms.read(reader, place.part, form)
    values = changing.changed(place.part, form, sent)
    if problems := sent.problems | changing.undecided(form):
        return _refused(place, sent, problems)
    if not values:
        return _done(place)
    operation = changing.operation(object, id, form, values)
    try:
        stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    except Conflict as error:
        return _conflict(object, id, name, sent, error)
    except Invalid as error:
        return _refused(place, sent, changing.by_field(error.errors) or {name: error.detail})
    with reading() as reader:
        return _done(_place(reader, object, id, name), stored.id)


def _done(place: Place, change_set: int | None = None) -> Response:
    """The value as it stands now; with a toast where it was changed."""
    if not undo.wants_fragment():
        return undo.answer(place.record.url, f"updated:{place.spec.name}" if change_set else "unchanged", change_set)
    toast = frame.made_toast(f"updated:{place.spec.name}", change_set) if change_set else None
    return make_response(render_template("_edited.html", place=place, toast=toast, currency=place.currency))


def _refused(place: Place, sent: Sent, problems: dict[str, str]) -> Response:
    form: Form = request.form
    said = problems.get(place.field.name) or next(iter(problems.values()))
    with reading() as reader:
        typed = forms.with_sent([_control(reader, place)], sent, {place.field.name: said})[0]
    if place.field.name in form.getlist("_disputed"):
        typed = replace(typed, theirs=form.get(f"_theirs.{place.field.name}", ""), mine=changing.mine(typed))
    kept = {"was": form.get("_was", "{}"), "version": form.get("_version", "")}
    return _answer(place, typed, 422, **kept)


def _conflict(object: str, id: int, name: str, sent: Sent, error: Conflict) -> Response:
    """Somebody was faster: both values, and nothing is written; done already where both are the same."""
    with reading() as reader:
        place = _place(reader, object, id, name)
        fresh = _control(reader, place)
    typed = forms.with_sent([fresh], sent, {})[0]
    if not error.errors:
        return _answer(place, replace(typed, problem=error.detail), 409)
    if typed.texts == fresh.texts:
        return _done(place)
    return _answer(place, _disputed(typed, place, fresh), 409)


def _answer(place: Place, item: Control, status: int, **more: Any) -> Response:
    """The control again for scripts; without them the form, with this field alone."""
    if undo.wants_fragment():
        return _editor(place, item, status, **more)
    said = {"was": changing.was(place.part, place.record), "version": place.record.version} | more
    return edit.render(place.part, [item], record=place.record, status=status, **said)
