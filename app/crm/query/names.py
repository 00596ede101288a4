"""The names of the records that a query's conditions link to, for chips and sentences: "Owner is Anna"."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from app.crm.query.records import fetch
from app.shared.contract import And, Catalog, Condition, Filter, Not, Or, Principal, Query, Related


def names(connection: Connection, principal: Principal, catalog: Catalog, query: Query) -> dict[tuple[str, int], str]:
    """(object, id) -> label of every linked record that the principal may see; the rest keep their numbers."""
    wanted = set(_refs(catalog, query.object, query.where))
    found: dict[tuple[str, int], str] = {}
    for name in sorted({object_ for object_, _ in wanted}):
        ids = [id_ for object_, id_ in wanted if object_ == name]
        found |= {(name, id_): record.label for id_, record in fetch(connection, principal, name, ids).items()}
    return found


def _refs(catalog: Catalog, object_: str, item: Filter | None) -> Iterator[tuple[str, int]]:
    if isinstance(item, Condition):
        target = _target(catalog, object_, item.field.split("."))
        values: list[Any] = item.value if isinstance(item.value, list) else [item.value]
        if target:
            yield from ((target, int(str(value))) for value in values if str(value).isdecimal())
    elif isinstance(item, And | Or):
        for inner in item.items:
            yield from _refs(catalog, object_, inner)
    elif isinstance(item, Not):
        yield from _refs(catalog, object_, item.item)
    elif isinstance(item, Related) and (way := catalog.inverse(object_, item.relation)):
        yield from _refs(catalog, way[0].name, item.where)


def _target(catalog: Catalog, object_: str, path: list[str]) -> str | None:
    """The object that the link at the end of a path points to; None where the path ends in no link."""
    spec = catalog.objects.get(object_)
    if spec is None:
        return None
    field = spec.field(path[0])
    if field is None:
        way = catalog.inverse(object_, path[0])
        return _target(catalog, way[0].name, path[1:]) if way and len(path) > 1 else None
    if field.type != "link" or field.target is None:
        return None
    return field.target if len(path) == 1 else _target(catalog, field.target, path[1:])
