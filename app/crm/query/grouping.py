"""The keys of groups: a field or path, dates by a bucket; and how a key is shown and sorted.

Rows are grouped twice. First by what stands in the table itself (`Draft.raw`: a stored link, a day), which an index
can serve; then what those few values lead to is joined, and grouped again where several lead to the same (`Key`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from app.crm.query import expressions, members, sorting
from app.crm.query.columns import label, naming, value
from app.crm.query.money import in_currency
from app.crm.query.scope import Scope
from app.crm.query.source import Leaf, Source, to_one
from app.crm.query.suggestions import bad
from app.crm.schema import taggings, tags
from app.shared.contract import FieldSpec, Group, ObjectSpec, Ref, Value

Expression = ColumnElement[Any]
_TEXTS = ("text", "email", "url", "phone", "key")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what identifies a group, what goes along with it, by what groups sort, and how it is read.

    `along` and `order` are reduced to their smallest value in each group.
    """

    group: Group
    parts: tuple[Expression, ...]
    decode: Callable[[Sequence[Any], Sequence[Any]], Value]
    along: tuple[Expression, ...] = ()
    order: Expression | None = None  # None: the first part
    multiplies: bool = False  # a record may be in several groups


@dataclass(frozen=True, slots=True)
class Draft:
    """A key before its rows are grouped: by what, what is reduced beside it, and the key over the reduced columns."""

    raw: tuple[Expression, ...]
    finish: Callable[[Source, Sequence[Expression], Sequence[Expression]], Key]  # of the reduced rows, raw, reduced
    least: tuple[Expression, ...] = ()
    link: FieldSpec | None = None  # the raw value is this link of the rows' object
    merges: bool = False  # several raw values may be one group


class Reduced(Source):
    """Rows grouped by their stored links: a source whose paths go on from these."""

    def __init__(self, scope: Scope, spec: ObjectSpec, table: FromClause, links: Mapping[str, Expression]) -> None:
        self.scope, self.spec, self.table, self.root = scope, spec, table, self
        self.joins: list[tuple[FromClause, ColumnElement[bool]]] = []
        self._followed: dict[str, Source] = {}
        self._links = links

    def link(self, field: FieldSpec) -> Expression:
        return self._links[field.name]


def draft(source: Source, group: Group) -> Draft:
    """Raises Invalid where the field can't be grouped by."""
    first = source.field(group.field.split(".")[0])
    if first is not None and first.type in ("link", "stage"):
        stored = first.name == group.field and _is_support(source, first)
        return Draft((source.link(first),), lambda reduced, *_: key(reduced, group), link=first, merges=not stored)
    return _own(source, group)


def _is_support(source: Source, link: FieldSpec) -> bool:
    """Users, teams, pipelines: all are seen by everyone, so that no two stored links are one group."""
    return link.type == "link" and source.scope.object(link.target or "").support


def _own(source: Source, group: Group) -> Draft:
    """A key of the table itself."""
    leaf = to_one(source, group.field)
    if group.bucket:
        return _own_bucket(leaf, group)
    if leaf.field.type == "tags":
        return _own_tags(leaf, group)
    made = key(source, group)
    least = (*made.along, *([] if made.order is None else [made.order]))

    def finish(reduced: Source, raw: Sequence[Expression], least: Sequence[Expression]) -> Key:
        order = None if made.order is None else least[-1]
        return Key(group, tuple(raw), made.decode, tuple(least[: len(made.along)]), order, made.multiplies)

    return Draft(made.parts, finish, least)


def key(source: Source, group: Group) -> Key:
    """The key over the rows of a source. Raises Invalid where the field can't be grouped by."""
    leaf = to_one(source, group.field)
    kind = leaf.field.type
    if group.bucket:
        return _bucket(leaf, group)
    if kind == "long_text":
        raise bad(group.field, f"{group.field} is a long text: it can't be grouped by.")
    if kind in _TEXTS:
        return _text(leaf, group)
    if kind in _SPECIAL:
        return _SPECIAL[kind](leaf, group)
    order = sorting.sort_key(leaf) if kind == "select" else None
    return Key(group, (leaf.key,), lambda parts, along: value(kind, parts[0]), order=order)


def _text(leaf: Leaf, group: Group) -> Key:
    """Capitals aside; shown by the first of its spellings."""
    spelling = _spelling(leaf)
    return Key(group, (func.nullif(leaf.key, ""),), lambda parts, along: along[0] if parts[0] else None, (spelling,))


def _spelling(leaf: Leaf) -> Expression:
    table, field = leaf.source.table, leaf.field
    if field.custom_id is None:
        return leaf.scope.binary(table.c[field.name])
    return leaf.scope.binary(expressions.json_text(leaf.scope, table, f"f{field.custom_id}"))


def _link(leaf: Leaf, group: Group) -> Key:
    target = leaf.source.follow(leaf.field)
    spec = target.spec
    names = naming(target.table, spec.label_field)[:1]

    def decode(parts: Sequence[Any], along: Sequence[Any]) -> Ref | None:
        return None if parts[0] is None else Ref(spec.name, parts[0], label(spec.label_one, parts[0], *along))

    order = sorting.sort_key(to_one(target, spec.label_field))
    along = tuple(leaf.scope.binary(name) for name in names)
    return Key(group, (leaf.key,), decode, along, order)


