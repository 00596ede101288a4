"""A query's filters as chips that read as a sentence; each opens where it stands, or goes with its cross."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.crm import query as door
from app.crm.pages import queries
from app.crm.pages.reader import Reader
from app.shared.contract import And, Catalog, Condition, Filter, Not, Or, Query

Names = dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words; `edit` is "" where it is more than one field, operator and value."""

    text: str
    edit: str
    remove: str


def _conditions(item: Filter | None) -> Iterator[Condition]:
    """The conditions in a filter that speak of the object's own paths."""
    if isinstance(item, Condition):
        yield item
    elif isinstance(item, And | Or):
        for inner in item.items:
            yield from _conditions(inner)
    elif isinstance(item, Not):
        yield from _conditions(item.item)


def _linked(catalog: Catalog, query: Query) -> Iterator[tuple[str, int]]:
    """The records that the filter names by their ids."""
    for item in _conditions(query.where):
        fields = queries.resolve(catalog, query.object, item.field)
        if fields and fields[-1].type == "link" and fields[-1].target:
            values: Any = item.value if isinstance(item.value, list | tuple) else [item.value]
            yield from ((fields[-1].target, int(value)) for value in values if str(value).isdecimal())


def names(reader: Reader, query: Query) -> Names:
    """What those records are called, as far as this user may know: one look-up for each object."""
    wanted: dict[str, set[int]] = {}
    for object, id in _linked(reader.catalog, query):
        wanted.setdefault(object, set()).add(id)
    return {
        (object, id): record.label
        for object, ids in sorted(wanted.items())
        for id, record in door.fetch(reader.connection, reader.principal, object, sorted(ids), trashed=True).items()
    }


def chips(reader: Reader, query: Query, path: str = "") -> list[Chip]:
    """The chips of a query shown at `path` (the list's own where empty)."""
    base = path or f"/{query.object}"
    pairs = queries.params(queries.changed(query))
    known = names(reader, query)
    made = []
    for index, item in enumerate(queries.conditions(query)):
        editor = [*pairs, ("_edit", str(index)), ("_path", path)]
        edit = queries.address(f"/{query.object}/filter", editor) if isinstance(item, Condition) else ""
        remove = queries.address(base, queries.params(queries.without(query, index)))
        phrases = door.chips(reader.catalog, Query(object=query.object, where=item), known)
        made.append(Chip(" · ".join(phrases), edit, remove))
    return made
