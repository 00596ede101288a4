"""The periods that the dashboard counts closed deals over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import request

from app.crm.pages import locale, queries
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.shared.contract import Condition, Filter, Measure


@dataclass(frozen=True, slots=True)
class Span:
    """The period that the closed deals are counted over."""

    key: str  # a period of the Query, or "all"
    label: str

    @property
    def conditions(self) -> tuple[Filter, ...]:
        return () if self.key == "all" else (Condition(field="close_date", op="during", value=self.key),)


def spans(latest: date | None) -> list[Span]:
    """The periods that can be chosen: where the last deal was closed long ago, its year comes too."""
    usual = [
        Span("this_quarter", _("This quarter")), Span("this_year", _("This year")), Span("last_year", _("Last year")),
    ]  # fmt: skip
    year = locale.today().year
    if latest and latest.year < year - 1:
        usual.append(Span(str(latest.year), str(latest.year)))
    return [*usual, Span("all", _("All time"))]


def chosen(available: Sequence[Span], latest: date | None) -> Span:
    """The asked period; else the year in which a deal was last closed."""
    asked = request.args.get("period", "")
    known = {span.key: span for span in available}
    if asked in known:
        return known[asked]
    year = locale.today().year
    if latest is None or latest.year >= year:
        return known["this_year"]
    return known["last_year"] if latest.year == year - 1 else known[str(latest.year)]


def latest_close(reader: Reader) -> date | None:
    """The day on which a deal was last closed."""
    closed = Condition(field="stage", op="in", value=["won", "lost"])
    answer = reader.groups(queries.of("deals", closed, measures=(Measure(fn="max", field="close_date"),)))
    found = answer.totals[0]
    return found if isinstance(found, date) else None
