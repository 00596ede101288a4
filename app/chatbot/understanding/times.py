"""Dates and periods of a question, with the date field that is named beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.chatbot.understanding import periods
from app.chatbot.understanding.draft import Draft, Time, fields_of, objects_of
from app.chatbot.understanding.meanings import FieldWord, KindWord, PeriodWord
from app.chatbot.understanding.paths import kind_field
from app.shared.contract import Catalog

_BOUNDS = {"since": periods.since, "after": periods.after, "before": periods.before, "until": periods.until}
_COMING = ("due", "closing", "closes", "close")
_BYGONE = ("did", "was", "were", "had")
_ONWARD = ("on", "onward", "onwards")


@dataclass(frozen=True, slots=True)
class Moment:
    """When a question is asked: the asker's day, and the time where it is known."""

    day: date
    time: datetime | None = None

    @property
    def value(self) -> str:
        """As a Query's value."""
        return self.time.isoformat() if self.time else self.day.isoformat()


class Times:
    """Takes the periods out of a draft."""

    def __init__(self, catalog: Catalog, draft: Draft, today: date) -> None:
        self.catalog, self.draft, self.today = catalog, draft, today

    def scan(self) -> None:
        for at in range(len(self.draft.items)):
            period = self._period(at)
            if period is not None and not self._range(at, period):
                self._bounded(at, period)

    def _period(self, at: int) -> PeriodWord | None:
        item = self.draft.free(at)
        found = item.of(PeriodWord) if item else ()
        return found[0] if found else None

    def _range(self, at: int, first: PeriodWord) -> bool:
        """between X and Y; from X to Y; X to Y."""
        joint = self.draft.word(at + 1, "and", "to", "until", "vs")
        last = self._period(at + 2)
        opener = self.draft.word(at - 1, "between", "from")
        spans = joint is not None and (
            (joint.tag == "and" and opener and opener.tag == "between") or joint.tag in ("to", "until")
        )
        whole = periods.span(first, last) if spans and last else None
        if whole is None:
            return False
        taken = [at, at + 1, at + 2] + ([at - 1] if opener else [])
        self._add(min(taken), taken, whole)
        return True

    def _bounded(self, at: int, period: PeriodWord) -> None:
        word = self.draft.word(at - 1, *_BOUNDS)
        tag = self._bound(at, word.tag if word else None)
        if tag is None:
            self._add(at, [at], self._facing(at, period))
        else:
            self._add(at - 1, [at - 1, at], _BOUNDS[tag](self._facing(at - 1, period)))

    def _bound(self, at: int, tag: str | None) -> str | None:
        """ "from May" is that month alone, "from May on" and "since May" all that follows."""
        text = self.draft.items[at - 1].text.lower() if tag else ""
        if tag == "since" and text in ("from", "starting", "beginning"):
            item = self.draft.free(at + 1)
            if item and item.text.lower() in _ONWARD:
                self.draft.take(at + 1)
                return tag
            return None if text == "from" else tag
        return tag if text != "by" or self._due(at) else None

    def _due(self, at: int) -> bool:
        return bool(self._date_fields(self.draft.skip(at - 2, -1)))

    def _facing(self, at: int, period: PeriodWord) -> PeriodWord:
        """ "in 30 days" looks back ("no activity in 30 days") unless what comes is spoken of ("due in 7 days")."""
        cue = self.draft.skip(at - 1, -1, "from", "between")
        asked = any(item.text.lower().split()[0] in _BYGONE for item in self.draft.items[:at] if item.text)
        fields = self._date_fields(cue)
        comes = self.draft.items[cue].text.lower() in _COMING if fields else self._is_open(cue)
        if comes and not asked:
            period = periods.next_one(period, self.today)
        item = self.draft.items[at]
        words = item.text.lower().split()
        if words[0] not in ("in", "within") or "last" in words or "past" in words or period.bucket or len(words) < 3:
            return period
        cue = self.draft.skip(at - 1, -1)
        if not self._date_fields(cue) or self.draft.items[cue].text.lower() not in _COMING:
            return period
        ahead = periods.ahead(period, self.today)
        return ahead or period

    def _is_open(self, noun: int) -> bool:
        """A forecast, and what is open, are of days to come: "open deals in December" close then."""
        item = self.draft.free(noun)
        staged = [name for name in objects_of(item) if kind_field(self.catalog[name])] if item else []
        return bool(staged) and any(kind.kinds == ("open",) for one in self.draft.items for kind in one.of(KindWord))

    def _add(self, at: int, taken: list[int], period: PeriodWord) -> None:
        cue = self.draft.skip(at - 1, -1, "from", "between")
        fields = self._date_fields(cue)
        self.draft.take(*taken)
        if fields:
            self._take_cue(cue)
        negation = self.draft.skip(at - 1, -1)
        negated = self.draft.word(negation, "not") is not None
        self.draft.times.append(Time(at, period, fields, negated))
        if negated:
            self.draft.take(negation)

    def _take_cue(self, cue: int) -> None:
        """The cue is used up, unless it also says something of its own ("closed" is a stage's kind too)."""
        item = self.draft.items[cue]
        if all(isinstance(one, FieldWord) or getattr(one, "tag", "") == "filler" for one in item.meanings):
            self.draft.take(cue)

    def _date_fields(self, at: int) -> tuple[FieldWord, ...]:
        found = []
        for word in fields_of(self.draft.free(at)):
            spec = self.catalog[word.object].field(word.field)
            if spec and spec.type in ("date", "datetime"):
                found.append(word)
        return tuple(found)
