"""The boundary between the halves, as types: who asks, what is asked, what is changed, what comes back.

Everything here is data. The crm half implements `CrmPort`; the chatbot half sees nothing else of the CRM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

# --- who -------------------------------------------------------------------------------------------------------------

Role = Literal["admin", "member", "viewer"]
Channel = Literal["page", "api", "import", "cli", "assistant", "system"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, and through which channel. Made by the identity layer; never by a request's content."""

    user_id: int | None  # None: the system itself (the command line on the instance's own host)
    name: str
    role: Role
    email: str | None = None
    team_id: int | None = None
    channel: Channel = "page"
    scopes: frozenset[str] = frozenset({"read", "write"})
    timezone: str = "UTC"
    locale: str = "en_US"
    credential: str = ""  # an opaque id of the session or token, for revocation; never the secret
    renews: bool = False  # rights have changed: the session's secret is replaced with the next answer

    @property
    def can_write(self) -> bool:
        return self.role != "viewer" and "write" in self.scopes

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


SYSTEM = Principal(user_id=None, name="Parley", role="admin", channel="system")


# --- what there is: objects and fields -------------------------------------------------------------------------------

FieldType = Literal[
    "text", "long_text", "number", "money", "date", "datetime", "boolean", "select", "multi_select",
    "link", "url", "email", "phone", "stage", "tags", "key",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a select field, or one stage of a pipeline (then with its kind and probability)."""

    key: str
    label: str
    kind: str | None = None  # stages: open, won, lost
    probability: int | None = None  # stages: percent
    pipeline: str | None = None  # stages: the pipeline's name
    hue: int | None = None  # one of the eight muted hues, 0-7
    synonyms: tuple[str, ...] = ()  # other words that people use for it


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an object. Forms, lists, filters, import, export, API schema, search and words follow from it."""

    name: str  # the key in JSON, URLs and Queries
    label: str
    type: FieldType = "text"
    target: str | None = None  # link: the object that it points to
    inverse: str | None = None  # link: the name of the way back, on the target
    options: tuple[Option, ...] = ()
    required: bool = False
    unique: bool = False
    searchable: bool = False  # its text is in the full-text index
    listed: bool = False  # a column of the default list
    synonyms: tuple[str, ...] = ()  # other words that people use for it
    help: str = ""
    integer: bool = False  # number: whole numbers only
    minimum: int | None = None  # number and money: nothing below it can be given
    read_only: bool = False  # kept by the program (created_at, stage_changed_at, ...)
    custom_id: int | None = None  # a custom field's stable id; None: built in
    default: Any = None
    retired_options: tuple[Option, ...] = ()  # records may hold them yet: shown and filtered by, no more offered

    def option(self, key: str) -> Option | None:
        """The option or stage with this key, offered or retired."""
        return next((item for item in (*self.options, *self.retired_options) if item.key == key), None)


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One kind of record."""

    name: str  # plural, as in URLs: companies
    singular: str  # company
    label: str  # Companies
    label_one: str  # Company
    fields: tuple[FieldSpec, ...]
    label_field: str = "name"  # the field whose value names a record
    date_field: str | None = None  # the field meant by a bare date ("deals in May")
    synonyms: tuple[str, ...] = ()
    icon: str = "square"
    support: bool = False  # users, teams, pipelines: readable over paths, no pages or REST collection of their own
    join: bool = False  # connects two records (a deal's contacts): seen by who sees both, shown on their pages
    attached: bool = False  # made by upload, hangs on records: seen by who sees all of them, gone for good with one
    retired: tuple[FieldSpec, ...] = ()  # custom fields out of use: their data is kept, and nothing reads it

    @property
    def has_pages(self) -> bool:
        """Whether its records have lists and pages of their own."""
        return not (self.support or self.join)

    @property
    def is_typed(self) -> bool:
        """Whether records are made by giving their values, in a form, a file of rows or a request; not by upload."""
        return self.has_pages and not self.attached

    @property
    def ends(self) -> tuple[FieldSpec, ...]:
        """Of a join: the links to what it connects."""
        return tuple(item for item in self.fields if self.join and item.type == "link" and item.required)

    def field(self, name: str) -> FieldSpec | None:
        return next((spec for spec in self.fields if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every object with its built-in and custom fields, as it stands at `version`."""

    objects: Mapping[str, ObjectSpec]
    version: int = 0
    currency: str = "USD"  # the workspace's own, for money that names none
    nicknames: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)  # of users, teams and pipelines
    fiscal_start: int = 1  # the month in which the workspace's fiscal year begins

    def __getitem__(self, name: str) -> ObjectSpec:
        return self.objects[name]

    def inverse(self, target: str, name: str) -> tuple[ObjectSpec, FieldSpec] | None:
        """The link behind a way back: inverse("companies", "deals") is the object deals and its field company."""
        for spec in self.objects.values():
            for item in spec.fields:
                if item.type == "link" and item.target == target and item.inverse == name:
                    return spec, item
        return None

    def inverses(self, target: str) -> Iterator[tuple[str, ObjectSpec, FieldSpec]]:
        """Every way back to `target`: its name, the object it leads to, and the link field there."""
        for spec in self.objects.values():
            for item in spec.fields:
                if item.type == "link" and item.target == target and item.inverse:
                    yield item.inverse, spec, item


