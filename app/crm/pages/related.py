"""What links to a record: shown on its page, added there in place, and existing records linked and unlinked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, make_response, render_template, request

from app.crm.changes.ways import Way, find
from app.crm.pages import changing, day, edit, forms, frame, once, queries, undo
from app.crm.pages.forms import Form, Sent
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal
from app.shared.contract import ChangeSet, FieldSpec, ObjectSpec, Operation, Page, Record, Ref
from app.shared.errors import Conflict, FieldError, Invalid, NotFound

RELATED = 5  # rows of each related list
_IN_TIMELINE = ("notes", "activities")
_SORTS = {"deals": ("-amount",), "tasks": ("done", "due_date"), "files": ("-created_at",)}
_COLUMNS = {
    "deals": ("name", "stage", "amount", "close_date"),
    "people": ("name", "title"),
    "tasks": ("name", "done", "due_date", "owner", "after", "after.done"),
    "files": ("name", "size", "media_type"),
}
_ASKED = {  # the few fields that matter when one is added in place
    "deals": ("name", "amount", "close_date"),
    "people": ("name", "title", "email"),
    "tasks": ("name", "due_date"),
    "companies": ("name", "industry"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed into one of a list's two small forms and couldn't be taken, with what is wrong."""

    form: str  # new, link
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Related:
    """Records that link to this one: the first of them, how many, the list of all, and what adding one asks for."""

    spec: ObjectSpec
    name: str  # as the way back is called: people, subsidiaries
    label: str
    page: Page
    url: str
    new: str
    link: FieldSpec
    asked: Sequence[FieldSpec]
    draft: Draft | None = None


def related(reader: Reader, record: Record) -> list[Related]:
    """What links to this record, besides what its timeline shows; a fixed number of statements each."""
    found = [
        of(reader, record, name)
        for name, spec, link in reader.catalog.inverses(record.object)
        if spec.has_pages and spec.name not in _IN_TIMELINE and (spec.name, link.name) != ("tasks", "after")
    ]
    return sorted(found, key=lambda item: (item.name != item.spec.name, item.page.total == 0))


def of(reader: Reader, record: Record, relation: str, draft: Draft | None = None) -> Related:
    """One related list of a record."""
    way = _way(reader, record.object, relation)
    spec, near = way.holder, _near(way)
    asked = [found for name in _ASKED.get(spec.name, (spec.label_field,)) if (found := spec.field(name))]
    here = queries.eq(near.name, record.id)
    wanted = queries.of(spec.name, here, sort=_SORTS.get(spec.name, (spec.label_field,)), limit=RELATED)
    columns = _COLUMNS.get(spec.name, (spec.label_field,))
    page = reader.page(wanted.model_copy(update={"columns": columns}))
    new = queries.address(f"/{spec.name}/new", [(near.name, str(record.id)), *inherited(spec, record)])
    label = spec.label if relation == spec.name else relation.replace("_", " ").capitalize()
    listed = queries.url(queries.of(spec.name, here))
    return Related(spec, relation, label, page, listed, new, near, asked, draft)


def inherited(spec: ObjectSpec, record: Record) -> list[tuple[str, str]]:
    """A task of a deal belongs to the deal's company too; a file to the deal alone, with which it goes."""
    company = None if spec.attached else record.values.get("company")
    return [("company", str(company.id))] if company and spec.field("company") and record.object != "companies" else []


def next_step(items: Sequence[Related]) -> Record | None:
    """The open task that comes first, of what is related already."""
    tasks = next((item.page.records for item in items if item.name == "tasks"), ())
    return next((task for task in tasks if not task.values.get("done")), None)


def _way(reader: Reader, object: str, relation: str) -> Way:
    """The relation, where it leads back from records with pages of their own. Raises NotFound."""
    spec = reader.catalog[object]
    way = find(reader.catalog, spec, relation)
    if way is None or way.near is None or not way.holder.has_pages:
        raise NotFound(f"{spec.label} have no {relation!r}.")
    return way


def _near(way: Way) -> FieldSpec:
    if way.near is None:
        raise NotFound("There is no such relation.")
    return way.near


# --- adding one in place ----------------------------------------------------------------------------------------------


def add(object: str, id: int, relation: str) -> Response:
    """POST /<object>/<id>/related/<relation>: a new record that links to this one; the list again, with a toast."""
    changing.may_write()
    form: Form = request.form
    with reading() as reader:
        record = reader.record(object, id)
        way = _way(reader, object, relation)
        sent = forms.read(reader, way.holder, form)
        values = _values(reader, record, way, sent)
    problems: dict[str, str] = dict(sent.problems)
    if not problems:
        try:
            values |= _line(way.holder, sent)
            operation = Operation(action="create", object=way.holder.name, values=values)
            stored = once.apply(principal(), ChangeSet(operations=(operation,)), form.get(once.FIELD, ""))
            return _answer(record, relation, f"created:{way.holder.name}", stored)
        except Invalid as error:
            problems = changing.by_field(error.errors) or {"": error.detail}
    return _refused(record, way, sent, problems)


