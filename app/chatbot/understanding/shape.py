"""The shape of a question: what is counted, summed, ranked, grouped or compared, and how many are wanted."""

from __future__ import annotations

from app.chatbot.understanding.comparisons import numeric
from app.chatbot.understanding.draft import (
    Grouping,
    fields_of,
    is_content,
    is_plural,
    objects_of,
)
from app.chatbot.understanding.meanings import EntityWord, Item
from app.chatbot.understanding.superlatives import AGGREGATES, Superlatives

_QUESTIONS = ("who", "where", "when", "which", "what", "list", "why")


class Shapes(Superlatives):
    """Takes the words that shape the answer out of a draft."""

    def scan(self) -> None:
        self._versus()
        self._share()
        self._ranking()
        self._sort()
        self._groups()
        self._aggregates()
        self._questions()
        self._small_words()

    def _versus(self) -> None:
        found = [at for at, item in self.draft.untaken() if item.word("vs", "compare") and not is_content(item)]
        self.draft.versus = bool(found)
        self.draft.take(*found)
        for at, item in list(self.draft.untaken()):
            if item.word("gap", "elapsed") and not is_content(item):
                self.draft.take(at)
                self.draft.gap |= item.word("gap") is not None
                self.draft.elapsed |= item.word("elapsed") is not None
        either = any(item.word("or") for _, item in self.draft.untaken())
        for at, item in list(self.draft.untaken()):
            word = item.word("comparative")
            if word and not is_content(item) and (found or either):
                self.draft.versus = True
                self.draft.take(at)

    def _share(self) -> None:
        """What share of A are B: B is what follows the verb."""
        at = next((at for at, item in self.draft.untaken() if item.word("share")), None)
        if at is None:
            return
        self.draft.take(at)
        self.draft.share_at = at
        self.draft.aggregates.append("share")
        verbs = (
            "is",
            "are",
            "was",
            "were",
            "come",
            "comes",
            "came",
            "did",
            "do",
            "does",
            "have",
            "has",
            "had",
            "go",
            "goes",
            "went",
        )
        for later in range(at + 1, len(self.draft.items)):
            words = self.draft.items[later].text.lower().split()
            if any(word in verbs for word in words[:2]) and later > at + 1 and not is_content(self.draft.items[later]):
                self.draft.share_from = later
                return

    def _sort(self) -> None:
        """sorted by amount, lowest first; companies by annual revenue; sort by lowest."""
        ranking = self.draft.ranking
        for at, said in list(self.draft.untaken()):
            direction = said.word("order")
            if direction and not is_content(said):
                self.draft.take(at)
                self.draft.order = str(direction.value)
            if said.word("sort") and ranking is not None and self.draft.skip(at + 1) == ranking.at:
                self.draft.take(at)
                self.draft.sorts = ranking.count is None
        for at, _ in list(self.draft.untaken()):
            word = self.draft.word(at, "sort", "by")
            target = self.draft.skip(at + 1)
            item = self.draft.free(target) if word else None
            if word is None or item is None or not fields_of(item):
                continue
            if word.tag == "sort" or (self._measures_size(item) and not objects_of(item)):
                self.draft.take(at, target)
                self.draft.sort = Grouping(at, item)
                return

    def _measures_size(self, item: Item) -> bool:
        """Amounts, and numbers with a fraction: each record has one of its own, which makes no groups."""
        specs = [self.catalog[word.object].field(word.field) for word in fields_of(item)]
        fractions = [one for one in specs if one is not None and one.type == "number" and not one.integer]
        return self._types(item) == {"money"} or len(fractions) == len(specs) > 0

    def _types(self, item: Item) -> set[str]:
        return {getattr(self.catalog[word.object].field(word.field), "type", "") for word in fields_of(item)}

    def _groups(self) -> None:
        for at, _ in list(self.draft.untaken()):
            if self.draft.word(at, "by") or (self.draft.groups and self.draft.word(at, "and") and self._joined(at)):
                self._group(at)
        self._trend()
        if not self.draft.groups:
            self._bucket_words()
        if self.draft.trend and not self.draft.groups:
            self.draft.groups.append(Grouping(len(self.draft.items) - 1, None, "month"))

    def _joined(self, at: int) -> bool:
        """ "by owner and product": the word before belongs to a grouping."""
        return self.draft.groups[-1].at in (at - 1, at - 2, at - 3)

    def _group(self, at: int) -> None:
        target = self.draft.skip(at + 1)
        item = self.draft.free(target)
        self._doubt_agent(at, target)
        if (item is not None and item.word("not")) or self._everybody(at, target):
            self.draft.take(at)  # "by anyone but Anna"
            return
        if item is None or self._is_agent(item) or self._is_every(at) or (self.draft.versus and self._measures(target)):
            self.draft.take(at)  # "won by Anna", "every deal", "compare ... by amount": no grouping
            return
        bucket = item.word("bucket")
        if bucket and not is_content(item):
            self.draft.take(at, target)
            self.draft.groups.append(Grouping(target, self._take_date(target), str(bucket.value)))
        elif fields_of(item) or objects_of(item):
            self.draft.take(at, target)
            self.draft.groups.append(Grouping(target, item, self._take_bucket(target) if self._date(item) else None))

    def _doubt_agent(self, at: int, target: int) -> None:
        """ "won by the owner of Betatech": somebody who is described, no grouping."""
        between = [item.text.lower() for item in self.draft.items[at + 1 : target]]
        after = self.draft.item(target + 1)
        if "the" in between and after is not None and after.text.lower() == "of":
            self.draft.doubts.append(self.draft.items[at].text)

    def _everybody(self, at: int, target: int) -> bool:
        after = self.draft.item(at + 1)
        return after is not None and after.word("not") is not None and target > at + 1

    def _take_date(self, bucket: int) -> Item | None:
        """The date field whose months are meant: by month (of) close date."""
        at = self.draft.skip(bucket + 1, 1, "by")
        item = self.draft.free(at)
        if item is None or not self._date(item):
            return None
        self.draft.take(*range(bucket + 1, at + 1))
        return item

    def _take_bucket(self, field: int) -> str | None:
        """by close date (by) month."""
        at = self.draft.skip(field + 1, 1, "by")
        item = self.draft.free(at)
        bucket = item.word("bucket") if item and not is_content(item) else None
        if bucket is None:
            return None
        self.draft.take(*range(field + 1, at + 1))
        return str(bucket.value)

    def _date(self, item: Item) -> bool:
        types = self._types(item)
        return bool(types) and types <= {"date", "datetime"}

    def _trend(self) -> None:
        for at, item in list(self.draft.untaken()):
            if item.word("trend") and not is_content(item):
                self.draft.take(at)
                self.draft.trend = True

    def _is_every(self, at: int) -> bool:
        """ "every deal", at the start or after "show me": all of them."""
        first = self.draft.skip(0, 1, "list")
        return first == at and self.draft.items[at].text.lower() in ("every", "each")

    def _measures(self, at: int) -> bool:
        """Whether a measure stands here; nothing is taken."""
        taken, aggregates = list(self.draft.taken), list(self.draft.aggregates)
        found = self._measure_at(at, counted=False) is not None
        self.draft.taken, self.draft.aggregates = taken, aggregates
        return found

    def _is_agent(self, item: Item) -> bool:
        return bool(item.of(EntityWord) or item.word("me")) and not fields_of(item) and not objects_of(item)

    def _bucket_words(self) -> None:
        """monthly won amount; trend of won deals (by month)."""
        for at, item in list(self.draft.untaken()):
            bucket = item.word("bucket")
            if bucket and not is_content(item) and (item.text.lower().endswith("ly") or self._asked(at)):
                self.draft.take(at)
                self.draft.groups.append(Grouping(at, None, str(bucket.value)))

    def _asked(self, at: int) -> bool:
        """Which month ...; what was our best quarter."""
        before = self.draft.item(at - 1)
        which = before is not None and before.word("which", "what", "sup") is not None
        return which and (self.draft.ranking is not None or bool(self.draft.versus))

    def _how_many(self, at: int, tag: str) -> str:
        """ "how much deals" asks how many: what follows can be counted."""
        item = self.draft.item(at + 1)
        counted = item is not None and bool(objects_of(item)) and is_plural(item) and not numeric(self.catalog, item)
        return "count" if tag == "much" and counted else tag

    def _aggregates(self) -> None:
        for at, item in list(self.draft.untaken()):
            word = item.word(*AGGREGATES)
            if word and not is_content(item):
                self.draft.take(at)
                tag = self._how_many(at, word.tag)
                if tag not in self.draft.aggregates:
                    self.draft.aggregates.append(tag)
                if self.draft.ranking is None or at < self.draft.ranking.at:
                    self._point(at)

    def _point(self, at: int) -> None:
        if self.draft.head is None:
            self.draft.head = at

    def _questions(self) -> None:
        for at, item in list(self.draft.untaken()):
            word = item.word(*_QUESTIONS)
            if word and not is_content(item):
                self.draft.take(at)
                if word.tag == "where" and at and is_content(self.draft.items[at - 1]):
                    continue  # "deals where the owner is ...": no place is asked
                self.draft.asks.append(word.tag)
                if word.tag in ("which", "what", "list"):
                    self._point(at)

    def _small_words(self) -> None:
        for at, item in list(self.draft.untaken()):
            if is_content(item):
                continue
            if item.word("distinct"):
                self.draft.distinct = True
            elif item.word("breakdown"):
                self.draft.asks.append("breakdown")
            elif not item.word("only"):
                continue
            self.draft.take(at)
