"""The dashboard's tiles of deals: each is a Query within the page's scope, and opens exactly its rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from app.crm.pages import charts, groups, locale, queries
from app.crm.pages import show as shown
from app.crm.pages.charts import Bar
from app.crm.pages.dashboard_scope import Scope
from app.crm.pages.figures import COUNT, LOST, OPEN, SUM, WEIGHTED, WON, amount, brief, minor
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.crm.pages.words import ngettext
from app.crm.query.periods import resolve
from app.shared.contract import (
    Bucket,
    Catalog,
    Condition,
    FieldSpec,
    Group,
    GroupRow,
    Money,
    Query,
    Ref,
)  # fmt: skip
from app.shared.pace import STALE

AHEAD = 6  # months of the forecast
OWNERS = 8  # lines of the tile; the list behind it has all
_MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class StageLine:
    label: Markup
    count: int
    sum: Any
    weighted: Any
    bar: Markup
    url: str


@dataclass(frozen=True, slots=True)
class Stages:
    """The open pipeline by stage, and all of it."""

    lines: Sequence[StageLine]
    totals: tuple[Any, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and the grouped list behind them. `late`: what is open though its day has passed, as words and a list."""

    bars: Sequence[Bar]
    url: str
    late: str = ""
    late_url: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(bar.value or bar.whole for bar in self.bars)


@dataclass(frozen=True, slots=True)
class OwnerLine:
    owner: Ref
    won: int
    lost: int
    amount: Any
    rate: float
    bar: Markup
    url: str
    lost_url: str


@dataclass(frozen=True, slots=True)
class Owners:
    lines: Sequence[OwnerLine]
    more: int  # owners beyond those that are shown
    url: str


# --- pipeline by stage ------------------------------------------------------------------------------------------------


def stages(reader: Reader, scope: Scope) -> Stages:
    by = (Group(field="stage"),)
    query = scope.deals(OPEN, group_by=by, measures=(COUNT, SUM, WEIGHTED), limit=_MOST_GROUPS)
    answer = reader.groups(query)
    field = reader.catalog["deals"].field("stage")
    order = {option.key: index for index, option in enumerate(field.options)} if field else {}
    rows = sorted(answer.rows, key=lambda row: order.get(str(row.keys[0]), len(order)))
    top = max((minor(row.measures[1]) for row in rows), default=0) or 1
    lines = [_stage_line(reader.catalog, query, field, row, top) for row in rows if field]
    return Stages(lines, tuple(answer.totals), queries.url(query))


def _stage_line(catalog: Catalog, query: Query, field: FieldSpec, row: GroupRow, top: float) -> StageLine:
    count, total, weighted = row.measures
    key = str(row.keys[0])
    hue = shown.option_hue(field, shown.find_option(field, key))
    bar = charts.line(minor(weighted) / top, hue, minor(total) / top)
    return StageLine(shown.choice(field, key), count, total, weighted, bar, _rows(query, row, catalog))


def _rows(query: Query, row: GroupRow, catalog: Catalog | None = None) -> str:
    """The records of one group as a list."""
    return queries.url(groups.drill(query, row, catalog))


# --- forecast ---------------------------------------------------------------------------------------------------------


def forecast(reader: Reader, scope: Scope) -> Chart:
    """Open deals by the month in which they are to close, from today on: weighted within unweighted.

    What was to close earlier in this month is late, and told as that alone.
    """
    today = locale.today()
    months = [today.replace(day=1)]
    while len(months) < AHEAD:
        months.append(groups.next_start(months[-1], "month"))
    last = groups.next_start(months[-1], "month") - timedelta(days=1)
    ahead = Condition(field="close_date", op="between", value=[today.isoformat(), last.isoformat()])
    by_month = (Group(field="close_date", bucket="month"),)
    query = scope.deals(OPEN, ahead, group_by=by_month, measures=(COUNT, SUM, WEIGHTED))
    found = {row.keys[0]: row for row in reader.groups(query).rows}
    bars = [_forecast_bar(query, month, found.get(month)) for month in months]
    return Chart(bars, queries.url(query), *_late(reader, scope))


def _forecast_bar(query: Query, month: date, row: GroupRow | None) -> Bar:
    label = locale.month(month, year=month.month == 1)
    if row is None:
        return Bar(label, 0, "", title=_("%(month)s: no deals", month=label))
    _count, total, weighted = row.measures
    title = _("%(month)s: %(sum)s, %(weighted)s weighted", month=label, sum=amount(total), weighted=amount(weighted))
    return Bar(
        label, minor(weighted), brief(weighted), _rows(query, row), minor(total), brief(total),
        title=title, exact=amount(weighted), whole_exact=amount(total),
    )  # fmt: skip


