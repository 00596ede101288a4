"""The names of the records that a query's conditions link to, for chips and sentences: "Owner is Anna"."""

from collections.abc import Iterator

from sqlalchemy import Connection

from app.crm.query.records import fetch
from app.crm.query.wording import DEEPEST, identity
from app.shared.contract import And, Catalog, Condition, Filter, Not, Or, Principal, Query, Related


def names(
    connection: Connection, principal: Principal, catalog: Catalog, query: Query, *, trashed: bool = False
) -> dict[tuple[str, int], str]:
    """(object, id) -> label of every linked record that the principal may see; the rest keep their numbers.

    `trashed`: those in the trash too. One look-up for each object.
    """
    wanted = set(_refs(catalog, query.object, query.where))
    found: dict[tuple[str, int], str] = {}
    for name in sorted({object_ for object_, _ in wanted}):
        ids = sorted(id_ for object_, id_ in wanted if object_ == name)
        records = fetch(connection, principal, name, ids, trashed=trashed)
        found |= {(name, id_): record.label for id_, record in records.items()}
    return found


def _refs(catalog: Catalog, object_: str, item: Filter | None, depth: int = 0) -> Iterator[tuple[str, int]]:
    if depth > DEEPEST:
        return
    if isinstance(item, Condition):
        target = _end(catalog, object_, item.field)
        values = item.value if isinstance(item.value, list | tuple) else [item.value]
        yield from ((target, id_) for value in values if target and (id_ := identity(value)) is not None)
    elif isinstance(item, And | Or):
        for inner in item.items:
            yield from _refs(catalog, object_, inner, depth + 1)
    elif isinstance(item, Not):
        yield from _refs(catalog, object_, item.item, depth + 1)
    elif isinstance(item, Related) and (target := _end(catalog, object_, item.relation)):
        yield from _refs(catalog, target, item.where, depth + 1)


def _end(catalog: Catalog, object_: str, path: str) -> str | None:
    """The object of the records at the end of a path; None where it ends in no link or way back."""
    here: str | None = object_
    for step in path.split("."):
        spec = catalog.objects.get(here or "")
        if spec is None:
            return None
        field = spec.field(step)
        way = None if field else catalog.inverse(spec.name, step)
        here = way[0].name if way else field.target if field and field.type == "link" else None
    return here
