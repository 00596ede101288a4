"""The conditions of a draft as terms over one asked object: each attached by the shortest way, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.chatbot.understanding import paths
from app.chatbot.understanding.draft import Compare, Draft, Mention, Presence, Time, objects_of
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, FieldWord, InverseWord, Item, KindWord, Meaning, NumberWord, PeriodWord, ValueWord
from app.chatbot.understanding.paths import Way
from app.shared.contract import And, Condition, FieldSpec, Filter, Not, Related

_JOINS = ("is", "=", "are", "was", "equals", "called", "named", "being", "equal to")
_NEAR = 0.5  # ways this much longer than the shortest rival it


class Unplaced(Exception):
    """Words that have no place in a question about this object."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.texts = texts


class Ambiguous(Exception):
    """Words that may mean several things: `choices` are what may be said instead of `text`."""

    def __init__(self, text: str, choices: Sequence[str]) -> None:
        super().__init__(text)
        self.text, self.choices = text, tuple(dict.fromkeys(choices))


@dataclass(slots=True)
class Clause:
    """A part of the question that speaks of records over a to-many relation: "without open deals in 2024"."""

    relation: str
    object: str
    start: int
    stop: int
    negated: bool
    filters: list[Filter] = field(default_factory=list)
    kinds: str = ""
    words: str = ""

    def say(self, label: str, is_kind: bool) -> None:
        """Adds a condition to the clause's words: "open" deals "for Betatech"."""
        if is_kind:
            self.kinds = f"{label} "
        else:
            self.words += f" {label}"

    def holds(self, at: int) -> bool:
        return self.start <= at < self.stop

    def term(self) -> Term:
        where = self.filters[0] if len(self.filters) == 1 else And(items=tuple(self.filters)) if self.filters else None
        related = Related(relation=self.relation, quantifier="none" if self.negated else "any", where=where)
        label = f"{self.kinds}{self.relation.replace('_', ' ')}{self.words}"
        return Term(related, f"{self.relation}*", label, self.start, negated=self.negated)


@dataclass(frozen=True, slots=True)
class Place:
    """One way to attach a meaning, with what it costs."""

    cost: float
    meaning: Meaning
    filter: Filter
    slot: str
    relation: str | None = None
    clause: Clause | None = None


