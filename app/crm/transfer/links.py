"""Names in cells to records: what the CRM has, what the file itself brings, and what may be created for it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from app.crm import query
from app.crm.schema import users
from app.crm.transfer.cells import CellError
from app.shared.contract import Catalog, Page, Principal, Query, Record, Ref
from app.shared.db import text_key

# What a miss may become, by the object that the link points to.
CREATED_BY = {"companies": "companies", "people": "people", "users": "owners"}
Target = int | str  # a record's id, "$ref" of one that the set creates, or "@key" of a user to be created


def name_key(name: str) -> str:
    """The form in which names are compared: case, width and spaces don't count."""
    return " ".join((text_key(name) or "").split())


def walk(connection: Connection, principal: Principal, asked: Query) -> Iterator[Record]:
    """Every record of a query, page by page."""
    cursor: str | None = None
    while True:
        page = query.run(connection, principal, asked.model_copy(update={"cursor": cursor, "limit": 1000}))
        assert isinstance(page, Page)
        yield from page.records
        cursor = page.next_cursor
        if not cursor:
            return


@dataclass(slots=True)
class Names:
    """The records of one object by name, within a company, and by unique values such as an e-mail address."""

    label: str
    by_name: dict[str, list[Target]] = field(default_factory=lambda: defaultdict(list))
    within: dict[tuple[Target, str], list[Target]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[str, Target] = field(default_factory=dict)
    spelling: list[str] = field(default_factory=list)  # the names that the CRM has, as written

    def add(self, target: Target, name: str, company: Target | None = None) -> None:
        key = name_key(name)
        self.by_name[key].append(target)
        if company is not None:
            self.within[company, key].append(target)

    def load(self, id: int, name: str, company: int | None = None) -> None:
        """A record that the CRM has."""
        self.add(id, name, company)
        self.spelling.append(name)

    def find(self, text: str, company: Target | None = None) -> Target | None:
        """The one record of this name; None where there is none. Raises CellError where there are several."""
        key = name_key(text)
        found = self.within.get((company, key), []) if company is not None else self.by_name.get(key, [])
        if len(set(found)) > 1:
            raise CellError(f"is the name of {len(set(found))} {self.label}")
        return found[0] if found else self.by_key.get(key)


class Directory:
    """Names of every linked object, loaded when first needed, growing as the file brings new ones."""

    def __init__(self, connection: Connection, principal: Principal, catalog: Catalog) -> None:
        self.connection, self.principal, self.catalog = connection, principal, catalog
        self.loaded: dict[str, Names] = {}

    def names(self, object: str) -> Names:
        if object not in self.loaded:
            self.loaded[object] = self._load(object)
        return self.loaded[object]

    def _load(self, object: str) -> Names:
        names = Names(self.catalog[object].label.lower())
        if object == "users":
            self._load_users(names)
        elif self.catalog[object].support:
            for id, label in query.labels(self.connection, self.principal, object):
                names.load(id, label)
        else:
            self._load_records(names, object)
        return names

    def _load_users(self, names: Names) -> None:
        for row in self.connection.execute(select(users.c.id, users.c.name, users.c.email).order_by(users.c.id)):
            names.load(row.id, row.name)
            if row.email:
                names.by_key[name_key(row.email)] = row.id

    def _load_records(self, names: Names, object: str) -> None:
        spec = self.catalog[object]
        keys = [item.name for item in spec.fields if item.unique]
        has_company = object != "companies" and spec.field("company") is not None
        columns = tuple(dict.fromkeys([spec.label_field, *keys, *(["company"] if has_company else [])]))
        for record in walk(
            self.connection, self.principal, Query(object=object, columns=columns, sort=("created_at",))
        ):
            company = record.values.get("company")
            names.load(record.id, record.label, company.id if isinstance(company, Ref) else None)
            for key in keys:
                if value := record.values.get(key):
                    names.by_key[name_key(str(value))] = record.id
