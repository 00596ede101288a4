"""Every record of a query, one after another: for exports, which show all rows instead of a page."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.crm.query import pages, records, sorting
from app.crm.query.scope import Scope, open_scope
from app.crm.query.source import Source
from app.crm.query.suggestions import Collector, bad
from app.shared.contract import ObjectSpec, Principal, Query, Record

_AT_ONCE = 500  # records that are in memory


@dataclass(frozen=True, slots=True)
class Stream:
    """The records of a query in its order. Iterate once, in the transaction that it was opened in."""

    scope: Scope
    spec: ObjectSpec
    ids: Sequence[int]
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Record]:
        for start in range(0, len(self.ids), _AT_ONCE):
            yield from records.read(self.scope, self.spec, self.ids[start : start + _AT_ONCE], self.columns).values()


def stream(connection: Connection, principal: Principal, query: Query, *, most: int) -> Stream:
    """All records that the principal may see and the query asks for, whatever its limit and cursor.

    One statement for the ids (8 bytes of memory each), then a fixed number for each batch of records. Raises Invalid
    where the query is refused, groups, or finds more than `most`.
    """
    if query.is_grouped:
        raise bad("group_by", "Groups can't be read as records: leave out group_by and measure.")
    scope = open_scope(connection, principal)
    spec = scope.object(query.object)
    source, errors = Source(scope, spec), Collector()
    wanted = pages.rows(source, query, errors)
    terms = sorting.terms(source, query.sort or sorting.default(spec), errors)
    records.check_columns(Source(scope, spec), query.columns, errors)
    errors.check()
    order = [term.ordered() for term in terms]
    statement = select(source.table.c.id).select_from(source.clause).where(*wanted.conditions).order_by(*order)
    ids = array("q", connection.execute(statement.limit(most + 1)).scalars())
    if len(ids) > most:
        raise bad("query", f"There are more than {most:,} records: narrow it by a filter.")
    return Stream(scope, spec, ids, query.columns)
