"""The dashboard's row of figures, and sums as text."""

from dataclasses import dataclass
from typing import Any

from app.crm.pages import locale, queries
from app.crm.pages.dashboard_scope import Scope
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.shared.contract import Condition, Measure, Money, Page

COUNT, SUM, WEIGHTED = Measure(), Measure(fn="sum", field="amount"), Measure(fn="weighted", field="amount")
OPEN = queries.eq("stage", "open")
WON, LOST = queries.eq("stage", "won"), queries.eq("stage", "lost")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its words, and the rows behind it."""

    label: str
    value: str
    detail: str
    url: str


def amount(value: Any, *, short: bool = False) -> str:
    """A sum as text; several currencies stand beside each other."""
    if isinstance(value, tuple):
        return " + ".join(locale.money(item, short=short) for item in value)
    return locale.money(value, short=short) if isinstance(value, Money) else "–"


def brief(value: Any) -> str:
    """A sum above a bar, where there is no room for several currencies: the one that is drawn, and how many more."""
    if isinstance(value, tuple) and value:
        more = f" +{len(value) - 1}" if len(value) > 1 else ""
        return f"{locale.money(value[0], short=True)}{more}"
    return amount(value, short=True)


def minor(value: Any) -> float:
    """A size to draw: of several currencies the first."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    return float(value.major) if isinstance(value, Money) else 0.0


def _totals(reader: Reader, scope: Scope) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Count and sum of what was won, and the count of what was lost, in the period."""
    won = reader.groups(scope.deals(WON, closed=True, measures=(COUNT, SUM))).totals
    lost = reader.groups(scope.deals(LOST, closed=True, measures=(COUNT,))).totals
    return tuple(won), tuple(lost)


def figures(reader: Reader, scope: Scope, open_totals: tuple[Any, ...], tasks: Page, tasks_url: str) -> list[Figure]:
    (won, won_sum), (lost,) = _totals(reader, scope)
    count, total, weighted = open_totals
    rate = locale.percent(won / (won + lost)) if won + lost else "–"
    closed = Condition(field="stage", op="in", value=["won", "lost"])
    return [
        Figure(
            _("Open pipeline"), amount(total, short=True),
            _("%(count)s deals, %(sum)s weighted", count=locale.number(count), sum=amount(weighted, short=True)),
            queries.url(scope.deals(OPEN)),
        ),
        Figure(
            _("Won"), amount(won_sum, short=True), _("%(count)s deals", count=locale.number(won)),
            queries.url(scope.deals(WON, closed=True)),
        ),
        Figure(
            _("Win rate"), rate, _("%(won)s won, %(lost)s lost", won=locale.number(won), lost=locale.number(lost)),
            queries.url(scope.deals(closed, closed=True)),
        ),
        Figure(
            _("My open tasks"), locale.number(tasks.total), _overdue_words(tasks),
            tasks_url,
        ),
    ]  # fmt: skip


def _overdue_words(tasks: Page) -> str:
    late = sum(1 for task in tasks.records if task.values.get("due_date") and task.values["due_date"] < locale.today())
    if not late:
        return _("none overdue") if tasks.total else _("all done")
    return (
        _("%(num)s or more overdue", num=late)
        if late == len(tasks.records) < tasks.total
        else _("%(num)s overdue", num=late)
    )
