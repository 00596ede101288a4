"""CrmPort: the two doors and the search, offered to the other half, the pages, the API and the command line."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from app.crm import catalog, changes, fulltext, query
from app.crm.query.names import names
from app.crm.query.wording import Names
from app.shared.contract import (
    Catalog,
    Change,
    ChangeSet,
    Document,
    Groups,
    Hit,
    Page,
    Principal,
    Query,
    Record,
    Resolution,
    StoredChangeSet,
)
from app.shared.db import Database
from app.shared.errors import NotFound


class Crm:
    """Implements `CrmPort` over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def catalog(self) -> Catalog:
        with self.database.read() as connection:
            return catalog.load(connection)

    def query(self, principal: Principal, query_: Query) -> Page | Groups:
        with self.database.read() as connection:
            return query.run(connection, principal, query_)

    def get(self, principal: Principal, object: str, id: int) -> Record:
        """One record, living or trashed. Raises NotFound, also where the principal may not see it."""
        with self.database.read() as connection:
            found = query.fetch(connection, principal, object, [id], trashed=True)
            one = catalog.load(connection)[object].singular
        if id not in found:
            raise NotFound(f"There is no {one} {id}.")
        return found[id]

    def get_many(self, principal: Principal, refs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Record]:
        records: dict[tuple[str, int], Record] = {}
        with self.database.read() as connection:
            for name in sorted({name for name, _ in refs}):
                found = query.fetch(connection, principal, name, [id for other, id in refs if other == name])
                records |= {(name, id): record for id, record in found.items()}
        return records

    def labels(self, principal: Principal, object: str) -> Sequence[tuple[int, str]]:
        with self.database.read() as connection:
            return query.labels(connection, principal, object)

    def url(self, query_: Query) -> str:
        return query.url(query_)

    def view(self, url: str) -> Query | None:
        parts = urlsplit(url)
        name = parts.path.strip("/").removesuffix("/board")
        spec = self.catalog().objects.get(name)
        if spec is None or not spec.has_pages:
            return None
        return query.from_params(name, parse_qsl(parts.query, keep_blank_values=True))

    def sentence(self, query_: Query, principal: Principal | None = None) -> str:
        return query.sentence(*self._named(query_, principal))

    def chips(self, query_: Query, principal: Principal | None = None) -> Sequence[str]:
        return query.chips(*self._named(query_, principal))

    def _named(self, query_: Query, principal: Principal | None) -> tuple[Catalog, Query, Names]:
        with self.database.read() as connection:
            found = catalog.load(connection)
            return found, query_, names(connection, principal, found, query_) if principal else {}

    def propose(self, principal: Principal, changes_: ChangeSet) -> StoredChangeSet:
        return changes.propose(self.database, principal, changes_)

    def preview(self, principal: Principal, changes_: ChangeSet) -> Sequence[Change]:
        with self.database.read() as connection:
            return changes.preview(connection, principal, changes_).lines

    def apply(
        self, principal: Principal, changes_: ChangeSet | int, resolutions: Sequence[Resolution] = ()
    ) -> StoredChangeSet:
        return changes.apply(self.database, principal, changes_, resolutions=resolutions)

    def reject(self, principal: Principal, change_set: int) -> StoredChangeSet:
        return changes.reject(self.database, principal, change_set)

    def undo(self, principal: Principal, change_set: int) -> StoredChangeSet:
        return changes.undo(self.database, principal, change_set)

    def change_set(self, principal: Principal, change_set: int) -> StoredChangeSet:
        return changes.get(self.database, principal, change_set)

    def search(
        self, principal: Principal, text: str, *, objects: Sequence[str] = (), limit: int = 20, match_all: bool = False
    ) -> Sequence[Hit]:
        with self.database.read() as connection:
            return fulltext.search(connection, principal, text, objects=objects, limit=limit, match_all=match_all)

    def documents(self, refs: Sequence[tuple[str, int]]) -> Sequence[Document]:
        with self.database.read() as connection:
            return fulltext.documents(connection, refs)

    def journal(self, after: int, limit: int = 1000) -> Sequence[tuple[int, str, int]]:
        with self.database.read() as connection:
            return changes.journal(connection, after, limit)

    def journal_end(self) -> int:
        with self.database.read() as connection:
            return changes.journal_end(connection)

    def document_refs(self, before: tuple[str, int] | None = None, limit: int = 1000) -> Sequence[tuple[str, int]]:
        with self.database.read() as connection:
            return fulltext.document_refs(connection, before, limit)
