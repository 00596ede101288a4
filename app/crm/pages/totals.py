"""The figures at the foot of a list, and of each group: a sum, an average or a count for each column that has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from app.crm.pages import groups, locale, queries, state
from app.crm.pages.columns import Column
from app.crm.pages.reader import Reader
from app.crm.pages.state import EMPTY, FILLED, Shown
from app.crm.pages.words import gettext as _
from app.shared.contract import Measure, Money

_COUNTS = (FILLED, EMPTY)
_FIGURES = ("sum", "avg", "min", "max", *_COUNTS)
_KINDS: dict[str, tuple[str, ...]] = {
    "number": _FIGURES, "money": _FIGURES, "date": ("min", "max", *_COUNTS), "datetime": ("min", "max", *_COUNTS),
    "tags": (), "multi_select": (),
}  # fmt: skip
_COUNT = Measure()


@dataclass(frozen=True, slots=True)
class Choice:
    """Another figure for a column, and the list's address with it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands under a column."""

    label: str  # "" where nothing does
    value: Markup
    choices: list[Choice]


def label(kind: str, column: Column) -> str:
    is_date = column.field.type in ("date", "datetime")
    names = {
        "sum": _("Sum"), "avg": _("Average"), "min": _("Earliest") if is_date else _("Lowest"),
        "max": _("Latest") if is_date else _("Highest"), FILLED: _("Filled"), EMPTY: _("Empty"),
    }  # fmt: skip
    return names[kind]


def kinds(column: Column) -> tuple[str, ...]:
    """The figures that a column can have, as its field's type allows."""
    return _KINDS.get(column.field.type, _COUNTS)


def chosen(query: Shown, columns: Sequence[Column]) -> dict[str, str]:
    """The figure of each column that has one: {path: kind}. Where nothing was chosen, a sum for each amount."""
    if query.totals is None:
        return {column.path: "sum" for column in columns if column.field.type == "money"}
    pairs = [total.partition(":") for total in query.totals]
    asked = {path: kind for kind, _colon, path in pairs}
    return {column.path: asked[column.path] for column in columns if asked.get(column.path, "") in kinds(column)}


def measures(wanted: Mapping[str, str]) -> tuple[Measure, ...]:
    """What to compute for them: how many records there are, then one measure a figure."""
    found = [state.measure(f"{kind}:{path}") for path, kind in wanted.items()]
    return (_COUNT, *(measure for measure in found if measure))


def values(wanted: Mapping[str, str], found: Sequence[Any]) -> dict[str, Any]:
    """The figures by their columns, of the measures as they came back."""
    count, rest = found[0], found[1:]
    return {
        path: count - value if kind == EMPTY else value
        for (path, kind), value in zip(wanted.items(), rest, strict=True)
    }


def html(kind: str, value: Any, currency: str) -> Markup:
    """A figure as text; money in the currency that the column's head names without its sign."""
    if isinstance(value, Money) and value.currency == currency:
        return escape(locale.money(value, bare=True))
    return groups.measure_html(Measure.model_validate({"fn": "count" if kind in _COUNTS else kind}), value)


def foot(reader: Reader, query: Shown, columns: Sequence[Column]) -> dict[str, Foot]:
    """The foot of all rows, in one statement; none where nothing is counted."""
    wanted = chosen(query, columns)
    found: dict[str, Any] = {}
    if wanted:
        plain = queries.changed(query, measures=measures(wanted), columns=(), sort=())
        found = values(wanted, reader.groups(plain).totals)
    currency = reader.catalog.currency
    return {
        column.path: Foot(
            label(wanted[column.path], column) if column.path in wanted else "",
            html(wanted[column.path], found[column.path], currency) if column.path in wanted else Markup(""),
            _choices(query, columns, column, wanted),
        )
        for column in columns
    }


def _choices(query: Shown, columns: Sequence[Column], column: Column, wanted: Mapping[str, str]) -> list[Choice]:
    """The other figures of a column, and none."""
    made = []
    for kind in (*kinds(column), ""):
        now = {path: one for path, one in {**wanted, column.path: kind}.items() if one}
        ordered = tuple(f"{now[one.path]}:{one.path}" for one in columns if one.path in now)
        url = queries.url(query.model_copy(update={"totals": ordered, "cursor": None}))
        made.append(Choice(label(kind, column) if kind else _("None"), url, wanted.get(column.path, "") == kind))
    return made if len(made) > 1 else []
