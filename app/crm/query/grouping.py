"""The keys of groups: a field or path, dates by a bucket; and how a key is shown and sorted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, case, cast, func, literal, literal_column, null, true, type_coerce
from sqlalchemy.dialects.postgresql import TIMESTAMP

from app.crm.query import expressions, members, sorting
from app.crm.query.columns import label, naming, value
from app.crm.query.money import in_currency
from app.crm.query.source import Leaf, Source, to_one
from app.crm.query.suggestions import bad
from app.crm.schema import taggings, tags
from app.shared.contract import Group, Ref, Value

Expression = ColumnElement[Any]
_TEXTS = ("text", "email", "url", "phone", "key")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what the rows group by, what goes along with it, by what groups sort, and how it is read.

    `along` and `order` are reduced to their smallest value in each group.
    """

    group: Group
    parts: tuple[Expression, ...]
    decode: Callable[[Sequence[Any], Sequence[Any]], Value]
    along: tuple[Expression, ...] = ()
    order: Expression | None = None  # None: the first part
    multiplies: bool = False  # a record may be in several groups


def key(source: Source, group: Group) -> Key:
    """Raises Invalid where the field can't be grouped by."""
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
    return Key(group, (leaf.key,), decode, tuple(leaf.scope.binary(name) for name in names), order)


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


def _tags(leaf: Leaf, group: Group) -> Key:
    """A record counts once for each of its tags."""
    tagged, named = leaf.scope.alias(taggings), leaf.scope.alias(tags)
    source = leaf.source
    source.join(tagged, (tagged.c.object == source.spec.name) & (tagged.c.record_id == source.table.c.id))
    source.join(named, named.c.id == tagged.c.tag_id)
    return Key(
        group,
        (named.c.id,),
        lambda parts, along: along[0] if parts[0] is not None else None,
        (leaf.scope.binary(named.c.name),),
        order=named.c.name_key,
        multiplies=True,
    )


def _choices(leaf: Leaf, group: Group) -> Key:
    """A record counts once for each of its options."""
    each = members.each_choice(leaf)
    leaf.source.join(each, true())
    return Key(group, (leaf.scope.binary(each.c.value),), lambda parts, along: parts[0], multiplies=True)


_SPECIAL: dict[str, Callable[[Leaf, Group], Key]] = {
    "link": _link,
    "stage": _stage,
    "money": _money,
    "tags": _tags,
    "multi_select": _choices,
}


# --- dates -----------------------------------------------------------------------------------------------------------


def _bucket(leaf: Leaf, group: Group) -> Key:
    """The first day of the day, week, month, quarter or year, in the principal's time zone."""
    if leaf.field.type not in ("date", "datetime"):
        raise bad(group.field, f"{group.field} is a {leaf.field.type} field: only dates are grouped by {group.bucket}.")
    day = _local_day(leaf) if leaf.field.type == "datetime" else leaf.key
    first = _sqlite_first(day, group.bucket) if leaf.scope.is_sqlite else _postgres_first(day, group.bucket)
    return Key(group, (first,), lambda parts, along: _as_day(parts[0]))


def _as_day(stored: Any) -> date | None:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


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
