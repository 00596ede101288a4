"""Whose deals the dashboard counts, of which pipeline, over which period, in which currency: all in its address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from app.crm.pages import queries
from app.crm.pages.reader import Reader
from app.crm.pages.spans import Span, chosen, latest_close, spans
from app.crm.pages.words import gettext as _
from app.shared.contract import Filter, Measure, Query
from app.shared.errors import Invalid

_MOST = 200  # people that the menu names


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu of the page."""

    label: str
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What the dashboard is narrowed to. `who` is `me`, an owner's id, `team-5`, or everybody ("")."""

    spans: Sequence[Span]
    span: Span
    asked: str  # the period as the address has it; "" where it is left to the page
    who: str = ""
    pipeline: str = ""
    currency: str | None = None  # amounts are converted to it; None: each currency stands beside the others

    @property
    def conditions(self) -> tuple[Filter, ...]:
        """What holds of every deal that is counted."""
        found: list[Filter] = []
        if self.who.startswith("team-"):
            found.append(queries.eq("owner.team", int(self.who.removeprefix("team-"))))
        elif self.who:
            found.append(queries.eq("owner", self.who if self.who == "me" else int(self.who)))
        if self.pipeline:
            found.append(queries.eq("pipeline", int(self.pipeline)))
        return tuple(found)

    @property
    def closed(self) -> tuple[Filter, ...]:
        """What holds beside of every closed deal that is counted."""
        return (*self.conditions, *self.span.conditions)

    def deals(self, *items: Filter, closed: bool = False, **rest: Any) -> Query:
        """Deals within this scope, in its currency: a list that a tile opens has the tile's sum at its foot."""
        within = self.closed if closed else self.conditions
        return queries.of("deals", *items, *within, **rest, currency=self.currency)

    def url(self, **changes: str) -> str:
        """The page with another choice."""
        now = {"period": self.asked, "who": self.who, "pipeline": self.pipeline} | changes
        return queries.address("/", now.items())


def scope(reader: Reader) -> Scope:
    """What the address asks for; what it can't mean is left out."""
    latest = latest_close(reader)
    available = spans(latest)
    asked = request.args.get("period", "")
    kept = asked if asked in {span.key for span in available} else ""
    return Scope(available, chosen(available, latest), kept, _who(), _number("pipeline"), _currency(reader))


def _number(name: str) -> str:
    given = request.args.get(name, "")
    return given if given.isascii() and given.isdigit() and len(given) < 16 else ""


def _who() -> str:
    given = request.args.get("who", "")
    number = given.removeprefix("team-")
    return given if given == "me" or (number.isascii() and number.isdigit() and len(number) < 16) else ""


def _currency(reader: Reader) -> str | None:
    """The workspace's currency, where deals are in several and there are rates for all of them."""
    money = queries.of("deals", measures=(Measure(fn="sum", field="amount"),))
    if not isinstance(reader.groups(money).totals[0], tuple):
        return None
    try:
        reader.groups(money.model_copy(update={"currency": reader.catalog.currency}))
    except Invalid:
        return None
    return reader.catalog.currency


def periods(scope: Scope) -> list[Choice]:
    return [Choice(span.label, scope.url(period=span.key), span.key == scope.span.key) for span in scope.spans]


def people(reader: Reader, scope: Scope) -> list[Choice]:
    """Everybody, oneself, each team, each person."""
    teams = [(f"team-{id}", _("Team %(name)s", name=name)) for id, name in reader.labels("teams")]
    users = [(str(id), name) for id, name in list(reader.labels("users"))[:_MOST]]
    mine = [("me", _("My deals"))] if reader.principal.user_id else []
    all = [("", _("Everybody")), *mine, *teams, *users]
    return [Choice(label, scope.url(who=key), key == scope.who) for key, label in all]


def pipelines(reader: Reader, scope: Scope) -> list[Choice]:
    """The pipelines, where there are several."""
    found = reader.labels("pipelines")
    if len(found) < 2:
        return []
    all = [("", _("All pipelines")), *((str(id), name) for id, name in found)]
    return [Choice(label, scope.url(pipeline=key), key == scope.pipeline) for key, label in all]


def current(choices: Sequence[Choice]) -> str:
    """What the menu shows of itself; the first where nothing of it is chosen."""
    return next((choice.label for choice in choices if choice.on), choices[0].label if choices else "")
