"""A query's filters as chips that read as a sentence; each opens where it stands, or goes with its cross."""

from dataclasses import dataclass

from app.crm import query as door
from app.crm.pages import filter_fields as fields
from app.crm.pages import queries
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.crm.query.names import names as named
from app.shared.contract import Condition, Query

Names = dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words. `is_whole`: it is more than one field, operator and value, and edited with the whole."""

    text: str
    edit: str
    remove: str
    is_whole: bool = False


def names(reader: Reader, query: Query) -> Names:
    """What the records are called that the filter names by their ids, as far as this user may know."""
    return named(reader.connection, reader.principal, reader.catalog, query, trashed=True)


def chips(reader: Reader, query: Query, path: str = "") -> list[Chip]:
    """The chips of a query shown at `path` (the list's own where empty). Its words are in the search box, not here."""
    base = path or f"/{query.object}"
    pairs = queries.params(queries.changed(query))
    found = door.chip_parts(reader.catalog, query, names(reader, query))
    made = []
    for index, item in enumerate(item for item in found if item.part == "where"):
        editor = [*pairs, ("_edit", str(index)), ("_path", path)]
        one = item.condition if isinstance(item.condition, Condition) else None
        is_whole = one is None or fields.draft(reader.catalog, query.object, one) is None
        edit = queries.address(f"/{query.object}/filter{'/all' if is_whole else ''}", editor)
        made.append(Chip(item.text, edit, queries.address(base, queries.params(item.without)), is_whole))
    made += [
        Chip(item.text, "", queries.address(base, queries.params(item.without)))
        for item in found
        if item.part == "having"
    ]
    return made + _conversion(query, base)


def _conversion(query: Query, base: str) -> list[Chip]:
    """In which currency the sums are, where that was asked for; without it each currency stands beside the others."""
    if query.currency is None:
        return []
    plain = queries.changed(query, currency=None)
    return [Chip(_("Sums in %(currency)s", currency=query.currency), "", queries.address(base, queries.params(plain)))]