def _late(reader: Reader, scope: Scope) -> tuple[str, str]:
    """Open deals whose close date has passed: they stand in no month ahead."""
    before = Condition(field="close_date", op="lt", value=locale.today().isoformat())
    query = scope.deals(OPEN, before, measures=(COUNT, SUM))
    count, total = reader.groups(query).totals
    if not count:
        return "", ""
    words = ngettext("%(num)d open deal (%(sum)s) has a close date that has passed",
                     "%(num)d open deals (%(sum)s) have a close date that has passed",
                     count, sum=amount(total, short=True))  # fmt: skip
    return words, queries.url(scope.deals(OPEN, before))


# --- won --------------------------------------------------------------------------------------------------------------


def won_by_month(reader: Reader, scope: Scope) -> Chart:
    """What was won, month by month; quarter by quarter over all time."""
    span = scope.span
    bucket: Bucket = "quarter" if span.key == "all" else "month"
    by = (Group(field="close_date", bucket=bucket),)
    dated = () if span.conditions else (Condition(field="close_date", op="empty", value=False),)
    query = scope.deals(WON, *dated, closed=True, group_by=by, measures=(SUM, COUNT), limit=_MOST_GROUPS)
    found = {row.keys[0]: row for row in reader.groups(query).rows}
    starts = _starts(scope, found.keys(), bucket)[-12:]
    bars = [_won_bar(reader, scope, query, first, found.get(first), bucket) for first in starts]
    return Chart(bars, queries.url(query))


def _starts(scope: Scope, found: Collection[date], bucket: str) -> list[date]:
    """The first days of the chart's buckets without a gap: all of the period, but none that is still to come."""
    if not found:
        return []
    first, last = min(found), max(found)
    if scope.span.key != "all":
        first, after = resolve(scope.span.key, locale.today())
        last = max(last, min(after - timedelta(days=1), locale.today()))
    starts = [first]
    while (following := groups.next_start(starts[-1], bucket)) <= last:
        starts.append(following)
    return starts


def _won_bar(reader: Reader, scope: Scope, query: Query, first: date, row: GroupRow | None, bucket: str) -> Bar:
    label = f"Q{(first.month + 2) // 3} {first:%y}" if bucket == "quarter" else locale.month(first, year=False)
    if row is None:
        nothing = amount(Money(0, scope.currency or reader.catalog.currency), short=True)
        return Bar(label, 0, nothing, hue=2, exact=nothing)
    total = row.measures[0]
    return Bar(label, minor(total), brief(total), _rows(query, row), hue=2, exact=amount(total))


# --- owners -----------------------------------------------------------------------------------------------------------


def owners(reader: Reader, scope: Scope) -> Owners:
    """Won, lost and win rate by owner, the most won first; who has only lost comes too."""
    by = (Group(field="owner"),)
    both = Condition(field="stage", op="in", value=["won", "lost"])
    base = scope.deals(both, closed=True, group_by=by, measures=(COUNT, SUM), limit=_MOST_GROUPS)
    won = scope.deals(WON, closed=True, group_by=by, measures=(COUNT, SUM), sort=("-sum:amount",), limit=_MOST_GROUPS)
    lost = scope.deals(LOST, closed=True, group_by=by, measures=(COUNT,), limit=_MOST_GROUPS)
    winners, losers = reader.groups(won).rows, {row.keys[0]: row for row in reader.groups(lost).rows}
    top = max((minor(row.measures[1]) for row in winners), default=0) or 1
    lines = [_owner_line(reader, scope, won, lost, row, losers.pop(row.keys[0], None), top) for row in winners]
    lines += [_owner_line(reader, scope, won, lost, None, row, top) for row in losers.values()]
    found = [line for line in lines if line]
    return Owners(found[:OWNERS], max(len(found) - OWNERS, 0), queries.url(base))


def _owner_line(
    reader: Reader, scope: Scope, wons: Query, losts: Query, won: GroupRow | None, lost: GroupRow | None, top: float
) -> OwnerLine | None:
    owner = (won or lost or GroupRow((None,), ())).keys[0]
    if not isinstance(owner, Ref):
        return None
    total = won.measures[1] if won else Money(0, scope.currency or reader.catalog.currency)
    wins, losses = int(won.measures[0]) if won else 0, int(lost.measures[0]) if lost else 0
    return OwnerLine(
        owner, wins, losses, total, wins / (wins + losses), charts.line(minor(total) / top, 2),
        _rows(wons, won) if won else "", _rows(losts, lost) if lost else "",
    )  # fmt: skip


# --- lists ------------------------------------------------------------------------------------------------------------


def stale(scope: Scope) -> Query:
    """Open deals that have stood in their stage for long, the longest first."""
    before = locale.today() - STALE
    item = Condition(field="stage_changed_at", op="lt", value=before.isoformat())
    columns = ("name", "stage", "company", "amount", "stage_changed_at")
    return scope.deals(OPEN, item, sort=("stage_changed_at",), limit=6, columns=columns)


def my_tasks() -> Query:
    items = (queries.eq("done", False), queries.eq("owner", "me"))
    return queries.of("tasks", *items, sort=("due_date", "name"), limit=6)