# --- reading: one typed, serialisable query --------------------------------------------------------------------------

Op = Literal[
    "eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "empty",
    "gt", "gte", "lt", "lte", "between", "during",
]  # fmt: skip
Bucket = Literal["day", "week", "month", "quarter", "year"]
MeasureName = Literal["count", "count_distinct", "sum", "avg", "min", "max", "weighted"]


class Model(BaseModel):
    """Immutable, and closed to unknown keys: a typo in a query is an error, not a wider answer."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True, defer_build=True
    )


class Condition(Model):
    """`field op value`. `field` may be a path (`company.industry`, `deals.amount`); `me` stands for the asking user.

    `empty` takes true or false; `in`, `not_in` and `between` (inclusive) take lists; `during` takes a period:
    `today`, `yesterday`, `this_week`, `last_quarter`, `next_month`, `last_30_days`, `next_7_days`, `30_days_ago`,
    `in_2_weeks`, `2024`, `2024-Q4`, `2024-11`, `2024-11-05`. Money is in major units. Links take an id, or compare a
    field of theirs over a path.
    """

    field: str
    op: Op = "eq"
    value: JsonValue = None


class And(Model):
    items: tuple[Filter, ...] = Field(alias="and")


class Or(Model):
    items: tuple[Filter, ...] = Field(alias="or")


class Not(Model):
    item: Filter = Field(alias="not")


class Related(Model):
    """Some (`any`) or no (`none`) record over a to-many relation satisfies `where` (None: exists at all)."""

    relation: str
    quantifier: Literal["any", "none"] = "any"
    where: Filter | None = None


class Text(Model):
    """Full text, as a filter: every word stands in the record's searchable text, the last one perhaps unfinished."""

    text: str


Filter = Condition | And | Or | Not | Related | Text


class Group(Model):
    """Group by a field or path; dates by a bucket."""

    field: str
    bucket: Bucket | None = None

    @property
    def key(self) -> str:
        return f"{self.field}:{self.bucket}" if self.bucket else self.field


class Measure(Model):
    fn: MeasureName = "count"
    field: str | None = None

    @property
    def key(self) -> str:
        return f"{self.fn}:{self.field}" if self.field else self.fn


class Having(Model):
    """A bound on groups: only those whose measure (one of the query's, by its key) is so. Money is in major units."""

    measure: str
    op: Literal["eq", "ne", "gt", "gte", "lt", "lte", "between"] = "gte"
    value: JsonValue = None


class Query(Model):
    """What to read. With `group_by` or `measures` the answer is `Groups`, else a `Page` of records."""

    object: str
    where: Filter | None = None
    text: str | None = None  # full text, as a filter
    group_by: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = ()
    having: tuple[Having, ...] = ()  # all of them
    currency: str | None = None  # amounts are converted to it by the workspace's dated rates; None: one for each
    sort: tuple[str, ...] = ()  # field, path, group or measure key; "-" before it: descending
    columns: tuple[str, ...] = ()  # fields or to-one paths to return; empty: all of the object's own fields
    limit: int = Field(default=50, ge=1, le=1000)
    cursor: str | None = None
    trashed: bool = False  # the trash instead of the living records

    @property
    def is_grouped(self) -> bool:
        return bool(self.group_by or self.measures)


