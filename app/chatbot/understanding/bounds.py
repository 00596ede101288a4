"""Numbers, times and what today makes of a record, as terms over one asked object or over the records of a clause."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.chatbot.understanding import paths, periods, states
from app.chatbot.understanding.clauses import (
    Clause,
    Unplaced,
    Unsettled,
    bound_label,
    negate,
    period_condition,
    period_words,
)
from app.chatbot.understanding.draft import Compare, Draft, Time, objects_of
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import FieldWord, Item, KindWord, ValueWord
from app.chatbot.understanding.paths import Way
from app.chatbot.understanding.places import Places
from app.shared.contract import And, FieldSpec, Filter

_MEASURES = {"sum", "much", "avg", "min", "max", "median", "weighted"}


class Bounds:
    """The terms that say how much and when. Raises Unplaced."""

    def __init__(self, lexicon: Lexicon, draft: Draft, target: str) -> None:
        self.lexicon, self.catalog, self.draft, self.target = lexicon, lexicon.catalog, draft, target
        self.places = Places(lexicon, draft, target)
        self.ways = self.places.ways
        self.clauses: list[Clause] = []
        self.terms: list[Term] = []
        self.cost = 0.0
        self.notes: list[str] = []
        self.coming = False  # "next" is said of the asked records themselves
        self.late_nouns: list[tuple[int, Item]] = []

    def open_clause(self, relation: str, name: str, start: int, negated: bool) -> Clause:
        """Starts a clause; it ends where the next one begins."""
        for clause in self.clauses:
            if clause.start < start:
                clause.stop = min(clause.stop, start)
        self.clauses.append(Clause(relation, name, start, len(self.draft.items), negated))
        return self.clauses[-1]

    # numbers

    def _compare(self, compare: Compare) -> None:
        clause = next((one for one in self.clauses if one.holds(compare.at)), None)
        place = self._compared(compare, clause)
        spec, way, inner = place
        currency = self._foreign(compare, spec, way.object)
        value = compare.low.value if compare.high is None else [compare.low.value, compare.high.value]
        filter_ = way.filter(lambda prefix: _bounded(prefix, spec.name, compare.op, value, currency))
        self.cost += way.cost
        if inner is not None:
            inner.filters.append(filter_)
            inner.say(f"with {spec.label.lower()} {bound_label(compare, self.catalog.currency)}", False)
        else:
            self._add(Term(filter_, way.slot(spec.name), bound_label(compare, self.catalog.currency), compare.at))

    def _foreign(self, compare: Compare, spec: FieldSpec, object: str) -> ValueWord | None:
        """The currency that is named where it isn't the workspace's own: amounts in it alone are compared, as written.

        Raises Unsettled where no record has an amount in it.
        """
        named = {one.currency for one in (compare.low, compare.high) if one is not None and one.currency}
        if spec.type != "money" or not named - {self.catalog.currency}:
            return None
        known = [one for code in named for one in self.lexicon.names.find(code.lower()) if isinstance(one, ValueWord)]
        found = [one for one in known if one.object == object and self._is_currency(one)]
        if len(named) != 1 or len(found) != 1:
            raise Unsettled(*sorted(named))
        return found[0]

    def _is_currency(self, value: ValueWord) -> bool:
        """Whether a field says in which currency the amounts of its records are."""
        spec = self.catalog[value.object].field(value.field)
        return spec is not None and value.field == "currency" and spec.type == "text"

    def _compared(self, compare: Compare, clause: Clause | None) -> tuple[FieldSpec, Way, Clause | None]:
        if not compare.fields:
            name = clause.object if clause else self.target
            spec = self._only_measure(name) if clause or self._is_spoken_of() or compare.low.currency else None
            if spec is None:
                raise Unplaced(self.draft.items[compare.at].text)
            return spec, Way(name, 0.0), clause
        options = self._field_ways(compare.fields, self.ways, None)
        if clause:
            options += self._field_ways(compare.fields, paths.ways(self.catalog, clause.object, many=False), clause)
        if not options:
            raise Unplaced(*(word.field for word in compare.fields[:1]))
        return min(options, key=lambda option: (option[1].cost, option[2] is None))

    def _is_spoken_of(self) -> bool:
        """Whether the asked records are named, or told by how far they are: "won over 5k"."""
        named = any(self.target in objects_of(item) for _, item in self.draft.nouns)
        return named or paths.kind_field(self.catalog[self.target]) is not None

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
        if inner is not None and time.negated:
            raise Unsettled(time.period.label)  # "won deals in 2024 but not in 2025": none in 2025, or one that isn't
        if inner is not None:
            inner.filters.append(filter_)
            inner.say(period_words(time.period.label), False)
            return
        self._add(Term(filter_, way.slot(spec.name), time.period.label, time.at, time.period, time.negated))
        if time.period.yearless:
            which = "next" if time.period.first and time.period.first > self.draft.today else "latest"
            self.notes.append(f"Read as {time.period.label}, the {which} one.")

    def _dated(self, time: Time, clause: Clause | None) -> tuple[FieldSpec, Way, Clause | None]:
        options = self._field_ways(time.fields, self.ways, None)
        if clause:
            options += self._field_ways(time.fields, paths.ways(self.catalog, clause.object, many=False), clause)
        options = [option for option in options if option[1].relation is None]  # "deals due": whose day isn't said
        if options:
            return min(options, key=lambda option: (option[1].cost, option[2] is None))
        name = clause.object if clause else self.target
        spec = self.catalog[name].field(self.catalog[name].date_field or "")
        measured = (
            any(tag in self.draft.aggregates for tag in ("sum", "much", "avg", "min", "max", "median", "weighted"))
            or self._numbers_asked()
        )
        if (
            spec is None or time.fields or (spec.read_only and measured)
        ):  # when it was entered says nothing of its numbers
            raise Unplaced(self.draft.items[time.at].text, time.period.label)
        return spec, Way(name, 0.0), clause

    def _numbers_asked(self) -> bool:
        specs = [
            self.catalog[word.object].field(word.field) for _, item in self.draft.nouns for word in item.of(FieldWord)
        ]
        return any(spec is not None and spec.type in ("number", "money") for spec in specs)

    # what today makes of a record

    def _state(self, at: int, terms: Callable[[str, int], list[Term]]) -> None:
        """ "overdue" and "next": of the asked records, or of the related ones of whose clause it is a part."""
        clause = next((one for one in self.clauses if one.holds(at)), None)
        found = terms(clause.object if clause else self.target, at)
        if clause is not None:
            clause.filters += [term.filter for term in found]
            clause.say(self.draft.items[at].text.lower(), True)
            return
        self.coming = self.coming or at == self.draft.coming
        for term in found:
            if any(other.kind and other.slot == term.slot and other.filter != term.filter for other in self.terms):
                raise Unsettled(self.draft.items[at].text)  # what is won is not overdue
            if all(term.filter != other.filter for other in self.terms):
                self._add(term)

    def _late(self, name: str, at: int) -> list[Term]:
        spec, day = self.catalog[name], states.day_of(self.catalog[name])
        if day is None or not states.can_be_late(self.catalog, spec):
            raise Unplaced(self.draft.items[at].text)
        today = self.draft.today
        before = periods.before(periods.day(today))
        return [self._open(name, at), Term(period_condition(day.name, before), day.name, before.label, at, before)]

    def _coming(self, name: str, at: int) -> list[Term]:
        spec = self.catalog[name]
        if states.is_event(spec):
            return states.coming_terms(spec, self.draft.moment, at)
        if not states.can_be_late(self.catalog, spec):
            raise Unplaced(self.draft.items[at].text)
        is_open = self._open(name, at)
        if paths.done_field(spec) is not None:
            return [is_open]  # what is late is to be done next
        return [is_open, *states.coming_terms(spec, self.draft.today.isoformat(), at)]

    def _open(self, name: str, at: int) -> Term:
        slot, op, value = self.places.kind(name, KindWord(("open",)))
        return Term(condition(slot, op, value), slot, "open", at, kind=True)

    def _me(self, at: int, negated: bool) -> None:
        prefix, name = self._mine(at)
        links = [one for one in self.catalog[name].fields if one.type == "link" and one.target == "users"]
        if not links:
            raise Unplaced(self.draft.items[at].text)
        path = f"{prefix}{links[0].name}"
        self._add(Term(condition(path, "ne" if negated else "eq", "me"), path, "you", at, negated=negated))

    def _mine(self, at: int) -> tuple[str, str]:
        """(path, object) that "my" stands before: "my companies with 2 contacts" counts people, of my companies."""
        if self.draft.items[at].text.lower() != "my":
            return "", self.target
        return self._possessed(at + 1)

    def _possessed(self, start: int) -> tuple[str, str]:
        """(path, object) of the noun that follows "my" or "Anna's"; the asked object itself where it is that."""
        for item in self.draft.items[start : start + 2]:
            names = objects_of(item)
            if self.target in names:
                break
            for name in names:
                links = [path for path, cost in paths.links_to(self.catalog, self.target, name) if cost < 2]
                if links:
                    return f"{links[0]}.", name
        return "", self.target

    def _add(self, term: Term) -> None:
        self.terms.append(term)


def _bounded(prefix: str, name: str, op: str, value: object, currency: ValueWord | None) -> Filter:
    """A bound on an amount, in a currency where one is named."""
    bound = condition(prefix + name, op, value)
    if currency is None:
        return bound
    return And(items=(condition(f"{prefix}{currency.field}", "eq", currency.value), bound))
