"""One page of records: which ids, in which order, how many there are; then the records themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, literal_column, select

from app.crm.query import cursor, filters, records, sorting, totals
from app.crm.query.scope import Scope
from app.crm.query.sorting import Term
from app.crm.query.source import Source
from app.crm.query.suggestions import Collector, bad
from app.crm.query.visibility import living
from app.shared.contract import TOTAL_BOUND, ObjectSpec, Page, Query

Sql = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a query: what to select from, and which."""

    clause: FromClause
    conditions: tuple[Sql, ...]


def rows(source: Source, query: Query, errors: Collector) -> Rows:
    """The rows that the principal may see and that the query asks for."""
    scope, table = source.scope, source.table
    conditions = [scope.visible(query.object, table)]
    if "trashed_at" in table.c:
        conditions.append(table.c.trashed_at.is_not(None) if query.trashed else living(table, query.object))
    if query.where is not None:
        conditions.append(filters.compiled(source, query.where, errors))
    if query.text:
        conditions.append(filters.text(source, query.text))
    return Rows(source.clause, tuple(conditions))


def run(scope: Scope, query: Query) -> Page:
    """At most seven statements and a look at the settings, for a page of any size."""
    spec = scope.object(query.object)
    source, errors = Source(scope, spec), Collector()
    errors.run(lambda: _check_page(query))
    wanted = rows(source, query, errors)
    sort = query.sort or sorting.default(spec)
    terms = sorting.terms(source, sort, errors)
    records.check_columns(Source(scope, spec), query.columns, errors)
    errors.check()
    fingerprint = f"{query.object} {query.trashed} {','.join(sort)} {scope.figures}"
    start = None if query.cursor is None else cursor.decode(fingerprint, query.cursor, len(terms))
    with cursor.followed(start):
        found = _ids(scope, source, wanted, terms, start, query.limit + 1)
    return _page(scope, spec, query, wanted, found, fingerprint)


def _check_page(query: Query) -> None:
    if query.having:
        raise bad("having", "having is only for measures of groups: filter records by their fields.")
    if query.currency is not None:
        raise bad("currency", "Amounts are converted only for measures: records keep their own currency.")


def _page(
    scope: Scope, spec: ObjectSpec, query: Query, wanted: Rows, found: Sequence[Sequence[Any]], fingerprint: str
) -> Page:
    shown = found[: query.limit]
    more = len(found) > query.limit
    by_id = records.read(scope, spec, [row[-1] for row in shown], query.columns)
    total = _total(scope, query, wanted) if more or query.cursor else len(shown)
    following = cursor.encode(fingerprint, shown[-1]) if more else None
    return Page(query, tuple(by_id.values()), following, min(total, TOTAL_BOUND), total > TOTAL_BOUND)


def _total(scope: Scope, query: Query, wanted: Rows) -> int:
    some: Select[Any] = select(literal_column("1")).select_from(wanted.clause).where(*wanted.conditions)
    return totals.total(scope, query, some, TOTAL_BOUND)


def _ids(
    scope: Scope, source: Source, wanted: Rows, terms: Sequence[Term], start: Sequence[Any] | None, limit: int
) -> list[Sequence[Any]]:
    """Sort values and id of the page's rows: first those that have the first key, then those that lack it.

    Two plain ranges instead of one order with the nulls last: an index serves either, from where the page starts.
    """
    first = terms[0]
    found: list[Sequence[Any]] = []
    if start is None or start[0] is not None:
        present = (first.expression.is_not(None),) if first.nullable else ()
        found += _section(scope, source, wanted, terms, present, start, limit)
    if first.nullable and len(found) < limit:
        resume = start if start is not None and start[0] is None else None
        found += _section(scope, source, wanted, terms, (first.expression.is_(None),), resume, limit - len(found))
    return found


def _section(
    scope: Scope,
    source: Source,
    wanted: Rows,
    terms: Sequence[Term],
    present: tuple[Sql, ...],
    start: Sequence[Any] | None,
    limit: int,
) -> list[Sequence[Any]]:
    conditions = [*wanted.conditions, *present]
    if start is not None:
        conditions.append(sorting.after(terms, start))
    order = [terms[0].ordered(sure=True), *(term.ordered() for term in terms[1:])]
    columns = [term.expression.label(f"s{place}") for place, term in enumerate(terms)]
    statement = select(*columns).select_from(source.clause).where(*conditions).order_by(*order).limit(limit)
    return [tuple(row) for row in scope.connection.execute(statement)]
