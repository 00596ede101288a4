"""What a record is connected with over joins (a deal's contacts and team): shown, added and removed on its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from app.crm.changes.ways import Way, find
from app.crm.pages import coverage, forms, frame, once, queries, records, undo
from app.crm.pages.coverage import Coverage
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal
from app.shared.contract import ChangeSet, FieldSpec, ObjectSpec, Operation, Page, Record, Ref
from app.shared.errors import Forbidden, Invalid, NotFound

SHOWN = 100  # of one relation; the rest is counted


@dataclass(frozen=True, slots=True)
class Draft:
    """What was sent to be added and couldn't be, with what is wrong with it."""

    relation: str
    name: str
    kind: str
    problem: str


@dataclass(frozen=True, slots=True)
class Section:
    """One relation of a record: who stands there, in which role, and the form that adds another."""

    relation: str
    label: str
    far: FieldSpec
    kind: FieldSpec | None
    page: Page
    choices: Sequence[tuple[int, str]]  # users, to choose from; others are found by name
    draft: Draft | None = None
    coverage: Coverage | None = None  # of a deal's contacts

    @property
    def rows(self) -> list[tuple[Record, Ref, str]]:
        """Each connection with what it leads to and the role."""
        return [(row, row.values[self.far.name], self._kind(row)) for row in self.page.records]

    def _kind(self, row: Record) -> str:
        key = row.values.get(self.kind.name) if self.kind else None
        options = self.kind.options if self.kind else ()
        return next((_(option.label) for option in options if option.key == key), str(key or ""))


def sections(reader: Reader, record: Record, draft: Draft | None = None) -> list[Section]:
    """Every relation of a record over a join: one statement each, and one for the users to choose from."""
    found = []
    for relation, spec, _near in reader.catalog.inverses(record.object):
        way = find(reader.catalog, reader.catalog[record.object], relation) if spec.join else None
        if way is not None and way.far is not None:
            found.append(_section(reader, record, way, draft))
    return found


def _section(reader: Reader, record: Record, way: Way, draft: Draft | None) -> Section:
    near, far = _ends(way)
    columns = (far.name, *((way.kind.name,) if way.kind else ()))
    wanted = queries.of(way.holder.name, queries.eq(near.name, record.id), sort=("id",), columns=columns, limit=SHOWN)
    choices = reader.labels(far.target) if far.target == "users" else ()
    mine = draft if draft and draft.relation == way.relation else None
    label = way.relation.replace("_", " ").capitalize()
    page = reader.page(wanted)
    covered = coverage.of(page.records) if way.holder.name == "deal_contacts" and near.name == "deal" else None
    return Section(way.relation, _(label), far, way.kind, page, choices, mine, covered)


def _piece(object: str, id: int, relation: str, status: int, what: str = "", **more: Any) -> Response:
    """One section as a piece of the page, after a change with its toast, or with what couldn't be added."""
    with reading() as reader:
        record = reader.record(object, id)
        way = _way(reader.catalog[object], reader, relation)
        item = _section(reader, record, way, more.get("draft"))
    toast = frame.made_toast(what, more.get("change_set")) if what else None
    page = render_template("_joins_section.html", record=record, item=item, toast=toast, token=once.token())
    return make_response(page, status)


def _ends(way: Way) -> tuple[FieldSpec, FieldSpec]:
    if way.near is None or way.far is None:
        raise NotFound("There is no such relation.")
    return way.near, way.far


def _way(spec: ObjectSpec, reader: Reader, relation: str) -> Way:
    way = find(reader.catalog, spec, relation)
    if way is None or not way.holder.join:
        raise NotFound(f"{spec.label} have no {relation!r}.")
    return way


def add(object: str, id: int, relation: str) -> Response:
    """POST /<object>/<id>/links/<relation>: connect the record with `to`, in a role."""
    form: MultiDict[str, str] = request.form
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))
    with reading() as reader:
        way = _way(reader.catalog[object], reader, relation)
        sent = forms.read_some(reader, (_ends(way)[1], *((way.kind,) if way.kind else ())), form)
    far, kind = _ends(way)[1].name, way.kind.name if way.kind else ""
    draft = Draft(relation, form.get(f"{far}__text", ""), form.get(kind, ""), sent.problems.get(far, ""))
    to, role = sent.values[far], sent.values.get(kind)
    problem = draft.problem or ("" if to else _("Choose whom to add."))
    if not problem:
        operation = Operation(
            action="link", object=object, id=id, relation=relation, to=int(to), values={kind: role} if role else {}
        )
        try:
            stored = once.apply(principal(), ChangeSet(operations=(operation,)), form.get(once.FIELD, ""))
            if once.changed(stored):
                return _done(object, id, way, "linked", stored)
            return _done(object, id, way, "linked-already", None)
        except Invalid as error:
            problem = error.detail
    refused = Draft(relation, draft.name, draft.kind, problem)
    if undo.wants_fragment():
        return _piece(object, id, relation, 422, draft=refused)
    return make_response(records.page(object, id, refused), 422)


def _done(object: str, id: int, way: Way, verb: str, change_set: int | None) -> Response:
    what = f"{verb}:{way.holder.name}"
    if undo.wants_fragment():
        return _piece(object, id, way.relation, 200, what, change_set=change_set)
    return undo.answer(f"/{object}/{id}", what, change_set)


def remove(object: str, id: int, relation: str) -> Response:
    """POST /<object>/<id>/links/<relation>/remove: take one connection off, with Undo."""
    with reading() as reader:
        way = _way(reader.catalog[object], reader, relation)
    given = request.form.get("join", "")
    join = int(given) if given.isdecimal() else 0
    operation = Operation(action="trash", object=way.holder.name, id=join)
    stored = once.apply(principal(), ChangeSet(operations=(operation,)), "")
    return _done(object, id, way, "unlinked", stored)


def show(object: str, id: int) -> Response:
    """GET /<join>/<id>: a connection has no page of its own; on to the record that it stands on."""
    with reading() as reader:
        end = reader.record(object, id).values.get(reader.catalog[object].ends[0].name)
    if not isinstance(end, Ref):
        raise NotFound(f"There is no record {id}, or you can't see it.")
    return redirect(end.url)  # type: ignore[return-value]
