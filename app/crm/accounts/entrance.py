"""The pages that strangers see: sign-in, set-up, invitation."""

from typing import cast

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.crm.accounts import events, forms, invitation, sessions, setup, signing_in, users
from app.crm.accounts.setup import FirstAdmin
from app.crm.accounts.zones import timezones
from app.crm.web import principal, principal_or_none, services
from app.shared.errors import Conflict, Invalid, ParleyError
from app.shared.limits import Limited
from app.shared.origin import local_path

Answer = AnyResponse | str | tuple[str, int]


def _anybody_can_sign_in() -> bool:
    with services().database.read() as connection:
        return users.anybody_can_sign_in(connection)


def show_sign_in() -> Answer:
    target = local_path(request.args.get("next"))
    if principal_or_none() is not None:
        return redirect(target, 303)
    if not _anybody_can_sign_in():
        return redirect("/setup", 303)
    return forms.page("sign_in", {"next": target})


def sign_in() -> Answer:
    values = forms.typed("email", "password", "next")
    target = local_path(values["next"])
    try:
        secret = signing_in.sign_in(
            services().database, values["email"], values["password"], forms.device(), replaces=forms.session_cookie()
        )
    except (Invalid, Limited) as error:
        return forms.refused("sign_in", error, values | {"next": target})
    return forms.with_session(cast(Response, redirect(target, 303)), secret)


def sign_out() -> Answer:
    current = forms.session_cookie()
    if current:
        with services().database.write() as connection:
            if sessions.end(connection, current) is not None:
                events.record(connection, "session.ended", actor=principal(), user_id=principal().user_id)
    return forms.without_session(cast(Response, redirect("/sign-in", 303)))


def setup_hint() -> Answer:
    """Where somebody comes to a new instance without the link."""
    return redirect("/sign-in", 303) if _anybody_can_sign_in() else forms.page("setup_hint")


def show_setup(token: str) -> Answer:
    with services().database.read() as connection:
        is_open = setup.is_open(connection, token)
    if not is_open:
        return _gone("This set-up link no longer works.")
    return forms.page("setup", {"timezone": "UTC"}, timezones=timezones())


def set_up(token: str) -> Answer:
    values = forms.typed("workspace", "name", "email", "password", "timezone")
    try:
        user_id = setup.complete(services().database, token, FirstAdmin(**values))
    except Conflict as error:
        return _gone(error.detail)
    except ParleyError as error:
        return forms.refused("setup", error, values, timezones=timezones())
    return _signed_in(user_id)


def show_invitation(token: str) -> Answer:
    with services().database.read() as connection:
        user = invitation.invited(connection, token)
    if user is None:
        return _gone(invitation.GONE)
    return forms.page("invitation", {"name": user.name}, user=user)


def accept_invitation(token: str) -> Answer:
    values = forms.typed("name", "password")
    with services().database.read() as connection:
        user = invitation.invited(connection, token)
    try:
        user_id = invitation.accept(services().database, token, values["name"], values["password"])
    except Conflict as error:
        return _gone(error.detail)
    except ParleyError as error:
        return forms.refused("invitation", error, values, user=user)
    return _signed_in(user_id)


def _signed_in(user_id: int) -> Response:
    with services().database.write() as connection:
        user = users.get(connection, user_id)
        events.record(connection, "session.started", actor=users.principal(user), user_id=user_id)
        secret = sessions.start(connection, user_id, forms.device(), replaces=forms.session_cookie())
    return forms.with_session(cast(Response, redirect("/", 303)), secret)


def _gone(why: str) -> tuple[str, int]:
    return forms.page("gone", why=why, can_sign_in=_anybody_can_sign_in()), 410
