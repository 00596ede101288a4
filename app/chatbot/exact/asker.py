"""Who asks, and how an answer reads from the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.chatbot.exact import wording
from app.chatbot.understanding.frame import Frame
from app.shared.contract import Catalog, CrmPort, Groups, Measure, ObjectSpec, Page, Principal, Query
from app.shared.errors import ParleyError

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

    def comparable(self, query: Query) -> Groups:
        """Groups whose amounts can be compared: of several currencies in the workspace's own, where every rate is
        known; `rates` tells by which.
        """
        found = self.groups(query)
        return (several_currencies(found.totals) and self.converted(query)) or found

    def converted(self, query: Query) -> Groups | None:
        """The groups in the workspace's own currency; None where a rate is missing."""
        try:
            return self.groups(query.model_copy(update={"currency": self.catalog.currency}))
        except ParleyError:
            return None

    def total(self, query: Query, measure: Measure) -> Any:
        """One measure over all rows of a query."""
        whole = query.model_copy(update={"measures": (measure,), "group_by": (), "sort": (), "limit": 50})
        return self.groups(whole).totals[0]

    def number(self, query: Query) -> int:
        """How many rows a query has."""
        return int(self.total(query, Measure()))


def several_currencies(values: Sequence[Any]) -> bool:
    return any(isinstance(value, tuple) for value in values)


def by_rates(found: Groups, done: str = "Converted to") -> str:
    """The sentence that says by which rates amounts were converted; nothing where none were."""
    if not found.rates:
        return ""
    told = [f"1 {rate.currency} = {rate.rate.normalize():f} {rate.to}" for rate in found.rates]
    return f" {done} {found.rates[0].to} at {wording.listed(told)}."


def percent(part: float, whole: float) -> float:
    """In percent, to two decimals."""
    return round(100 * part / whole, 2)
