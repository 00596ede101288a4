"""The catalog: every object with its built-in and custom fields, stages and currency, as the database holds them now.

It is cached for each engine by the `catalog_version` row of `settings`, which is read each time: what another process
changes is seen by the next reader.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, insert, or_, select, update

from app.crm import spoken
from app.crm.objects import BUILT_IN
from app.crm.schema import KEYED_TYPES, custom_fields, pipelines, settings, stages
from app.shared.contract import Catalog, FieldSpec, ObjectSpec, Option

VERSION = "catalog_version"
FISCAL_START = "fiscal_start"
VISIBILITY = "visibility."
_WANTED = select(settings.c.key, settings.c.value).where(
    or_(settings.c.key.in_([VERSION, "currency", FISCAL_START]), settings.c.key.startswith(VISIBILITY))
)
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
        start = int(values.get(FISCAL_START) or 1)
        catalog = spoken.spoken(connection, Catalog(_objects(connection), version, currency, fiscal_start=start))
        if not connection.get_execution_options().get("parley_write"):  # a writer may still roll back
            _cache[connection.engine] = catalog
    return State(catalog, rules)


def cached(engine: Engine) -> Catalog | None:
    """The catalog as this process last saw it, read from no database; None where it hasn't looked yet."""
    return _cache.get(engine)


def bump(connection: Connection) -> None:
    """Say that fields, stages or options have changed; in the transaction of the change."""
    version = int(_settings(connection).get(VERSION) or 0) + 1
    known = connection.execute(update(settings).where(settings.c.key == VERSION).values(value=version))
    if known.rowcount == 0:
        connection.execute(insert(settings).values(key=VERSION, value=version))


def _settings(connection: Connection) -> dict[str, Any]:
    return {row.key: row.value for row in connection.execute(_WANTED)}


def _objects(connection: Connection) -> dict[str, ObjectSpec]:
    living, retired = _custom_fields(connection)
    objects = {
        name: replace(spec, fields=spec.fields + living.get(name, ()), retired=retired.get(name, ()))
        for name, spec in BUILT_IN.items()
    }
    offered, others = _stages(connection)
    deals = objects["deals"]
    fields = tuple(
        replace(item, options=offered, retired_options=others) if item.type == "stage" else item
        for item in deals.fields
    )  # fmt: skip
    return objects | {"deals": replace(deals, fields=fields)}


def _stages(connection: Connection) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """The stages that deals can be put into, and those that are retired, by themselves or with their pipeline."""
    statement = (
        select(stages, pipelines.c.name.label("pipeline"), (stages.c.retired | pipelines.c.retired).label("is_out"))
        .join(pipelines, pipelines.c.id == stages.c.pipeline_id)
        .order_by(pipelines.c.position, pipelines.c.id, stages.c.position, stages.c.id)
    )
    rows = connection.execute(statement).all()
    offered, others = ([row for row in rows if bool(row.is_out) is out] for out in (False, True))
    return _stage_options(offered), _stage_options(others)


def _stage_options(rows: Iterable[Any]) -> tuple[Option, ...]:
    return tuple(
        Option(row.key, row.label, row.kind, row.probability, row.pipeline, index % 8) for index, row in enumerate(rows)
    )


Fields = dict[str, tuple[FieldSpec, ...]]


def _custom_fields(connection: Connection) -> tuple[Fields, Fields]:
    """The fields in use and the retired ones, by their object."""
    statement = select(custom_fields).order_by(custom_fields.c.object, custom_fields.c.position, custom_fields.c.id)
    living: Fields = {}
    retired: Fields = {}
    for row in connection.execute(statement):
        found = living if row.retired_at is None else retired
        found[row.object] = (*found.get(row.object, ()), custom_field(row))
    return living, retired


def custom_field(row: Any) -> FieldSpec:
    """A row of `custom_fields` as a field."""
    options = [
        (Option(key, label, hue=index % 8), bool(out)) for index, (key, label, *out) in enumerate(row.options or ())
    ]
    return FieldSpec(
        row.name,
        row.label,
        row.type,
        target=row.target,
        inverse=f"{row.object}_by_{row.name}" if row.type == "link" else None,
        options=tuple(option for option, out in options if not out),
        required=row.required,
        unique=row.unique,
        searchable=row.type in KEYED_TYPES or row.type == "long_text",
        help=row.help,
        integer=row.integer,
        custom_id=row.id,
        retired_options=tuple(option for option, out in options if out),
    )
