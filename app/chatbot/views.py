"""The record or the list that the asker has in view, as the page told it."""

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.shared.contract import CrmPort, Principal, Query, Ref
from app.shared.errors import ParleyError

_RECORD = re.compile(r"^/([a-z_]+)/(\d+)/?$")


def now_of(principal: Principal) -> datetime:
    """The time where the principal is."""
    try:
        zone = ZoneInfo(principal.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return datetime.now(zone)


def today_of(principal: Principal) -> date:
    return now_of(principal).date()


def in_view(port: CrmPort, principal: Principal, context: dict[str, Any] | None) -> tuple[Ref | None, Query | None]:
    """A record (`object` and `id`, or its page's `url`), or a list by its page's `url`."""
    if not context:
        return None, None
    if context.get("url"):
        path = urlsplit(str(context["url"]))
        if record := _RECORD.match(path.path):
            return _record(port, principal, record[1], int(record[2])), None
        return None, _view(port, str(context["url"]))
    return _record(port, principal, str(context["object"]), int(context["id"])), None


def _record(port: CrmPort, principal: Principal, object: str, id: int) -> Ref | None:
    if object not in port.catalog().objects:
        return None
    found = port.get_many(principal, [(object, id)]).get((object, id))
    return found.ref if found else None


def _view(port: CrmPort, url: str) -> Query | None:
    try:
        return port.view(url)
    except ParleyError:  # an address with a filter that can't be read is no view to lean on
        return None
