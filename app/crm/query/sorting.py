"""The order of a list: several fields and paths, then the id. Empty values come last in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, and_, case, cast, false, literal, or_, tuple_

from app.crm.query.expressions import comparable_money
from app.crm.query.source import Leaf, Source, to_one
from app.crm.query.suggestions import Collector, bad
from app.shared.contract import FieldSpec, ObjectSpec

Sql = ColumnElement[bool]
_DEFAULT = {
    "deals": ("-updated_at",),
    "activities": ("-date",),
    "notes": ("-created_at",),
    "files": ("-created_at",),
    "tasks": ("due_date",),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One sort key of the statement."""

    expression: ColumnElement[Any]
    descending: bool
    nullable: bool = True

    def ordered(self, *, sure: bool = False) -> ColumnElement[Any]:
        """The ORDER BY term; `sure`: no row of the statement lacks it."""
        term = self.expression.desc() if self.descending else self.expression.asc()
        return term.nulls_last() if self.nullable and not sure else term

    def after(self, value: Any) -> Sql:
        """The rows that come after this value in the order."""
        if value is None:
            return false()
        bound = self.bind(value)
        beyond = self.expression < bound if self.descending else self.expression > bound
        return or_(beyond, self.expression.is_(None)) if self.nullable else beyond

    def same(self, value: Any) -> Sql:
        return self.expression.is_(None) if value is None else self.expression == self.bind(value)

    def bind(self, value: Any) -> ColumnElement[Any]:
        return literal(value, self.expression.type)


def default(spec: ObjectSpec) -> tuple[str, ...]:
    """The order of a list that names none: what is newest or due first, else by name."""
    return _DEFAULT.get(spec.name, (spec.label_field,))


def terms(source: Source, sort: Sequence[str], errors: Collector) -> list[Term]:
    """The sort keys, the id last: in the last key's direction, so that one index serves both."""
    keys = errors.each(partial(_term, source), sort)
    keys = keys[: next((place + 1 for place, term in enumerate(keys) if not term.nullable), len(keys))]
    if not keys or keys[-1].nullable:
        keys.append(Term(source.table.c.id, keys[-1].descending if keys else False, nullable=False))
    return keys


def _term(source: Source, name: str) -> Term:
    path = name.removeprefix("-")
    leaf = to_one(source, path)
    own_id = leaf.source is source and leaf.field.name == "id"
    return Term(sort_key(leaf), name.startswith("-"), nullable=not own_id)


def sort_key(leaf: Leaf) -> ColumnElement[Any]:
    """By what a field sorts: text by its key, links by the label, stages and options in their declared order."""
    field = leaf.field
    if field.type in ("tags", "multi_select"):
        raise bad(leaf.path, f"{leaf.path} holds several values: it can't be sorted by.")
    if field.type == "link":
        target = leaf.source.follow(field)
        return sort_key(to_one(target, target.spec.label_field))
    if field.type == "stage":
        return leaf.source.follow(field).table.c.position
    if field.type == "select":
        return _by_option(leaf, field)
    if field.type == "money":
        return comparable_money(leaf.scope, leaf.source.spec.name, leaf.source.table, leaf.key)
    if field.type == "number" and not field.integer and not leaf.scope.is_sqlite:
        return cast(leaf.key, Numeric(asdecimal=True))  # a cursor must hold every digit
    return leaf.key


def _by_option(leaf: Leaf, field: FieldSpec) -> ColumnElement[Any]:
    places = {option.key: place for place, option in enumerate(field.options)}
    if not places:
        return leaf.key
    unknown = case((leaf.key.is_not(None), literal(len(places), BigInteger())))
    return case(*((leaf.key == key, literal(place, BigInteger())) for key, place in places.items()), else_=unknown)


def after(terms: Sequence[Term], position: Sequence[Any]) -> Sql:
    """The rows after a position, by all keys."""
    first, rest = terms[0], terms[1:]
    if len(terms) == 2 and position[0] is not None and rest[0].descending == first.descending:
        return _after_pair(first, rest[0], position)
    branches: list[Sql] = []
    same: list[Sql] = []
    for term, value in zip(terms, position, strict=True):
        branches.append(and_(*same, term.after(value)))
        same.append(term.same(value))
    return and_(_bound(first, position[0]), or_(*branches))


def _after_pair(first: Term, id: Term, position: Sequence[Any]) -> Sql:
    """Two keys in one direction, both there: a row value, at which an index can start."""
    here = tuple_(first.expression, id.expression)
    there = tuple_(first.bind(position[0]), id.bind(position[1]))
    return here < there if first.descending else here > there


def _bound(first: Term, value: Any) -> Sql:
    """Says the same about the first key alone, so that an index can start there."""
    if value is None:
        return first.expression.is_(None)
    return first.expression <= first.bind(value) if first.descending else first.expression >= first.bind(value)
