"""A grouped query as a table: each row opens the records behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import render_template, request
from markupsafe import Markup, escape

from app.crm.pages import locale, paging, queries, rates, saved, show
from app.crm.pages.chips import chips
from app.crm.pages.reader import Reader
from app.crm.pages.state import Shown
from app.crm.pages.views import views
from app.crm.pages.words import gettext as _
from app.shared.contract import (
    Bucket,
    Catalog,
    Condition,
    FieldSpec,
    Group,
    GroupRow,
    Groups,
    Measure,
    Money,
    ObjectSpec,
    Query,
    Ref,
)  # fmt: skip
from app.shared.errors import FieldError

MOST_GROUPS = 200  # on one page
_BUCKET_WORDS: dict[Bucket, str] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One group: its keys and measures as HTML, its share of the largest (0-100), and the list behind it."""

    keys: tuple[Markup, ...]
    measures: tuple[Markup, ...]
    share: int
    url: str


def next_start(first: date, bucket: str) -> date:
    """The first day of the bucket after this one."""
    if bucket == "day":
        return first + timedelta(days=1)
    if bucket == "week":
        return first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[bucket]
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def condition(group: Group, key: Any, fields: Sequence[FieldSpec] = ()) -> Condition:
    """The condition that holds for exactly the records of a group with this key. `fields`: those along its path."""
    if key and fields and fields[-1].type == "stage":
        return queries.stage(group.field, fields[-1], str(key))
    if key is None or key == "":
        return Condition(field=group.field, op="empty", value=True)
    if group.bucket:
        return Condition(field=group.field, op="during", value=_period(key, group.bucket))
    if isinstance(key, Ref):
        return Condition(field=group.field, op="eq", value=key.id)
    if isinstance(key, Money):
        return Condition(field=group.field, op="eq", value=float(key.major))
    return Condition(field=group.field, op="eq", value=key.isoformat() if isinstance(key, date) else key)


def _period(first: date, bucket: str) -> str:
    """A bucket as a period's name; weeks have none, they are the range of their days, see `drill`."""
    names = {
        "year": str(first.year),
        "quarter": f"{first.year}-Q{(first.month + 2) // 3}",
        "month": f"{first.year}-{first.month:02}",
        "day": first.isoformat(),
        "week": first.isoformat(),
    }
    return names[bucket]


def drill(query: Query, row: GroupRow, catalog: Catalog | None = None) -> Query:
    """The records of one group, as a query of their own. Groups by stage need the catalog."""
    items = []
    for group, key in zip(query.group_by, row.keys, strict=True):
        if group.bucket == "week" and key is not None:
            last = next_start(key, "week") - timedelta(days=1)
            items.append(Condition(field=group.field, op="between", value=[key.isoformat(), last.isoformat()]))
        else:
            fields = queries.resolve(catalog, query.object, group.field) if catalog else ()
            items.append(condition(group, key, fields))
    plain = queries.changed(query, group_by=(), measures=(), sort=(), limit=50)
    return queries.plus(plain, *items)


def key_html(field: FieldSpec, group: Group, key: Any) -> Markup:
    if key is None or key == "":
        return Markup('<span class="none">{}</span>').format(_("None"))
    if group.bucket:
        return escape(locale.bucket(key, group.bucket))
    if isinstance(key, Ref):
        return show.ref(key, link=False)
    return show.value(field, key)


def measure_html(measure: Measure, value: Any) -> Markup:
    """A measure as text: several currencies stand under each other, so that no column cuts one."""
    if value is None:
        return show.NONE
    if isinstance(value, tuple):
        apart = Markup('<span class="sr-only"> · </span>')
        sums = apart.join(Markup("<span>{}</span>").format(locale.money(item)) for item in value)
        return Markup('<span class="sums">{}</span>').format(sums)
    if isinstance(value, float) or (measure.fn == "avg" and not isinstance(value, Money)):
        return escape(locale.number(round(value, 2)))
    return escape(locale.plain(value))


def _magnitude(value: Any) -> float:
    number = value.minor if isinstance(value, Money) else value
    return abs(float(number)) if isinstance(number, int | float | Decimal) else 0.0


