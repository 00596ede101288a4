"""The read door: one typed query, narrowed by what the principal may see, compiled for SQLite and PostgreSQL."""

from sqlalchemy import Connection

from app.crm.query import groups, pages
from app.crm.query.chips import Chip, chip_parts, chips, parts, sentence, with_parts
from app.crm.query.codec import from_params, to_params, url
from app.crm.query.conditions import OPERATORS
from app.crm.query.feed import hanging
from app.crm.query.records import fetch, labels
from app.crm.query.scope import open_scope
from app.crm.query.stream import stream
from app.crm.query.visibility import visible
from app.shared.contract import Groups, Page, Principal, Query


def run(connection: Connection, principal: Principal, query: Query) -> Page | Groups:
    """Answer a query: a page of records, or groups where it groups or measures.

    Raises Invalid, naming every bad field, operator and value; BadRequest for a cursor that isn't this list's;
    Forbidden where the credential may not read.
    """
    scope = open_scope(connection, principal)
    return groups.run(scope, query) if query.is_grouped else pages.run(scope, query)


__all__ = [
    "OPERATORS", "Chip", "chip_parts", "chips", "fetch", "from_params", "hanging", "labels", "parts", "run", "sentence",
    "stream", "to_params", "url", "visible", "with_parts",
]  # fmt: skip
