"""What the reading of one query knows: who asks, what there is, who sees what, and which engine answers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, FromClause, Table, collate, exists, func, select

from app.crm import catalog as catalogs
from app.crm.catalog import State
from app.crm.query import periods
from app.crm.query.suggestions import bad, hint
from app.crm.query.visibility import every, living, visible
from app.crm.schema import TABLES
from app.crm.schema.records import UNUSUAL_CURRENCY
from app.shared.contract import Catalog, ObjectSpec, Option, Principal
from app.shared.errors import Forbidden
from app.shared.money import digits
from app.shared.types import utc_now


@lru_cache(maxsize=256)
def _alias(table: Table, number: int) -> FromClause:
    """An alias with its columns in place. Making them costs more than the rest of a statement, so they are kept."""
    made = table.alias(f"{table.name}_{number}")
    made.c.values()  # fills the collection before other threads come
    return made


@dataclass(frozen=True)
class Scope:
    connection: Connection
    principal: Principal
    state: State
    today: date  # where the principal is
    zone: ZoneInfo
    _mixed: dict[str, bool] = field(default_factory=dict)
    _aliases: Counter[str] = field(default_factory=Counter)

    @property
    def catalog(self) -> Catalog:
        return self.state.catalog

    @property
    def is_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def object(self, name: str) -> ObjectSpec:
        """The declaration of an object. Raises Invalid, with near names, where there is none."""
        spec = self.catalog.objects.get(name)
        if spec is None:
            raise bad("object", f"There are no records called {name!r}.{hint(name, self.catalog.objects)}")
        return spec

    def alias(self, table: Table) -> FromClause:
        """The table under a name that nothing else in this reading has."""
        self._aliases[table.name] += 1
        return _alias(table, self._aliases[table.name])

    def seen(self, object: str, table: FromClause) -> ColumnElement[bool]:
        """Living, and visible to the principal: what links and paths may reach."""
        return every(living(table, object), self.visible(object, table))

    def visible(self, object: str, table: FromClause) -> ColumnElement[bool]:
        return visible(self.principal, object, table, self.state.rules)

    def binary(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """A text that compares in binary order."""
        return text if self.is_sqlite else collate(text, "C")

    def key_of(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """The comparison key of a text that has no key column."""
        return self.binary(func.text_key(text))

    def mixed(self, object: str) -> bool:
        """Whether amounts of the object differ in their minor units (cents, yen, fils); one look into an index."""
        if object not in self._mixed:
            self._mixed[object] = digits(self.catalog.currency) != 2 or self._holds_unusual(object)
        return self._mixed[object]

    def retired_stages(self) -> list[Option]:
        """The stages that the catalog doesn't offer any more."""
        field = self.catalog["deals"].field("stage")
        return list(field.retired_options) if field else []

    @property
    def figures(self) -> str:
        """How amounts have been compared so far, for a cursor: a sort by money depends on it."""
        return ",".join(sorted(name for name, mixed in self._mixed.items() if mixed))

    def _holds_unusual(self, object: str) -> bool:
        table = TABLES[object]
        if "currency_key" not in table.c:
            return False
        found = exists().select_from(table).where(UNUSUAL_CURRENCY)
        return bool(self.connection.scalar(select(found)))


def open_scope(connection: Connection, principal: Principal) -> Scope:
    """Raises Forbidden where the credential may not read."""
    if "read" not in principal.scopes:
        raise Forbidden("This token may not read.")
    zone = periods.zone(principal.timezone)
    today = utc_now().astimezone(zone).date()
    return Scope(connection, principal, catalogs.state(connection), today, zone)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
