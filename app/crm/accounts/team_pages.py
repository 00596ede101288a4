"""Teams, for admins: make, rename, delete, and who is in them."""

from typing import Any

from flask import request
from sqlalchemy import Connection

from app.crm.accounts import administration, events, forms, teams, users
from app.crm.accounts.entrance import Answer
from app.crm.accounts.people import admin
from app.crm.accounts.profile import saved
from app.crm.web import services
from app.shared.errors import Invalid


def _all() -> dict[str, Any]:
    with services().database.read() as connection:
        sizes = teams.sizes(connection)
        return {"teams": [{"row": team, "size": sizes.get(team.id, 0)} for team in teams.listing(connection)]}


def show() -> Answer:
    """GET /settings/teams."""
    admin()
    return forms.page("teams", {"name": ""}, **_all())


def create() -> Answer:
    """POST /settings/teams."""
    me, values = admin(), forms.typed("name")
    try:
        with services().database.write() as connection:
            team_id = teams.create(connection, values["name"], "name")
            detail = {"team": teams.name_of(connection, team_id)}
            events.record(connection, "team.created", actor=me, detail=detail)
    except Invalid as error:
        return forms.refused("teams", error, values, **_all())
    return saved(f"/settings/teams/{team_id}")


def _one(connection: Connection, team_id: int) -> dict[str, Any]:
    names = {team.id: team.name for team in teams.listing(connection)}
    people = [
        {"row": user, "state": users.state(user), "team": names.get(user.team_id, ""), "in": user.team_id == team_id}
        for user in users.listing(connection)
        if user.active or user.team_id == team_id
    ]
    return {"team": teams.get(connection, team_id), "people": people}


def _read_one(team_id: int) -> dict[str, Any]:
    with services().database.read() as connection:
        return _one(connection, team_id)


def show_one(team_id: int) -> Answer:
    """GET /settings/teams/<id>."""
    admin()
    context = _read_one(team_id)
    return forms.page("team", {"name": context["team"].name}, **context)


def save(team_id: int) -> Answer:
    """POST /settings/teams/<id>: another name."""
    me, values = admin(), forms.typed("name")
    try:
        with services().database.write() as connection:
            administration.rename_team(connection, me, team_id, values["name"])
    except Invalid as error:
        return forms.refused("team", error, values, **_read_one(team_id))
    return saved("/settings/teams")


def save_members(team_id: int) -> Answer:
    """POST /settings/teams/<id>/members: exactly those whose boxes are ticked."""
    me = admin()
    wanted = {int(item) for item in request.form.getlist("member") if item.isdecimal() and len(item) < 16}
    with services().database.write() as connection:
        administration.set_members(connection, me, team_id, wanted)
    return saved(f"/settings/teams/{team_id}")


def delete(team_id: int) -> Answer:
    """POST /settings/teams/<id>/delete: its people stay, without a team."""
    me = admin()
    with services().database.write() as connection:
        administration.delete_team(connection, me, team_id)
    return saved("/settings/teams")
