"""The first page: what stands, what comes, what is to be done. Each tile is a Query, and opens its rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template
from markupsafe import Markup

from app.crm import changes
from app.crm.pages import charts, groups, locale, queries
from app.crm.pages import show as shown
from app.crm.pages.charts import Bar
from app.crm.pages.figures import COUNT, LOST, OPEN, SUM, WEIGHTED, WON, amount, figures, minor
from app.crm.pages.reader import Reader, reading
from app.crm.pages.spans import Span, chosen, latest_close, spans
from app.crm.pages.words import gettext as _
from app.crm.query.periods import resolve
from app.shared.contract import (
    Bucket,
    Catalog,
    Change,
    Condition,
    FieldSpec,
    Group,
    GroupRow,
    Money,
    Query,
    Ref,
)  # fmt: skip

STALE_DAYS = 30
AHEAD = 6  # months of the forecast


@dataclass(frozen=True, slots=True)
class StageLine:
    label: Markup
    count: int
    sum: Any
    weighted: Any
    bar: Markup
    url: str


@dataclass(frozen=True, slots=True)
class OwnerLine:
    owner: Ref
    won: int
    lost: int
    amount: Any
    rate: float
    bar: Markup
    url: str


# --- tiles -----------------------------------------------------------------------------------------------------------


def _stages(reader: Reader) -> tuple[list[StageLine], tuple[Any, ...], str]:
    query = queries.of("deals", OPEN, group_by=(Group(field="stage"),), measures=(COUNT, SUM, WEIGHTED))
    answer = reader.groups(query.model_copy(update={"limit": 50}))
    field = reader.catalog["deals"].field("stage")
    order = {option.key: index for index, option in enumerate(field.options)} if field else {}
    rows = sorted(answer.rows, key=lambda row: order.get(str(row.keys[0]), len(order)))
    top = max((minor(row.measures[1]) for row in rows), default=0) or 1
    lines = [_stage_line(reader.catalog, query, field, row, top) for row in rows if field]
    return lines, tuple(answer.totals), queries.url(query)


def _stage_line(catalog: Catalog, query: Query, field: FieldSpec, row: GroupRow, top: float) -> StageLine:
    count, total, weighted = row.measures
    key = str(row.keys[0])
    hue = shown.option_hue(field, shown.find_option(field, key))
    bar = charts.line(minor(weighted) / top, hue, minor(total) / top)
    url = queries.url(groups.drill(query, row, catalog))
    return StageLine(shown.choice(field, key), count, total, weighted, bar, url)


def _forecast(reader: Reader) -> tuple[list[Bar], str]:
    """Open deals by the month in which they are to close, from this month on: weighted within unweighted."""
    first = locale.today().replace(day=1)
    months = [first]
    while len(months) < AHEAD:
        months.append(groups.next_start(months[-1], "month"))
    last = groups.next_start(months[-1], "month") - timedelta(days=1)
    ahead = Condition(field="close_date", op="between", value=[first.isoformat(), last.isoformat()])
    by_month = (Group(field="close_date", bucket="month"),)
    query = queries.of("deals", OPEN, ahead, group_by=by_month, measures=(COUNT, SUM, WEIGHTED))
    found = {row.keys[0]: row for row in reader.groups(query).rows}
    return [_forecast_bar(query, month, found.get(month)) for month in months], queries.url(query)


def _forecast_bar(query: Query, month: date, row: GroupRow | None) -> Bar:
    label = locale.month(month, year=month.month == 1)
    if row is None:
        return Bar(label, 0, _("no deals"))
    _count, total, weighted = row.measures
    return Bar(
        label,
        minor(weighted),
        _("%(sum)s weighted", sum=amount(weighted, short=True)),
        queries.url(groups.drill(query, row)),
        minor(total),
        amount(total, short=True),
        0,
    )


def _won_by_month(reader: Reader, span: Span) -> tuple[list[Bar], str]:
    """What was won, month by month; quarter by quarter over all time."""
    bucket: Bucket = "quarter" if span.key == "all" else "month"
    by = (Group(field="close_date", bucket=bucket),)
    dated = Condition(field="close_date", op="empty", value=False)
    query = queries.of("deals", WON, *(span.conditions or (dated,)), group_by=by, measures=(SUM, COUNT))
    found = {row.keys[0]: row for row in reader.groups(query.model_copy(update={"limit": 200})).rows}
    starts = _starts(span, found.keys(), bucket)[-12:]
    return [_won_bar(reader, query, first, found.get(first), bucket) for first in starts], queries.url(query)


def _starts(span: Span, found: Collection[date], bucket: str) -> list[date]:
    """The first days of the chart's buckets without a gap: all of the period, but none that is still to come."""
    if not found:
        return []
    first, last = min(found), max(found)
    if span.key != "all":
        first, after = resolve(span.key, locale.today())
        last = max(last, min(after - timedelta(days=1), locale.today()))
    starts = [first]
    while (following := groups.next_start(starts[-1], bucket)) <= last:
        starts.append(following)
    return starts


