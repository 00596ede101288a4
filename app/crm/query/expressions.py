"""Fields as SQL: where a built-in or custom field is stored, and by what it compares."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Text,
    case,
    cast,
    func,
    literal,
    literal_column,
    type_coerce,
)

from app.crm.query.money import currency_of, keys_by_digits
from app.crm.query.scope import Scope
from app.crm.schema import KEYED_TYPES, column_name, key_name
from app.shared.contract import FieldSpec
from app.shared.types import KeyText, UtcDateTime

Expression = ColumnElement[Any]
_STORED_DATETIME = 26  # characters of a moment as SQLite stores it: 2024-11-05 10:00:00.000000


def key(scope: Scope, table: FromClause, field: FieldSpec) -> Expression:
    """What the field compares by: a text's key, else its stored value. Not for tags; links: see `Leaf.key`."""
    if field.type in KEYED_TYPES:
        return _text_key(scope, table, field)
    if field.type == "long_text":
        return scope.key_of(stored(scope, table, field))
    return stored(scope, table, field)


def stored(scope: Scope, table: FromClause, field: FieldSpec) -> Expression:
    """The field's value as it is stored."""
    return table.c[column_name(field)] if field.custom_id is None else custom(scope, table, field)


def _text_key(scope: Scope, table: FromClause, field: FieldSpec) -> Expression:
    if field.custom_id is not None:
        return scope.binary(json_text(scope, table, f"f{field.custom_id}k"))
    if key_name(field) in table.c:
        return table.c[key_name(field)]
    return scope.key_of(table.c[field.name])


def custom(scope: Scope, table: FromClause, field: FieldSpec) -> Expression:
    """A custom field's value, typed. The names are written out, so that an index on the same expression serves."""
    name = f"f{field.custom_id}"
    if field.type == "multi_select":
        return _json(scope, table, name)
    text = json_text(scope, table, name)
    if field.type == "datetime":
        return _moment(scope, text)
    if field.type == "select":
        return scope.binary(text)
    kind = _kind(field)
    if kind is None:
        return text
    if not scope.is_sqlite:
        return func.custom_day(text, type_=kind) if field.type == "date" else cast(text, kind)
    return type_coerce(text, kind)


def _kind(field: FieldSpec) -> Any:
    if field.type == "number":
        return BigInteger() if field.integer else Numeric(asdecimal=False)
    return {"money": BigInteger(), "link": BigInteger(), "boolean": Boolean(), "date": Date()}.get(field.type)


def _json(scope: Scope, table: FromClause, name: str) -> Expression:
    if scope.is_sqlite:
        return func.json_extract(table.c.custom, literal_column(f"'$.{name}'"))
    return table.c.custom.op("->")(literal_column(f"'{name}'"))


def json_text(scope: Scope, table: FromClause, name: str) -> Expression:
    if scope.is_sqlite:
        return func.json_extract(table.c.custom, literal_column(f"'$.{name}'"), type_=KeyText)
    return table.c.custom.op("->>", return_type=Text())(literal_column(f"'{name}'"))


def _moment(scope: Scope, text: Expression) -> Expression:
    """A moment kept as ISO text (…T10:00:00Z), in the form of a stored one."""
    if not scope.is_sqlite:
        return func.custom_moment(text, type_=UtcDateTime())  # made by a migration: no cast could be indexed
    bare = func.rtrim(text, _quoted("Z"))
    plain = func.replace(func.replace(bare, _quoted("T"), _quoted(" ")), _quoted("+00:00"), _quoted(""))
    whole = plain.op("||")(_quoted(".000000"))
    first: Expression = literal_column("1")
    last: Expression = literal_column(str(_STORED_DATETIME))
    return type_coerce(func.substr(whole, first, last), UtcDateTime())


def _quoted(text: str) -> Expression:
    """Written out instead of bound: the index of the field has the same expression, see `customindexes`."""
    return literal_column(f"'{text}'", Text())


def currency(scope: Scope, table: FromClause) -> Expression:
    return currency_of(table, scope.catalog.currency)


def comparable_money(scope: Scope, object: str, table: FromClause, amount: Expression) -> Expression:
    """An amount that sorts by its figure in major units; the stored column itself where all have hundredths."""
    if not scope.mixed(object):
        return amount
    thousandths = {number: 10 ** (3 - number) for number in keys_by_digits()}
    by_code = [
        (currency(scope, table).in_(codes), literal(thousandths[number], BigInteger()))
        for number, codes in keys_by_digits().items()
    ]
    factor = case(*by_code, else_=literal(10, BigInteger()))
    return amount * factor if scope.is_sqlite else cast(amount, Numeric()) * factor
