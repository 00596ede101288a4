"""The saved views that a page shows: those of its list, the person's favourites and default views. One statement."""

from collections.abc import Sequence

from flask import g, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from app.crm import savedviews
from app.crm.objects import RECORD_OBJECTS
from app.crm.savedviews import View
from app.crm.web import principal_or_none, services


def _object() -> str | None:
    """The object whose list this address is of."""
    first = request.path.split("/")[1]
    return first if first in RECORD_OBJECTS else None


def views() -> Sequence[View]:
    """Read once a request; nothing for strangers."""
    if not has_request_context():
        return ()
    who = principal_or_none()
    if who is None or who.user_id is None:
        return ()
    if "pages_views" not in g:
        try:
            with services().database.read() as connection:
                g.pages_views = savedviews.of_page(connection, who, _object())
        except SQLAlchemyError:  # the page of an error has a sidebar too, without what can't be read
            g.pages_views = ()
    found: Sequence[View] = g.pages_views
    return found


def view(name: str) -> View | None:
    """The view of an address's parameter."""
    return next((one for one in views() if str(one.id) == name), None)


def of_object(object: str) -> list[View]:
    return sorted((one for one in views() if one.object == object), key=lambda one: one.name.casefold())


def default(object: str) -> View | None:
    """The view that this person's list of an object opens with."""
    return next((one for one in views() if one.object == object and one.is_default), None)


def favourites() -> list[View]:
    """In the order of the sidebar."""
    return sorted((one for one in views() if one.place is not None), key=lambda one: one.place or 0)