def measure_label(catalog: Catalog, object: str, measure: Measure) -> str:
    names = {
        "count": _("Count"), "count_distinct": _("Different values of"), "sum": _("Sum of"), "avg": _("Average of"),
        "min": _("Lowest"), "max": _("Highest"), "weighted": _("Weighted"),
    }  # fmt: skip
    fields = queries.resolve(catalog, object, measure.field) if measure.field else ()
    label = queries.path_label(fields)
    return f"{names[measure.fn]} {label[:1].lower()}{label[1:]}" if label else names[measure.fn]


def group_label(catalog: Catalog, object: str, group: Group) -> str:
    label = queries.path_label(queries.resolve(catalog, object, group.field)) or group.field
    return f"{label} ({_(_BUCKET_WORDS[group.bucket])})" if group.bucket else label


def _lines(reader: Reader, query: Query, answer: Groups) -> list[Line]:
    largest = max((_magnitude(row.measures[0]) for row in answer.rows if row.measures), default=0.0)
    fields = [queries.resolve(reader.catalog, query.object, group.field)[-1] for group in query.group_by]
    return [
        Line(
            tuple(key_html(*pair) for pair in zip(fields, query.group_by, row.keys, strict=True)),
            tuple(measure_html(*pair) for pair in zip(_measures(query), row.measures, strict=True)),
            round(100 * _magnitude(row.measures[0]) / largest) if largest and row.measures else 0,
            queries.url(drill(query, row, reader.catalog)),
        )
        for row in answer.rows
    ]


def _measures(query: Query) -> tuple[Measure, ...]:
    return query.measures or (Measure(),)


def _in_order(spec: ObjectSpec, query: Shown) -> Shown:
    """A list's order by an amount is its groups' by their sums, which then stand among the figures."""
    measures, keys = list(_measures(query)), {key for group in query.group_by for key in (group.key, group.field)}
    sort = []
    for key in query.sort:
        field = spec.field(key.removeprefix("-"))
        if field and show.is_numeric(field) and field.name not in keys:
            measures.append(Measure(fn="sum", field=field.name))
            sort.append(f"{'-' if key.startswith('-') else ''}{measures[-1].key}")
        else:
            sort.append(key)
    return query.model_copy(update={"measures": tuple(dict.fromkeys(measures)), "sort": tuple(sort)})


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head of the grouped table, with where a click on it sorts to."""

    label: str
    url: str
    sort: str
    numeric: bool


def _heads(catalog: Catalog, query: Query) -> list[Head]:
    keys = [(group.key, group_label(catalog, query.object, group), False) for group in query.group_by]
    keys += [(item.key, measure_label(catalog, query.object, item), True) for item in _measures(query)]
    first = query.sort[0] if query.sort else ""
    made = []
    for key, label, numeric in keys:
        state = {key: "ascending", f"-{key}": "descending"}.get(first, "")
        following = {"ascending": f"-{key}", "descending": key}.get(state, f"-{key}" if numeric else key)
        made.append(Head(label, queries.url(queries.changed(query, sort=(following,))), state, numeric))
    return made


def _records_url(query: Shown) -> str:
    """The records behind the figures, in the same groups."""
    own = {"group_by": (), "measures": (), "having": (), "currency": None, "sort": (), "limit": 50}
    group = query.group_by[0] if query.group_by else None
    return queries.url(queries.changed(query, **own, group=group))


def render(reader: Reader, query: Shown, problems: Sequence[FieldError]) -> str:
    """The grouped view of a list."""
    rows = paging.size(request.args.get("limit"), MOST_GROUPS)
    is_cut = "limit" in request.args and rows < MOST_GROUPS
    kept = saved.switcher(query)
    query = _in_order(reader.catalog[query.object], query)
    query = query.model_copy(update={"columns": ()})
    query = query.model_copy(update={"limit": rows}) if is_cut else query
    answer = reader.groups(query.model_copy(update={"limit": rows}))
    return render_template(
        "groups.html",
        spec=reader.catalog[query.object], query=query, answer=answer, lines=_lines(reader, query, answer),
        problems=problems, heads=_heads(reader.catalog, query), chips=chips(reader, query),
        all_url=paging.whole(query) if is_cut else "", view=views(query, reader.catalog[query.object]), kept=kept,
        records_url=_records_url(query),
        rates=[rates.words(rate) for rate in answer.rates],
        totals=[measure_html(*pair) for pair in zip(_measures(query), answer.totals, strict=True)],
    )  # fmt: skip
