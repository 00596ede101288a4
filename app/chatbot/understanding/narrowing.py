"""The conditions of a draft as terms over one asked object: each attached by the shortest way, or not at all."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding import english, paths
from app.chatbot.understanding.bounds import Bounds
from app.chatbot.understanding.clauses import (
    Ambiguous,
    Clause,
    Unplaced,
    Unsettled,
    label_of,
    same_value,
)
from app.chatbot.understanding.draft import Mention, Presence, is_plural, objects_of
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.meanings import EntityWord, FieldWord, KindWord, Meaning, ValueWord
from app.chatbot.understanding.places import Place, names_records
from app.chatbot.understanding.text import compact
from app.chatbot.understanding.vocabulary import is_join
from app.shared.contract import Condition

_NEAR = 0.5  # ways this much longer than the shortest rival it


class Narrowing(Bounds):
    """Builds the terms for one object. Raises Unplaced and Ambiguous."""

    def build(self) -> list[Term]:
        for presence in self.draft.presences:
            self._presence(presence)
        for mention in sorted(self.draft.mentions, key=self._is_late_to_place):
            self._mention(mention)
        for compare in self.draft.compares:
            self._compare(compare)
        for time in self.draft.times:
            self._time(time)
        for at in self.draft.late:
            self._state(at, self._late)
        if self.draft.coming is not None:
            self._state(self.draft.coming, self._coming)
        for at, negated in self.draft.me:
            self._me(at, negated)
        return [*self.terms, *(clause.term() for clause in self.clauses)]

    # presence and absence

    def _presence(self, presence: Presence) -> None:
        words = presence.item.of(FieldWord)
        own = next((word for word in words if word.object == self.target), None)
        if own and self._is_counted(presence, own):
            own = None
        if own:
            filter_ = condition(own.field, "empty", presence.negated)
            self._add(Term(filter_, own.field, presence.item.text, presence.at, negated=presence.negated))
        elif not (self._to_many(presence) or self._to_one(presence) or self._far_field(presence)):
            raise Unplaced(presence.item.text)

    def _is_counted(self, presence: Presence, own: FieldWord) -> bool:
        """ "without people": none that are linked, rather than a number of them that isn't filled in."""
        field = self.catalog[self.target].field(own.field)
        many = is_plural(presence.item) and any(
            paths.relation(self.catalog, self.target, name) for name in objects_of(presence.item)
        )
        return many and field is not None and field.type == "number"

    def _to_many(self, presence: Presence) -> bool:
        for name in objects_of(presence.item):
            link, owner = self._speaks_of(presence)
            relation = paths.relation(self.catalog, owner, name)
            if relation:
                self.open_clause(f"{link}{relation}", name, presence.start, presence.negated)
                return True
        return False

    def _speaks_of(self, presence: Presence) -> tuple[str, str]:
        """(path, object) that a "without" is said of: in "people at companies without deals" the companies."""
        before = [item for at, item in self.draft.nouns if at < presence.start and objects_of(item)]
        for name in objects_of(before[-1]) if before else ():
            if name == self.target:
                return "", self.target
            links = [path for path, cost in paths.links_to(self.catalog, self.target, name) if cost < 2]
            if links:
                return f"{links[0]}.", name
        return "", self.target

    def _to_one(self, presence: Presence) -> bool:
        for name in objects_of(presence.item):
            links = [path for path, cost in paths.links_to(self.catalog, self.target, name) if cost < 2]
            if name == self.target:
                return True
            if links:
                self._add(
                    Term(condition(links[0], "empty", presence.negated), links[0], presence.item.text, presence.at)
                )
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

    def _is_late_to_place(self, mention: Mention) -> bool:
        """Roles and kinds come first ("meetings"): they open the clause in which what stands beside them may belong."""
        found = mention.meanings
        return not any(
            is_join(self.catalog, one) or names_records(self.catalog, one) or self._is_deed(one) for one in found
        )

    def _is_deed(self, meaning: Meaning) -> bool:
        """What is won or lost, where the asked records have no stage: their deals are."""
        return isinstance(meaning, KindWord) and not self.places.kind(self.target, meaning)[0]

    def _mention(self, mention: Mention) -> None:
        mention = self._never(mention)
        places = self._of_owner(mention) or self.places.of(mention, self.clauses)
        named = any(self.target in objects_of(item) for _, item in self.draft.nouns)
        own_field = any(word.object == self.target for word in mention.item.of(FieldWord)) and (
            named or not is_plural(mention.item)
        )
        if places and compact(mention.item.text) in english.VERB_NOUNS:
            own_field = False  # "emailed" is what somebody did, not where to write to
        if not places or (own_field and places[0].cost >= paths.TO_ONE):
            if mention.negated:
                raise Unplaced(mention.item.text)  # a field that is asked for can't be denied
            if mention.item.of(FieldWord) or objects_of(mention.item):
                self.late_nouns.append((mention.at, mention.item))  # it names a field or object after all
                return
            raise Unplaced(mention.item.text)
        best = self._choose(mention, places)
        before = self.draft.items[max(0, mention.at - 2) : mention.at]
        self._check_reach(mention, best, any("never" in item.text.lower() for item in before))
        self.cost += best.cost
        if best.clause is not None:
            best.clause.add(best.filter, mention.item.text, self._listed(mention, best.clause))
            best.clause.say(label_of(best.meaning), isinstance(best.meaning, KindWord))
            return
        entity = best.meaning if isinstance(best.meaning, EntityWord) else None
        self._add(
            Term(best.filter, best.slot, label_of(best.meaning), mention.at, negated=mention.negated,
                 kind=isinstance(best.meaning, KindWord), entity=entity)
        )  # fmt: skip

    def _of_owner(self, mention: Mention) -> list[Place]:
        """ "Anna's companies" in a question about other records: those companies are hers, whoever is asked for."""
        after = self.draft.item(mention.at + 1)
        users = [one for one in mention.meanings if isinstance(one, EntityWord) and one.object == "users"]
        if len(users) != 1 or after is None or after.word("possessive") is None or self.clauses:
            return []
        prefix, name = self._possessed(mention.at + 2)
        links = [one.name for one in self.catalog[name].fields if one.type == "link" and one.target == "users"]
        if not prefix or not links:
            return []
        path = f"{prefix}{links[0]}"
        op = "ne" if mention.negated else "eq"
        return [Place(paths.TO_ONE, users[0], condition(path, op, users[0].id), path)]

    def _never(self, mention: Mention) -> Mention:
        """ "companies that we never won a deal with": none of their deals is won, which denies the whole clause."""
        before = self.draft.items[max(0, mention.at - 2) : mention.at]
        clause = next((one for one in self.clauses if one.holds(mention.at)), None)
        if clause is None or not mention.negated or not any("never" in item.text.lower() for item in before):
            return mention
        if not clause.negated and clause.filters:
            raise Unsettled(mention.item.text)
        clause.negated = True
        return replace(mention, negated=False)

    def _choose(self, mention: Mention, places: list[Place]) -> Place:
        best = places[0]
        near = [place for place in places if place.cost < best.cost + _NEAR and place.meaning != best.meaning]
        rivals = [p for p in near if not same_value(p.meaning, best.meaning) and p.filter != best.filter]
        if rivals:
            raise Ambiguous(mention.item.text, [self.describe(place.meaning) for place in (best, *rivals)])
        if best.relation is not None and best.clause is None:
            return self._implicit(mention, best)
        return best

    def _is_remote(self, meaning: Meaning) -> bool:
        """Whether it is a choice of related records that isn't what they are called by: the priority of a task."""
        if not isinstance(meaning, ValueWord) or self.catalog[meaning.object].join:
            return False
        field = self.catalog[meaning.object].field(meaning.field)
        return field is not None and field.type == "select" and not field.required

    def _implicit(self, mention: Mention, best: Place) -> Place:
        """A condition that only related records can meet opens a clause over the whole question."""
        way = next(way for way in self.ways if way.relation == best.relation)
        if self._is_remote(best.meaning):
            raise Unsettled(mention.item.text)  # "too high": not said of what has a priority
        clause = next((one for one in self.clauses if one.relation == best.relation), None)
        if clause is not None and mention.negated and not clause.negated:
            raise Unsettled(mention.item.text)  # "bought this but not that": two things about the related records
        if clause is None:
            if mention.negated and any(self.target not in objects_of(item) for _, item in self.draft.nouns):
                raise Unsettled(mention.item.text)  # "people at companies that never ...": who didn't isn't plain
            start = mention.at if self.clauses else 0
            clause = self.open_clause(best.relation or "", way.object, start, mention.negated)
            clause.bare = self.catalog[way.object].join
            clause.implied = True
        inner = self.places.along(paths.ways(self.catalog, way.object, many=False), best.meaning, False)
        place = min(inner, key=lambda one: one.cost)
        return replace(place, clause=clause, cost=place.cost + paths.TO_MANY)

    @staticmethod
    def _check_reach(mention: Mention, best: Place, never: bool) -> None:
        """A further "not" about related records that a value before it has brought in: which of them isn't plain."""
        negates = isinstance(best.filter, Condition) and best.filter.op in ("ne", "not_in")
        if mention.negated and negates and best.clause is not None and not best.clause.negated and never:
            raise Unsettled(mention.item.text)  # "never won a deal": none of them, not some that isn't won
        if mention.negated and best.clause is not None and best.clause.implied and negates:
            raise Unsettled(mention.item.text)

    def _listed(self, mention: Mention, clause: Clause) -> bool:
        """Whether "or" joins it to the value before; where there must be none, "and" does too."""
        before = max((one.at for one in self.draft.mentions if one.at < mention.at), default=mention.at)
        between = self.draft.items[before + 1 : mention.at]
        joins = ("or", "and") if clause.negated else ("or",)
        return any(item.word(*joins) for item in between)

    @staticmethod
    def describe(meaning: Meaning) -> str:
        return f'"{label_of(meaning)}"'
