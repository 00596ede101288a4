"""Which records: some by their ids, or all of a list but some. "All" is kept as the list's query, not as ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection

from app.crm import query as door
from app.crm.changes.validate import MAX_OPERATIONS
from app.crm.query.stream import Stream
from app.crm.query.values import MOST_ITEMS
from app.shared.contract import Condition, Principal, Query
from app.shared.errors import FieldError, Invalid

_SHAPE = {"sort": (), "columns": (), "group_by": (), "measures": (), "having": (), "currency": None, "cursor": None}


@dataclass(frozen=True, slots=True)
class Selection:
    """`query` is the list's: with `is_all` its records without `ids`, else those of `ids` alone."""

    query: Query
    ids: tuple[int, ...] = ()
    is_all: bool = False

    @property
    def object(self) -> str:
        return self.query.object

    def wanted(self) -> Query:
        """The records as a query: chosen ones count also where they have left the list's filter meanwhile."""
        plain = self.query.model_copy(update=_SHAPE)
        if not self.is_all:
            chosen = Condition(field="id", op="in", value=[*self.ids])
            return plain.model_copy(update={"where": chosen, "text": None})
        if not self.ids:
            return plain
        return door.with_parts(plain, [*door.parts(plain), Condition(field="id", op="not_in", value=[*self.ids])])

    def read(self, connection: Connection, principal: Principal, columns: Sequence[str] = ()) -> Stream:
        """The records that there are now and that the principal may see, in the list's order."""
        asked = self.wanted().model_copy(update={"columns": (*columns,)})
        return door.stream(connection, principal, asked, most=MAX_OPERATIONS)

    def as_json(self) -> dict[str, Any]:
        return {"object": self.object, "query": words(self.query), "ids": [*self.ids], "all": self.is_all}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Selection":
        return read(found["object"], found["query"], found["ids"], is_all=found["all"])


def words(query: Query) -> str:
    """The query as the parameters of an address."""
    return urlencode(door.to_params(query.model_copy(update=_SHAPE)))


def read(object: str, params: str, ids: Sequence[Any], *, is_all: bool) -> Selection:
    """A selection as a form says it. Raises Invalid for what is no id or no query, and where nothing is selected."""
    try:
        chosen = tuple(dict.fromkeys(int(id) for id in ids))
    except (ValueError, TypeError):
        raise _refused("Expected the ids of records.") from None
    if len(chosen) > MOST_ITEMS:
        raise _refused(f"At most {MOST_ITEMS:,} records can be selected one by one: select all that match instead.")
    if not chosen and not is_all:
        raise _refused("Nothing is selected. Select some records first.")
    query = door.from_params(object, parse_qsl(params, keep_blank_values=True))
    return Selection(query.model_copy(update=_SHAPE), chosen, is_all)


def _refused(message: str) -> Invalid:
    return Invalid(message, [FieldError("ids", message)])
