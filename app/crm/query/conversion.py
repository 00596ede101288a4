"""Amounts of several currencies as one, by the workspace's dated rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, Numeric, case, cast, func, literal, null, select, union

from app.crm.query import measures
from app.crm.query.measures import Column, Sum, Tally
from app.crm.query.money import in_currency
from app.crm.query.reduction import Plan
from app.crm.query.suggestions import bad
from app.shared.contract import Query, Rate, Value
from app.shared.money import digits

Expression = ColumnElement[Any]
_EXACT = Context(prec=60)
_PLACES = 6  # of a minor unit, to which figures are compared: beyond, SQLite's numbers aren't exact


@dataclass(frozen=True, slots=True)
class Conversion:
    """To which currency, by which rates; what one minor unit of each currency (in small letters) is worth in it."""

    to: str
    rates: tuple[Rate, ...]
    worth: Mapping[str, Decimal]
    is_sqlite: bool

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.worth)

    def finish(self, item: Sum, tally: Tally) -> Value:
        """The measure as one amount, exact until it is rounded, half to even, to whole minor units."""
        parts = [
            (_EXACT.multiply(Decimal(int(found)), self.worth[code or ""]), count)
            for code, (found, count) in tally.items()
            if count
        ]
        if not parts:
            return in_currency(0, self.to) if item.fn in ("sum", "weighted") else None
        figures = [figure for figure, _ in parts]
        if not item.adds:
            return self._rounded(min(figures) if item.fn == "min" else max(figures))
        total = Decimal(0)
        for figure in figures:
            total = _EXACT.add(total, figure)
        divisor = measures.divisor(item, sum(count for _, count in parts))
        return self._rounded(_EXACT.divide(total, Decimal(divisor)))

    def _rounded(self, figure: Decimal) -> Value:
        return in_currency(int(figure.quantize(Decimal(1), ROUND_HALF_EVEN, _EXACT)), self.to)

    def ranked(self, place: int, item: Sum) -> Column:
        """For lowest and highest amounts, which can't be had from each currency's: converted row by row."""
        assert item.input is not None
        code = measures.currency(item)
        worth = case(*((code == name, self._literal(worth)) for name, worth in self.worth.items()))
        fold = func.min if item.fn == "min" else func.max
        return Column(f"r{place}", fold(item.input * worth), fold)

    def minor(self, item: Sum, place: int, found: Mapping[str, Any]) -> Expression:
        """The converted figure of a group in minor units, in SQL: for order and bounds."""
        if not self.codes:
            return cast(null(), Float())
        if not item.adds:
            return self._to_places(found[f"r{place}"])
        zero = literal(0, BigInteger())
        figures = [
            func.coalesce(found[f"m{place}_{code}"], zero) * self._literal(worth) for code, worth in self.worth.items()
        ]
        total: Expression = figures[0]
        for figure in figures[1:]:
            total = total + figure
        counts: Expression = found[f"q{place}_{self.codes[0]}"]
        for code in self.codes[1:]:
            counts = counts + found[f"q{place}_{code}"]
        divided = total / func.nullif(counts, 0) if item.fn == "avg" else total
        if item.fn == "weighted":
            divided = divided / 100
        return self._to_places(case((counts > 0, divided)))

    def major(self, item: Sum, place: int, found: Mapping[str, Any]) -> Expression:
        """The converted figure in major units; a sum over nothing is 0."""
        figure = self.minor(item, place, found)
        figure = func.coalesce(figure, literal(0, BigInteger())) if item.fn in ("sum", "weighted") else figure
        return figure / self._literal(Decimal(10) ** digits(self.to))

    def _to_places(self, figure: Expression) -> Expression:
        return func.round(figure if self.is_sqlite else cast(figure, Numeric()), _PLACES)

    def _literal(self, number: Decimal) -> Expression:
        if self.is_sqlite:
            return literal(float(number), Float())
        return cast(literal(number, Numeric()), Numeric())


def conversion(plan: Plan, query: Query) -> Conversion | None:
    """How the query's amounts are converted; None where it doesn't ask for that.

    Raises Invalid for what is no currency, and for a currency among the amounts that has no rate.
    """
    if query.currency is None:
        return None
    from app.crm import rates

    scope, to = plan.scope, _code(query.currency)
    present = _present(plan)
    known = rates.newest(scope.connection, scope.catalog.currency)
    needed = {code.upper() for code in present if code.upper() != to}
    if needed or to != scope.catalog.currency:
        needed |= {to} if present else set()
    missing = sorted(code for code in needed if code != scope.catalog.currency and code not in known)
    if missing:
        raise bad("currency", f"There is no rate for {', '.join(missing)} yet: an admin can add one in the settings.")
    if to != scope.catalog.currency and to not in known:
        raise bad("currency", f"There is no rate for {to} yet: an admin can add one in the settings.")
    used = tuple(known[code] for code in sorted(needed) if code in known)
    worth = {code: _worth(code.upper(), to, scope.catalog.currency, known) for code in sorted(present)}
    return Conversion(to, used, worth, scope.is_sqlite)


def _code(currency: str) -> str:
    code = currency.strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise bad("currency", f"{currency!r} is no currency: expected a code of three letters, as EUR.")
    return code


def _present(plan: Plan) -> set[str]:
    """The currencies of the amounts that are measured, in small letters."""
    items = {id(item.leaf.source.table): item for item in plan.sums if item.is_money and item.leaf}
    wanted = [
        select(measures.currency(item)).select_from(plan.source.clause).where(*plan.wanted.conditions, _is_there(item))
        for item in items.values()
    ]
    if not wanted:
        return set()
    return {str(code) for code in plan.scope.connection.execute(union(*wanted)).scalars() if code}


def _is_there(item: Sum) -> ColumnElement[bool]:
    assert item.leaf is not None
    return item.leaf.key.is_not(None)


def _worth(code: str, to: str, base: str, known: Mapping[str, Rate]) -> Decimal:
    """One minor unit of a currency in minor units of another."""
    if code == to:
        return Decimal(1)
    of = Decimal(1) if code == base else known[code].rate
    in_ = Decimal(1) if to == base else known[to].rate
    return _EXACT.divide(of, in_).scaleb(digits(to) - digits(code))


def columns(plan: Plan, used: Conversion, wanted: Sequence[str]) -> list[Column]:
    """What is computed beside each currency's own figures: `wanted` are the measures to compare groups by."""
    return [
        used.ranked(place, item)
        for place, item in enumerate(plan.sums)
        if item.is_money and not item.adds and item.measure.key in wanted and used.codes
    ]