def _won_bar(reader: Reader, query: Query, first: date, row: GroupRow | None, bucket: str) -> Bar:
    label = f"Q{(first.month + 2) // 3} {first:%y}" if bucket == "quarter" else locale.month(first, year=False)
    if row is None:
        return Bar(label, 0, amount(Money(0, reader.catalog.currency), short=True), hue=2)
    total = row.measures[0]
    return Bar(label, minor(total), amount(total, short=True), queries.url(groups.drill(query, row)), hue=2)


def _owners(reader: Reader, span: Span) -> tuple[list[OwnerLine], str]:
    """Won, lost and win rate by owner, the most won first."""
    by_owner = (Group(field="owner"),)
    both = Condition(field="stage", op="in", value=["won", "lost"])
    base = queries.of("deals", both, *span.conditions, group_by=by_owner, measures=(COUNT, SUM), limit=200)
    won = queries.of("deals", WON, *span.conditions, group_by=by_owner, measures=(COUNT, SUM), sort=("-sum:amount",))
    lost = queries.of("deals", LOST, *span.conditions, group_by=by_owner, measures=(COUNT,), limit=200)
    losses = {row.keys[0]: int(row.measures[0]) for row in reader.groups(lost).rows}
    winners = reader.groups(won.model_copy(update={"limit": 200})).rows
    top = max((minor(row.measures[1]) for row in winners), default=0) or 1
    lines = [_owner_line(won, row, losses, top) for row in winners if isinstance(row.keys[0], Ref)]
    return lines[:8], queries.url(base)


def _owner_line(query: Query, row: GroupRow, losses: dict[Any, int], top: float) -> OwnerLine:
    owner, won, lost = row.keys[0], int(row.measures[0]), losses.get(row.keys[0], 0)
    bar = charts.line(minor(row.measures[1]) / top, 2)
    return OwnerLine(owner, won, lost, row.measures[1], won / (won + lost), bar, queries.url(groups.drill(query, row)))


def _my_tasks() -> Query:
    items = (queries.eq("done", False), queries.eq("owner", "me"))
    return queries.of("tasks", *items, sort=("due_date", "name"), limit=6)


def _stale() -> Query:
    before = locale.today() - timedelta(days=STALE_DAYS)
    item = Condition(field="stage_changed_at", op="lt", value=before.isoformat())
    return queries.of("deals", OPEN, item, sort=("stage_changed_at",), limit=6)


# --- the page --------------------------------------------------------------------------------------------------------


def _first_counts(reader: Reader) -> dict[str, int]:
    return {name: reader.count(queries.of(name)) for name in ("companies", "people", "deals")}


def _latest(reader: Reader) -> Sequence[Change]:
    return changes.recent(reader.connection, reader.principal, 8)


def show() -> str:
    """GET /: the dashboard, or the first run's guide where there are no records yet."""
    with reading() as reader:
        counts = _first_counts(reader)
        if not any(counts.values()):
            return render_template("first_run.html")
        return _render(reader, counts)


def _render(reader: Reader, counts: dict[str, int]) -> str:
    latest = latest_close(reader)
    available = spans(latest)
    span = chosen(available, latest)
    stages, open_totals, stages_url = _stages(reader)
    tasks, stale = reader.page(_my_tasks()), reader.page(_stale())
    tasks_url = queries.url(queries.changed(_my_tasks(), limit=50, sort=()))
    forecast, forecast_url = _forecast(reader)
    won, won_url = _won_by_month(reader, span)
    owners, owners_url = _owners(reader, span)
    return render_template(
        "dashboard.html",
        counts=counts, spans=available, span=span, stages=stages, open_totals=open_totals, stages_url=stages_url,
        forecast=forecast, forecast_url=forecast_url, won=won, won_url=won_url, owners=owners, owners_url=owners_url,
        tasks=tasks, tasks_url=tasks_url,
        stale=stale, stale_url=queries.url(queries.changed(_stale(), limit=50)), stale_days=STALE_DAYS,
        figures=figures(reader, span, open_totals, tasks, tasks_url), latest=_latest(reader), catalog=reader.catalog,
        amount=amount, columns=charts.columns, stage_field=reader.catalog["deals"].field("stage"),
    )  # fmt: skip
