"""The catalog as the workspace speaks: its own words beside those of the declarations."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from app.crm.schema import synonyms
from app.shared.contract import Catalog, FieldSpec, ObjectSpec, Option
from app.shared.errors import FieldError, Invalid

_TARGET = re.compile(r"(?P<object>[a-z_]+)(?:/(?P<id>\d{1,18})|\.(?P<field>[a-z0-9_]+)(?:=(?P<value>[^=]+))?)?")


@dataclass(frozen=True, slots=True)
class Target:
    """What a word stands for. `key` is how it is stored: deals, deals.amount, tasks.priority=high, users/3."""

    object: str
    field: str | None = None
    value: str | None = None
    id: int | None = None

    @property
    def key(self) -> str:
        if self.id is not None:
            return f"{self.object}/{self.id}"
        if self.field is None:
            return self.object
        return f"{self.object}.{self.field}" + (f"={self.value}" if self.value is not None else "")


def target(key: str) -> Target:
    """A target by its key. Raises Invalid where it can't be one."""
    found = _TARGET.fullmatch(key)
    if found is None:
        message = "Expected an object, a field, an option or a record: deals, deals.amount, users/3."
        raise Invalid(message, [FieldError("target", message)])
    id = int(found["id"]) if found["id"] else None
    return Target(found["object"], found["field"], found["value"], id)


def stored(connection: Connection) -> Sequence[Row[Any]]:
    """Every word, by what it stands for and in the order of their making."""
    return connection.execute(select(synonyms).order_by(synonyms.c.target, synonyms.c.id)).all()


def spoken(connection: Connection, catalog: Catalog) -> Catalog:
    """The catalog with the workspace's words beside those of the declarations. A word for what is gone rests."""
    words: dict[str, tuple[str, ...]] = defaultdict(tuple)
    nicknames: dict[tuple[str, int], tuple[str, ...]] = defaultdict(tuple)
    for row in stored(connection):
        aim = target(row.target)
        if aim.id is not None:
            nicknames[(aim.object, aim.id)] += (row.word,)
        else:
            words[row.target] += (row.word,)
    if not (words or nicknames):
        return catalog
    objects = {name: _object(spec, words) for name, spec in catalog.objects.items()}
    return replace(catalog, objects=objects, nicknames=dict(nicknames))


def _object(spec: ObjectSpec, words: Mapping[str, tuple[str, ...]]) -> ObjectSpec:
    own = words.get(spec.name, ())
    if not own and not any(key.startswith(f"{spec.name}.") for key in words):
        return spec
    fields = tuple(_field(spec.name, item, words) for item in spec.fields)
    return replace(spec, fields=fields, synonyms=spec.synonyms + own)


def _field(object: str, item: FieldSpec, words: Mapping[str, tuple[str, ...]]) -> FieldSpec:
    key = f"{object}.{item.name}"
    options = tuple(_option(option, words.get(f"{key}={option.key}", ())) for option in item.options)
    return replace(item, options=options, synonyms=item.synonyms + words.get(key, ()))


def _option(option: Option, own: tuple[str, ...]) -> Option:
    return replace(option, synonyms=option.synonyms + own) if own else option
