"""What the forms of filters offer: fields, relations, and the values of a field."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.crm import query as door
from app.crm.pages import queries
from app.crm.pages.filter_fields import PERIODS, UNITS, Draft
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.crm.query.spelling import day
from app.crm.query.wording import trail
from app.shared.contract import Catalog, Group, Measure, Query
from app.shared.errors import ParleyError

_COUNTED = ("select", "stage", "multi_select", "tags", "boolean")  # fields whose values are few


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


def relations(catalog: Catalog, object: str) -> list[tuple[str, str]]:
    """The ways from an object to many records: the relation's name, and its words."""
    found = [(name, trail(catalog, catalog[object], name)[0]) for name, _spec, _link in catalog.inverses(object)]
    labels = [label for _name, label in found]
    words = {
        name: label if labels.count(label) == 1 else f"{label} ({name.replace('_', ' ')})" for name, label in found
    }
    return sorted(words.items(), key=lambda pair: pair[1])


def target(catalog: Catalog, object: str, relation: str) -> str:
    """The object of the records at the end of a relation; "" where there is no such way."""
    here = object
    for step in relation.split("."):
        spec = catalog.objects.get(here)
        link = spec.field(step) if spec else None
        back = None if link or not spec else catalog.inverse(spec.name, step)
        here = back[0].name if back else (link.target or "" if link and link.type == "link" else "")
    return here


@dataclass(frozen=True, slots=True)
class Values:
    """What the controls of one condition show."""

    users: Sequence[tuple[int, str]] = ()
    tags: Sequence[str] = ()
    periods: Sequence[tuple[str, str]] = ()
    units: Sequence[tuple[str, str]] = ()
    counts: dict[str, int] = field(default_factory=dict)


def values(reader: Reader, draft: Draft) -> Values:
    periods = [(key, _(label)) for key, label in PERIODS]
    for value in draft.values[:1] if draft.kind == "date" and draft.op in ("during", "ne") else ():
        if value not in dict(periods):
            periods.append((value, day(value)))
    return Values(
        reader.labels("users") if draft.field.target == "users" else (),
        _tags(reader, draft), periods, [(key, _(label)) for key, label in UNITS],
    )  # fmt: skip


def _tags(reader: Reader, draft: Draft) -> Sequence[str]:
    """The tags that exist, and those that the filter names."""
    if draft.kind != "tags":
        return ()
    known = all_tags(reader)
    return [*known, *(name for name in draft.values if name not in known)]


def all_tags(reader: Reader) -> list[str]:
    """The names of the tags that exist, in order, as many as a form can show."""
    from sqlalchemy import select

    from app.crm.schema import tags

    return list(reader.connection.execute(select(tags.c.name).order_by(tags.c.name_key).limit(200)).scalars())


def counts(reader: Reader, query: Query, draft: Draft, index: int | None) -> dict[str, int]:
    """How many of the list's records have each value, where a field has few: one grouped query.

    The condition that is being edited doesn't count: else every other value would have none.
    """
    if draft.field.type not in _COUNTED and draft.field.target != "users":
        return {}
    narrowed = queries.without(query, index) if index is not None else query
    shape = {"group_by": (Group(field=draft.path),), "measures": (Measure(),), "columns": (), "sort": (), "limit": 200}
    try:
        found = reader.groups(queries.changed(narrowed, having=(), currency=None, **shape))
    except ParleyError:
        return {}
    return {str(getattr(row.keys[0], "id", row.keys[0])): int(row.measures[0]) for row in found.rows}


def named(reader: Reader, draft: Draft) -> Draft:
    """The draft with the names of the records that its values link to."""
    goal = draft.field.target
    ids = [int(value) for value in draft.values if value.isdecimal() and len(value) < 19]
    if draft.kind != "link" or not goal or not ids:
        return draft
    found = door.fetch(reader.connection, reader.principal, goal, ids, trashed=True)
    return replace(draft, names={str(id): record.label for id, record in found.items()})


def by_name(reader: Reader, draft: Draft) -> Draft:
    """A link's value that was typed: the one record that is called so joins the values."""
    from app.crm.pages import pickers

    single = draft.op in ("eq", "ne")
    if draft.kind != "link" or draft.op in ("empty", "filled") or not draft.typed or not draft.field.target:
        return draft
    if single and draft.values:
        return draft
    found = pickers.by_name(reader, draft.field.target, draft.typed)
    if len(found) == 1:
        return replace(draft, values=(*draft.values, str(found[0][0])), typed="")
    return replace(draft, problem=_("No single record is called “%(name)s”.", name=draft.typed))
