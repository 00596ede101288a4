"""What a timeline's lines are made of, and the notes, activities, tasks and files among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.crm import query
from app.crm.pages import files, locale
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.crm.query.feed import Entry, Feed
from app.shared.contract import Record, Ref
from app.shared.types import utc_now

_LINKS = ("company", "person", "deal")
COLUMNS: dict[str, tuple[str, ...]] = {
    "notes": ("name", "body", "owner", "pinned", "created_at", *_LINKS),
    "activities": ("name", "kind", "status", "body", "owner", "date", *_LINKS),
    "tasks": ("name", "done", "due_date", "done_at", "owner", "after", "after.done", "created_at", *_LINKS),
    "files": ("name", "size", "media_type", "owner", "created_at", *_LINKS),
}
_ICONS = {
    "notes": "sticky-note", "tasks": "square-check", "files": "paperclip", "call": "phone", "email": "mail",
    "meeting": "calendar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One changed field of one change, in words."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Part:
    """One change of a line that several were folded into."""

    at: datetime
    steps: tuple[Step, ...]
    undo: int | None  # the set to undo, where that is possible from here
    count: int = 1  # changed records of that set: all of them are undone


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the timeline: a change (or several), or a record of its own."""

    kind: str  # changes, notes, activities, tasks, files
    at: datetime
    who: str
    icon: str
    words: str
    lead: Step | None = None  # the one changed field that the line itself tells
    rest: tuple[Step, ...] = ()  # the others, which unfold
    record: Record | None = None
    change_set: int | None = None
    seq: int = 0  # of a change: its place in the journal
    parts: tuple[Part, ...] = ()
    hand: tuple[int | None, str] | None = None  # by whom and how; changes by one hand fold
    is_undone: bool = False
    proposed: bool = False  # the assistant had proposed it
    mentions: bool = False  # a text that hangs elsewhere and links here
    elsewhere: tuple[Ref, ...] = ()  # what it hangs on, where that isn't the record itself

    @property
    def day(self) -> date:
        return self.at.astimezone(locale.zone()).date()

    @property
    def has_clock(self) -> bool:
        """Whether the time of day says something: a meeting that was given as a date alone has none."""
        local = self.at.astimezone(locale.zone())
        return self.kind != "activities" or bool(local.hour or local.minute)

    @property
    def undo(self) -> int | None:
        """The set that this line can take back; of several folded ones each part has its own."""
        return self.parts[0].undo if len(self.parts) == 1 else None

    @property
    def thumbnail(self) -> str:
        return files.thumbnail(self.record) if self.record and self.kind == "files" else ""


def _kind_word(object: str, kind: str) -> str:
    """What stands for the title of a note or an activity that has none: its text follows anyway."""
    words = {"call": _("Call"), "email": _("Email"), "meeting": _("Meeting"), "": _("Note")}
    return words.get(kind, "") if object in ("notes", "activities") else ""


def of_feed(
    reader: Reader, record: Record, feed: Feed, *, before: tuple[datetime, int] | None = None, limit: int = 25
) -> list[Item]:
    """What of one kind stands in a record's timeline: two statements."""
    found = query.hanging(
        reader.connection, reader.principal, feed, record.object, record.id, now=utc_now(), before=before, limit=limit
    )
    return list(_items(reader, record, feed.object, found))


def _items(reader: Reader, record: Record, object: str, found: Sequence[Entry]) -> Iterator[Item]:
    if not found:
        return
    ids, columns = [entry.id for entry in found], COLUMNS[object]
    rows = query.fetch(reader.connection, reader.principal, object, ids, columns=columns)
    for entry in found:
        if (row := rows.get(entry.id)) is not None:
            yield _item(record, row, entry)


def _item(record: Record, row: Record, entry: Entry) -> Item:
    owner, kind = row.values.get("owner"), str(row.values.get("kind") or "")
    words = "" if row.values.get("name") else _kind_word(row.object, kind)
    icon = _ICONS.get(kind, _ICONS.get(row.object, "activity"))
    return Item(
        row.object, _moment(entry.at), owner.label if owner else "", icon, words, record=row,
        mentions=entry.mentions, elsewhere=_elsewhere(record, row),
    )  # fmt: skip


def _moment(at: datetime | date | None) -> datetime:
    if isinstance(at, datetime):
        return at
    return datetime.combine(at, time(), UTC) if at else datetime.max.replace(tzinfo=UTC)


def _elsewhere(record: Record, row: Record) -> tuple[Ref, ...]:
    """The deal or the person on whom it hangs, else the company: of those, what isn't the record in view."""
    refs = [ref for name in ("deal", "person", "company") if isinstance(ref := row.values.get(name), Ref)]
    others = [ref for ref in refs if (ref.object, ref.id) != (record.object, record.id)]
    return tuple(ref for ref in others if ref.object != "companies" or len(others) == 1)[:2]
