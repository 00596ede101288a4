"""A record's timeline: its changes, notes, activities and tasks in one order, newest first, a day at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.crm import changes
from app.crm.changes.ways import kind_of
from app.crm.pages import locale, queries
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.crm.pages.words import ngettext
from app.shared.contract import Change, FieldSpec, Money, ObjectSpec, Query, Record

PAGE = 25
_DEEPEST = 1000  # items of one kind; beyond them the lists show the rest
_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "notes": ("created_at", ("name", "body", "owner", "created_at")),
    "activities": ("date", ("name", "kind", "status", "body", "owner", "person", "date")),
    "tasks": ("created_at", ("name", "done", "due_date", "owner", "created_at")),
}
_SHOWN = 3  # changed fields that a line names before it folds


@dataclass(frozen=True, slots=True)
class Step:
    """One changed field of one change, in words."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the timeline: a change, or a record of its own."""

    kind: str  # change, notes, activities, tasks
    at: datetime
    who: str
    icon: str
    words: str
    lead: Step | None = None  # the one changed field that the line itself tells
    rest: tuple[Step, ...] = ()  # the others, which unfold
    record: Record | None = None
    change_set: int | None = None

    @property
    def day(self) -> date:
        return self.at.astimezone(locale.zone()).date()

    @property
    def has_clock(self) -> bool:
        """Whether the time of day says something: a meeting that was given as a date alone has none."""
        local = self.at.astimezone(locale.zone())
        return self.kind != "activities" or bool(local.hour or local.minute)


@dataclass(frozen=True, slots=True)
class Timeline:
    days: list[tuple[str, list[Item]]]
    next: int | None  # the next page's number


