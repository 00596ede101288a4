"""Settings: what currencies are worth in the workspace's own, from a day on."""

from datetime import date

from flask import Response, render_template, request
from sqlalchemy import Connection

from app.crm import rates
from app.crm.accounts import events
from app.crm.pages import locale, numerals, shaping
from app.crm.pages.reader import reading
from app.crm.pages.shaping import NOTHING, Refused
from app.crm.pages.words import gettext as _
from app.crm.web import principal
from app.shared.contract import Rate
from app.shared.errors import FieldError, Invalid, NotFound

HOME = "/settings/currencies"


def words(rate: Rate) -> str:
    """A rate in one line: "EUR at 1.08 USD of 1 Nov 2026"."""
    day, worth = locale.day(rate.day), numerals.write(rate.rate)
    return _("%(currency)s at %(rate)s %(to)s of %(day)s", currency=rate.currency, rate=worth, to=rate.to, day=day)


def _show(refused: Refused = NOTHING) -> str:
    with reading() as reader:
        base = reader.catalog.currency
        stored = rates.listing(reader.connection, base)
        used = rates.newest(reader.connection, base).values()
    return render_template(
        "settings/currencies.html", base=base, rates=stored, used=list(used), refused=refused, form=request.form,
        today=locale.today().isoformat(), worth=numerals.write, example=numerals.write("1.08"),
    )  # fmt: skip


def listing() -> str:
    """GET /settings/currencies."""
    shaping.admin()
    return _show()


def change() -> Response:
    """POST /settings/currencies: add a rate, or delete one."""
    shaping.admin()
    with reading() as reader:
        base = reader.catalog.currency

    def add(connection: Connection) -> None:
        made = rates.set_rate(connection, principal(), base, shaping.sent("currency"), _day(), _rate())
        _note(connection, base, f"{made.rate:f}")

    def delete(connection: Connection) -> None:
        try:
            rates.remove(connection, base, shaping.sent("currency"), _day())
        except NotFound as error:
            raise Invalid(error.detail) from error
        _note(connection, base, None)

    return shaping.choose({"add": add, "delete": delete}, HOME, _show)


def _note(connection: Connection, base: str, rate: str | None) -> None:
    """A line of the audit log; a rate that is gone has none."""
    detail = {"currency": shaping.sent("currency"), "in": base, "day": str(_day()), "rate": rate}
    events.record(connection, "currency.rate", actor=principal(), detail=detail)


def _rate() -> str:
    try:
        return f"{numerals.read(shaping.sent('rate')):f}"
    except numerals.Unreadable as error:
        raise Invalid(str(error), [FieldError("rate", str(error))]) from None


def _day() -> date:
    try:
        return date.fromisoformat(shaping.sent("day"))
    except ValueError:
        message = _("A day is needed, as 2026-11-01.")
        raise Invalid(message, [FieldError("day", message)]) from None
