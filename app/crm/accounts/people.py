"""Users, for admins: who there is, inviting, role, team, deactivating."""

from typing import Any

from flask import request
from sqlalchemy import Connection, Row

from app.crm.accounts import forms, invitation, teams, users
from app.crm.accounts.entrance import Answer
from app.crm.accounts.profile import saved
from app.crm.web import principal, services
from app.shared.contract import Principal
from app.shared.errors import Conflict, Forbidden, Invalid, ParleyError

ROLE_CHOICES = (
    ("admin", "Admin: everything, and the settings"),
    ("member", "Member: looks at and changes records"),
    ("viewer", "Viewer: looks at records"),
)


def _admin() -> Principal:
    found = principal()
    if not found.is_admin:
        raise Forbidden("Only an admin can see and change this.")
    return found


def _context() -> dict[str, Any]:
    with services().database.read() as connection:
        found, named = users.listing(connection), teams.listing(connection)
    names = {team.id: team.name for team in named}
    people = [{"row": user, "state": users.state(user), "team": names.get(user.team_id, "")} for user in found]
    return {"people": people, "teams": named, "roles": ROLE_CHOICES}


def show() -> Answer:
    _admin()
    return forms.page("users", {"role": "member"}, **_context())


def invite() -> Answer:
    """Make the user and show the link, once: it goes to them by whatever way the admin trusts."""
    _admin()
    values = forms.typed("name", "email", "role", "team")
    try:
        with services().database.write() as connection:
            team_id = teams.ensure(connection, values["team"])
            user_id = users.invite(
                connection, name=values["name"], email=values["email"], role=values["role"], team_id=team_id
            )
            path = invitation.create(connection, user_id)
            user = users.get(connection, user_id)
    except Invalid as error:
        return forms.refused("users", error, values, **_context())
    return _link_page(user, path), 201


def _link_page(user: Row[Any], path: str) -> str:
    return forms.page("user_link", user=user, url=f"{_origin()}{path}", is_reset=bool(user.password_hash))


def _origin() -> str:
    """This server's address as the admin's browser knows it; the identity layer has checked the name."""
    from app.crm.web import is_secure

    return f"{'https' if is_secure() else 'http'}://{request.host}"


def _one(connection: Connection, user_id: int) -> dict[str, Any]:
    user, named = users.get(connection, user_id), teams.listing(connection)
    team = next((team.name for team in named if team.id == user.team_id), "")
    return {"user": user, "state": users.state(user), "team": team, "teams": named, "roles": ROLE_CHOICES}


def _read_one(user_id: int) -> dict[str, Any]:
    with services().database.read() as connection:
        return _one(connection, user_id)


def _values(context: dict[str, Any]) -> dict[str, str]:
    user = context["user"]
    return {"name": user.name, "email": user.email or "", "role": user.role, "team": context["team"]}


def show_one(user_id: int) -> Answer:
    _admin()
    context = _read_one(user_id)
    return forms.page("user", _values(context), **context)


def save(user_id: int) -> Answer:
    _admin()
    values = forms.typed("name", "email", "role", "team")
    try:
        with services().database.write() as connection:
            user = users.get(connection, user_id)
            users.update_profile(connection, user_id, name=values["name"], timezone=user.timezone, locale=user.locale)
            if values["email"].strip() or user.email:
                users.set_address(connection, user_id, values["email"])
            users.set_role(connection, user_id, values["role"])
            users.set_team(connection, user_id, teams.ensure(connection, values["team"]))
    except ParleyError as error:
        return forms.refused("user", error, values, **_read_one(user_id))
    return saved("/settings/users")


def link(user_id: int) -> Answer:
    _admin()
    try:
        with services().database.write() as connection:
            path = invitation.create(connection, user_id)
            user = users.get(connection, user_id)
    except ParleyError as error:
        context = _read_one(user_id)
        return forms.refused("user", error, _values(context), **context)
    return _link_page(user, path), 201


def deactivate(user_id: int) -> Answer:
    me = _admin()
    try:
        if me.user_id == user_id:
            raise Conflict("You can't deactivate yourself. Another admin can.")
        with services().database.write() as connection:
            users.deactivate(connection, user_id)
    except ParleyError as error:
        context = _read_one(user_id)
        return forms.refused("user", error, _values(context), **context)
    return saved(f"/settings/users/{user_id}")


def reactivate(user_id: int) -> Answer:
    _admin()
    with services().database.write() as connection:
        users.reactivate(connection, user_id)
    return saved(f"/settings/users/{user_id}")
