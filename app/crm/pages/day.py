"""My day: what is overdue, due today and soon, to be completed and put off with one key, one by one or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Response, render_template, request
from pydantic import JsonValue

from app.crm import quicktask
from app.crm.pages import locale, queries, undo
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Condition, Filter, Operation, Page, Principal
from app.shared.errors import FieldError, Forbidden, Invalid

PATH = "/tasks/day"
AHEAD = 7  # days of "upcoming"
SHOWN = 50  # tasks of a section; its head leads to all
MOST = 200  # tasks of one action
COLUMNS = (
    "name", "done", "due_date", "priority", "owner", "company", "person", "deal", "after", "after.done", "remind_at",
)  # fmt: skip
MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the day, with the list of all its tasks."""

    key: str
    label: str
    page: Page
    url: str


# --- the page ---------------------------------------------------------------------------------------------------------


def show() -> str:
    """GET /tasks/day?who=me|team|all."""
    who = request.args.get("who", "me")
    with reading() as reader:
        whose = _whose(reader.principal)
        who = who if who in whose else "me"
        sections = [_section(reader, *part, whose[who]) for part in _parts(locale.today())]
        priority = reader.catalog["tasks"].field("priority")
    name = "_day.html" if undo.wants_fragment() else "day.html"
    shown = [section for section in sections if section.page.records]
    return render_template(name, sections=shown, who=who, whose=list(whose), priority=priority, days=_days())


def _whose(user: Principal) -> dict[str, Sequence[Filter]]:
    """Whose tasks can be asked for."""
    found: dict[str, Sequence[Filter]] = {"me": (queries.eq("owner", "me"),)}
    if user.team_id is not None:
        found["team"] = (queries.eq("owner.team", user.team_id),)
    return found | {"all": ()}


def _parts(today: date) -> list[tuple[str, str, tuple[Filter, ...], tuple[str, ...]]]:
    """The sections: key, name, conditions, order."""
    open_, last = queries.eq("done", False), today + timedelta(days=AHEAD)

    def due(op: str, *days: date) -> Condition:
        value = [day.isoformat() for day in days] if op == "between" else days[0].isoformat()
        return Condition.model_validate({"field": "due_date", "op": op, "value": value})

    order = ("due_date", "name")
    undated = Condition(field="due_date", op="empty", value=True)
    done = Condition(field="done_at", op="gte", value=today.isoformat())
    return [
        ("overdue", _("Overdue"), (open_, due("lt", today)), order),
        ("today", _("Today"), (open_, due("eq", today)), ("name",)),
        ("upcoming", _("Next 7 days"), (open_, due("between", today + timedelta(days=1), last)), order),
        ("later", _("Later"), (open_, due("gt", last)), order),
        ("undated", _("No date"), (open_, undated), ("name",)),
        ("done", _("Done today"), (queries.eq("done", True), done), ("-done_at",)),
    ]


def _section(
    reader: Reader, key: str, label: str, where: Sequence[Filter], sort: tuple[str, ...], who: Sequence[Filter]
) -> Section:
    query = queries.of("tasks", *where, *who, sort=sort)
    page = reader.page(query.model_copy(update={"limit": SHOWN, "columns": COLUMNS}))
    return Section(key, label, page, queries.url(query))


def _days() -> dict[str, str]:
    """What the actions' buttons say of their days."""
    today = locale.today()
    return {key: locale.day(day, "short-day") for key, day in _named_days(today).items()}


def _named_days(today: date) -> dict[str, date]:
    """Next week is its Monday."""
    return {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "week": today + timedelta(days=7 - today.weekday()),
    }


# --- actions on one or several ----------------------------------------------------------------------------------------


def batch() -> Response:
    """POST /tasks/batch: complete, open, put off or set the reminder of some tasks, as one change with one Undo."""
    ids = _ids()
    action = request.form.get("action", "")
    values = _values(action)
    made = tuple(Operation(action="update", object="tasks", id=id, values=values) for id in ids)
    if action == "remind" and request.form.get("when") == "due":
        made = _on_their_days(ids)
    stored = services().crm.apply(principal(), ChangeSet(operations=made))
    words = {"done": "tasks-done", "open": "tasks-open", "remind": "tasks-remind", "forget": "tasks-forget"}
    return undo.answer(undo.came_from(PATH), f"{words.get(action, 'tasks-moved')}:{len(ids)}", stored.id)


def _ids() -> list[int]:
    found = [int(text) for text in request.form.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19]
    if not found:
        raise Invalid(_("No task was chosen."), [FieldError("id", _("Choose the tasks first."))])
    if len(found) > MOST:
        raise Invalid(_("Too many tasks."), [FieldError("id", _("At most %(count)s at once.", count=MOST))])
    return list(dict.fromkeys(found))