class Narrowing:
    """Builds the terms for one object. Raises Unplaced and Ambiguous."""

    def __init__(self, lexicon: Lexicon, draft: Draft, target: str) -> None:
        self.lexicon, self.catalog, self.draft, self.target = lexicon, lexicon.catalog, draft, target
        self.ways = paths.ways(self.catalog, target)
        self.clauses: list[Clause] = []
        self.terms: list[Term] = []
        self.cost = 0.0
        self.notes: list[str] = []
        self.late_nouns: list[tuple[int, Item]] = []
        self.bound: set[int] = set()  # nouns that name the field of a value beside them: "industry medical"

    def build(self) -> list[Term]:
        for presence in self.draft.presences:
            self._presence(presence)
        for mention in self.draft.mentions:
            self._mention(mention)
        for compare in self.draft.compares:
            self._compare(compare)
        for time in self.draft.times:
            self._time(time)
        for at, negated in self.draft.me:
            self._me(at, negated)
        return [*self.terms, *(clause.term() for clause in self.clauses)]

    # presence and absence

    def _presence(self, presence: Presence) -> None:
        words = presence.item.of(FieldWord)
        own = next((word for word in words if word.object == self.target), None)
        if own:
            filter_ = condition(own.field, "empty", presence.negated)
            self._add(Term(filter_, own.field, presence.item.text, presence.at, negated=presence.negated))
        elif not (self._to_many(presence) or self._to_one(presence) or self._far_field(presence)):
            raise Unplaced(presence.item.text)

    def _to_many(self, presence: Presence) -> bool:
        for name in objects_of(presence.item):
            relation = paths.relation(self.catalog, self.target, name)
            if relation:
                self.open_clause(relation, name, presence.start, presence.negated)
                return True
        return False

    def open_clause(self, relation: str, name: str, start: int, negated: bool) -> Clause:
        """Starts a clause; it ends where the next one begins."""
        for clause in self.clauses:
            if clause.start < start:
                clause.stop = min(clause.stop, start)
        self.clauses.append(Clause(relation, name, start, len(self.draft.items), negated))
        return self.clauses[-1]

    def _to_one(self, presence: Presence) -> bool:
        for name in objects_of(presence.item):
            links = [path for path, cost in paths.links_to(self.catalog, self.target, name) if cost < 2]
            if name == self.target:
                return True
            if links:
                self._add(Term(condition(links[0], "empty", presence.negated), links[0], presence.item.text, presence.at))
                return True
        return False

    def _far_field(self, presence: Presence) -> bool:
        for word in presence.item.of(FieldWord):
            for way in self.ways:
                if way.object == word.object and way.relation is None:
                    path = f"{way.prefix}{word.field}"
                    self._add(Term(condition(path, "empty", presence.negated), path, presence.item.text, presence.at))
                    self.cost += way.cost
                    return True
        return False

    # names, values and kinds

    def _mention(self, mention: Mention) -> None:
        places = self._places(mention)
        own_field = any(word.object == self.target for word in mention.item.of(FieldWord))
        if not places or (own_field and places[0].cost >= paths.TO_ONE):
            if mention.item.of(FieldWord) or objects_of(mention.item):
                self.late_nouns.append((mention.at, mention.item))  # it names a field or object after all
                return
            raise Unplaced(mention.item.text)
        places = self._bound_places(mention, places)
        best = self._choose(mention, places)
        self.cost += best.cost
        if best.clause is not None:
            best.clause.filters.append(best.filter)
            best.clause.say(label_of(best.meaning), isinstance(best.meaning, KindWord))
            return
        entity = best.meaning if isinstance(best.meaning, EntityWord) else None
        self._add(Term(best.filter, best.slot, label_of(best.meaning), mention.at, negated=mention.negated, entity=entity))

    def _bound_places(self, mention: Mention, places: list[Place]) -> list[Place]:
        """Where the field is named beside the value, only that field is meant."""
        for step in (-1, 1):
            at = self._beside(mention.at, step)
            words = self.draft.items[at].of(FieldWord) if at is not None else ()
            fitting = [place for place in places if any(place.slot.endswith(word.field) for word in words)]
            if fitting and at is not None:
                self.bound.add(at)
                return fitting
        return places

    def _beside(self, at: int, step: int) -> int | None:
        """The noun right before the value (or after "is" or "=") or right after it."""
        position = at + step
        while step < 0 and 0 <= position and self.draft.items[position].text.lower() in _JOINS:
            position -= 1
        free = any(place == position for place, _ in self.draft.nouns)
        return position if free else None

    def _places(self, mention: Mention) -> list[Place]:
        found: list[Place] = []
        kinds = [one for one in mention.meanings if isinstance(one, KindWord)]
        for meaning in mention.meanings:
            if kinds and isinstance(meaning, ValueWord) and self._is_stage(meaning):
                continue
            found += self._attach(meaning, mention)
        return sorted(found, key=lambda place: place.cost)

    def _is_stage(self, meaning: ValueWord) -> bool:
        spec = self.catalog[meaning.object].field(meaning.field)
        return spec is not None and spec.type == "stage"

    def _attach(self, meaning: Meaning, mention: Mention) -> list[Place]:
        """Every place of a meaning; in a clause, places on the clause's object win where they are no farther."""
        outer = list(self._along(self.ways, meaning, mention.negated))
        clause = next((one for one in self.clauses if one.holds(mention.at)), None)
        if clause is None:
            return outer
        inner = [replace(place, clause=clause, cost=place.cost - 0.6)
                 for place in self._along(paths.ways(self.catalog, clause.object, many=False), meaning, mention.negated)]  # fmt: skip
        return [*inner, *(place for place in outer if place.relation is None)]

    def _along(self, ways: Iterable[Way], meaning: Meaning, negated: bool) -> Iterable[Place]:
        for way in ways:
            for extra, name, leaf in self._leaves(way, meaning):
                filter_ = way.filter(leaf)
                slot = (way.prefix[:-1] if name == "" else way.slot(name)) or "id"
                yield Place(way.cost + extra, meaning, negate(filter_) if negated else filter_, slot, way.relation)

    def _leaves(self, way: Way, meaning: Meaning) -> Iterable[tuple[float, str, Callable[[str], Filter]]]:
        spec = self.catalog[way.object]
        if isinstance(meaning, ValueWord) and meaning.object == way.object:
            yield 0.0, meaning.field, lambda prefix: condition(prefix + meaning.field, "eq", meaning.value)
        if isinstance(meaning, KindWord):
            name, op, value = self._kind(way.object, meaning)
            if name:
                yield 0.0, name, lambda prefix: condition(prefix + name, op, value)
        own = isinstance(meaning, EntityWord) and meaning.object == way.object
        if own and way.cost == 0.0 and self._inverse():
            field = self._inverse()
            yield -0.1, field, lambda prefix: condition(prefix + field, "eq", meaning.id)  # type: ignore[union-attr]
        elif isinstance(meaning, EntityWord) and own:
            yield 0.0, "", lambda prefix: condition(prefix[:-1] or "id", "eq", meaning.id)
        if isinstance(meaning, EntityWord) and way.relation is not None:
            for index, link in enumerate(one for one in spec.fields if one.type == "link" and one.target == meaning.object):
                yield 1.0 + index / 100, link.name, lambda prefix, link=link: condition(prefix + link.name, "eq", meaning.id)  # type: ignore[misc]

    def _inverse(self) -> str:
        """The link that "subsidiaries of ..." is about."""
        words = [word for _, item in self.draft.nouns for word in item.of(InverseWord) if word.object == self.target]
        return words[0].field if words else ""

    def _kind(self, name: str, meaning: KindWord) -> tuple[str, str, object]:
        """What open, won and lost are for an object: its stage's kind; or done and not done."""
        stage = paths.kind_field(self.catalog[name])
        if stage:
            one = len(meaning.kinds) == 1
            return stage.name, "eq" if one else "in", meaning.kinds[0] if one else list(meaning.kinds)
        done = next((word for word in self.lexicon.vocabulary.phrases.get("done", ())
                     if isinstance(word, FieldWord) and word.object == name), None)  # fmt: skip
        if done and meaning.kinds in (("open",), ("won", "lost")):
            return done.field, "eq", meaning.kinds != ("open",)
        return "", "eq", None

    def _choose(self, mention: Mention, places: list[Place]) -> Place:
        best = places[0]
        near = [place for place in places if place.cost < best.cost + _NEAR and place.meaning != best.meaning]
        rivals = [place for place in near if not _same(place.meaning, best.meaning)]
        if rivals:
            raise Ambiguous(mention.item.text, [self.describe(place.meaning) for place in (best, *rivals)])
        if best.relation is not None and best.clause is None:
            return self._implicit(mention, best)
        return best

    def _implicit(self, mention: Mention, best: Place) -> Place:
        """A condition that only related records can meet opens a clause over the whole question."""
        way = next(way for way in self.ways if way.relation == best.relation)
        clause = next((one for one in self.clauses if one.relation == best.relation), None)
        if clause is None:
            clause = self.open_clause(best.relation or "", way.object, 0, False)
        inner = self._along(paths.ways(self.catalog, way.object, many=False), best.meaning, mention.negated)
        place = min(inner, key=lambda one: one.cost)
        return replace(place, clause=clause, cost=place.cost + paths.TO_MANY)

    @staticmethod
    def describe(meaning: Meaning) -> str:
        return f'"{label_of(meaning)}"'

    # numbers

    def _compare(self, compare: Compare) -> None:
        clause = next((one for one in self.clauses if one.holds(compare.at)), None)
        place = self._compared(compare, clause)
        spec, way, inner = place
        if compare.low.currency and spec.type == "money" and compare.low.currency != self.catalog.currency:
            raise Unplaced(f"{compare.low.currency}")
        value = compare.low.value if compare.high is None else [compare.low.value, compare.high.value]
        filter_ = way.filter(lambda prefix: condition(prefix + spec.name, compare.op, value))
        self.cost += way.cost
        if inner is not None:
            inner.filters.append(filter_)
            inner.say(f"with {spec.label.lower()} {_bound_label(compare)}", False)
        else:
            self._add(Term(filter_, way.slot(spec.name), _bound_label(compare), compare.at))

    def _compared(self, compare: Compare, clause: Clause | None) -> tuple[FieldSpec, Way, Clause | None]:
        if not compare.fields:
            name = clause.object if clause else self.target
            spec = self._only_measure(name)
            if spec is None:
                raise Unplaced(self.draft.items[compare.at].text)
            return spec, Way(name, 0.0), clause
        options = self._field_ways(compare.fields, self.ways, None)
        if clause:
            options += self._field_ways(compare.fields, paths.ways(self.catalog, clause.object, many=False), clause)
        if not options:
            raise Unplaced(*(word.field for word in compare.fields[:1]))
        return min(options, key=lambda option: (option[1].cost, option[2] is None))

    def _field_ways(
        self, words: Sequence[FieldWord], ways: Sequence[Way], clause: Clause | None
    ) -> list[tuple[FieldSpec, Way, Clause | None]]:
        found = []
        for way in ways:
            for word in words:
                spec = self.catalog[word.object].field(word.field)
                if spec and word.object == way.object:
                    found.append((spec, way, clause))
        return found

    def _only_measure(self, name: str) -> FieldSpec | None:
        """The main measure where a bare number can mean nothing else."""
        spec = self.catalog[name]
        others = [one for one in spec.fields if one.type in ("number", "money") and one.listed]
        main = paths.main_measure(spec)
        return main if main is not None and len(others) == 1 else None

    # time

    def _time(self, time: Time) -> None:
        clause = next((one for one in self.clauses if one.holds(time.at)), None)
        spec, way, inner = self._dated(time, clause)
        filter_ = way.filter(lambda prefix: period_condition(prefix + spec.name, time.period))
        filter_ = negate(filter_) if time.negated else filter_
        self.cost += way.cost
        if inner is not None:
            inner.filters.append(filter_)
            inner.say(period_words(time.period.label), False)
            return
        self._add(Term(filter_, way.slot(spec.name), time.period.label, time.at, time.period, time.negated))
        if time.period.yearless:
            self.notes.append(f"Read as {time.period.label}, the latest one.")

    def _dated(self, time: Time, clause: Clause | None) -> tuple[FieldSpec, Way, Clause | None]:
        options = self._field_ways(time.fields, self.ways, None)
        if clause:
            options += self._field_ways(time.fields, paths.ways(self.catalog, clause.object, many=False), clause)
        if options:
            return min(options, key=lambda option: (option[1].cost, option[2] is None))
        name = clause.object if clause else self.target
        spec = self.catalog[name].field(self.catalog[name].date_field or "")
        if spec is None or time.fields:
            raise Unplaced(self.draft.items[time.at].text, time.period.label)
        return spec, Way(name, 0.0), clause

    def _me(self, at: int, negated: bool) -> None:
        links = [one for one in self.catalog[self.target].fields if one.type == "link" and one.target == "users"]
        if not links:
            raise Unplaced(self.draft.items[at].text)
        self._add(Term(condition(links[0].name, "ne" if negated else "eq", "me"), links[0].name, "you", at, negated=negated))

    def _add(self, term: Term) -> None:
        self.terms.append(term)


