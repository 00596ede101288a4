"""Membership: links, stages, options, tags. One of the wanted ones is there; ids of records that may be seen alone."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias

from app.crm.query import lists, values
from app.crm.query.source import Leaf
from app.crm.query.values import Field
from app.crm.schema import TABLES, taggings
from app.crm.schema import stages as stage_table
from app.crm.schema import tags as tag_table

Sql = ColumnElement[bool]


def options(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    return lists.among(leaf.scope, leaf.key, [values.option(field, item) for item in wanted], Text())


def links(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    """The stored id, by its index, where the record that it names may be seen."""
    me = leaf.scope.principal.user_id
    named = [values.identity(field, item, me) for item in wanted]
    ids = [number for number in named if number is not None]
    link = leaf.source.link(leaf.field)
    target = leaf.scope.object(leaf.field.target or "")
    if not ids:
        return false()
    if target.support:
        return lists.among(leaf.scope, link, ids, BigInteger())
    table = leaf.scope.alias(TABLES[target.name])
    found = select(table.c.id).where(
        lists.among(leaf.scope, table.c.id, ids, BigInteger()), leaf.scope.seen(target.name, table)
    )
    if len(set(ids)) == 1:
        return link == found.scalar_subquery()  # equal to one: an index on the link also gives the list's order
    return link.in_(found)


def stages(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    found = [values.stage(field, item, leaf.scope.retired_stages) for item in wanted]
    keys = sorted({key for names, _ in found for key in names})
    kinds = sorted({kind for _, kind in found if kind})
    matching = or_(stage_table.c.key.in_(keys), stage_table.c.kind.in_(kinds))
    return leaf.key.in_(select(stage_table.c.id).where(matching))


def tags(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    keys = [values.key(field, item) for item in wanted]
    tagged = _taggings(leaf).join(tag_table, tag_table.c.id == taggings.c.tag_id)
    return leaf.source.table.c.id.in_(tagged.where(lists.among(leaf.scope, tag_table.c.name_key, keys, Text())))


def _taggings(leaf: Leaf) -> Any:
    return select(taggings.c.record_id).select_from(taggings).where(taggings.c.object == leaf.source.spec.name)


def choices(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    keys = [values.option(field, item) for item in wanted]
    each = each_choice(leaf)
    return exists(
        select(literal_column("1")).select_from(each).where(lists.among(leaf.scope, each.c.value, keys, Text()))
    )


def each_choice(leaf: Leaf) -> TableValuedAlias:
    """The values of a multiple choice as rows, with the one column `value`."""
    array = leaf.key
    if leaf.scope.is_sqlite:
        return func.json_each(func.coalesce(array, "[]")).table_valued("value")
    whole = case((func.jsonb_typeof(array) == "array", array), else_=cast(literal_column("'[]'"), JSONB))
    return func.jsonb_array_elements_text(whole).table_valued("value")


def has_none(leaf: Leaf) -> Sql:
    if leaf.field.type == "tags":
        return leaf.source.table.c.id.in_(_taggings(leaf)).is_not(true())
    return ~exists(select(literal_column("1")).select_from(each_choice(leaf)))
