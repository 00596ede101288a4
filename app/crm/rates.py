"""What currencies are worth in the workspace's own, from a day on: kept by admins, used where amounts are converted."""

from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.crm.schema import currency_rates
from app.shared.contract import Principal, Rate
from app.shared.errors import FieldError, Invalid, NotFound
from app.shared.types import utc_now

_MOST_DIGITS = 18  # of a rate, on either side of the point
_TABLE = currency_rates.c


def today() -> date:
    """The workspace's day: rates change at midnight UTC, so that everyone sees the same figures."""
    return utc_now().astimezone(UTC).date()


def listing(connection: Connection, base: str) -> Sequence[Rate]:
    """Every rate to this currency, by currency, the newest first."""
    statement = select(currency_rates).where(_TABLE.base == base).order_by(_TABLE.currency, _TABLE.day.desc())
    return [Rate(row.currency, row.base, Decimal(row.rate), row.day) for row in connection.execute(statement)]


def newest(connection: Connection, base: str, day: date | None = None) -> dict[str, Rate]:
    """Currency -> its rate on a day (today's where none is given): the newest that began on it or before."""
    day = day or today()
    latest = (
        select(_TABLE.currency, func.max(_TABLE.day).label("day"))
        .where(_TABLE.base == base, _TABLE.day <= day)
        .group_by(_TABLE.currency)
        .subquery()
    )
    here = (latest.c.currency == _TABLE.currency) & (latest.c.day == _TABLE.day)
    statement = select(currency_rates).join(latest, here).where(_TABLE.base == base)
    return {
        row.currency: Rate(row.currency, row.base, Decimal(row.rate), row.day) for row in connection.execute(statement)
    }


def set_rate(
    connection: Connection, principal: Principal, base: str, currency: str, day: date, rate: str | Decimal
) -> Rate:
    """What one unit of `currency` is worth in `base` from `day` on; an earlier one of the same day is replaced.

    Raises Invalid, naming `currency` or `rate`.
    """
    made = Rate(_currency(currency, base), base, _rate(rate), day)
    values = {
        "currency": made.currency,
        "base": base,
        "day": day,
        "rate": f"{made.rate:f}",
        "created_at": utc_now(),
        "created_by_id": principal.user_id,
    }
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    replaced = {name: values[name] for name in ("rate", "created_at", "created_by_id")}
    kept = insert(currency_rates).values(values)
    connection.execute(kept.on_conflict_do_update(index_elements=["currency", "base", "day"], set_=replaced))
    return made


def remove(connection: Connection, base: str, currency: str, day: date) -> None:
    """Raises NotFound where there is no rate of this day."""
    gone = delete(currency_rates).where(_TABLE.base == base, _TABLE.currency == currency, _TABLE.day == day)
    if connection.execute(gone).rowcount == 0:
        raise NotFound(f"There is no rate of {currency} from {day.isoformat()} on.")


def _currency(currency: str, base: str) -> str:
    code = currency.strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise _bad("currency", f"{currency!r} is no currency: expected a code of three letters, as EUR.")
    if code == base:
        raise _bad("currency", f"{code} is the workspace's own currency: it needs no rate.")
    return code


def _rate(rate: str | Decimal) -> Decimal:
    try:
        found = Decimal(str(rate).strip())
    except InvalidOperation:
        raise _bad("rate", f"{str(rate)[:40]!r} is no rate: expected a number, as 1.08.") from None
    if not found.is_finite() or found <= 0:
        raise _bad("rate", "A rate is a number above 0, as 1.08.")
    digits, exponent = len(found.as_tuple().digits), int(found.as_tuple().exponent)
    if max(-exponent, digits + exponent) > _MOST_DIGITS:
        raise _bad("rate", f"A rate has at most {_MOST_DIGITS} digits before and after the point.")
    return found


def _bad(field: str, message: str) -> Invalid:
    return Invalid(message, [FieldError(field, message)])
