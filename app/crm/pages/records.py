"""A record's page: its facts, its timeline with a composer, and what is related to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, redirect, render_template, request

from app.crm import chains
from app.crm.pages import follows, glance, locale, once, queries, related, timeline, undo
from app.crm.pages.reader import Reader, reading
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, FieldSpec, ObjectSpec, Operation, Record

if TYPE_CHECKING:
    from app.crm.pages import joins

_QUIET = ("currency", "pipeline", "pinned")  # facts that are said with another one, or by where the record stands
_OF_FILES = ("media_type", "sha256", "text")  # what the preview shows, and what only programs want


def facts(spec: ObjectSpec, record: Record) -> tuple[list[FieldSpec], list[FieldSpec]]:
    """The fields to show: those that hold something (or that lists show), and the empty ones. The head has its own."""
    shown, empty = [], []
    above = {field.name for field in glance.head(spec, record)}
    for field in spec.fields:
        if (
            field.name in _QUIET
            or field.name in (spec.label_field, "body")
            or field.name in above
            or (spec.attached and field.name in _OF_FILES)
            or field.name in ("created_at", "updated_at")
        ):
            continue
        filled = record.values.get(field.name) not in (None, "", ())
        if filled or (field.listed and not field.read_only):
            shown.append(field)
        elif not field.read_only:
            empty.append(field)
    return shown, empty


def links_here(catalog_spec: ObjectSpec, record: Record) -> list[tuple[str, str]]:
    """For the composer: the links that make a note, an activity or a task belong to this record."""
    own = next((item for item in catalog_spec.fields if item.type == "link" and item.target == record.object), None)
    return [(own.name, str(record.id)), *related.inherited(catalog_spec, record)] if own else []


def show(object: str, id: int) -> str:
    """GET /<object>/<id>."""
    return page(object, id)


def page(object: str, id: int, draft: "joins.Draft | None" = None) -> str:
    """A record's page; `draft`: a connection that was sent and couldn't be made."""
    from app.crm.pages import files, joins  # which renders this page again where a form of its own was refused

    with reading() as reader:
        record = reader.record(object, id)
        spec = reader.catalog[object]
        services().recent.note(reader.principal.user_id, object, id)
        shown, empty = facts(spec, record)
        composers = {} if record.trashed_at else _composers(reader, record)
        return render_template(
            "record.html",
            spec=spec, record=record, facts=shown, empty_facts=empty, timeline=_timeline(reader, record),
            related=(lists := related.related(reader, record)), next_step=related.next_step(lists),
            head=glance.head(spec, record), glances=glance.beside(reader, record),
            joined=joins.sections(reader, record, draft),
            composers=composers, token=once.token(), now=_now(),
            catalog=reader.catalog, followers=follows.of(reader, record),
            chain=chains.of(reader.connection, reader.principal, id) if object == "tasks" else (),
            file=files.shown(record) if spec.attached else None, attach=_attach(reader, record),
        )  # fmt: skip


def _now() -> str:
    """The present moment as a date-time input holds it, in the user's zone."""
    from datetime import datetime

    return datetime.now(locale.zone()).strftime("%Y-%m-%dT%H:%M")


def _composers(reader: Reader, record: Record) -> dict[str, list[tuple[str, str]]]:
    """What can be added on the page itself: the object, with the links that it gets."""
    made = {name: links_here(reader.catalog[name], record) for name in ("notes", "activities", "tasks")}
    return {name: links for name, links in made.items() if links and name != record.object}


@dataclass(frozen=True, slots=True)
class Attach:
    """How files are added on the page itself."""

    links: list[tuple[str, str]]
    limit: int  # bytes of one file

    @property
    def new(self) -> str:
        """The page that does the same without a script."""
        return queries.address("/files/new", self.links)


def _attach(reader: Reader, record: Record) -> Attach | None:
    links = [] if record.trashed_at else links_here(reader.catalog["files"], record)
    return Attach(links, services().settings.upload_limit) if links and principal().can_write else None


def more(object: str, id: int) -> str:
    """GET /<object>/<id>/timeline?before=&kind=: lines of the timeline; as a page of its own without scripts."""
    with reading() as reader:
        record = reader.record(object, id)
        name = "_timeline.html" if undo.wants_fragment() else "timeline.html"
        shown = timeline.load(reader, record, request.args.get("before", ""), request.args.get("kind", "all"))
        return render_template(name, spec=reader.catalog[object], record=record, timeline=shown)


def _timeline(reader: Reader, record: Record) -> timeline.Timeline:
    """The first page, of the kind that the address names (`?timeline=notes`)."""
    return timeline.load(reader, record, kind=request.args.get("timeline", "all"))


def _apply(object: str, id: int, action: str) -> int:
    operation = Operation.model_validate({"action": action, "object": object, "id": id})
    return services().crm.apply(principal(), ChangeSet(operations=(operation,))).id


def trash(object: str, id: int) -> Response:
    """POST /<object>/<id>/trash: to the trash, with Undo; on to the list, since the record is gone from it."""
    stored = _apply(object, id, "trash")
    return undo.answer(f"/{object}", f"trashed:{object}", stored)


def restore(object: str, id: int) -> Response:
    """POST /<object>/<id>/restore: out of the trash again; without a value that another record has (`_without`)."""
    without = request.form.getlist("_without")
    if not without:
        stored = _apply(object, id, "restore")
        return undo.answer(undo.came_from(f"/{object}/{id}"), f"restored:{object}", stored)
    back = Operation(action="restore", object=object, id=id)
    emptied = Operation(action="update", object=object, id=id, values=dict.fromkeys(without))
    stored = services().crm.apply(principal(), ChangeSet(operations=(back, emptied))).id
    return undo.answer(f"/{object}/{id}", f"restored:{object}", stored)


def user(id: int) -> Response:
    """GET /users/<id>: people of the team have no page; their deals are what one looks for."""
    return redirect(queries.url(queries.of("deals", queries.eq("owner", id))))  # type: ignore[return-value]


def pipeline(id: int) -> Response:
    """GET /pipelines/<id>: its board."""
    with reading() as reader:
        labels = dict(reader.labels("pipelines"))
    return redirect(queries.address("/deals/board", [("pipeline", labels.get(id, ""))]))  # type: ignore[return-value]


__all__: Sequence[str] = ["facts", "more", "pipeline", "restore", "show", "trash", "user"]
