"""Following a record: its page's switch, and who else does."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from app.crm.notifications import follow
from app.crm.pages import undo
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import Record
from app.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Followers:
    """Who is told of a record's changes, by name, and whether the reader is."""

    names: Sequence[str]
    mine: bool


def of(reader: Reader, record: Record) -> Followers:
    found = follow.names(reader.connection, (record.object, record.id))
    return Followers([name for _id, name in found], reader.principal.user_id in {id for id, _name in found})


def change(object: str, id: int) -> Response:
    """POST /follow/<object>/<id>: follow it, or with follow=false not any more."""
    user = principal().user_id
    if user is None:
        raise NotFound(_("This credential belongs to no user."))
    with reading() as reader:
        record = reader.record(object, id)
    following = request.form.get("follow") != "false"
    with services().database.write() as connection:
        follow.follow(connection, user, (object, id), following)
    return undo.answer(record.url, "followed" if following else "unfollowed")
