"""The cards of a board: one record in a few short lines, for any kind of record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from app.crm.pages import locale, queries
from app.crm.pages import show as shown
from app.crm.pages.board_shape import Board, money
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.shared.contract import Condition, FieldSpec, Money, ObjectSpec, Record, Ref
from app.shared.pace import STALE
from app.shared.types import utc_now

_LINES = ("company", "deal", "person", "industry", "title", "country")  # what a card says of a record beside its name
_DAYS = ("due_date", "date", "close_date")
_MOST_TASKS = 1000


@dataclass(frozen=True, slots=True)
class Card:
    """One record of a column. `since` is how long it has stood in its stage, or its day."""

    record: Record
    line: str = ""
    tag: Markup | None = None  # the deal's stage, where the columns are of another field
    amount: str = ""
    since: str = ""
    since_title: str = ""
    day: Markup | None = None
    owner: Ref | None = None
    task: str = ""  # the next one, and its day
    task_day: Markup | None = None
    stale: bool = False
    done: bool = False


def columns(spec: ObjectSpec) -> tuple[str, ...]:
    """What is read of each record."""
    amount = money(spec)
    wanted = (spec.label_field, *_LINES, *_DAYS, "owner", "stage", "stage_changed_at", "kind", "done")
    names = (*wanted, amount.name if amount else "")
    return tuple(dict.fromkeys(name for name in names if spec.field(name)))


def stale_before() -> datetime:
    """Open deals that have been in their stage since before this moment are stale."""
    return utc_now() - STALE


def cards(board: Board, records: Iterable[Record], tasks: Mapping[int, Record]) -> list[Card]:
    amount, stage = money(board.spec), board.spec.field("stage")
    return [_card(board, record, amount, stage, tasks.get(record.id)) for record in records]


def _card(board: Board, record: Record, amount: FieldSpec | None, stage: FieldSpec | None, task: Record | None) -> Card:
    values = record.values
    key, since = str(values.get("stage") or ""), values.get("stage_changed_at")
    is_open = bool(stage and key and shown.find_option(stage, key).kind == "open")
    worth = values.get(amount.name) if amount else None
    return Card(
        record,
        line=_line(values),
        tag=shown.choice(stage, key) if stage and key and board.field.type != "stage" else None,
        amount=locale.money(worth) if isinstance(worth, Money) else "",
        since=shown.days_since(since) if is_open and since else "",
        since_title=_("In this stage since %(day)s", day=locale.day(since)) if since else "",
        day=None if is_open else _day(values),
        owner=values.get("owner"),
        task=task.label if is_open and task else "",
        task_day=due(task.values["due_date"]) if task and task.values["due_date"] else None,
        stale=bool(is_open and since and since < stale_before()),
        done=bool(values.get("done")),
    )


def _line(values: Mapping[str, Any]) -> str:
    """The company, else the first of what else is known."""
    found = next((values[name] for name in _LINES if values.get(name)), "")
    return found.label if isinstance(found, Ref) else str(found)


def _day(values: Mapping[str, Any]) -> Markup | None:
    name = next((name for name in _DAYS if values.get(name)), None)
    if name is None:
        return None
    if name == "due_date":
        return shown.due_day(values[name], done=bool(values.get("done")))
    found: date = values[name]
    return escape(locale.day(found))


def due(value: date) -> Markup:
    """A task's day, short: a card has one line for both."""
    late = value < locale.today()
    words = locale.due(value) if abs((value - locale.today()).days) < 7 else locale.day(value, "short-day")
    said = Markup('<span class="sr-only">{} </span>').format(_("Overdue:")) if late else ""
    return Markup('<time datetime="{}" title="{}"{}>{}{}</time>').format(
        value.isoformat(), locale.day(value), Markup(' class="overdue"') if late else "", said, words
    )


def next_tasks(reader: Reader, object: str, records: Sequence[Record]) -> dict[int, Record]:
    """The next open task of each deal that has one, in one statement."""
    if object != "deals" or not records:
        return {}
    ids = Condition(field="deal", op="in", value=[record.id for record in records])
    columns = ("name", "due_date", "deal")
    query = queries.of("tasks", queries.eq("done", False), ids, sort=("due_date",), columns=columns, limit=_MOST_TASKS)
    found: dict[int, Record] = {}
    for task in reader.page(query).records:
        if isinstance(task.values["deal"], Ref):
            found.setdefault(task.values["deal"].id, task)
    return found
