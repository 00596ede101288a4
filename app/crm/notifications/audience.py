"""From lines of the journal to who should hear of them: the rules, without rights and wishes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from app.crm.notifications.follow import followers
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.schema import TABLES, change_sets, changes

Ref = tuple[str, int]
_MENTION = re.compile(r"\]\(/users/(\d{1,18})\)")
_ON_TIMELINES = ("notes", "activities", "tasks")
_TOLD = ("update", "trash", "restore")
# Where several reasons meet in one change of one record, the first of these is told.
ORDER = ("mentioned", "assigned", "unlocked", "changed")


@dataclass(frozen=True, slots=True)
class News:
    """One change of one record, for one user. `about`: the record that they follow, where another was added to it."""

    user: int
    kind: str
    ref: Ref
    line: Row[Any]
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> Ref | None:
        found = self.detail.get("about")
        return (found[0], found[1]) if found else None


def read(connection: Connection, first: int, last: int) -> list[Row[Any]]:
    """The lines between two positions with who wrote them; not what the program itself did."""
    statement = (
        select(changes, change_sets.c.author, change_sets.c.author_id, change_sets.c.channel)
        .join(change_sets, change_sets.c.id == changes.c.change_set_id)
        .where(changes.c.seq.between(first, last), change_sets.c.author_id.is_not(None))
        .order_by(changes.c.seq)
    )
    return list(connection.execute(statement))


def of(connection: Connection, lines: Sequence[Row[Any]]) -> list[News]:
    """Everything that somebody should hear, once for each user, change set and record."""
    found: dict[tuple[int, int, Ref], News] = {}
    every = [*_named(lines), *_unlocked(connection, lines), *_followed(connection, lines)]
    for news in every:
        if news.user != news.line.author_id:
            found.setdefault((news.user, news.line.change_set_id, news.ref), news)
    return list(found.values())


def _named(lines: Sequence[Row[Any]]) -> list[News]:
    found = [news for line in lines for news in (*_mentioned(line), *_assigned(line))]
    return sorted(found, key=lambda news: ORDER.index(news.kind))


def _mentioned(line: Row[Any]) -> Iterator[News]:
    """Users who are named in a long text now, and weren't before."""
    for name, text in line.after.items():
        spec = BUILT_IN[line.object].field(name) if line.object in BUILT_IN else None
        if isinstance(text, str) and (spec is None or spec.type == "long_text"):
            before = set(_MENTION.findall(str(line.before.get(name) or "")))
            for id in dict.fromkeys(_MENTION.findall(text)):
                if id not in before:
                    yield News(int(id), "mentioned", (line.object, line.record_id), line)


def _assigned(line: Row[Any]) -> Iterator[News]:
    if line.action not in ("create", "update"):
        return
    if line.object == "deal_team":
        user, deal = line.after.get("user"), line.after.get("deal")
        if user and deal and line.action == "create":
            yield News(user["id"], "assigned", ("deals", deal["id"]), line, {"team": True})
    elif line.object in RECORD_OBJECTS and line.object != "notes" and line.after.get("owner"):
        yield News(line.after["owner"]["id"], "assigned", (line.object, line.record_id), line)


def _unlocked(connection: Connection, lines: Sequence[Row[Any]]) -> Iterator[News]:
    """The assignees of the steps that follow a task which is done now."""
    done = {
        line.record_id: line
        for line in lines
        if line.object == "tasks" and line.action == "update" and line.after.get("done") is True
    }
    if not done:
        return
    tasks = TABLES["tasks"]
    waiting = (tasks.c.after_id.in_(sorted(done)), tasks.c.done.is_not(True), tasks.c.trashed_at.is_(None))
    statement = select(tasks.c.id, tasks.c.after_id, tasks.c.owner_id).where(*waiting, tasks.c.owner_id.is_not(None))
    for row in connection.execute(statement):
        yield News(row.owner_id, "unlocked", ("tasks", row.id), done[row.after_id])


def _followed(connection: Connection, lines: Sequence[Row[Any]]) -> Iterator[News]:
    """Changes of followed records, and what was added to their timelines."""
    asked: list[tuple[Ref, Ref, Row[Any]]] = []  # whose followers, what they are told of, the line
    for line in lines:
        ref = (line.object, line.record_id)
        if line.object not in RECORD_OBJECTS:
            continue
        if line.action in _TOLD:
            asked.append((ref, ref, line))
        elif line.action == "create" and line.object in _ON_TIMELINES:
            asked += [(about, ref, line) for about in _links(line)]
    if not asked:
        return
    found = followers(connection, {about for about, _ref, _line in asked})
    for about, ref, line in asked:
        detail: dict[str, Any] = {"action": line.action}
        detail |= {"about": list(about)} if about != ref else {"fields": _fields(line), **_beside(line)}
        for user in sorted(found[about]):
            yield News(user, "changed", ref, line, detail)


def _links(line: Row[Any]) -> list[Ref]:
    """The records on whose timelines a new note, activity or task stands."""
    fields = BUILT_IN[line.object].fields
    links = [item for item in fields if item.type == "link" and item.target in RECORD_OBJECTS and item.name != "after"]
    return [(item.target or "", line.after[item.name]["id"]) for item in links if line.after.get(item.name)]


def _fields(line: Row[Any]) -> list[str]:
    """What was changed, by name; what the program keeps by itself isn't told."""
    names = (BUILT_IN[line.object].field(name) for name in line.after)
    own = [item.name for item in names if item and not item.read_only]
    return own or [name for name in line.after if BUILT_IN[line.object].field(name) is None]


def _beside(line: Row[Any]) -> dict[str, Any]:
    """Where a deal stands now, and whether a task is done."""
    stage = line.after.get("stage")
    found: dict[str, Any] = {"stage": str(stage["label"])} if stage else {}
    return found | ({"done": bool(line.after["done"])} if "done" in line.after else {})