def _stage(leaf: Leaf, group: Group) -> Key:
    stages = leaf.source.follow(leaf.field).table
    return Key(group, (stages.c.key,), lambda parts, along: parts[0], order=stages.c.position)


def _money(leaf: Leaf, group: Group) -> Key:
    """Each amount of each currency is a group."""
    code = case((leaf.key.is_not(None), leaf.currency), else_=null())
    return Key(
        group,
        (leaf.key, code),
        lambda parts, along: None if parts[0] is None else in_currency(parts[0], parts[1]),
        order=sorting.sort_key(leaf),
    )


def _own_tags(leaf: Leaf, group: Group) -> Draft:
    """Counted by the tag's number; its name is looked up once for each."""
    tagged = _tagged(leaf)
    return Draft((tagged.c.tag_id,), lambda reduced, raw, least: _named_tag(reduced, raw[0], group))


def _tags(leaf: Leaf, group: Group) -> Key:
    """A record counts once for each of its tags."""
    return _named_tag(leaf.source, _tagged(leaf).c.tag_id, group)


def _tagged(leaf: Leaf) -> FromClause:
    tagged, source = leaf.scope.alias(taggings), leaf.source
    source.join(tagged, (tagged.c.object == source.spec.name) & (tagged.c.record_id == source.table.c.id))
    return tagged


def _named_tag(source: Source, tag: Expression, group: Group) -> Key:
    named = source.scope.alias(tags)
    source.join(named, named.c.id == tag)
    return Key(
        group,
        (named.c.id,),
        lambda parts, along: along[0] if parts[0] is not None else None,
        (source.scope.binary(named.c.name),),
        order=named.c.name_key,
        multiplies=True,
    )


def _choices(leaf: Leaf, group: Group) -> Key:
    """A record counts once for each of its options."""
    each = members.each_choice(leaf)
    leaf.source.join(each, true())
    part = leaf.scope.binary(each.c.value)
    return Key(group, (part,), lambda parts, along: parts[0], multiplies=True)


_SPECIAL: dict[str, Callable[[Leaf, Group], Key]] = {
    "link": _link,
    "stage": _stage,
    "money": _money,
    "tags": _tags,
    "multi_select": _choices,
}


# --- dates -----------------------------------------------------------------------------------------------------------


def _own_bucket(leaf: Leaf, group: Group) -> Draft:
    """By days first, of which there are few, then by the bucket."""
    _check_bucket(leaf, group)

    def finish(reduced: Source, raw: Sequence[Expression], least: Sequence[Expression]) -> Key:
        return Key(group, (_first(leaf.scope, raw[0], group),), _day_of)

    return Draft((_day(leaf),), finish, merges=group.bucket != "day")


def _bucket(leaf: Leaf, group: Group) -> Key:
    """The first day of the day, week, month, quarter or year, in the principal's time zone."""
    _check_bucket(leaf, group)
    return Key(group, (_first(leaf.scope, _day(leaf), group),), _day_of)


def _check_bucket(leaf: Leaf, group: Group) -> None:
    if leaf.field.type not in ("date", "datetime"):
        raise bad(group.field, f"{group.field} is a {leaf.field.type} field: only dates are grouped by {group.bucket}.")


def _day(leaf: Leaf) -> Expression:
    return _local_day(leaf) if leaf.field.type == "datetime" else leaf.key


def _first(scope: Scope, day: Expression, group: Group) -> Expression:
    return _sqlite_first(day, group.bucket) if scope.is_sqlite else _postgres_first(day, group.bucket)


def _day_of(parts: Sequence[Any], along: Sequence[Any]) -> date | None:
    return date.fromisoformat(parts[0]) if isinstance(parts[0], str) else parts[0]


def _local_day(leaf: Leaf) -> Expression:
    zone = leaf.scope.zone.key
    if not leaf.scope.is_sqlite:
        return cast(func.timezone(zone, leaf.key), Date())
    if zone == "UTC":
        return func.substr(leaf.key, 1, 10)
    return func.local_day(leaf.key, zone)


def _postgres_first(day: Expression, bucket: str | None) -> Expression:
    return cast(func.date_trunc(literal_column(f"'{bucket}'"), cast(day, TIMESTAMP())), Date())


def _sqlite_first(day: Expression, bucket: str | None) -> Expression:
    text: Expression = type_coerce(day, literal("").type)
    if bucket == "week":  # back six days, then on to a Monday
        return func.date(text, "-6 days", "weekday 1")
    if bucket == "month":
        return func.substr(text, 1, 7).op("||")("-01")
    if bucket == "year":
        return func.substr(text, 1, 4).op("||")("-01-01")
    if bucket == "quarter":
        return func.substr(text, 1, 5).op("||")(_quarter_start(func.substr(text, 6, 2)))
    return text


def _quarter_start(month: Expression) -> Expression:
    starts = ((month <= "03", "01-01"), (month <= "06", "04-01"), (month <= "09", "07-01"))
    return case(*starts, else_="10-01")
