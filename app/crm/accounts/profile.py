"""One's own account: name, time zone, password, and where one is signed in."""

from typing import Any, cast

from flask import Response, redirect, request
from sqlalchemy import Connection, Row

from app.crm import catalog
from app.crm.accounts import events, forms, passwords, sessions, users
from app.crm.accounts.agents import browser_of
from app.crm.accounts.entrance import Answer
from app.crm.accounts.zones import LOCALES, timezones
from app.crm.web import principal, services
from app.shared.errors import FieldError, Invalid, NotFound, ParleyError


def own_id() -> int:
    """The id of whoever asks. The command line's own token is nobody's account."""
    found = principal().user_id
    if found is None:
        raise NotFound("This credential belongs to no user.")
    return found


def _context(connection: Connection) -> dict[str, Any]:
    mine = forms.own_session()
    found = [
        {"id": row.id, "what": browser_of(row.user_agent), "row": row, "current": row.id == mine}
        for row in sessions.listing(connection, own_id())
    ]
    return {"sessions": found, "user": users.get(connection, own_id())}


def _read() -> dict[str, Any]:
    with services().database.read() as connection:
        return _context(connection)


def _choices(user: Row[Any], values: dict[str, str]) -> dict[str, Any]:
    """What there is to choose, and what the choice that is shown looks like."""
    zones = timezones() if user.timezone in timezones() else (user.timezone, *timezones())
    locales = LOCALES if user.locale in dict(LOCALES) else ((user.locale, user.locale), *LOCALES)
    return {"timezones": zones, "locales": locales, "example": _example(values["timezone"], values["locale"])}


def _example(timezone: str, locale: str) -> dict[str, str]:
    from app.crm.pages.locale import example

    with services().database.read() as connection:
        currency = catalog.load(connection).currency
    return example(timezone, locale, currency)


def show() -> Answer:
    """GET /settings/profile."""
    with services().database.read() as connection:
        user = users.get(connection, own_id())
    values = {"name": user.name, "timezone": user.timezone, "locale": user.locale}
    return forms.page("profile", values, **_choices(user, values))


def example() -> Answer:
    """GET /settings/profile/example?timezone=&locale=: a date, a number and an amount as they would be written."""
    chosen = {name: request.args.get(name, "") for name in ("timezone", "locale")}
    return forms.page("_example", example=_example(chosen["timezone"], chosen["locale"]))


def show_sessions() -> Answer:
    """GET /settings/sessions: the password, and where one is signed in."""
    return forms.page("sessions", {}, **_read())


def save() -> Answer:
    values = forms.typed("name", "timezone", "locale")
    try:
        _check_locale(values["locale"])
        with services().database.write() as connection:
            users.update_profile(connection, own_id(), **values)
    except Invalid as error:
        with services().database.read() as connection:
            user = users.get(connection, own_id())
        return forms.refused("profile", error, values, **_choices(user, values))
    return saved("/settings/profile")


def _check_locale(locale: str) -> None:
    if locale not in {key for key, _ in LOCALES}:
        raise Invalid("There is no such choice.", [FieldError("locale", "Choose one of the list.")])


def change_password() -> Answer:
    """The old password is asked for, and every other session ends; this one goes on under a new secret."""
    values = forms.typed("current", "new")
    context = _read()
    user = context["user"]
    try:
        if not passwords.verify(user.password_hash, values["current"]):
            raise Invalid("That isn't your password.", [FieldError("current", "This isn't your present password.")])
        passwords.check(values["new"], name=user.name, email=user.email or "", field="new")
    except ParleyError as error:
        return forms.refused("sessions", error, values, **context)
    hashed = passwords.hash_password(values["new"])
    with services().database.write() as connection:
        users.set_password(connection, user.id, hashed)
        events.record(connection, "password.changed", actor=principal(), user_id=user.id)
        fresh = sessions.start(connection, user.id, forms.device())
    return forms.with_session(saved("/settings/sessions"), fresh)


def end_session(session_id: str) -> Answer:
    with services().database.write() as connection:
        if not sessions.revoke(connection, own_id(), session_id):
            raise NotFound("That session has ended already.")
        events.record(connection, "session.revoked", actor=principal(), user_id=own_id())
    return saved("/settings/sessions")


def end_others() -> Answer:
    with services().database.write() as connection:
        ended = sessions.revoke_all(connection, own_id(), keep=forms.own_session())
        events.record(connection, "session.revoked", actor=principal(), user_id=own_id(), detail={"count": ended})
    return saved("/settings/sessions")


def end_all() -> Answer:
    """Sign out everywhere, here too."""
    with services().database.write() as connection:
        ended = sessions.revoke_all(connection, own_id())
        events.record(connection, "session.revoked", actor=principal(), user_id=own_id(), detail={"count": ended})
    return forms.without_session(cast(Response, redirect("/sign-in", 303)))


def saved(path: str, what: str = "saved", undo: int | None = None) -> Response:
    """Go on to a page that says so; `undo`: the change set that its Undo takes back."""
    from app.crm.pages.frame import toast

    return toast(cast(Response, redirect(path, 303)), what, undo)
