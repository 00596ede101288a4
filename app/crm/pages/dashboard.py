"""The first page: what stands, what comes, what is to be done. Each tile is a Query, and opens its rows."""

from flask import render_template

from app.crm import changes
from app.crm.pages import charts, dashboard_scope, guide, queries, tiles
from app.crm.pages.figures import amount, figures
from app.crm.pages.reader import Reader, reading
from app.shared.pace import STALE

OBJECTS = ("companies", "people", "deals")


def show() -> str:
    """GET /: the dashboard, or the first run's guide where there are no records yet."""
    with reading() as reader:
        filled = any(reader.page(queries.of(name, limit=1)).records for name in OBJECTS)
        begun = guide.state(reader, filled)
        if not filled and not begun.begins_empty:
            return render_template("first_run.html")
        return _render(reader, begun)


def _render(reader: Reader, begun: guide.Guide) -> str:
    scope = dashboard_scope.scope(reader)
    stages = tiles.stages(reader, scope)
    tasks, stale = reader.page(tiles.my_tasks()), reader.page(tiles.stale(scope))
    tasks_url = queries.url(queries.changed(tiles.my_tasks(), limit=50, sort=()))
    people = dashboard_scope.people(reader, scope)
    pipelines = dashboard_scope.pipelines(reader, scope)
    return render_template(
        "dashboard.html", guide=begun,
        scope=scope, periods=dashboard_scope.periods(scope), people=people, pipelines=pipelines,
        current=dashboard_scope.current, stages=stages, forecast=tiles.forecast(reader, scope),
        won=tiles.won_by_month(reader, scope), owners=tiles.owners(reader, scope), tasks=tasks, tasks_url=tasks_url,
        stale=stale, stale_days=STALE.days,
        stale_url=queries.url(queries.changed(tiles.stale(scope), limit=50, columns=())),
        figures=figures(reader, scope, stages.totals, tasks, tasks_url),
        latest=changes.folded(reader.connection, reader.principal), catalog=reader.catalog,
        amount=amount, columns=charts.columns, stage_field=reader.catalog["deals"].field("stage"),
    )  # fmt: skip
