"""Where a name, a value or a stage's kind can attach to the asked object, and what each way costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.chatbot.understanding import paths
from app.chatbot.understanding.clauses import Clause, negate
from app.chatbot.understanding.draft import Draft, Mention, is_plural, objects_of
from app.chatbot.understanding.frame import condition
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, FieldWord, InverseWord, KindWord, Meaning, ValueWord
from app.chatbot.understanding.paths import Way
from app.shared.contract import Catalog, Filter

_JOINS = ("in", "at", "as", "by", "is", "=", "are", "was", "equals", "called", "named", "being", "equal to")
_BELONGS = ("belong to", "belongs to", "belonging to", "under", "part of", "are part of")
_INSIDE = 0.6  # how much nearer a place in a clause counts than the same place outside of it
_Leaf = tuple[float, str, Callable[[str], Filter]]  # extra cost, the field's name, the filter for a prefix


@dataclass(frozen=True, slots=True)
class Place:
    """One way to attach a meaning, with what it costs."""

    cost: float
    meaning: Meaning
    filter: Filter
    slot: str
    relation: str | None = None
    clause: Clause | None = None


class Places:
    """The places of one asked object. `bound` collects the nouns that name the field of a value beside them."""

    def __init__(self, lexicon: Lexicon, draft: Draft, target: str) -> None:
        self.lexicon, self.catalog, self.draft, self.target = lexicon, lexicon.catalog, draft, target
        self.ways = paths.ways(self.catalog, target)
        self.bound: set[int] = set()
        self._at = -1  # where the mention stands whose places are looked for

    def of(self, mention: Mention, clauses: Sequence[Clause]) -> list[Place]:
        """Every place of a mention, the nearest first."""
        found: list[Place] = []
        self._at = mention.at
        kinds = any(isinstance(one, KindWord) for one in mention.meanings)
        for meaning in mention.meanings:
            if not (kinds and isinstance(meaning, ValueWord) and self._is_stage(meaning)):
                found += self._attach(meaning, mention, clauses)
        return self._named_beside(mention, sorted(found, key=lambda place: place.cost))

    def _is_stage(self, meaning: ValueWord) -> bool:
        spec = self.catalog[meaning.object].field(meaning.field)
        return spec is not None and spec.type == "stage"

    def _named_beside(self, mention: Mention, places: list[Place]) -> list[Place]:
        """Where the field is named beside the value ("industry medical"), only that field is meant."""
        own = {one.object for one in mention.meanings if isinstance(one, EntityWord)}
        for step in (-1, 1):
            at = self._beside(mention.at, step)
            if at is not None and own & set(objects_of(self.draft.items[at])):
                continue  # "the Ferry tender deal": the noun says what it is
            words = self.draft.items[at].of(FieldWord) if at is not None else ()
            fitting = [place for place in places if any(place.slot.endswith(word.field) for word in words)]
            if fitting and at is not None:
                self.bound.add(at)
                return fitting
        return places

    def _beside(self, at: int, step: int) -> int | None:
        """The noun right before the value (or before "is" or "="), or right after it."""
        position = at + step
        while step < 0 <= position and self.draft.items[position].text.lower() in _JOINS:
            position -= 1
        return position if any(place == position for place, _ in self.draft.nouns) else None

    def _attach(self, meaning: Meaning, mention: Mention, clauses: Sequence[Clause]) -> list[Place]:
        """Every place of a meaning; in a clause, places on the clause's object win where they are no farther."""
        outer = list(self.along(self.ways, meaning, mention.negated))
        clause = next((one for one in clauses if one.holds(mention.at)), None)
        if clause is None:
            return outer
        ways = paths.ways(self.catalog, clause.object, many=False)
        inside = self.along(ways, meaning, mention.negated)
        if clause.implied and isinstance(meaning, EntityWord) and self.catalog[meaning.object].support:
            inside = inside if self._does(mention.at) else iter(())
        inner = [replace(place, clause=clause, cost=place.cost - _INSIDE) for place in inside]
        records = isinstance(meaning, ValueWord) and names_records(self.catalog, meaning)
        return [*inner, *(place for place in outer if place.relation is None or (records and not inner))]

    def _does(self, at: int) -> bool:
        """Whether somebody does what is told: "did Zane win", "won by Zane"."""
        after, before = self.draft.item(self.draft.skip(at + 1)), self.draft.item(at - 1)
        return bool(after is not None and after.of(KindWord)) or (before is not None and before.text.lower() == "by")

    def along(self, ways: Iterable[Way], meaning: Meaning, negated: bool) -> Iterator[Place]:
        """The places of a meaning along these ways."""
        for way in ways:
            for extra, name, leaf in self._leaves(way, meaning):
                filter_ = way.filter(leaf)
                slot = (way.slot(name) if name else way.prefix[:-1]) or "id"
                yield Place(way.cost + extra, meaning, negate(filter_) if negated else filter_, slot, way.relation)

    def _leaves(self, way: Way, meaning: Meaning) -> Iterator[_Leaf]:
        if isinstance(meaning, ValueWord) and meaning.object == way.object:
            yield 0.0, meaning.field, lambda prefix: condition(prefix + meaning.field, "eq", meaning.value)
        elif isinstance(meaning, KindWord):
            name, op, value = self.kind(way.object, meaning)
            if name:
                yield 0.0, name, lambda prefix: condition(prefix + name, op, value)
        elif isinstance(meaning, EntityWord):
            yield from self._records(way, meaning)

    def _records(self, way: Way, record: EntityWord) -> Iterator[_Leaf]:
        """The record itself, what it is called in "subsidiaries of ...", or what links to it over a way back."""
        inverse = self._inverse() if way.cost == 0.0 and record.object == way.object else ""
        if inverse:
            yield -0.1, inverse, lambda prefix: condition(prefix + inverse, "eq", record.id)
        elif record.object == way.object:
            yield 0.0, "", lambda prefix: condition(prefix[:-1] or "id", "eq", record.id)
        links = [
            one.name for one in self.catalog[way.object].fields if one.type == "link" and one.target == record.object
        ]
        for index, name in enumerate(links if way.relation is not None else ()):
            yield 1.0 + index / 100, name, self._equals(name, record.id)

    @staticmethod
    def _equals(name: str, id: int) -> Callable[[str], Filter]:
        return lambda prefix: condition(prefix + name, "eq", id)

    def _inverse(self) -> str:
        """The link that "subsidiaries of ..." is about."""
        words = [word for _, item in self.draft.nouns for word in item.of(InverseWord) if word.object == self.target]
        return words[0].field if words else self._above()

    def _above(self) -> str:
        """The link that "companies that belong to Acme" is about: from their like to their like."""
        joint, nouns = self.draft.item(self._at - 1), [item for at, item in self.draft.nouns if at < self._at]
        many = any(self.target in objects_of(item) and is_plural(item) for item in nouns)
        if joint is None or joint.text.lower() not in _BELONGS or not many:
            return ""
        spec = self.catalog[self.target]
        links = [one.name for one in spec.fields if one.type == "link" and one.target == self.target and one.inverse]
        return links[0] if len(links) == 1 else ""

    def kind(self, name: str, meaning: KindWord) -> tuple[str, str, object]:
        """What open, won and lost are for an object: its stage's kind; or done and not done."""
        stage = paths.kind_field(self.catalog[name])
        if stage:
            one = len(meaning.kinds) == 1
            return stage.name, "eq" if one else "in", meaning.kinds[0] if one else list(meaning.kinds)
        done = paths.done_field(self.catalog[name])
        if done and meaning.kinds in (("open",), ("won", "lost")):
            return done.name, "eq", meaning.kinds != ("open",)
        return "", "eq", None


def names_records(catalog: Catalog, meaning: Meaning) -> bool:
    """Whether a value is what records are called by: "meetings"."""
    field = catalog[meaning.object].field(meaning.field) if isinstance(meaning, ValueWord) else None
    return field is not None and field.type == "select" and field.required
