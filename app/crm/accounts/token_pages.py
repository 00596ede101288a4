"""One's own API tokens: made, shown once, revoked."""

from datetime import datetime, timedelta
from typing import Any

from app.crm.accounts import events, forms, tokens
from app.crm.accounts.entrance import Answer
from app.crm.accounts.profile import own_id, saved
from app.crm.web import principal, services
from app.shared.errors import FieldError, Invalid, NotFound
from app.shared.types import utc_now

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "Until revoked"))
_FIRST = {"name": "", "scope": "read", "days": "90"}


def _context() -> dict[str, Any]:
    with services().database.read() as connection:
        found = tokens.listing(connection, own_id())
    now = utc_now()
    rows = [{"row": row, "expired": row.expires_at is not None and row.expires_at <= now} for row in found]
    return {"tokens": rows, "lifetimes": LIFETIMES, "scopes": _scopes()}


def _scopes() -> list[tuple[str, str]]:
    """A viewer's token can't do what the viewer can't."""
    look = [("read", "Look only")]
    return look if principal().role == "viewer" else [*look, ("write", "Look and change")]


def show() -> Answer:
    return forms.page("tokens", _FIRST, **_context())


def create() -> Answer:
    values = forms.typed("name", "scope", "days")
    try:
        if values["scope"] not in dict(_scopes()):
            raise Invalid("There is no such choice.", [FieldError("scope", "Choose one of the list.")])
        expires_at = _expiry(values["days"])
        with services().database.write() as connection:
            made = tokens.create(connection, own_id(), values["name"], [values["scope"]], expires_at)
            detail = {"token": tokens.shown(made), "name": values["name"], "scope": values["scope"]}
            events.record(connection, "token.created", actor=principal(), user_id=own_id(), detail=detail)
    except Invalid as error:
        return forms.refused("tokens", error, values, **_context())
    return forms.page("tokens", _FIRST, made=made, made_name=values["name"], **_context()), 201


def _expiry(days: str) -> datetime | None:
    if days not in dict(LIFETIMES):
        raise Invalid("There is no such choice.", [FieldError("days", "Choose one of the list.")])
    return utc_now() + timedelta(days=int(days)) if days else None


def revoke(token_id: int) -> Answer:
    with services().database.write() as connection:
        revoked = tokens.revoke(connection, own_id(), token_id)
        if revoked is None:
            raise NotFound("That token has been revoked already.")
        detail = {"token": revoked.prefix, "name": revoked.name}
        events.record(connection, "token.revoked", actor=principal(), user_id=own_id(), detail=detail)
    return saved("/settings/tokens")
