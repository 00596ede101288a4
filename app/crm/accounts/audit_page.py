"""GET /settings/audit: the audit log, for admins, with its filters in the address."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import request

from app.crm.accounts import audit, events, forms, users
from app.crm.accounts.agents import browser_of
from app.crm.accounts.entrance import Answer
from app.crm.accounts.people import admin
from app.crm.pages import locale
from app.crm.web import services
from app.shared.types import utc_now

FILTERS = ("person", "kind", "from", "to")
CHANNELS = {"page": "in a browser", "api": "by a token", "chat": "the assistant", "cli": "on the command line",
            "system": "Parley itself", "import": "an import", "mcp": "by a tool"}  # fmt: skip


def show() -> Answer:
    """A filter that can't be read is left out, and its field shows empty."""
    admin()
    given = {name: request.args.get(name, "").strip() for name in FILTERS}
    wanted, values = _wanted(given)
    with services().database.read() as connection:
        entries, after = audit.page(connection, wanted, request.args.get("before", ""))
        people = users.listing(connection)
    kept = {name: value for name, value in values.items() if value}
    return forms.page(
        "audit",
        values,
        days=_by_day(entries),
        people=people,
        kinds=_kinds(),
        channels=CHANNELS,
        browser_of=browser_of,
        retention=events.KEPT.days,
        later="/settings/audit?" + urlencode(kept | {"before": after}) if after else "",
        newest="/settings/audit?" + urlencode(kept) if request.args.get("before") else "",
    )


def _wanted(given: dict[str, str]) -> tuple[audit.Wanted, dict[str, str]]:
    person = given["person"] if given["person"].isdecimal() and len(given["person"]) < 16 else ""
    kind = given["kind"] if given["kind"] in (*events.KINDS, audit.RECORDS) else ""
    since, until = _day(given["from"]), _day(given["to"])
    wanted = audit.Wanted(
        int(person) if person else None, kind, _start(since), _start(until + timedelta(days=1)) if until else None
    )
    return wanted, {
        "person": person,
        "kind": kind,
        "from": since.isoformat() if since else "",
        "to": until.isoformat() if until else "",
    }


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= utc_now().year + 1 else None


def _start(day: date | None) -> datetime | None:
    """The first moment of a day of the reader's."""
    return datetime.combine(day, time(), tzinfo=locale.zone()) if day else None


def _by_day(entries: list[audit.Entry]) -> list[tuple[date, list[audit.Entry]]]:
    days: dict[date, list[audit.Entry]] = {}
    for entry in entries:
        days.setdefault(entry.at.astimezone(locale.zone()).date(), []).append(entry)
    return list(days.items())


def _kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds, under the area that they begin with."""
    areas: dict[str, list[tuple[str, str]]] = {}
    for kind, label in events.KINDS.items():
        areas.setdefault(kind.partition(".")[0].capitalize(), []).append((kind, label))
    return list(areas.items())
