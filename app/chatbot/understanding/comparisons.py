"""Numbers that bound something: more than 5,000 employees; deals over 10k; between 1m and 2m; at least 3 open deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.chatbot.understanding.draft import (
    Compare,
    CountBound,
    Draft,
    fields_of,
    is_content,
    is_filler,
    is_plural,
    objects_of,
)
from app.chatbot.understanding.meanings import FieldWord, Item, NumberWord, ObjectWord, PeriodWord, ValueWord
from app.chatbot.understanding.places import names_records
from app.shared.contract import Catalog

_OPPOSITE = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt", "eq": "ne", "ne": "eq"}
_AS_NUMBERS = {"before": "lt", "after": "gt", "since": "gte", "until": "lte"}
_RECENT = 10  # years around today that are asked about
_HOLDS = ("has", "have", "had", "still has", "has got", "holds")
_NUMERIC = ("number", "money")


def numeric(catalog: Catalog, item: Item | None) -> tuple[FieldWord, ...]:
    """The number and money fields that an item names."""
    found = []
    for word in fields_of(item):
        spec = catalog[word.object].field(word.field)
        if spec and spec.type in _NUMERIC:
            found.append(word)
    return tuple(found)


class Comparisons:
    """Takes the comparisons out of a draft."""

    def __init__(self, catalog: Catalog, draft: Draft) -> None:
        self.catalog, self.draft = catalog, draft

    def scan(self) -> None:
        self._holders()
        for at in range(len(self.draft.items)):
            if not self.draft.taken[at]:
                _ = self._between(at) or self._operator(at) or self._trailing(at) or self._bare(at)

    def _holders(self) -> None:
        """ "who has overdue tasks": those who have one at least."""
        verb = self.draft.item(1)
        if not self.draft.items[:1] or self.draft.items[0].word("who") is None or verb is None:
            return
        following = [item.text.lower() for item in self.draft.items[2:4]]
        if verb.text.lower() not in _HOLDS or set(following) & {"we", "i", "you"}:
            return
        noun = self._counted(2) or self._called(self.draft.items[2:5])
        if noun is not None and is_plural(noun) and not any(item.word("or", "vs") for item in self.draft.items):
            self.draft.bounds.append(CountBound(1, noun, "gte", 1))

    def _called(self, items: Sequence[Item]) -> Item | None:
        """A value that records are called by, as a noun: "meetings"."""
        for item in items:
            if item.word("sup", "count"):
                return None  # "who has the most meetings" ranks
            values = [one for one in item.of(ValueWord) if names_records(self.catalog, one)]
            if values and is_plural(item) and not fields_of(item):
                return replace(item, meanings=(ObjectWord(values[0].object),))
        return None

    def _number(self, at: int) -> NumberWord | None:
        item = self.draft.free(at)
        found = item.of(NumberWord) if item else ()
        return found[0] if found else None

    def _next(self, at: int) -> int:
        return self.draft.skip(at + 1)

    def _between(self, at: int) -> bool:
        """between N and M; from N to M; N to M."""
        start = self._next(at) if self.draft.word(at, "between", "from") else at
        low, middle = self._number(start), start + 1
        high = self._number(middle + 1)
        joins = ("and", "to") if start != at else ("to",)
        if low is None or high is None or not self.draft.word(middle, *joins):
            return False
        return self._bind(at, list(dict.fromkeys((at, start, middle, middle + 1))), "between", low, high)

    def _operator(self, at: int) -> bool:
        word = self.draft.word(at, "cmp")
        number_at = self._next(at)
        number = self._number(number_at)
        if number is None or word is None:
            return self._date_like(at)
        op = str(word.value)
        taken = [at, number_at]
        if self.draft.word(at - 1, "not") is not None:
            op, taken = _OPPOSITE[op], [at - 1, *taken]
        return self._bind(at, taken, op, number)

    def _date_like(self, at: int) -> bool:
        """before 1990, where the field beside it is a number (a year that something was founded)."""
        word = self.draft.word(at, *_AS_NUMBERS)
        number = self._number(at + 1)
        before = self.draft.skip(at - 1, -1)
        if not word or number is None or not numeric(self.catalog, self.draft.free(before)):
            return False
        return self._bind(at, [at, at + 1], _AS_NUMBERS[word.tag], number)

    def _trailing(self, at: int) -> bool:
        """500 or more; 10k+."""
        number, more = self._number(at), self.draft.word(at + 1, "more")
        if number is None or more is None:
            return False
        return self._bind(at, [at, at + 1], str(more.value), number)

    def _bare(self, at: int) -> bool:
        """A number right after a numeric field: employees 9; founded in 1990."""
        number = self._number(at)
        before = self.draft.skip(at - 1, -1)
        fields = numeric(self.catalog, self.draft.free(before))
        if number is None or not fields or objects_of(self.draft.free(before)):
            return False
        if self.draft.item(at).of(PeriodWord) and not all(self._plain(word) for word in fields):  # type: ignore[union-attr]
            return False
        self.draft.take(before, at)
        self.draft.compares.append(Compare(at, fields, "eq", number))
        return True

    def _plain(self, word: FieldWord) -> bool:
        spec = self.catalog[word.object].field(word.field)
        return spec is not None and spec.type == "number"

    def _bind(self, at: int, taken: list[int], op: str, low: NumberWord, high: NumberWord | None = None) -> bool:
        """Finds what the number bounds: the noun or field after it, else the field before it, else the main measure."""
        after = self.draft.skip(max(taken) + 1)
        bound = self._counted(after)
        if bound is not None and not low.currency:
            self.draft.take(*taken)
            self.draft.bounds.append(CountBound(at, bound, op, low.value, high.value if high else None))
            return True
        fields, used = self._field(at, after)
        if not fields and self._is_period(taken) and not self._measures(at, low):
            return False
        self.draft.take(*taken, *used)
        self.draft.compares.append(Compare(at, fields, op, low, high))
        return True

    def _measures(self, at: int, low: NumberWord) -> bool:
        """Whether the comparison at `at` can be about nothing but an amount, though its number could be a year: "more
        than 2000", "deals over 2000". But "won deals over 2024" are those of that year, where it isn't long ago.
        """
        said, before = self.draft.items[at].text.lower(), self.draft.free(self.draft.skip(at - 1, -1))
        is_recent = self.draft.today is not None and abs(low.value - self.draft.today.year) <= _RECENT
        return said != "over" or (bool(objects_of(before)) and not is_recent)

    def _counted(self, after: int) -> Item | None:
        """The noun that a number counts, over adjectives: 3 (open) deals."""
        for at in range(after, min(after + 4, len(self.draft.items))):
            item = self.draft.free(at)
            if item is None or numeric(self.catalog, item):
                return None
            if objects_of(item):
                return item
            if called := self._called([item]):
                return called  # three meetings
            if not (is_content(item) or is_filler(item, "late", "next")):
                return None
        return None

    def _field(self, at: int, after: int) -> tuple[tuple[FieldWord, ...], list[int]]:
        following = numeric(self.catalog, self.draft.free(after))
        if following:
            return following, [after]
        before = self.draft.skip(at - 1, -1, "with", "not")
        preceding = numeric(self.catalog, self.draft.free(before))
        if preceding:
            return preceding, [before]
        last = self.draft.compares[-1] if self.draft.compares else None
        joined = last is not None and not any(is_content(item) for item in self.draft.items[last.at : at])
        return (last.fields if last is not None and joined else ()), []

    def _is_period(self, taken: list[int]) -> bool:
        """A year on its own is a date unless a numeric field stands beside it."""
        return any(item.of(PeriodWord) for at in taken if (item := self.draft.item(at)))
