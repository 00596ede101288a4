"""Who asks, and how an answer reads from the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.chatbot.understanding.frame import Frame
from app.shared.contract import Catalog, CrmPort, Groups, Measure, ObjectSpec, Page, Principal, Query

CITED = 10  # records that an answer cites
NAMED = 5  # entries that its sentence names; the rows hold more


@dataclass(frozen=True, slots=True)
class Asker:
    """A principal at a port, with the catalog of this answer."""

    port: CrmPort
    principal: Principal
    catalog: Catalog

    def spec(self, frame: Frame) -> ObjectSpec:
        return self.catalog[frame.object]

    def page(self, query: Query, columns: Sequence[str] = ()) -> Page:
        """A page of records with these columns alone; without any: with all of the object's own."""
        shown = query.model_copy(update={"columns": tuple(dict.fromkeys(columns))})
        found = self.port.query(self.principal, shown)
        assert isinstance(found, Page)
        return found

    def groups(self, query: Query) -> Groups:
        found = self.port.query(self.principal, query)
        assert isinstance(found, Groups)
        return found

    def total(self, query: Query, measure: Measure) -> Any:
        """One measure over all rows of a query."""
        whole = query.model_copy(update={"measures": (measure,), "group_by": (), "sort": (), "limit": 50})
        return self.groups(whole).totals[0]

    def number(self, query: Query) -> int:
        """How many rows a query has."""
        return int(self.total(query, Measure()))


def percent(part: float, whole: float) -> float:
    """In percent, to two decimals."""
    return round(100 * part / whole, 2)
