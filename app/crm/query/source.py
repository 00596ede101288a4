"""The tables of a statement: one object's table and, joined on demand, what its to-one paths lead to.

A path joins only the living records that the principal may see, so nothing else can be filtered, sorted or grouped by.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, true

from app.crm.query import expressions
from app.crm.query.scope import Scope
from app.crm.query.suggestions import bad, hint
from app.crm.schema import TABLES, column_name, stages
from app.shared.contract import FieldSpec, ObjectSpec, Option

MOST_STEPS = 8  # of a path
MOST_JOINS = 40  # SQLite joins at most 64 tables
_KINDS = (Option("open", "Open"), Option("won", "Won"), Option("lost", "Lost"))
STAGES = ObjectSpec(
    "stages",
    "stage",
    "Stages",
    "Stage",
    (
        FieldSpec("key", "Key", "key"),
        FieldSpec("label", "Name", "text", synonyms=("name",)),
        FieldSpec("kind", "Kind", "select", options=_KINDS),
        FieldSpec("probability", "Probability", "number", integer=True),
        FieldSpec("position", "Position", "number", integer=True),
        FieldSpec("pipeline", "Pipeline", "link", target="pipelines"),
    ),
    label_field="label",
    support=True,
)
KEPT = (  # columns that every record has, beside its declared fields
    FieldSpec("id", "ID", "number", integer=True, read_only=True),
    FieldSpec("version", "Version", "number", integer=True, read_only=True),
    FieldSpec("trashed_at", "Trashed", "datetime", read_only=True),
)


class Source:
    """One object's table in a statement."""

    def __init__(self, scope: Scope, spec: ObjectSpec, root: "Source | None" = None) -> None:
        self.scope = scope
        self.spec = spec
        self.table: FromClause = scope.alias(stages if spec is STAGES else TABLES[spec.name])
        self.root = root or self
        self.joins: list[tuple[FromClause, ColumnElement[bool]]] = []  # the root's: in the order of joining
        self._followed: dict[str, Source] = {}

    @property
    def clause(self) -> FromClause:
        """What the statement selects from, with the joins so far."""
        clause = self.table
        for table, condition in self.joins:
            clause = clause.outerjoin(table, condition)
        return clause

    def join(self, table: FromClause, condition: ColumnElement[bool]) -> None:
        if len(self.root.joins) >= MOST_JOINS:
            raise bad("query", f"The query follows more than {MOST_JOINS} different links.")
        self.root.joins.append((table, condition))

    def follow(self, field: FieldSpec) -> "Source":
        """The record that a to-one link (or the stage) leads to."""
        if field.name not in self._followed:
            target = STAGES if field.type == "stage" else self.scope.object(field.target or "")
            child = Source(self.scope, target, self.root)
            seen = true() if target is STAGES else self.scope.seen(target.name, child.table)
            self.join(child.table, and_(child.table.c.id == self.link(field), seen))
            self._followed[field.name] = child
        return self._followed[field.name]

    def link(self, field: FieldSpec) -> ColumnElement[int]:
        """The stored id of a link or stage."""
        if field.custom_id is not None:
            return expressions.custom(self.scope, self.table, field)
        return self.table.c[column_name(field)]

    def field(self, name: str) -> FieldSpec | None:
        """A declared field, or one of the columns that every record has."""
        spec = self.spec.field(name)
        return spec or next((kept for kept in KEPT if kept.name == name and name in self.table.c), None)


@dataclass(frozen=True)
class Leaf:
    """The end of a to-one path: a field of a table of the statement."""

    source: Source
    field: FieldSpec
    path: str  # as it was asked for

    @property
    def scope(self) -> Scope:
        return self.source.scope

    @cached_property
    def key(self) -> ColumnElement[Any]:
        """What the field compares, sorts and groups by; for a link the id of a record that may be seen."""
        if self.field.type == "link":
            return self._link_key()
        return expressions.key(self.scope, self.source.table, self.field)

    def _link_key(self) -> ColumnElement[Any]:
        if self.scope.object(self.field.target or "").support:
            return self.source.link(self.field)  # always there, and seen by everyone
        return self.source.follow(self.field).table.c.id

    @property
    def currency(self) -> ColumnElement[str]:
        return expressions.currency(self.scope, self.source.table)


@dataclass(frozen=True)
class Many:
    """A path that crosses a to-many relation: the table before it, the link that points back, what follows."""

    source: Source
    object: ObjectSpec
    link: FieldSpec
    rest: str  # the path from there; "": the relation itself
    path: str


def resolve(source: Source, path: str) -> Leaf | Many:
    """Follow a path. Raises Invalid, naming the step that isn't there and what was perhaps meant."""
    steps = path.split(".")
    if len(steps) > MOST_STEPS:
        raise bad(path, f"{path!r} has more than {MOST_STEPS} steps.")
    for index, step in enumerate(steps):
        rest = ".".join(steps[index + 1 :])
        field = source.field(step)
        if field is None:
            return _many(source, step, rest, path)
        if not rest:
            return Leaf(source, field, path)
        if field.type not in ("link", "stage"):
            raise bad(path, f"{path!r} goes on after {step!r}, which is a {field.type} field and leads nowhere.")
        source = source.follow(field)
    raise AssertionError("a path has at least one step")


def _many(source: Source, step: str, rest: str, path: str) -> Many:
    back = source.scope.catalog.inverse(source.spec.name, step)
    if back is None:
        raise _unknown(source, step, path)
    return Many(source, back[0], back[1], rest, path)


def _unknown(source: Source, step: str, path: str) -> Exception:
    spec = source.spec
    gone = next((field for field in spec.retired if step in (field.name, field.inverse)), None)
    gone = gone or next(
        (
            field
            for one in source.scope.catalog.objects.values()
            for field in one.retired
            if field.target == spec.name and field.inverse == step
        ),
        None,
    )
    if gone:
        message = f"The field {gone.label} ({step}) is retired: an admin can bring it back in the settings."
        return bad(path, message + " Its data is kept.")
    names = [field.name for field in spec.fields]
    names += [name for name, _, _ in source.scope.catalog.inverses(spec.name)]
    synonyms = {word: field.name for field in spec.fields for word in (*field.synonyms, field.label)}
    meant = synonyms.get(step.replace("_", " ")) or synonyms.get(step)
    advice = f" Did you mean {meant}?" if meant else hint(step, names)
    where = "" if path == step else f" (in {path})"
    operator = " The operator after __ is not known." if "__" in step else ""
    return bad(path, f"{spec.label} have no field {step!r}{where}.{advice}{operator}")


def to_one(source: Source, path: str) -> Leaf:
    """Follow a path that must stay on one record."""
    end = resolve(source, path)
    if isinstance(end, Many):
        raise bad(path, f"{path!r} leads to many {end.object.label.lower()}: it can be filtered by, nothing else.")
    return end
