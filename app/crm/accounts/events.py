"""The security events: who came in, who didn't, and who changed what about access, settings and hooks.

Beside the journal of records this is the other half of the audit log. A row is written in the transaction of what it
tells. `detail` holds names and values to be shown to admins: never a password, a token, a link or a signing secret.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete

from app.crm.accounts.sessions import Device
from app.crm.schema import security_events
from app.shared.contract import SYSTEM, Principal
from app.shared.types import utc_now

KEPT = timedelta(days=400)  # a year, and a month to look back on it
STRANGER = "Somebody unknown"

# What happened, in the words of the audit log. Another kind is recorded too, and shown by its name.
KINDS: dict[str, str] = {
    "session.started": "Signed in",
    "session.refused": "Failed to sign in",
    "session.blocked": "Too many failed sign-ins",
    "session.ended": "Signed out",
    "session.revoked": "Ended a session",
    "session.renewed": "Renewed a session",
    "password.changed": "Changed the password",
    "password.reset": "Chose a new password by a link",
    "link.created": "Made a one-time link",
    "token.created": "Made an API token",
    "token.revoked": "Revoked an API token",
    "setup.completed": "Set Parley up",
    "user.created": "Made a user",
    "user.invited": "Invited a user",
    "user.joined": "Accepted the invitation",
    "user.changed": "Changed a user",
    "user.role": "Changed somebody's role",
    "user.team": "Changed somebody's team",
    "user.deactivated": "Deactivated a user",
    "user.reactivated": "Activated a user",
    "records.handed_over": "Handed records over",
    "team.created": "Made a team",
    "team.renamed": "Renamed a team",
    "team.deleted": "Deleted a team",
    "visibility.changed": "Changed who sees records",
    "setting.changed": "Changed a setting",
    "field.created": "Made a field",
    "field.changed": "Changed a field",
    "field.retired": "Retired a field",
    "field.restored": "Brought a field back",
    "pipeline.created": "Made a pipeline",
    "pipeline.changed": "Changed a pipeline",
    "pipeline.retired": "Retired a pipeline",
    "stage.created": "Made a stage",
    "stage.changed": "Changed a stage",
    "stage.retired": "Retired a stage",
    "stage.restored": "Brought a stage back",
    "pipeline.restored": "Brought a pipeline back",
    "tag.renamed": "Renamed a tag",
    "tag.merged": "Joined two tags",
    "tag.deleted": "Deleted a tag",
    "currency.rate": "Changed a currency rate",
    "synonym.created": "Taught the assistant a word",
    "synonym.deleted": "Took a word from the assistant",
    "demo.loaded": "Loaded the demo data",
    "demo.removed": "Removed the demo data",
    "webhook.created": "Made a webhook",
    "webhook.changed": "Changed a webhook",
    "webhook.secret": "Renewed a webhook's secret",
    "webhook.paused": "Paused a webhook",
    "webhook.resumed": "Resumed a webhook",
    "webhook.test": "Tried a webhook",
    "webhook.deleted": "Deleted a webhook",
    "export.made": "Exported records",
}


def record(
    connection: Connection,
    kind: str,
    *,
    actor: Principal | None = None,
    user_id: int | None = None,
    device: Device | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Note an event, in the caller's write transaction.

    `actor`: who did it (None: a stranger); `user_id`: whose account it is about, where it is about one. `device` is
    where it came from; left out, it is that of the request which is being answered. `detail` is JSON: names and
    values, no secret.
    """
    device = device or current_device()
    if kind == "session.started":
        forget_old(connection)
    connection.execute(
        security_events.insert().values(
            at=utc_now(),
            kind=kind,
            user_id=user_id,
            actor_id=actor.user_id if actor else None,
            actor=actor.name if actor else STRANGER,
            channel=actor.channel if actor else "page",
            address=device.address[:64] or None,
            user_agent=device.user_agent[:400] or None,
            detail=dict(detail or {}),
        )
    )


def current_device() -> Device:
    """Where the request that this thread answers comes from; nowhere, outside of one."""
    from flask import has_request_context, request

    if not has_request_context():
        return Device()
    return Device(request.headers.get("User-Agent", ""), request.remote_addr or "")


def by_system(connection: Connection, kind: str, **values: Any) -> None:
    """An event of the command line or of the program itself."""
    record(connection, kind, actor=SYSTEM, device=Device(), **values)


def forget_old(connection: Connection) -> int:
    """Drop what is older than it is kept; how many rows."""
    return connection.execute(delete(security_events).where(security_events.c.at < utc_now() - KEPT)).rowcount
