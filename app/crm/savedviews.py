"""Saved views: a name for how a list is shown. A view only tells a query; whoever opens it reads with their own rights.

A view is its maker's, or shared with everybody; shared ones are changed by their maker and by admins. Favourites, the
view that a list opens with, and the widths of columns are each person's own. A deleted view is seen by nobody, and
keeps all this for a day, in which it can be taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, or_, select, update

from app.crm.objects import RECORD_OBJECTS
from app.crm.query.suggestions import bad
from app.crm.schema import favourite_views, list_settings, saved_views
from app.shared.contract import Principal
from app.shared.errors import Forbidden, NotFound
from app.shared.types import utc_now

LONGEST_NAME, LONGEST_STATE, MOST_VIEWS = 80, 4_000, 200
NARROWEST, WIDEST, MOST_WIDTHS = 64, 900, 100
BOARD = ("by", "pipeline")  # what a board's address has beside the list's
TAKEN_BACK_WITHIN = timedelta(days=1)
Layout = Literal["table", "board"]
Widths = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class View:
    """One saved view as a person sees it."""

    id: int
    object: str
    name: str
    owner_id: int
    shared: bool
    layout: Layout
    state: str  # the parameters of its list's address
    widths: Widths = field(default_factory=dict)
    place: int | None = None  # among this person's favourites
    is_default: bool = False  # this person's lists of the object open with it

    @property
    def url(self) -> str:
        if self.layout == "table":
            return f"/{self.object}?view={self.id}"
        return f"/{self.object}/board?{urlencode([*self.board, ('view', self.id)])}"

    @property
    def board(self) -> list[tuple[str, str]]:
        """Which board it is: by which field, of which pipeline."""
        return [pair for pair in parse_qsl(self.state) if pair[0] in BOARD]

    def is_mine(self, principal: Principal) -> bool:
        return self.owner_id == principal.user_id

    def can_change(self, principal: Principal) -> bool:
        return self.is_mine(principal) or (self.shared and principal.is_admin)


# --- reading ---------------------------------------------------------------------------------------------------------


_LIVE = saved_views.c.deleted_at.is_(None)


def _mine(principal: Principal) -> ColumnElement[bool]:
    return or_(saved_views.c.owner_id == principal.user_id, saved_views.c.shared)


def _select(principal: Principal) -> Select[Any]:
    """The views that this person may see, with what they have settled about each."""
    who = principal.user_id
    favourite = (favourite_views.c.view_id == saved_views.c.id) & (favourite_views.c.user_id == who)
    usual = (list_settings.c.default_view_id == saved_views.c.id) & (list_settings.c.user_id == who)
    source = saved_views.outerjoin(favourite_views, favourite).outerjoin(list_settings, usual)
    columns = (saved_views, favourite_views.c.position.label("place"), list_settings.c.user_id.label("settled"))
    return select(*columns).select_from(source).where(_mine(principal), _LIVE).order_by(saved_views.c.id)


def _view(row: Any) -> View:
    return View(
        row.id, row.object, row.name, row.owner_id, row.shared, row.layout, row.state, row.widths or {}, row.place,
        row.settled is not None,
    )  # fmt: skip


def of_page(connection: Connection, principal: Principal, object: str | None) -> Sequence[View]:
    """What a page needs in one statement: the views of its object, this person's favourites and default views."""
    settled = or_(favourite_views.c.position.is_not(None), list_settings.c.user_id.is_not(None))
    wanted = or_(saved_views.c.object == object, settled) if object else settled
    return [_view(row) for row in connection.execute(_select(principal).where(wanted))]


def every(connection: Connection, principal: Principal) -> Sequence[View]:
    """All that this person may see, for the palette."""
    return [_view(row) for row in connection.execute(_select(principal))]