def value_text(spec: FieldSpec | None, value: Any) -> str:
    """A value of the journal as text; a link and a stage hold their words, an empty value is a dash."""
    if value in (None, "", [], ()):
        return "–"
    if isinstance(value, Mapping):
        if "amount" in value:
            from decimal import Decimal

            from app.shared.money import digits

            currency = str(value.get("currency") or "USD")
            minor = int(Decimal(str(value["amount"])).scaleb(digits(currency)))
            return locale.money(Money(minor, currency))
        return str(value.get("label") or _("a hidden record"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if spec is not None and isinstance(value, str):
        return _typed_text(spec, value)
    return locale.plain(value)


def _typed_text(spec: FieldSpec, value: str) -> str:
    if spec.type == "date":
        return locale.day(date.fromisoformat(value))
    if spec.type == "datetime":
        return locale.moment(datetime.fromisoformat(value))
    if spec.type == "select":
        return next((option.label for option in spec.options if option.key == value), value)
    return value if len(value) <= 120 else f"{value[:117]}…"


def _steps(spec: ObjectSpec, line: Change) -> tuple[Step, ...]:
    made: list[Step] = []
    for name, new in line.after.items():
        field = spec.field(name)
        if field is None or field.read_only:
            continue
        step = Step(_(field.label), value_text(field, line.before.get(name)), value_text(field, new))
        made.insert(0 if name == "stage" else len(made), step)
    return tuple(made)


def _change_words(spec: ObjectSpec, line: Change) -> tuple[str, str]:
    what = _(spec.label_one).lower()
    words = {
        "create": (_("created this %(what)s", what=what), "circle-plus"),
        "trash": (_("moved this %(what)s to the trash", what=what), "trash-2"),
        "restore": (_("restored this %(what)s", what=what), "undo-2"),
        "purge": (_("deleted this %(what)s", what=what), "trash-2"),
    }
    return words.get(line.action, ("", "pencil"))


def _of_join(spec: ObjectSpec, line: Change, record: Record, what: str) -> Item:
    """A change of a connection on the page of one of its ends; the line is called after the other."""
    kind = kind_of(spec)
    role = value_text(kind, line.after.get(kind.name)) if kind and line.after.get(kind.name) else ""
    said = {"who": line.label, "role": role, "what": what}
    words = _on_first(line.action, said) if record.object == spec.ends[0].target else _on_other(line.action, said)
    steps = _steps(spec, line) if line.action == "update" else ()
    return Item("change", line.at, _who(line), "users", words, None, steps, change_set=line.change_set)


def _on_first(action: str, said: Mapping[str, str]) -> str:
    """On a deal's page, of its contacts and its team."""
    texts = {
        "create": _("added %(who)s as %(role)s", **said) if said["role"] else _("added %(who)s", **said),
        "trash": _("removed %(who)s", **said),
        "restore": _("added %(who)s again", **said),
        "update": _("changed what %(who)s is here", **said),
    }
    return texts.get(action, "")


def _on_other(action: str, said: Mapping[str, str]) -> str:
    """On a person's page, of a deal."""
    with_role = _("added this %(what)s to %(who)s as %(role)s", **said)
    texts = {
        "create": with_role if said["role"] else _("added this %(what)s to %(who)s", **said),
        "trash": _("removed this %(what)s from %(who)s", **said),
        "restore": _("added this %(what)s to %(who)s again", **said),
        "update": _("changed what this %(what)s is in %(who)s", **said),
    }
    return texts.get(action, "")


def _of_change(spec: ObjectSpec, line: Change) -> Item:
    words, icon = _change_words(spec, line)
    steps = _steps(spec, line) if line.action == "update" else ()
    lead = steps[0] if len(steps) == 1 or (steps and "stage" in line.after) else None
    rest = steps[1:] if lead else steps
    if lead is None and len(rest) > _SHOWN:
        words = ngettext("changed %(num)d field", "changed %(num)d fields", len(rest))
    if "stage" in line.after and line.action == "update":
        icon = "move-right"
    return Item("change", line.at, _who(line), icon, words, lead, rest, change_set=line.change_set)


def _who(line: Change) -> str:
    return line.author if line.channel in ("page", "api") else f"{line.author} ({_channel(line.channel)})"


def _channel(channel: str) -> str:
    return {"import": _("import"), "cli": _("command line"), "assistant": _("assistant"), "system": _("system")}[
        channel
    ]


_ICONS = {"notes": "sticky-note", "tasks": "square-check", "call": "phone", "email": "mail", "meeting": "calendar"}


def _kind_word(object: str, kind: str) -> str:
    """What stands for the title of a note or an activity that has none: its text follows anyway."""
    words = {"call": _("Call"), "email": _("Email"), "meeting": _("Meeting"), "": _("Note")}
    return words.get(kind, "") if object in ("notes", "activities") else ""


def _of_record(record: Record, at_field: str) -> Item | None:
    at = record.values.get(at_field)
    if not isinstance(at, datetime):
        return None
    owner = record.values.get("owner")
    kind = str(record.values.get("kind") or "")
    words = "" if record.values.get("name") else _kind_word(record.object, kind)
    icon = _ICONS.get(kind, _ICONS.get(record.object, "activity"))
    return Item(record.object, at, owner.label if owner else "", icon, words, record=record)


def _linked(reader: Reader, object: str, id: int, kind: str, limit: int) -> Iterator[Item]:
    """The notes, activities or tasks that link to the record."""
    link = next((item for item in reader.catalog[kind].fields if item.type == "link" and item.target == object), None)
    if link is None or link.inverse is None or link.name == "after":
        return
    at_field, columns = _KINDS[kind]
    wanted = queries.of(kind, queries.eq(link.name, id), sort=(f"-{at_field}",), columns=columns, limit=limit)
    for record in reader.page(wanted).records:
        if (item := _of_record(record, at_field)) is not None:
            yield item


def _changes(reader: Reader, record: Record, limit: int) -> Iterator[Item]:
    spec = reader.catalog[record.object]
    for line in changes.history(reader.connection, reader.principal, record.object, record.id, limit, None):
        joins = line.object != record.object and line.object in reader.catalog.objects
        one = _(spec.label_one).lower()
        item = _of_join(reader.catalog[line.object], line, record, one) if joins else _of_change(spec, line)
        if item.words or item.lead or item.rest:
            yield item


def load(reader: Reader, record: Record, page: int = 0) -> Timeline:
    """One page of the timeline, counted from 0."""
    limit = min((page + 1) * PAGE + 1, _DEEPEST)
    items = list(_changes(reader, record, limit))
    for kind in _KINDS:
        items += _linked(reader, record.object, record.id, kind, limit)
    items.sort(key=lambda item: item.at, reverse=True)
    mine = items[page * PAGE : (page + 1) * PAGE]
    has_more = len(items) > (page + 1) * PAGE and limit < _DEEPEST
    return Timeline(by_day(mine), page + 1 if has_more else None)


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


__all__ = ["Item", "Query", "Step", "Timeline", "by_day", "load"]
