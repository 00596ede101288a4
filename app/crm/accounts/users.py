"""Users: people who sign in, and owners of records who can't yet."""

from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from app.crm.accounts import links, sessions
from app.crm.schema import users
from app.shared.characters import seen
from app.shared.contract import Principal, Role
from app.shared.db import text_key
from app.shared.errors import Conflict, FieldError, Invalid, NotFound
from app.shared.types import utc_now

ROLES: tuple[Role, ...] = ("admin", "member", "viewer")
NAME_LENGTH = 200
_CAN_SIGN_IN = users.c.active & users.c.password_hash.isnot(None) & users.c.email_key.isnot(None)


def create(
    connection: Connection,
    *,
    name: str,
    email: str | None = None,
    role: str = "member",
    password_hash: str | None = None,
    team_id: int | None = None,
    timezone: str = "UTC",
    locale: str = "en_US",
) -> int:
    """A new user; one without an address or without a password can't sign in until invited. Raises Invalid."""
    row = check_name(name) | _addressed(connection, email) | _with_role(role)
    row |= {"password_hash": password_hash, "team_id": team_id, "timezone": timezone, "locale": locale}
    made = users.insert().values(**row, active=True, created_at=utc_now()).returning(users.c.id)
    return int(connection.execute(made).scalar_one())


def check_name(name: str) -> dict[str, Any]:
    """The name's columns. Raises Invalid."""
    name = " ".join(seen(name).split())
    if not name:
        raise Invalid("A user needs a name.", [FieldError("name", "Enter a name.")])
    if len(name) > NAME_LENGTH:
        raise Invalid("The name is too long.", [FieldError("name", f"Use at most {NAME_LENGTH} characters.")])
    return {"name": name, "name_key": text_key(name)}


def _addressed(connection: Connection, email: str | None, user_id: int | None = None) -> dict[str, Any]:
    if email is None:
        return {"email": None, "email_key": None}
    email = check_email(email)
    other = by_email(connection, email)
    if other is not None and other.id != user_id:
        raise Invalid("This address is taken.", [FieldError("email", "Somebody has this e-mail address already.")])
    return {"email": email, "email_key": text_key(email)}


def _with_role(role: str) -> dict[str, Any]:
    if role not in ROLES:
        raise Invalid("There is no such role.", [FieldError("role", f"Choose one of {', '.join(ROLES)}.")])
    return {"role": role}


def check_email(email: str) -> str:
    """The address as it is kept. Raises Invalid where it can't be one."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise Invalid(
            "The e-mail address can't be read.", [FieldError("email", "Enter an address like name@example.com.")]
        ) from None


def by_email(connection: Connection, email: str) -> Row[Any] | None:
    return connection.execute(select(users).where(users.c.email_key == text_key(email.strip()))).one_or_none()


def get(connection: Connection, user_id: int) -> Row[Any]:
    """The user. Raises NotFound."""
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    return row


def listing(connection: Connection) -> list[Row[Any]]:
    """Everybody, the active ones first, by name."""
    order = (users.c.active.desc(), users.c.name_key, users.c.id)
    return list(connection.execute(select(users).order_by(*order)))


def principal(user: Row[Any]) -> Principal:
    """The user as somebody who acts, before there is a session or a token: in what signing in and links do."""
    return Principal(user_id=user.id, name=user.name, role=user.role, email=user.email, team_id=user.team_id)


def state(user: Row[Any]) -> str:
    """`active`, `deactivated`, or `uninvited`: has no password yet."""
    if not user.active:
        return "deactivated"
    return "active" if user.password_hash and user.email_key else "uninvited"


def anybody_can_sign_in(connection: Connection) -> bool:
    return connection.execute(select(users.c.id).where(_CAN_SIGN_IN).limit(1)).first() is not None


def update_profile(connection: Connection, user_id: int, *, name: str, timezone: str, locale: str) -> None:
    """Raises Invalid naming the bad fields."""
    _set(connection, user_id, **check_name(name), **check_timezone(timezone), locale=locale)


def check_timezone(timezone: str) -> dict[str, str]:
    """The zone's column. Raises Invalid."""
    from zoneinfo import available_timezones

    if timezone not in available_timezones():
        raise Invalid(
            "There is no such time zone.", [FieldError("timezone", "Choose a time zone, as Europe/Berlin or UTC.")]
        )
    return {"timezone": timezone}


def set_password(connection: Connection, user_id: int, password_hash: str, *, keep: str | None = None) -> None:
    """A new password: every session of the user ends but `keep` (its id)."""
    _set(connection, user_id, password_hash=password_hash)
    sessions.revoke_all(connection, user_id, keep=keep)


def rehash(connection: Connection, user_id: int, password_hash: str) -> None:
    """The same password under another hash: nothing ends."""
    _set(connection, user_id, password_hash=password_hash)


def set_role(connection: Connection, user_id: int, role: str) -> None:
    """Raises Conflict where it would leave nobody who can administer."""
    changed = _with_role(role)
    if role != "admin":
        _keep_an_admin(connection, user_id)
    _set(connection, user_id, **changed)
    sessions.expect_renewal(connection, user_id)


def set_team(connection: Connection, user_id: int, team_id: int | None) -> None:
    _set(connection, user_id, team_id=team_id)
    sessions.expect_renewal(connection, user_id)


def deactivate(connection: Connection, user_id: int) -> None:
    """Takes away every way in; the records stay theirs. Raises Conflict for the last admin."""
    _keep_an_admin(connection, user_id)
    _set(connection, user_id, active=False)
    sessions.revoke_all(connection, user_id)
    links.revoke(connection, user_id)


def reactivate(connection: Connection, user_id: int) -> None:
    _set(connection, user_id, active=True)


def invite(connection: Connection, *, name: str, email: str, role: str = "member", team_id: int | None = None) -> int:
    """A user who will choose a password by an invitation link (`links.create`). Raises Invalid."""
    return create(connection, name=name, email=email, role=role, team_id=team_id)


def set_address(connection: Connection, user_id: int, email: str) -> None:
    """Raises Invalid where it is malformed or somebody else's."""
    _set(connection, user_id, **_addressed(connection, email, user_id))


def _keep_an_admin(connection: Connection, user_id: int) -> None:
    admins = select(users.c.id).where(_CAN_SIGN_IN, users.c.role == "admin")
    ids = set(connection.execute(admins).scalars())
    if ids == {user_id}:
        raise Conflict("This is the only admin who can sign in. Make somebody else an admin first.")


def _set(connection: Connection, user_id: int, **values: Any) -> None:
    done = connection.execute(update(users).where(users.c.id == user_id).values(**values))
    if done.rowcount == 0:
        raise NotFound(f"There is no user {user_id}.")


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(users)).scalar_one()