def _line(spec: ObjectSpec, sent: Sent) -> dict[str, Any]:
    """A task's name is read as the line of my day is: "Call back tomorrow". A day in its own field goes before."""
    name = sent.values.get("name")
    if spec.name != "tasks" or not name:
        return {}
    try:
        with reading() as reader:
            said = day.said(reader, str(name))
    except Invalid as error:
        raise Invalid(error.detail, [FieldError("name", error.detail)]) from None
    given = sent.values.get("due_date")
    return {**said, "due_date": given} if given else said


def _values(reader: Reader, record: Record, way: Way, sent: Sent) -> dict[str, Any]:
    """What was typed, the usual first values for the rest, and the links that make it belong here."""
    typed = {name: value for name, value in sent.values.items() if value not in (None, [], False)}
    belongs = {name: int(key) for name, key in inherited(way.holder, record)}
    return edit.defaults(reader, way.holder) | typed | belongs | {_near(way).name: record.id}


def _refused(record: Record, way: Way, sent: Sent, problems: Mapping[str, str]) -> Response:
    """The list with the form as it was typed; without scripts the whole form of the new record."""
    if undo.wants_fragment():
        texts = {name: " ".join(found) for name, found in sent.texts.items()}
        return _section(record, way.relation, 422, draft=Draft("new", texts, problems))
    near = _near(way).name
    sent.texts[near], sent.labels[near] = (str(record.id),), record.label
    with reading() as reader:
        plain = forms.controls(reader, way.holder, {}, {})
    controls = forms.with_sent(plain, sent, problems)
    return edit.render(way.holder, controls, status=422, token=request.form.get(once.FIELD, ""), others=problems)


def _answer(record: Record, relation: str, what: str, change_set: int | None, moved_from: str = "") -> Response:
    if not undo.wants_fragment():
        return undo.answer(f"{record.url}#related-{relation}", what, change_set)
    toast = frame.made_toast(what, change_set)
    if moved_from:
        toast = replace(toast, text=_("%(what)s, and no longer at %(place)s", what=toast.text, place=moved_from))
    return _section(record, relation, 200, toast)


def _section(
    record: Record, relation: str, status: int, toast: frame.Toast | None = None, draft: Draft | None = None
) -> Response:
    """One related list as a piece of the page, after a change with its toast."""
    with reading() as reader:
        item = of(reader, record, relation, draft)
        page = render_template(
            "_related_section.html", record=record, item=item, toast=toast, catalog=reader.catalog, token=once.token()
        )
    return make_response(page, status)


# --- linking what exists ----------------------------------------------------------------------------------------------


def link(object: str, id: int, relation: str) -> Response:
    """POST /<object>/<id>/related/<relation>/link: an existing record, chosen by its name, comes to belong here."""
    changing.may_write()
    with reading() as reader:
        record = reader.record(object, id)
        way = _way(reader, object, relation)
        sent = forms.read_some(reader, (FieldSpec("to", way.holder.label_one, "link", way.holder.name),), request.form)
    problem = sent.problems.get("to", "") or ("" if sent.values["to"] else _("Choose what to link."))
    if not problem:
        try:
            return _link(record, way, int(sent.values["to"]))
        except (Invalid, Conflict) as error:
            problem = error.detail
    return _unlinkable(record, relation, problem)


def _link(record: Record, way: Way, to: int) -> Response:
    """A record belongs to one at a time: where it comes from another, the toast says from which."""
    near = _near(way).name
    with reading() as reader:
        before = reader.record(way.holder.name, to).values.get(near)
    is_moved = isinstance(before, Ref) and before.id != record.id
    return _take(record, way.relation, "link", to, before.label if isinstance(before, Ref) and is_moved else "")


def _unlinkable(record: Record, relation: str, problem: str) -> Response:
    """What couldn't be linked, said at the form; without scripts as the page's error."""
    if not undo.wants_fragment():
        raise Invalid(problem)
    draft = Draft("link", {"to": request.form.get("to__text", "")}, {"to": problem})
    return _section(record, relation, 422, draft=draft)


def unlink(object: str, id: int, relation: str) -> Response:
    """POST /<object>/<id>/related/<relation>/unlink: `to` no longer belongs here; with Undo."""
    changing.may_write()
    with reading() as reader:
        record = reader.record(object, id)
        _way(reader, object, relation)
    given = request.form.get("to", "")
    return _take(record, relation, "unlink", int(given) if given.isdecimal() and len(given) < 16 else 0)


def _take(record: Record, relation: str, action: str, to: int, moved_from: str = "") -> Response:
    made = {"action": action, "object": record.object, "id": record.id, "relation": relation, "to": to}
    operation = Operation.model_validate(made)
    stored = once.apply(principal(), ChangeSet(operations=(operation,)), request.form.get(once.FIELD, ""))
    with reading() as reader:
        holder = _way(reader, record.object, relation).holder.name
    if not once.changed(stored):
        return _answer(record, relation, "linked-already" if action == "link" else "unchanged", None)
    what = f"moved-here:{holder}" if moved_from else f"{action}ed-here:{holder}"
    return _answer(record, relation, what, stored, moved_from)
