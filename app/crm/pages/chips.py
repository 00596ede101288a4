"""A query's filters as chips that read as a sentence; each opens where it stands, or goes with its cross."""

from dataclasses import dataclass

from app.crm import query as door
from app.crm.pages import queries
from app.crm.pages.reader import Reader
from app.shared.contract import Condition, Filter, Query


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words; `edit` is "" where it is more than one field, operator and value."""

    text: str
    edit: str
    remove: str


def words(reader: Reader, object: str, item: Filter) -> str:
    """One condition in plain words."""
    return " · ".join(door.chips(reader.catalog, Query(object=object, where=item)))


def chips(reader: Reader, query: Query, path: str = "") -> list[Chip]:
    """The chips of a query shown at `path` (the list's own where empty)."""
    base = path or f"/{query.object}"
    pairs = queries.params(queries.changed(query))
    made = []
    for index, item in enumerate(queries.conditions(query)):
        editor = [*pairs, ("_edit", str(index)), ("_path", path)]
        edit = queries.address(f"/{query.object}/filter", editor) if isinstance(item, Condition) else ""
        remove = queries.address(base, queries.params(queries.without(query, index)))
        made.append(Chip(words(reader, query.object, item), edit, remove))
    return made
