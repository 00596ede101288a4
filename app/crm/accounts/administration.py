"""What admins do to users, teams and visibility. Each step is noted among the security events, in its transaction."""

from typing import Any

from sqlalchemy import Connection, Row

from app.crm import customization
from app.crm.accounts import events, invitation, teams, users
from app.shared.contract import Principal


def invite(
    connection: Connection, actor: Principal, *, name: str, email: str, role: str, team: str
) -> tuple[Row[Any], str]:
    """A new user, and the path of the link by which they choose a password. Raises Invalid."""
    team_id = ensure_team(connection, actor, team)
    user_id = users.invite(connection, name=name, email=email, role=role, team_id=team_id)
    detail = {"name": " ".join(name.split()), "role": role, "team": team.strip()}
    events.record(connection, "user.invited", actor=actor, user_id=user_id, detail=detail)
    return users.get(connection, user_id), invitation.create(connection, user_id)


def make_link(connection: Connection, actor: Principal, user_id: int) -> tuple[Row[Any], str]:
    """A new one-time link for a user; the one before stops working. Raises Conflict, Invalid."""
    path = invitation.create(connection, user_id)
    user = users.get(connection, user_id)
    purpose = "new password" if user.password_hash else "invitation"
    events.record(connection, "link.created", actor=actor, user_id=user_id, detail={"for": purpose})
    return user, path


def change(
    connection: Connection, actor: Principal, user_id: int, *, name: str, email: str, role: str, team: str
) -> None:
    """Name, address, role and team. Raises Invalid naming the bad fields, and Conflict for the last admin."""
    before = users.get(connection, user_id)
    users.update_profile(connection, user_id, name=name, timezone=before.timezone, locale=before.locale)
    if email.strip() or before.email:
        users.set_address(connection, user_id, email)
    if role != before.role:
        users.set_role(connection, user_id, role)
        events.record(connection, "user.role", actor=actor, user_id=user_id, detail={"from": before.role, "to": role})
    set_team(connection, actor, user_id, ensure_team(connection, actor, team))
    after = users.get(connection, user_id)
    changed = [field for field in ("name", "email") if getattr(before, field) != getattr(after, field)]
    if changed:
        events.record(connection, "user.changed", actor=actor, user_id=user_id, detail={"fields": changed})


def deactivate(connection: Connection, actor: Principal, user_id: int) -> None:
    """Raises Conflict for the last admin."""
    users.deactivate(connection, user_id)
    events.record(connection, "user.deactivated", actor=actor, user_id=user_id)


def reactivate(connection: Connection, actor: Principal, user_id: int) -> None:
    users.reactivate(connection, user_id)
    events.record(connection, "user.reactivated", actor=actor, user_id=user_id)


# --- teams -----------------------------------------------------------------------------------------------------------


def ensure_team(connection: Connection, actor: Principal, name: str) -> int | None:
    """The team of this name, made where it is missing; None for no name. Raises Invalid."""
    known = teams.by_name(connection, name)
    team_id = teams.ensure(connection, name)
    if known is None and team_id is not None:
        events.record(connection, "team.created", actor=actor, detail={"team": teams.get(connection, team_id).name})
    return team_id


def set_team(connection: Connection, actor: Principal, user_id: int, team_id: int | None) -> None:
    """Put a user into a team, or out of theirs (None)."""
    before = users.get(connection, user_id).team_id
    if before == team_id:
        return
    users.set_team(connection, user_id, team_id)
    detail = {"from": teams.name_of(connection, before), "to": teams.name_of(connection, team_id)}
    events.record(connection, "user.team", actor=actor, user_id=user_id, detail=detail)


def rename_team(connection: Connection, actor: Principal, team_id: int, name: str) -> None:
    """Raises Invalid where the name is empty, too long or another team's."""
    before = teams.get(connection, team_id).name
    teams.rename(connection, team_id, name)
    detail = {"from": before, "to": teams.get(connection, team_id).name}
    events.record(connection, "team.renamed", actor=actor, detail=detail)


def delete_team(connection: Connection, actor: Principal, team_id: int) -> None:
    """Its people stay, without a team."""
    name = teams.get(connection, team_id).name
    for user in teams.members(connection, team_id):
        set_team(connection, actor, user.id, None)
    teams.delete_(connection, team_id)
    events.record(connection, "team.deleted", actor=actor, detail={"team": name})


def set_members(connection: Connection, actor: Principal, team_id: int, user_ids: set[int]) -> None:
    """Exactly these people are in the team; who comes from another team leaves that one."""
    teams.get(connection, team_id)
    now = {user.id for user in teams.members(connection, team_id)}
    for user_id in sorted(now - user_ids):
        set_team(connection, actor, user_id, None)
    for user_id in sorted(user_ids - now):
        set_team(connection, actor, user_id, team_id)


# --- visibility ------------------------------------------------------------------------------------------------------


def set_visibility(connection: Connection, actor: Principal, object: str, rule: str) -> None:
    """Who sees the records of an object, from now on: everyone, team or owner. Raises Invalid."""
    key = f"visibility.{object}"
    before = customization.setting(connection, key, "everyone")
    if before == rule:
        return
    customization.set_setting(connection, key, rule)
    detail = {"object": object, "from": before, "to": rule}
    events.record(connection, "visibility.changed", actor=actor, detail=detail)