# --- what comes back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ref:
    """A link to a record, with the words to show for it."""

    object: str
    id: int
    label: str

    @property
    def url(self) -> str:
        return f"/{self.object}/{self.id}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency; averages and weighted sums may hold a part of one."""

    minor: int | Decimal
    currency: str

    @property
    def major(self) -> Decimal:
        from app.shared.money import digits

        return Decimal(self.minor).scaleb(-digits(self.currency))


# A value as the doors return it: None, str, int, float, Decimal, bool, date, datetime (UTC, aware), Money, Ref,
# tuple[str, ...] for multi_select and tags. `app.shared.values.as_json` turns any of them into JSON.
Value = Any


@dataclass(frozen=True, slots=True)
class Record:
    """One record as this principal may see it. `values` is keyed by field name or path."""

    object: str
    id: int
    version: int
    label: str
    values: Mapping[str, Value]
    trashed_at: datetime | None = None

    @property
    def url(self) -> str:
        return f"/{self.object}/{self.id}"

    @property
    def ref(self) -> Ref:
        return Ref(self.object, self.id, self.label)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records. `total` is exact up to `TOTAL_BOUND`, beyond it the bound, with `total_is_bound`."""

    query: Query
    records: tuple[Record, ...]
    next_cursor: str | None
    total: int
    total_is_bound: bool = False


TOTAL_BOUND = 100_000


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group: its keys in the order of `group_by` and its measures in the order of `measures`.

    A key is a value (a Ref for a link, an option's key for a select or stage, the first day of a bucket for dates).
    A measure is a number, a date, a Money, or a tuple of Money where the group holds several currencies; a sum over
    nothing is 0 in the workspace's currency, other measures over nothing are None.
    """

    keys: tuple[Value, ...]
    measures: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `currency` was worth in `to` from `day` on, as the workspace keeps it."""

    currency: str
    to: str
    rate: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class Groups:
    """A grouped answer. `totals` are the measures over all rows of the query, not only over the groups shown.

    With `having` they are over the rows of the groups that satisfy it. `rates`: those by which amounts were converted.
    """

    query: Query
    rows: tuple[GroupRow, ...]
    totals: tuple[Value, ...]
    group_count: int  # how many groups there are, shown or not
    rates: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One full-text hit: `snippet` is plain text with the matched words between \\x02 and \\x03."""

    ref: Ref
    score: float
    snippet: str
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One record for the index at journal position `seq`: its name and its prose (the long texts, which are quoted).

    `text` is "" where it has none, and None once it is trashed or gone.
    """

    object: str
    id: int
    seq: int
    title: str = ""
    text: str | None = None
    date: datetime | date | None = None
    author: str | None = None
    links: tuple[Ref, ...] = ()  # the company, person and deal that it belongs to


# --- writing: one typed change set -----------------------------------------------------------------------------------

Action = Literal["create", "update", "trash", "restore", "purge", "merge", "link", "unlink"]
ChangeState = Literal["proposed", "applied", "rejected", "expired", "undone"]


class Operation(Model):
    """One change to one record. `values` as JSON: money in major units, links as ids or as `"$ref"` of the same set.

    `link` and `unlink` connect the record with `to` over `relation`: a link field, a way back, or the way back of a
    join object (a deal's `contacts`), whose further fields are in `values`. `merge` moves what points to `twins` to
    the record, fills its empty fields from them in their order (`values` win), joins the tags and puts the twins in
    the trash. All three are written as the plain changes that they amount to.
    """

    action: Action
    object: str
    id: int | str | None = None  # a record's id, or "$ref" of one that this set creates
    ref: str | None = None  # create: a name by which later operations of this set link to the new record, as "$ref"
    values: dict[str, JsonValue] = Field(default_factory=dict)
    expect: dict[str, JsonValue] | None = None  # old values; where one differs on applying: Conflict
    version: int | None = None  # the version that the change was made on; where it differs, see `expect`
    relation: str | None = None  # link, unlink
    to: int | str | None = None  # link, unlink: a record's id, or "$ref"
    twins: tuple[int, ...] = ()  # merge


class Resolution(Model):
    """How a conflict is settled: whose value stays in this field of the set's operation number `operation` (from 0)."""

    operation: int
    field: str
    keep: Literal["yours", "theirs"]


class ChangeSet(Model):
    title: str = ""
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal: what happened to one record, as JSON values before and after (changed fields only)."""

    seq: int
    change_set: int
    action: str  # create, update, trash, restore, purge
    object: str
    id: int
    label: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    at: datetime
    author: str
    author_id: int | None
    channel: str


@dataclass(frozen=True, slots=True)
class StoredChangeSet:
    """A change set as the door keeps it. `records` are the records that an applied set created or changed."""

    id: int
    state: ChangeState
    title: str
    author: str
    author_id: int | None
    channel: str
    created_at: datetime
    applied_at: datetime | None = None
    expires_at: datetime | None = None
    undoes: int | None = None  # the set that this one undoes
    undone_by: int | None = None
    count: int = 0  # operations
    operations: tuple[Operation, ...] = ()  # proposed sets: all; applied ones: empty, see `changes`
    records: tuple[Ref, ...] = field(default=())


class CrmPort(Protocol):
    """The two doors and the search, as the chatbot half sees them. Every method narrows by what the principal may see.

    Methods block (database reads): call them from a worker thread.
    """

    def catalog(self) -> Catalog: ...
    def query(self, principal: Principal, query: Query) -> Page | Groups: ...
    def get(self, principal: Principal, object: str, id: int) -> Record: ...
    def get_many(self, principal: Principal, refs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Record]:
        """The records among `refs` that exist, live and may be seen; the rest are left out."""
        ...

    def labels(self, principal: Principal, object: str) -> Sequence[tuple[int, str]]:
        """(id, label) of every living record that the principal may see, for matching names in a question."""
        ...

    def url(self, query: Query) -> str:
        """The page in the CRM that opens exactly these rows."""
        ...

    def view(self, url: str) -> Query | None:
        """The query behind a page's address, as `/deals?stage=won`; None where that page is no list of records."""
        ...

    def sentence(self, query: Query, principal: Principal | None = None) -> str:
        """The query in plain English. With a principal, linked records are called by their names."""
        ...

    def chips(self, query: Query, principal: Principal | None = None) -> Sequence[str]:
        """The conditions of the query as short readable phrases; names as in `sentence`."""
        ...

    def preview(self, principal: Principal, changes: ChangeSet) -> Sequence[Change]:
        """The lines of the journal that applying would write, with what follows by itself; nothing is written."""
        ...

    def propose(self, principal: Principal, changes: ChangeSet) -> StoredChangeSet: ...
    def apply(
        self, principal: Principal, changes: ChangeSet | int, resolutions: Sequence[Resolution] = ()
    ) -> StoredChangeSet: ...
    def reject(self, principal: Principal, change_set: int) -> StoredChangeSet: ...
    def undo(self, principal: Principal, change_set: int) -> StoredChangeSet: ...
    def change_set(self, principal: Principal, change_set: int) -> StoredChangeSet: ...

    def search(
        self, principal: Principal, text: str, *, objects: Sequence[str] = (), limit: int = 20, match_all: bool = False
    ) -> Sequence[Hit]:
        """Full-text hits, best first, ranked by BM25 (SQLite) or ts_rank (PostgreSQL).

        `match_all`: a hit has every word (the last one as a prefix); else any word, the more the better.
        """
        ...

    def documents(self, refs: Sequence[tuple[str, int]]) -> Sequence[Document]:
        """The texts of these records, trashed and gone ones with `text=None`; unnarrowed, for the index alone."""
        ...

    def journal(self, after: int, limit: int = 1000) -> Sequence[tuple[int, str, int]]:
        """(seq, object, id) of the changes after a position, in commit order; the outbox of the index."""
        ...

    def journal_end(self) -> int:
        """The newest position of the journal."""
        ...

    def document_refs(self, before: tuple[str, int] | None = None, limit: int = 1000) -> Sequence[tuple[str, int]]:
        """Every living record that has prose, kind by kind, newest first, in pages; for building the index anew."""
        ...
