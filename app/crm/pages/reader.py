"""One consistent view of the database for a whole page: a connection, who asks, and the catalog."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import g
from sqlalchemy import Connection

from app.crm import catalog, changes, query
from app.crm.web import principal, services
from app.shared.contract import Catalog, Groups, Measure, Page, Principal, Query, Record
from app.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Reader:
    """The read door as a page uses it."""

    connection: Connection
    principal: Principal
    catalog: Catalog

    def page(self, wanted: Query) -> Page:
        """The records of a query. They keep their own currency: it is the figures beside them that are converted."""
        found = query.run(self.connection, self.principal, wanted.model_copy(update={"currency": None}))
        if not isinstance(found, Page):
            raise TypeError("a grouped query has no page")
        return found

    def groups(self, wanted: Query) -> Groups:
        found = query.run(self.connection, self.principal, wanted)
        if not isinstance(found, Groups):
            raise TypeError("a query without groups or measures has no groups")
        return found

    def count(self, wanted: Query) -> int:
        return int(self.groups(wanted.model_copy(update={"measures": (Measure(),), "group_by": ()})).totals[0])

    def record(self, object: str, id: int) -> Record:
        """One record, living or trashed. Raises NotFound."""
        found = query.fetch(self.connection, self.principal, object, [id], trashed=True)
        if id not in found:
            raise NotFound(f"There is no {self.catalog[object].singular} {id}, or you can't see it.")
        return found[id]

    def labels(self, object: str) -> Sequence[tuple[int, str]]:
        return query.labels(self.connection, self.principal, object)


@contextmanager
def reading() -> Iterator[Reader]:
    """A reader for this request; close it before writing. The page is live from where its own view of the data ends."""
    with services().database.read() as connection:
        g.live_from = changes.journal_end(connection)
        yield Reader(connection, principal(), catalog.load(connection))
