"""Users, for admins: who there is, inviting, role, team, deactivating."""

from typing import Any

from flask import request
from sqlalchemy import Connection, Row

from app.crm import changes
from app.crm.accounts import administration, events, forms, handing_over, sessions, teams, tokens, users
from app.crm.accounts.entrance import Answer
from app.crm.accounts.profile import saved
from app.crm.objects import BUILT_IN
from app.crm.web import is_secure, principal, services
from app.shared.contract import Principal, StoredChangeSet
from app.shared.errors import Conflict, FieldError, Forbidden, Invalid, ParleyError

ROLE_CHOICES = (
    ("admin", "Admin: everything, and the settings"),
    ("member", "Member: looks at and changes records"),
    ("viewer", "Viewer: looks at records"),
)


def admin() -> Principal:
    """Who asks, an admin. Raises Forbidden for anybody else."""
    found = principal()
    if not found.is_admin:
        raise Forbidden("Only an admin can see and change this.")
    return found


def _context() -> dict[str, Any]:
    with services().database.read() as connection:
        found, named, seen = users.listing(connection), teams.listing(connection), sessions.last_seen(connection)
    names = {team.id: team.name for team in named}
    people = [
        {"row": user, "state": users.state(user), "team": names.get(user.team_id, ""), "seen": seen.get(user.id)}
        for user in found
    ]
    return {"people": people, "teams": named, "roles": ROLE_CHOICES}


def show() -> Answer:
    """GET /settings/users."""
    admin()
    return forms.page("users", {"role": "member"}, **_context())


def invite() -> Answer:
    """Make the user and show the link, once: it goes to them by whatever way the admin trusts."""
    me = admin()
    values = forms.typed("name", "email", "role", "team")
    try:
        with services().database.write() as connection:
            user, path = administration.invite(connection, me, **values)
    except Invalid as error:
        return forms.refused("users", error, values, **_context())
    return _link_page(user, path), 201


def _link_page(user: Row[Any], path: str) -> str:
    return forms.page("user_link", user=user, url=f"{_origin()}{path}", is_reset=bool(user.password_hash))


def _origin() -> str:
    """This server's address as the admin's browser knows it; the identity layer has checked the name."""
    return f"{'https' if is_secure() else 'http'}://{request.host}"


# --- one user --------------------------------------------------------------------------------------------------------


def _one(connection: Connection, user_id: int) -> dict[str, Any]:
    user, named = users.get(connection, user_id), teams.listing(connection)
    owned = handing_over.owned(connection, principal(), user_id)
    return {
        "user": user,
        "state": users.state(user),
        "team": next((team.name for team in named if team.id == user.team_id), ""),
        "teams": named,
        "roles": ROLE_CHOICES,
        "owned": [(BUILT_IN[name], count) for name, count in owned.items()],
        "others": [other for other in users.listing(connection) if other.active and other.id != user_id],
        "sessions": len(sessions.listing(connection, user_id)),
        "tokens": len(tokens.listing(connection, user_id)),
    }


def _read_one(user_id: int) -> dict[str, Any]:
    with services().database.read() as connection:
        return _one(connection, user_id)


def _values(context: dict[str, Any]) -> dict[str, str]:
    user = context["user"]
    return {"name": user.name, "email": user.email or "", "role": user.role, "team": context["team"], "to": ""}


def _refused(user_id: int, error: ParleyError, values: dict[str, str] | None = None) -> Answer:
    context = _read_one(user_id)
    return forms.refused("user", error, _values(context) | (values or {}), **context)


def show_one(user_id: int) -> Answer:
    """GET /settings/users/<id>."""
    admin()
    context = _read_one(user_id)
    return forms.page("user", _values(context), **context)


def save(user_id: int) -> Answer:
    """POST /settings/users/<id>: name, address, role and team."""
    me = admin()
    values = forms.typed("name", "email", "role", "team")
    try:
        with services().database.write() as connection:
            administration.change(connection, me, user_id, **values)
    except ParleyError as error:
        return _refused(user_id, error, values)
    return saved("/settings/users")


def link(user_id: int) -> Answer:
    """POST /settings/users/<id>/link: an invitation again, or a link to a new password."""
    me = admin()
    try:
        with services().database.write() as connection:
            user, path = administration.make_link(connection, me, user_id)
    except ParleyError as error:
        return _refused(user_id, error)
    return _link_page(user, path), 201


def sign_out(user_id: int) -> Answer:
    """POST /settings/users/<id>/sign-out: out of every browser, and every token revoked."""
    me = admin()
    with services().database.write() as connection:
        users.get(connection, user_id)
        ended, revoked = sessions.revoke_all(connection, user_id), tokens.revoke_all(connection, user_id)
        detail = {"count": ended, "tokens": revoked}
        events.record(connection, "session.revoked", actor=me, user_id=user_id, detail=detail)
    return saved(f"/settings/users/{user_id}")


def deactivate(user_id: int) -> Answer:
    """POST /settings/users/<id>/deactivate: every way in is closed; `to` takes over what they own."""
    me, values = admin(), forms.typed("to")
    try:
        if me.user_id == user_id:
            raise Conflict("You can't deactivate yourself. Another admin can.")
        with services().database.write() as connection:
            handed = _hand_over(connection, me, user_id, values["to"])
            administration.deactivate(connection, me, user_id)
    except ParleyError as error:
        return _refused(user_id, error, values)
    return _deactivated(user_id, handed)


def _hand_over(connection: Connection, me: Principal, user_id: int, to: str) -> StoredChangeSet | None:
    if not to:
        return None
    if not to.isdecimal() or len(to) > 15:
        raise Invalid("There is no such choice.", [FieldError("to", "Choose one of the list.")])
    return handing_over.hand_over(connection, me, user_id, int(to))


def _deactivated(user_id: int, handed: StoredChangeSet | None) -> Answer:
    if handed is None:
        return saved(f"/settings/users/{user_id}")
    changes.announce(handed.id)
    return saved(f"/settings/users/{user_id}", "handed-over", handed.id)


def reactivate(user_id: int) -> Answer:
    """POST /settings/users/<id>/reactivate."""
    me = admin()
    with services().database.write() as connection:
        administration.reactivate(connection, me, user_id)
    return saved(f"/settings/users/{user_id}")