def _values(action: str) -> dict[str, JsonValue]:
    today = locale.today()
    if action in ("done", "open"):
        return {"done": action == "done"}
    if action in (days := _named_days(today)):
        return {"due_date": days[action].isoformat()}
    if action == "date":
        return {"due_date": request.form.get("date") or None}
    if action == "remind":
        return {"remind_at": _moment(request.form.get("when", ""))}
    if action == "forget":
        return {"remind_at": None}
    raise Invalid(_("There is no such action."), [FieldError("action", _("Unknown: %(what)s", what=action[:40]))])


def _moment(when: str) -> str | None:
    """When to remind: in an hour, tomorrow at nine, or at a moment that is given."""
    now = datetime.now(locale.zone())
    if when == "hour":
        return (now + timedelta(hours=1)).isoformat(timespec="minutes")
    if when == "tomorrow":
        return at(now.date() + timedelta(days=1), MORNING)
    if when == "due":
        return None  # each at its own
    given = request.form.get("moment", "")
    if not given:
        raise Invalid(_("No time was given."), [FieldError("moment", _("Say when."))])
    return given


def at(day: date, hour: time) -> str:
    """A moment where the user is, as the door reads it."""
    return datetime.combine(day, hour, locale.zone()).isoformat(timespec="minutes")


def _on_their_days(ids: Sequence[int]) -> tuple[Operation, ...]:
    """Each at nine on the day that it is due."""
    with reading() as reader:
        wanted = queries.of("tasks", Condition(field="id", op="in", value=[*ids]), columns=("due_date",), limit=MOST)
        due = {record.id: record.values["due_date"] for record in reader.page(wanted).records}
    undated = [id for id in ids if due.get(id) is None]
    if undated:
        message = _("Give them a due date first, or choose another time.")
        raise Invalid(_("Some tasks have no due date."), [FieldError("when", message)])
    return tuple(
        Operation(action="update", object="tasks", id=id, values={"remind_at": at(due[id], MORNING)}) for id in ids
    )


# --- a task in one line -----------------------------------------------------------------------------------------------


def add() -> Response:
    """POST /tasks/add: a task from one line, mine unless it names somebody; `after`: a further step of a chain."""
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))
    with reading() as reader:
        values = _read_line(reader)
        target = undo.local(request.form.get("_next"), "") or undo.came_from(PATH)
    stored = services().crm.apply(
        principal(), ChangeSet(operations=(Operation(action="create", object="tasks", values=values),))
    )
    return undo.answer(target, "created:tasks", stored.id)


def understood() -> str:
    """GET /tasks/read?text=: what a line is read as, while it is typed."""
    with reading() as reader:
        draft = quicktask.read(request.args.get("text", "")[:500], locale.today())
        owner = _assignee(reader, draft.assignee) if draft.assignee else None
        priority = reader.catalog["tasks"].field("priority")
    return render_template("_task_read.html", draft=draft, owner=owner, priority=priority)


def _read_line(reader: Reader) -> dict[str, JsonValue]:
    text = request.form.get("text", "").strip()[:500]
    if not text:
        raise Invalid(_("The task has no title."), [FieldError("text", _("Say what is to be done."))])
    values = said(reader, text) | _chained(reader)
    if reader.principal.user_id is not None:
        values.setdefault("owner", reader.principal.user_id)
    return values


def said(reader: Reader, text: str) -> dict[str, JsonValue]:
    """What a line says of a task, field by field. Raises Invalid where it names nobody who is known."""
    draft = quicktask.read(text, locale.today())
    values: dict[str, JsonValue] = {"name": draft.name}
    if draft.due:
        values["due_date"] = draft.due.isoformat()
        if draft.at:
            values["remind_at"] = at(draft.due, draft.at)
    if draft.priority:
        values["priority"] = draft.priority
    if draft.tags:
        values["tags"] = list(draft.tags)
    if draft.assignee:
        values["owner"] = _named(reader, draft.assignee)
    return values


def _chained(reader: Reader) -> dict[str, JsonValue]:
    """A further step belongs to what the step before it does."""
    after = request.form.get("after", "")
    if not (after.isascii() and after.isdigit()):
        return {}
    record = reader.record("tasks", int(after))
    links = {name: record.values[name].id for name in ("company", "person", "deal") if record.values.get(name)}
    return {"after": record.id, **links}


def _assignee(reader: Reader, word: str) -> tuple[int, str] | None:
    """The one user whose name begins with this, or has a word that does."""
    key = word.casefold().replace(".", " ")
    found = [
        (id, label)
        for id, label in reader.labels("users")
        if label.casefold().startswith(key) or any(part.startswith(key) for part in label.casefold().split())
    ]
    return found[0] if len(found) == 1 else None


def _named(reader: Reader, word: str) -> int:
    found = _assignee(reader, word)
    if found is None:
        message = _("Nobody, or more than one, is called “%(name)s”.", name=word)
        raise Invalid(message, [FieldError("text", message)])
    return found[0]
