"""The nouns of a question: the object itself, the fields that are asked for, and linked records that narrow it."""

from __future__ import annotations

from dataclasses import dataclass

from app.chatbot.understanding import paths, states
from app.chatbot.understanding.clauses import Ambiguous, Unplaced, Unsettled
from app.chatbot.understanding.draft import Draft, fields_of, is_filler, kinds_of, objects_of
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, InverseWord, Item, ValueWord
from app.chatbot.understanding.narrowing import Narrowing
from app.chatbot.understanding.text import compact, plural, words_of
from app.shared.contract import FieldSpec

NUMERIC = ("number", "money")


@dataclass(slots=True)
class Wanted:
    """A field that the question asks for, as a path from the asked object."""

    path: str
    spec: FieldSpec
    at: int
    cost: float = 0.0


class Nouns:
    """The nouns of a draft, for one asked object. `grouped`: the noun whose groups are listed ("which owner ...")."""

    def __init__(self, lexicon: Lexicon, draft: Draft, target: str, grouped: Item | None = None) -> None:
        self.lexicon, self.catalog, self.draft, self.target, self.grouped = (
            lexicon,
            lexicon.catalog,
            draft,
            target,
            grouped,
        )
        self.spec = lexicon.catalog[target]
        self.narrow = Narrowing(lexicon, draft, target)
        self.wants: list[Wanted] = []
        self.modifiers: list[tuple[str, int]] = []
        self.ranking = draft.ranking
        self.named = False
        self.cost = 0.0

    def _opens_clause(self, at: int, item: Item) -> bool:
        """Whether a noun speaks of related records: it must be placed before the conditions that are about them."""
        if self._is_way_back(at, item):
            return True
        own = any(word.object == self.target for word in fields_of(item))
        objects = objects_of(item)
        if own or not objects or self.target in objects:
            return False
        return any(paths.relation(self.catalog, self.target, name) for name in objects)

    def _noun(self, at: int, item: Item) -> None:
        objects = objects_of(item)
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is not None and self._is_who(own):
            return  # "who owns the most": the one that is asked for
        if self.target in objects and item.word("sales"):
            raise Unsettled(item.text)  # all of them, those that were won, or what they brought in
        if self._is_way_back(at, item):
            self._way_back(at, item)
        elif self.target in objects and not self._names_measure(at, own):
            self._check_counted(item)
            self.named = True
        elif own is not None and any(want.path == own and abs(want.at - at) == 1 for want in self.wants):
            return  # "annual" and "revenue", each misspelt
        elif own is not None and self._is_deed(item, own):
            raise Unplaced(item.text)  # "deals engaged": when?
        elif own is not None and not (self._is_modifier(at, item, own) and self._modifier(at, objects)):
            self.wants.append(Wanted(own, self._field(own), at))
        elif own is None and not (
            self._modifier(at, objects) or self._far_want(at, item) or self._implied(at, objects)
        ):
            raise Unplaced(item.text)

    def _is_who(self, own: str) -> bool:
        field = self._field(own)
        return self.grouped is not None and self.grouped.text == "who" and field.target == "users"

    def _is_deed(self, item: Item, own: str) -> bool:
        """Whether a verb stands for a day without one: only a part of the field's name, in the past."""
        part = any(not word.exact for word in fields_of(item) if word.field == own)
        dated = self._field(own).type in ("date", "datetime")
        return part and dated and item.text.lower().endswith("ed") and "when" not in self.draft.asks

    def _is_way_back(self, at: int, item: Item) -> bool:
        """ "companies that have subsidiaries": a way back from the object that was named before."""
        counted = any(bound.noun is item for bound in self.draft.bounds)
        if counted or not any(word.object == self.target for word in item.of(InverseWord)):
            return False
        records = any(isinstance(one, EntityWord) for mention in self.draft.mentions for one in mention.meanings)
        nouns = [other for place, other in self.draft.nouns if place < at and other is not item]
        return not records and any(self.target in objects_of(other) for other in nouns)

    def _way_back(self, at: int, item: Item) -> None:
        word = next(word for word in item.of(InverseWord) if word.object == self.target)
        relation = self._field(word.field).inverse
        assert relation is not None
        self.narrow.open_clause(relation, self.target, at, False)

    def _check_counted(self, item: Item) -> None:
        """ "How many people work at Betatech": contacts that are recorded, or the number that the company has?"""
        named = {
            one.object for mention in self.draft.mentions for one in mention.meanings if isinstance(one, EntityWord)
        }
        rivals = [word for word in fields_of(item) if word.object in named and word.object != self.target]
        specs = [self.catalog[word.object].field(word.field) for word in rivals]
        if "count" in self.draft.aggregates and any(spec and spec.type in NUMERIC for spec in specs):
            labels = [spec.label.lower() for spec in specs if spec]
            raise Ambiguous(item.text, [self._clear_name(), *labels])

    def _clear_name(self) -> str:
        """A word that names the object and nothing else."""
        phrases = self.lexicon.vocabulary.phrases
        for word in (*self.spec.synonyms, self.spec.singular):
            many = plural(word)
            if len(phrases.get(compact(many), ())) == 1:
                return many
        return self.spec.label.lower()

    def _is_modifier(self, at: int, item: Item, own: str) -> bool:
        """The plural of a linked object says whose records are meant: the deals of medical companies."""
        first = min((place for place, _ in self.draft.nouns), default=at)
        many = item.text.lower().endswith(("s", "people")) and bool(objects_of(item))
        return many and self._field(own).type == "link" and (at != first or self._is_from(at))

    def _is_from(self, at: int) -> bool:
        """ "from retail customers": whose they are, though no other noun stands before."""
        place = at - 1
        while place >= 0 and self.draft.items[place].of(ValueWord):
            place -= 1
        return place >= 0 and self.draft.items[place].text.lower() in ("from", "with", "at")

    def _names_measure(self, at: int, own: str | None) -> bool:
        """A word that is both the object and a field of it counts as the field where the object was named before."""
        return own is not None and self.named and at > 0

    def _field(self, name: str) -> FieldSpec:
        spec = self.spec.field(name)
        assert spec is not None
        return spec

    def _modifier(self, at: int, objects: tuple[str, ...]) -> bool:
        """A noun that a link leads to: the deals of medical companies."""
        for name in objects:
            links = [(path, cost) for path, cost in paths.links_to(self.catalog, self.target, name) if cost < 3]
            if links:
                self.modifiers.append((links[0][0], at))
                self.cost += 0.3 * links[0][1]
                return True
        return False

    def _far_want(self, at: int, item: Item) -> bool:
        for way in self.narrow.ways:
            for word in fields_of(item):
                if way.object == word.object and way.relation is None:
                    spec = self.catalog[word.object].field(word.field)
                    if spec:
                        self.wants.append(Wanted(f"{way.prefix}{word.field}", spec, at, way.cost))
                        return True
        return False

    def _implied(self, at: int, objects: tuple[str, ...]) -> bool:
        """Companies that we have deals with: related records are spoken of without a "with"."""
        for name in objects:
            relation = paths.relation(self.catalog, self.target, name)
            if relation and not any(clause.relation == relation for clause in self.narrow.clauses):
                self.narrow.open_clause(relation, name, self._opening(at), False)
                self.cost += 0.8
                return True
        return False

    def _opening(self, at: int) -> int:
        """Where a clause begins whose noun stands here: before what is said of it, "won a GTX deal"."""
        start = at
        for place in range(at - 1, -1, -1):
            item = self.draft.items[place]
            doer = any(self.catalog[one.object].support for one in item.of(EntityWord)) and kinds_of(
                self.draft.items[start]
            )
            if not is_filler(item) and not (kinds_of(item) or item.of(ValueWord) or doer):
                break
            start = place if not is_filler(item) else start
        return start

    def _modifier_terms(self, terms: list[Term]) -> list[Term]:
        """A linked noun that nothing narrows still says that there is one."""
        found = []
        for path, at in self.modifiers:
            used = any(term.slot == path or term.slot.startswith(f"{path}.") for term in terms)
            shown = any(want.path.startswith(f"{path}.") for want in self.wants) or self.draft.asks[:1] in (
                ["who"],
                ["which"],
            )
            if not used and not shown:
                found.append(Term(condition(path, "empty", False), path, "", at))
        return found

    def _asks_owner(self, persons: tuple[str, ...]) -> bool:
        """Whether "who" asks for the user behind a record, rather than for the record itself."""
        return self.target not in persons and (self.ranking is None or states.has_doer(self.spec))

    def _ask_why(self) -> None:
        """ "why did we lose it": the reason of one record, where its kind keeps one."""
        reasons = [one for one in self.spec.fields if "reason" in words_of(one.label)]
        named = [one for mention in self.draft.mentions for one in mention.meanings if isinstance(one, EntityWord)]
        kinds = {one for mention in self.draft.mentions for kind in kinds_of(mention.item) for one in kind.kinds}
        about = len(reasons) == 1 and bool(kinds & set(words_of(reasons[0].label)))
        if not about or not any(one.object == self.target for one in named):
            raise Unplaced("why")
        self.wants.append(Wanted(reasons[0].name, reasons[0], 0))

    def _question_words(self) -> None:
        if "where" in self.draft.asks:
            places = [word for word in self.lexicon.vocabulary.located() if word.object == self.target]
            if not places:
                raise Unplaced("where")
            if not any(want.path == places[0].field for want in self.wants):
                self.wants.append(Wanted(places[0].field, self._field(places[0].field), 0))
        persons = self.lexicon.vocabulary.persons()
        if (
            "who" in self.draft.asks
            and self.grouped is None
            and not self.wants
            and not self.draft.versus
            and self._asks_owner(persons)
        ):
            links = [one for one in self.spec.fields if one.type == "link" and one.target == "users"]
            if not links:
                raise Unplaced("who")
            self.wants.append(Wanted(links[0].name, links[0], 0))
        if "why" in self.draft.asks:
            self._ask_why()
        if "when" in self.draft.asks and not any(want.spec.type in ("date", "datetime") for want in self.wants):
            name = self.spec.date_field
            if not name:
                raise Unplaced("when")
            self.wants.append(Wanted(name, self._field(name), 0))
