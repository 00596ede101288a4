"""The catalog: every object with its built-in and custom fields, stages and currency, as the database holds them now.

It is cached for each engine by the `catalog_version` row of `settings`, which is read each time: what another process
changes is seen by the next reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, insert, or_, select, update

from app.crm.objects import BUILT_IN
from app.crm.schema import KEYED_TYPES, custom_fields, pipelines, settings, stages
from app.shared.contract import Catalog, FieldSpec, ObjectSpec, Option

VERSION = "catalog_version"
VISIBILITY = "visibility."
_cache: WeakKeyDictionary[Engine, Catalog] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class State:
    """The catalog, and who sees what: object -> everyone, team or owner (objects that are not named: everyone)."""

    catalog: Catalog
    rules: Mapping[str, str]


def load(connection: Connection) -> Catalog:
    """The catalog as this transaction sees it."""
    return state(connection).catalog


def state(connection: Connection) -> State:
    """Catalog and visibility rules; one statement where nothing has changed."""
    values = _settings(connection)
    rules = {key.removeprefix(VISIBILITY): str(value) for key, value in values.items() if key.startswith(VISIBILITY)}
    version, currency = int(values.get(VERSION) or 0), str(values.get("currency") or "USD")
    catalog = _cache.get(connection.engine)
    if catalog is None or (catalog.version, catalog.currency) != (version, currency):
        catalog = Catalog(_objects(connection), version, currency)
        if not connection.get_execution_options().get("parley_write"):  # a writer may still roll back
            _cache[connection.engine] = catalog
    return State(catalog, rules)


def bump(connection: Connection) -> None:
    """Say that fields, stages or options have changed; in the transaction of the change."""
    version = int(_settings(connection).get(VERSION) or 0) + 1
    known = connection.execute(update(settings).where(settings.c.key == VERSION).values(value=version))
    if known.rowcount == 0:
        connection.execute(insert(settings).values(key=VERSION, value=version))


def _settings(connection: Connection) -> dict[str, Any]:
    wanted = or_(settings.c.key.in_([VERSION, "currency"]), settings.c.key.startswith(VISIBILITY))
    return {row.key: row.value for row in connection.execute(select(settings).where(wanted))}


def _objects(connection: Connection) -> dict[str, ObjectSpec]:
    custom = _custom_fields(connection)
    objects = {name: replace(spec, fields=spec.fields + custom.get(name, ())) for name, spec in BUILT_IN.items()}
    options = _stages(connection)
    deals = objects["deals"]
    fields = tuple(replace(item, options=options) if item.type == "stage" else item for item in deals.fields)
    return objects | {"deals": replace(deals, fields=fields)}


def _stages(connection: Connection) -> tuple[Option, ...]:
    statement = (
        select(stages, pipelines.c.name.label("pipeline"))
        .join(pipelines, pipelines.c.id == stages.c.pipeline_id)
        .where(stages.c.retired.is_(False))
        .order_by(pipelines.c.position, pipelines.c.id, stages.c.position, stages.c.id)
    )
    return tuple(
        Option(row.key, row.label, row.kind, row.probability, row.pipeline, index % 8)
        for index, row in enumerate(connection.execute(statement))
    )


def _custom_fields(connection: Connection) -> dict[str, tuple[FieldSpec, ...]]:
    statement = (
        select(custom_fields)
        .where(custom_fields.c.retired_at.is_(None))
        .order_by(custom_fields.c.object, custom_fields.c.position, custom_fields.c.id)
    )
    found: dict[str, tuple[FieldSpec, ...]] = {}
    for row in connection.execute(statement):
        found[row.object] = (*found.get(row.object, ()), _custom_field(row))
    return found


def _custom_field(row: Any) -> FieldSpec:
    options = tuple(Option(key, label, hue=index % 8) for index, (key, label) in enumerate(row.options or ()))
    return FieldSpec(
        row.name,
        row.label,
        row.type,
        target=row.target,
        inverse=f"{row.object}_by_{row.name}" if row.type == "link" else None,
        options=options,
        required=row.required,
        unique=row.unique,
        searchable=row.type in KEYED_TYPES or row.type == "long_text",
        integer=row.integer,
        custom_id=row.id,
    )
