"""Superlatives: which way, by what, and how many: top 5, the biggest, the 5 owners with the most."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding import places
from app.chatbot.understanding.comparisons import numeric
from app.chatbot.understanding.draft import Draft, Ranking, is_content, is_filler, is_plural, kinds_of, objects_of
from app.chatbot.understanding.meanings import EntityWord, Item, NumberWord, ObjectWord, PeriodWord, ValueWord
from app.shared.contract import Catalog

AGGREGATES = ("count", "sum", "avg", "min", "max", "much", "rate", "median", "weighted")
_MOST = 1000  # groups or records that "top n" may ask for


class Superlatives:
    """Takes the superlative out of a draft."""

    def __init__(self, catalog: Catalog, draft: Draft) -> None:
        self.catalog, self.draft = catalog, draft

    def _ranking(self) -> None:
        found = [
            (at, item.word("sup")) for at, item in self.draft.untaken() if item.word("sup") and not is_content(item)
        ]
        if not found:
            self._with_more()
            return
        at, word = next(((at, word) for at, word in found if word and word.value[0]), found[0])
        assert word is not None
        way, sort = word.value
        self.draft.take(at)
        ranking = Ranking(at, way == "desc", sort)
        self.draft.ranking = ranking
        self._ordinal(ranking)
        self._amount_wanted(ranking)
        self._ranked_by(ranking)

    def _ordinal(self, ranking: Ranking) -> None:
        """The second biggest."""
        word = self.draft.word(ranking.at - 1, "ordinal")
        if word is not None:
            self.draft.take(ranking.at - 1)
            ranking.nth = ranking.count = int(word.value)

    def _with_more(self) -> None:
        """ "the company with more employees", where nothing is said that it has more than: the one with the most."""
        for at, item in list(self.draft.untaken()):
            word, before = item.word("comparative"), self.draft.item(at - 1)
            one = [noun for noun in self.draft.items[:at] if objects_of(noun)]
            if word and before and before.word("with") and one and not is_plural(one[-1]) and not self.draft.versus:
                self.draft.take(at)
                self.draft.ranking = Ranking(at, word.value == "desc", "most")
                self._ranked_by(self.draft.ranking)
                return

    def _amount_wanted(self, ranking: Ranking) -> None:
        """How many: top 5, 5 largest, the 5 owners with the most ..."""
        if ranking.nth > 1:
            return
        for at in (ranking.at + 1, ranking.at - 1):
            if self._take_count(at, ranking):
                return
        for at, item in list(self.draft.untaken()):
            following = self.draft.item(self.draft.skip(at + 1))
            if at < ranking.at and item.of(NumberWord) and following and is_content(following):
                self._take_count(at, ranking)
                return

    def _take_count(self, at: int, ranking: Ranking) -> bool:
        item = self.draft.free(at)
        numbers = item.of(NumberWord) if item else ()
        if not numbers or not isinstance(numbers[0].value, int) or not 0 < numbers[0].value <= _MOST:
            return False
        if numbers[0].currency or numbers[0].percent or (item and is_content(item)) or (item and item.of(PeriodWord)):
            return False
        ranking.count = numbers[0].value
        self.draft.take(at)
        return True

    def _ranked_by(self, ranking: Ranking) -> None:
        """What follows the superlative: a numeric or date field, or a noun, over adjectives; or "by ..." later on."""
        if ranking.sort in ("level", "size", "most", "time", "rank"):
            ranking.by = self._measure_at(ranking.at + 1, ranking.sort == "most")
        following = self.draft.skip(ranking.at + 1)
        if ranking.by is None and kinds_of(self.draft.item(following)):
            following = self.draft.skip(following + 1)  # the most won money
        if ranking.by is None and self.draft.word(following, "money"):
            self.draft.take(following)
            ranking.money = True
            self.draft.aggregates.append("much")
            return
        if ranking.by is None:
            for at, _ in list(self.draft.untaken()):
                if self.draft.word(at, "by", "sort") and (measured := self._measure_at(at + 1, counted=True)):
                    if self._is_bucket(at + 1) or not self._may_rank(measured):
                        continue
                    self.draft.take(at)
                    ranking.by = measured
                    return

    def _may_rank(self, item: Item) -> bool:
        """Numbers, and the plural nouns that can be counted."""
        return (
            bool(numeric(self.catalog, item))
            or (bool(objects_of(item)) and item.text.lower().endswith("s"))
            or bool(item.word("rate"))
        )

    def _is_bucket(self, at: int) -> bool:
        item = self.draft.item(self.draft.skip(at))
        return bool(item and item.word("bucket") and not is_content(item))

    def _measure_at(self, at: int, counted: bool) -> Item | None:
        """The numeric field, win rate or (if `counted`) noun from here on, over values, kinds and aggregate words."""
        for position in range(at, min(at + 6, len(self.draft.items))):
            item = self.draft.items[position]
            if self.draft.taken[position]:
                return None
            if numeric(self.catalog, item) or item.word("rate"):
                self._take_measure(position, item)
                return item
            if objects_of(item):
                field = self.draft.skip(position + 1)
                if numeric(self.catalog, self.draft.free(field)):
                    self._take_measure(field, self.draft.items[field])
                    return self.draft.items[field]
                return item if counted else None
            if counted and is_plural(item) and (called := self._called(item)):
                return called
            passes = is_filler(item) or kinds_of(item) or item.of(ValueWord) or item.of(EntityWord)
            if not passes and not item.word(*AGGREGATES):
                return None
        return None

    def _called(self, item: Item) -> Item | None:
        """The records that a value names, "meetings", as a noun; the value still narrows them."""
        found = [one for one in item.of(ValueWord) if places.names_records(self.catalog, one)]
        return replace(item, meanings=(ObjectWord(found[0].object),)) if len(found) == 1 else None

    def _take_measure(self, position: int, item: Item) -> None:
        if item.word("rate"):
            self.draft.aggregates.append("rate")
        self.draft.take(position)
