"""Dates, numbers and money as the user's locale writes them, in the user's time zone. Babel is imported when needed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import g, has_request_context

from app.shared.contract import Money, Principal

DEFAULT = "en_US"


def user() -> Principal | None:
    """Who is asking; None for strangers (sign-in, set-up) and outside a request."""
    if not has_request_context():
        return None
    from app.crm.web import principal

    if "pages_user" not in g:
        try:
            g.pages_user = principal()
        except Exception as error:
            from app.shared.errors import NotSignedIn

            if not isinstance(error, NotSignedIn):
                raise
            g.pages_user = None
    found: Principal | None = g.pages_user
    return found


def locale() -> str:
    found = user()
    return _known(found.locale) if found and found.locale else DEFAULT


@lru_cache(maxsize=32)
def _known(name: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return DEFAULT


def language() -> str:
    """The language of texts, as in `<html lang>`."""
    found = user()
    return (found.locale or DEFAULT).replace("_", "-").split("-")[0] if found else "en"


def zone() -> ZoneInfo:
    found = user()
    return _zone(found.timezone if found else "UTC")


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def today() -> date:
    """The user's own day."""
    return datetime.now(zone()).date()


def number(value: int | float | Decimal) -> str:
    return _number(value, locale())


@lru_cache(maxsize=4096)
def _number(value: int | float | Decimal, name: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(value, format="#,##0.######", locale=name))


def size(bytes: int) -> str:
    """A file's size as people say it: 120 kB, 3.4 MB."""
    if bytes < 1000:
        return f"{number(bytes)} B"
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if bytes >= 1000**power:
            value = bytes / 1000**power
            return f"{number(round(value, 1 if value < 10 else 0))} {unit}"
    raise AssertionError("one of the units fits")


def percent(value: float | Decimal) -> str:
    """A share, 0 to 1, as whole percent."""
    from babel.numbers import format_percent

    return str(format_percent(value, locale=locale()))


def money(value: Money, *, short: bool = False, bare: bool = False) -> str:
    """An amount: with its currency's sign, or `bare` where a column's head names it, or `short` for tiles (1.2M)."""
    return _money(value.minor, value.currency, locale(), short, bare)


@lru_cache(maxsize=8192)
def _money(minor: int | Decimal, currency: str, name: str, short: bool, bare: bool) -> str:
    from babel import Locale, numbers

    major = Money(minor, currency).major
    if short:
        digits = 0 if abs(major) < 1000 else 1
        return str(numbers.format_compact_currency(major, currency, locale=name, fraction_digits=digits))
    whole = major == major.to_integral_value()
    if bare:
        return str(numbers.format_decimal(major, format="#,##0" if whole else "#,##0.00", locale=name))
    pattern = Locale.parse(name).currency_formats["standard"].pattern
    return str(
        numbers.format_currency(
            major,
            currency,
            format=pattern.replace(".00", "") if whole else None,
            locale=name,
            currency_digits=not whole,
        )
    )


@lru_cache(maxsize=64)
def currency_sign(currency: str, name: str | None = None) -> str:
    from babel.numbers import get_currency_symbol

    return str(get_currency_symbol(currency, locale=name or locale()))


def day(value: date, style: str = "medium") -> str:
    """A date as the locale writes it; a moment as its day in the user's time zone."""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return _day(value, style, locale())


@lru_cache(maxsize=4096)
def _day(value: date, style: str, name: str) -> str:
    from babel.dates import format_date, format_skeleton

    if style == "short-day":
        return str(format_skeleton("MMMd", value, locale=name))
    return str(format_date(value, style, locale=name))


def clock(value: datetime) -> str:
    from babel.dates import format_time

    return str(format_time(value.astimezone(zone()), "short", locale=locale()))


def moment(value: datetime) -> str:
    """Day and time, exactly."""
    return f"{day(value)}, {clock(value)}"


def ago(value: datetime) -> str:
    """How long ago, as people say it; the day itself beyond a week."""
    from babel.dates import format_timedelta

    passed = datetime.now(UTC) - value
    if abs(passed.total_seconds()) < 45:
        from app.crm.pages.words import gettext

        return gettext("just now")
    if abs(passed.days) >= 7:
        return day(value)
    return str(format_timedelta(-passed, add_direction=True, locale=locale(), format="short"))


def span(seconds: float) -> str:
    """How long something takes, in its largest unit."""
    from babel.dates import format_timedelta

    return str(format_timedelta(timedelta(seconds=max(seconds, 1)), locale=locale(), threshold=1.5, format="long"))


def example(timezone: str, name: str, currency: str) -> dict[str, str]:
    """What a time zone and a locale make of this moment, a number and an amount; an unknown one counts as the usual."""
    from babel.dates import format_time

    known, at = _known(name), datetime.now(_zone(timezone))
    return {
        "now": f"{_day(at.date(), 'medium', known)}, {format_time(at, 'short', locale=known)}",
        "day": _day(date(at.year, 12, 31), "long", known),
        "number": _number(Decimal("1234567.89"), known),
        "money": _money(123_456_789, currency, known, False, False),
    }


def due(value: date) -> str:
    """A day near today in words (today, tomorrow, in 3 days), else the date."""
    from app.crm.pages.words import gettext, ngettext

    distance = (value - today()).days
    words = {0: gettext("Today"), 1: gettext("Tomorrow"), -1: gettext("Yesterday")}
    if distance in words:
        return words[distance]
    if 1 < distance < 7:
        return ngettext("In %(num)d day", "In %(num)d days", distance)
    if -7 < distance < -1:
        return ngettext("%(num)d day ago", "%(num)d days ago", -distance)
    return day(value)


def month(value: date, *, year: bool = True) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMM" if year else "MMM", value, locale=locale()))


def bucket(value: date | None, kind: str) -> str:
    """The first day of a bucket as the bucket's name: 2024, Q4 2024, Nov 2024, the week of a day, a day."""
    if value is None:
        return ""
    if kind == "year":
        return str(value.year)
    if kind == "quarter":
        return f"Q{(value.month + 2) // 3} {value.year}"
    if kind == "month":
        return month(value)
    return day(value)


def plain(value: Any) -> str:
    """Any value of the doors as plain text, for titles and sentences."""
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, bool):
        from app.crm.pages.words import gettext

        return gettext("Yes") if value else gettext("No")
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, tuple | list):
        return ", ".join(plain(item) for item in value)
    return str(getattr(value, "label", "" if value is None else value))
