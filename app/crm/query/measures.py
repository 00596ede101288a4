"""Measures: what is computed for each group, each currency apart, and how it becomes a value of the doors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Float, Numeric, case, cast, func, null

from app.crm.query.columns import plain_number
from app.crm.query.expressions import comparable_money
from app.crm.query.money import in_currency
from app.crm.query.source import Leaf, Source, to_one
from app.crm.query.suggestions import bad
from app.shared.contract import Measure, Value

Expression = ColumnElement[Any]
# What a measure found in one group: currency (None where there is none) -> the aggregate, and over how many rows.
Tally = Mapping[str | None, tuple[Any, int]]
_ADDS = ("sum", "avg", "weighted")
_SUMMABLE = ("number", "money")
_ORDERED = ("number", "money", "date", "datetime")
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Sum:
    """One measure over the rows of a query."""

    measure: Measure
    leaf: Leaf | None = None
    input: Expression | None = None  # of one row
    currency: Expression | None = None  # of one row, where it has an input

    @property
    def fn(self) -> str:
        return self.measure.fn

    @property
    def is_money(self) -> bool:
        return self.currency is not None

    @property
    def ranked(self) -> Expression | None:
        """Of one row, for putting groups in order: amounts of several currencies go by their plain figures."""
        if self.leaf is None or self.input is None or not self.is_money:
            return self.input
        source = self.leaf.source
        return comparable_money(source.scope, source.spec.name, source.table, self.input)


def build(source: Source, measure: Measure) -> Sum:
    """Raises Invalid where the field can't be measured so."""
    if measure.fn == "count" and measure.field is None:
        return Sum(measure)
    leaf = to_one(source, _field(source, measure))
    _check(leaf, measure)
    if measure.fn == "count_distinct" or measure.fn == "count":
        return Sum(measure, leaf, func.nullif(leaf.key, "") if _is_text(leaf) else leaf.key)
    if leaf.field.type != "money":
        return Sum(measure, leaf, leaf.key)
    return _money(measure, leaf)


def _field(source: Source, measure: Measure) -> str:
    if measure.field:
        return measure.field
    if measure.fn == "weighted" and source.field("amount"):
        return "amount"
    raise bad(measure.key, f"{measure.fn} needs a field: {measure.fn}:amount, say.")


def _is_text(leaf: Leaf) -> bool:
    return leaf.field.type in ("text", "long_text", "email", "url", "phone", "key", "select")


def _check(leaf: Leaf, measure: Measure) -> None:
    kind, path = leaf.field.type, leaf.path
    if measure.fn in ("count", "count_distinct") and kind in ("tags", "multi_select"):
        raise bad(path, f"{path} holds several values: group by it to count them.")
    if measure.fn == "count_distinct" and kind == "money":
        raise bad(path, f"{path} is an amount: group by it to count the different ones.")
    if measure.fn in ("sum", "avg") and kind not in _SUMMABLE:
        raise bad(path, f"{path} is a {kind} field: {measure.fn} needs a number or an amount.")
    if measure.fn in ("min", "max") and kind not in _ORDERED:
        raise bad(path, f"{path} is a {kind} field: {measure.fn} needs a number, an amount or a date.")
    if measure.fn == "weighted" and not (kind == "money" and leaf.source.field("probability")):
        raise bad(path, f"{path} can't be weighted: only amounts of records that have a probability are.")


def _money(measure: Measure, leaf: Leaf) -> Sum:
    amount = _weighted(leaf) if measure.fn == "weighted" else leaf.key
    code = case((amount.is_not(None), leaf.currency), else_=null())
    return Sum(measure, leaf, amount, code)


def _weighted(leaf: Leaf) -> Expression:
    """The amount times its probability in percent: the record's own, else its stage's; none where neither has one."""
    source = leaf.source
    probability: Expression = source.table.c.probability
    stage = next((field for field in source.spec.fields if field.type == "stage"), None)
    if stage is not None:
        probability = func.coalesce(probability, source.follow(stage).table.c.probability)
    return leaf.key * probability if leaf.scope.is_sqlite else cast(leaf.key, Numeric()) * probability


# --- SQL -------------------------------------------------------------------------------------------------------------


def aggregates(item: Sum, input: Expression | None) -> list[Expression]:
    """The aggregate, and over how many rows it is; over the rows' `input` column."""
    if input is None:
        return [func.count(), func.count()]
    by_name: dict[str, Callable[..., Expression]] = {"min": func.min, "max": func.max, "count": func.count}
    found: Callable[..., Expression] = by_name.get(item.fn, func.sum)
    if item.fn == "count_distinct":
        return [func.count(input.distinct()), func.count(input)]
    return [found(input), func.count(input)]


def rank(item: Sum, input: Expression | None, ranked: Expression | None) -> Expression:
    """By what groups are put in order."""
    if item.fn in ("count", "count_distinct") or ranked is None:
        return aggregates(item, input)[0]
    if item.fn == "avg":
        return cast(func.sum(ranked), Float()) / func.count(ranked)
    if item.fn in ("min", "max"):
        return func.min(ranked) if item.fn == "min" else func.max(ranked)
    return func.sum(ranked)


# --- values ----------------------------------------------------------------------------------------------------------


def merge(item: Sum, tallies: list[Tally]) -> Tally:
    """The tally of several groups together. Not for distinct counts."""
    merged: dict[str | None, tuple[Any, int]] = {}
    for tally in tallies:
        for code, (found, count) in tally.items():
            before = merged.get(code)
            merged[code] = (found, count) if before is None else (_join(item, before[0], found), before[1] + count)
    return merged


def _join(item: Sum, one: Any, other: Any) -> Any:
    if one is None or other is None:
        return one if other is None else other
    if item.fn in ("min", "max"):
        return min(one, other) if item.fn == "min" else max(one, other)
    return one + other


def finish(item: Sum, tally: Tally, workspace: str) -> Value:
    """The measure's value: a tuple of Money, by currency code, where there are several."""
    if item.fn in ("count", "count_distinct"):
        return sum(int(found) for found, _ in tally.values())
    present = {code: (found, count) for code, (found, count) in sorted(tally.items(), key=_code) if count}
    if not present:
        return _nothing(item, workspace)
    values = tuple(_value(item, code, found, count) for code, (found, count) in present.items())
    return values[0] if len(values) == 1 else values


def _code(entry: tuple[str | None, Any]) -> str:
    return entry[0] or ""


def _nothing(item: Sum, workspace: str) -> Value:
    if item.fn not in ("sum", "weighted"):
        return None
    return in_currency(0, workspace) if item.is_money else 0


def _value(item: Sum, code: str | None, found: Any, count: int) -> Value:
    if isinstance(found, date):
        return found
    if item.is_money:
        minor = Decimal(int(found))
        divisor = count if item.fn == "avg" else 100 if item.fn == "weighted" else 1
        return in_currency(_EXACT.divide(minor, Decimal(divisor)), code or "")
    if item.fn == "avg":
        return plain_number(float(found) / count if isinstance(found, float) else _quotient(found, count))
    return plain_number(found)


def _quotient(found: Any, count: int) -> float:
    return float(_EXACT.divide(Decimal(found), Decimal(count)))
