"""A record's timeline: its changes, notes, activities, tasks and files in one order, newest first, a day at a time.

Pages are read by keyset: the address of the next one names the last line of each kind that has been shown, so that a
deep page costs what the first one does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from app.crm.pages import locale, timeline_changes
from app.crm.pages.reader import Reader
from app.crm.pages.timeline_items import Item, Step, of_feed
from app.crm.pages.words import gettext as _
from app.crm.query.feed import FEEDS, PINNED, PLANNED
from app.shared.contract import Record
from app.shared.errors import BadRequest

PAGE = 25
MOST_PLANNED, MOST_PINNED = 20, 50
KINDS = ("all", "notes", "activities", "tasks", "files", "changes", "assistant")
Place = tuple[datetime, int]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARK = re.compile(r"(changes|notes|activities|tasks|files):(-?\d{1,17})(?::(\d{1,18}))?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last line of each kind that has been shown."""

    seq: int | None = None
    places: dict[str, Place] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [] if self.seq is None else [f"changes:{self.seq}"]
        parts += [f"{kind}:{(at - _EPOCH) // timedelta(microseconds=1)}:{id}" for kind, (at, id) in self.places.items()]
        return ",".join(parts)

    def after(self, items: Sequence[Item]) -> "Cursor":
        """Where it stands once these lines have been shown, newest first."""
        seq, places = self.seq, dict(self.places)
        for item in items:
            if item.record is not None:
                places[item.kind] = (item.at, item.record.id)
            else:
                seq = item.seq
        return Cursor(seq, places)


def cursor(text: str) -> Cursor:
    """Raises BadRequest where an address has been made up."""
    seq, places = None, {}
    for part in text.split(",") if text else ():
        found = _MARK.fullmatch(part)
        if found is None or (found[1] == "changes") != (found[3] is None):
            raise BadRequest(_("This address of earlier lines can't be read."))
        if found[3] is None:
            seq = int(found[2])
            continue
        try:
            places[found[1]] = (_EPOCH + timedelta(microseconds=int(found[2])), int(found[3]))
        except OverflowError:
            raise BadRequest(_("This address of earlier lines can't be read.")) from None
    return Cursor(seq, places)


@dataclass(frozen=True, slots=True)
class Timeline:
    days: list[tuple[str, list[Item]]]
    next: str = ""  # the cursor of the page after; "": there is none
    kind: str = "all"
    planned: Sequence[Item] = ()
    pinned: Sequence[Item] = ()

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What can be chosen: (key, words)."""
        words = {
            "all": _("All"), "notes": _("Notes"), "activities": _("Activities"), "tasks": _("Tasks"),
            "files": _("Files"), "changes": _("Changes"), "assistant": _("Assistant"),
        }  # fmt: skip
        return [(key, words[key]) for key in KINDS]


def load(reader: Reader, record: Record, before: str = "", kind: str = "all") -> Timeline:
    """One page of the timeline; `before`: the cursor of the page before, `kind`: what of it (all of it otherwise)."""
    kind, place = kind if kind in KINDS else "all", cursor(before)
    items = _changes(reader, record, place, kind)
    for name in FEEDS:
        if kind in ("all", name) and name != record.object:
            items += of_feed(reader, record, FEEDS[name], before=place.places.get(name), limit=PAGE + 1)
    items.sort(key=lambda item: item.at, reverse=True)
    mine = items[:PAGE]
    following = str(place.after(mine)) if len(items) > PAGE else ""
    first = not before
    return Timeline(
        by_day(timeline_changes.folded(mine)),
        following,
        kind,
        _planned(reader, record, kind) if first else (),
        of_feed(reader, record, PINNED, limit=MOST_PINNED) if first and kind in ("all", "notes") else (),
    )


def _changes(reader: Reader, record: Record, place: Cursor, kind: str) -> list[Item]:
    if kind not in ("all", "changes", "assistant"):
        return []
    channel = "assistant" if kind == "assistant" else None
    return timeline_changes.lines(reader, record, PAGE + 1, place.seq, channel)


def _planned(reader: Reader, record: Record, kind: str) -> list[Item]:
    """What is still to come, first things first: open tasks by their day, meetings by their time."""
    items: list[Item] = []
    for feed in PLANNED:
        if kind in ("all", feed.object) and feed.object != record.object:
            items += of_feed(reader, record, feed, limit=MOST_PLANNED)
    return sorted(items, key=lambda item: item.at)[:MOST_PLANNED]


def by_day(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Items under the names of their days."""
    days: list[tuple[str, list[Item]]] = []
    for item in items:
        name = day_name(item.day)
        if not days or days[-1][0] != name:
            days.append((name, []))
        days[-1][1].append(item)
    return days


def day_name(day: date) -> str:
    distance = (day - locale.today()).days
    if distance in (0, -1, 1):
        return {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}[distance]
    return locale.day(day, "long")


__all__ = ["Item", "Step", "Timeline", "by_day", "day_name", "load"]