def find(connection: Connection, principal: Principal, id: int) -> View:
    """Raises NotFound for a view that this person can't see."""
    row = connection.execute(_select(principal).where(saved_views.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no view {id}, or it isn't shared with you.")
    return _view(row)


def widths(connection: Connection, principal: Principal, object: str) -> Mapping[str, Widths]:
    """This person's widths of columns: {a view's id, or "" for the list without one: {column: pixels}}."""
    own = (list_settings.c.user_id == principal.user_id) & (list_settings.c.object == object)
    return connection.scalar(select(list_settings.c.widths).where(own)) or {}


# --- changing --------------------------------------------------------------------------------------------------------


def create(
    connection: Connection,
    principal: Principal,
    object: str,
    name: str,
    state: str,
    layout: str = "table",
    widths: Widths | None = None,
) -> int:
    """A view of this person's own; gives its id. Raises Invalid for what is no view."""
    if principal.user_id is None:
        raise Forbidden("Only somebody who is signed in has views.")
    if object not in RECORD_OBJECTS or layout not in ("table", "board"):
        raise bad("object", "There is no such list.")
    _check_room(connection, principal, object)
    values = {"object": object, "owner_id": principal.user_id, "layout": layout, "name": _name(name)}
    now = utc_now()
    stamped = {**values, "state": _state(state), "widths": dict(widths or {}), "created_at": now, "updated_at": now}
    return int(connection.execute(insert(saved_views).values(stamped).returning(saved_views.c.id)).scalar_one())


def _check_room(connection: Connection, principal: Principal, object: str) -> None:
    own = (saved_views.c.owner_id == principal.user_id) & (saved_views.c.object == object) & _LIVE
    if (connection.scalar(select(func.count()).select_from(saved_views).where(own)) or 0) >= MOST_VIEWS:
        raise bad("name", f"You have {MOST_VIEWS} views of this list already: delete one first.")


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise bad("name", "A view needs a name.")
    if len(name) > LONGEST_NAME:
        raise bad("name", f"A view's name has at most {LONGEST_NAME} characters.")
    return name


def _state(state: str) -> str:
    if len(state) > LONGEST_STATE:
        raise bad("state", "This list has too many filters to be kept as a view.")
    return state


def _change(connection: Connection, principal: Principal, view: View, **values: Any) -> None:
    if not view.can_change(principal):
        raise Forbidden("A shared view is changed by its maker and by admins. Duplicate it to have one of your own.")
    changed = {**values, "updated_at": utc_now()}
    connection.execute(update(saved_views).where(saved_views.c.id == view.id).values(changed))


def rename(connection: Connection, principal: Principal, view: View, name: str) -> None:
    _change(connection, principal, view, name=_name(name))


def save(
    connection: Connection, principal: Principal, view: View, state: str, layout: str, widths: Widths | None = None
) -> None:
    """Let the view be what is shown now."""
    if layout not in ("table", "board"):
        raise bad("layout", "A view is a table or a board.")
    _change(connection, principal, view, state=_state(state), layout=layout, widths=dict(widths or view.widths))


def share(connection: Connection, principal: Principal, view: View, shared: bool) -> None:
    """With everybody, or no more. Taken back, it stays its maker's, and goes from others' favourites."""
    if not principal.can_write:
        raise Forbidden("You may keep views of your own, not share them. Ask an admin for the member role.")
    _change(connection, principal, view, shared=shared)
    if not shared:
        others = (favourite_views.c.view_id == view.id) & (favourite_views.c.user_id != view.owner_id)
        connection.execute(delete(favourite_views).where(others))
        usual = (list_settings.c.default_view_id == view.id) & (list_settings.c.user_id != view.owner_id)
        connection.execute(update(list_settings).where(usual).values(default_view_id=None))


def remove(connection: Connection, principal: Principal, view: View) -> None:
    """Until it is restored, or goes for good with what others have settled about it."""
    now = utc_now()
    _change(connection, principal, view, deleted_at=now)
    old = select(saved_views.c.id).where(saved_views.c.deleted_at < now - TAKEN_BACK_WITHIN)
    connection.execute(delete(favourite_views).where(favourite_views.c.view_id.in_(old)))
    usual = list_settings.c.default_view_id.in_(old)
    connection.execute(update(list_settings).where(usual).values(default_view_id=None))
    connection.execute(delete(saved_views).where(saved_views.c.id.in_(old)))


def restore(connection: Connection, principal: Principal, id: int) -> View:
    """Take a deletion back. Raises NotFound where this person hasn't such a view, Forbidden where it isn't theirs."""
    gone = saved_views.c.id == id, saved_views.c.deleted_at.is_not(None), _mine(principal)
    row = connection.execute(select(saved_views.c.owner_id, saved_views.c.shared).where(*gone)).one_or_none()
    if row is None:
        raise NotFound(f"There is no deleted view {id}.")
    if row.owner_id != principal.user_id and not principal.is_admin:
        raise Forbidden("A shared view is restored by its maker and by admins.")
    connection.execute(update(saved_views).where(saved_views.c.id == id).values(deleted_at=None))
    return find(connection, principal, id)


# --- what each person settles ----------------------------------------------------------------------------------------


def favour(connection: Connection, principal: Principal, view: View, wanted: bool) -> None:
    """Into the sidebar, as the last of the favourites, or out of it."""
    own = favourite_views.c.user_id == principal.user_id
    connection.execute(delete(favourite_views).where(own, favourite_views.c.view_id == view.id))
    if wanted:
        last = connection.scalar(select(func.max(favourite_views.c.position)).where(own)) or 0
        row = {"user_id": principal.user_id, "view_id": view.id, "position": last + 1}
        connection.execute(insert(favourite_views).values(row))


def move(connection: Connection, principal: Principal, view: View, step: int) -> None:
    """One place up (-1) or down (1) among the favourites."""
    own = favourite_views.c.user_id == principal.user_id
    found = connection.execute(select(favourite_views.c.view_id).where(own).order_by(favourite_views.c.position))
    order = list(found.scalars())
    if view.id not in order:
        return
    place = order.index(view.id)
    order.insert(max(0, place + step), order.pop(place))
    for position, id in enumerate(order, 1):
        one = update(favourite_views).where(own, favourite_views.c.view_id == id)
        connection.execute(one.values(position=position))


def settle(connection: Connection, principal: Principal, object: str, **values: Any) -> None:
    """Keep one of this person's settings of the lists of an object."""
    own = (list_settings.c.user_id == principal.user_id) & (list_settings.c.object == object)
    if not connection.execute(update(list_settings).where(own).values(values)).rowcount:
        row = {"user_id": principal.user_id, "object": object, **values}
        connection.execute(insert(list_settings).values(row))


def resize(connection: Connection, principal: Principal, object: str, view: str, sizes: Widths) -> None:
    """Keep the widths of columns in a view ("" for the list without one); {} forgets them."""
    kept = {column: min(max(size, NARROWEST), WIDEST) for column, size in list(sizes.items())[:MOST_WIDTHS]}
    known = dict(widths(connection, principal, object))
    known.pop(view, None)
    if kept:
        known[view] = kept
    settle(connection, principal, object, widths=dict(list(known.items())[-MOST_VIEWS:]))