def negate(filter_: Filter) -> Filter:
    """The filter that is true where this one isn't."""
    if isinstance(filter_, Condition) and filter_.op in ("eq", "in"):
        return filter_.model_copy(update={"op": "ne" if filter_.op == "eq" else "not_in"})
    if isinstance(filter_, Related):
        return filter_.model_copy(update={"quantifier": "none"})
    return Not(item=filter_)


def period_condition(path: str, period: PeriodWord) -> Condition:
    if period.during:
        return condition(path, "during", period.during)
    if period.first and period.after:
        return condition(path, "between", [period.first.isoformat(), (period.after - timedelta(1)).isoformat()])
    if period.first:
        return condition(path, "gte", period.first.isoformat())
    return condition(path, "lt", period.after.isoformat() if period.after else None)


_BOUNDED = ("since", "before", "after", "until", "last", "this", "next", "today", "yesterday", "tomorrow", "previous")


def period_words(label: str) -> str:
    """A period as part of a sentence: in November 2024, since March 2025, in the last 30 days."""
    first = label.split()[0]
    if first in ("last", "next") and label.split()[1].isdigit():
        return f"in the {label}"
    return label if first in _BOUNDED else f"from {label}" if " to " in label else f"in {label}"


def label_of(meaning: Meaning) -> str:
    if isinstance(meaning, EntityWord | ValueWord):
        return meaning.label
    return " or ".join(meaning.kinds) if isinstance(meaning, KindWord) else ""


def _same(one: Meaning, other: Meaning) -> bool:
    """The same value in fields of different objects: the nearer one is meant; else two things are called the same."""
    return isinstance(one, ValueWord) and isinstance(other, ValueWord) and one.object != other.object


def _bound_label(compare: Compare) -> str:
    words = {"gt": "more than", "gte": "at least", "lt": "less than", "lte": "at most", "eq": "", "ne": "not"}
    low: NumberWord = compare.low
    if compare.high:
        return f"{low.value:,} to {compare.high.value:,}"
    return f"{words.get(compare.op, '')} {low.value:,}".strip()
