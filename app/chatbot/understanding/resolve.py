"""A draft and the object that it may ask about, made into a frame, with what the fit costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.chatbot.understanding import combine, paths
from app.chatbot.understanding.draft import Draft, fields_of, objects_of
from app.chatbot.understanding.frame import Frame, Having, Shape, Term, condition
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, Item
from app.chatbot.understanding.narrowing import Ambiguous, Narrowing, Unplaced
from app.chatbot.understanding.text import compact, plural
from app.shared.contract import FieldSpec, Group, Measure

_NUMERIC = ("number", "money")


@dataclass(slots=True)
class Wanted:
    """A field that the question asks for, as a path from the asked object."""

    path: str
    spec: FieldSpec
    at: int
    cost: float = 0.0


class Resolver:
    """Reads a draft as a question about `target`. `grouped`: the item whose groups are listed ("which owner ...")."""

    def __init__(self, lexicon: Lexicon, draft: Draft, target: str, grouped: Item | None = None) -> None:
        self.lexicon, self.catalog, self.draft, self.target, self.grouped = lexicon, lexicon.catalog, draft, target, grouped
        self.spec = lexicon.catalog[target]
        self.narrow = Narrowing(lexicon, draft, target)
        self.wants: list[Wanted] = []
        self.modifiers: list[tuple[str, int]] = []
        self.ranking = draft.ranking
        self.named = False
        self.cost = 0.0

    def frame(self) -> Frame:
        """Raises Unplaced or Ambiguous where the draft doesn't fit the object."""
        for at, item in self.draft.nouns:
            if item is not self.grouped and self._opens_clause(item):
                self._noun(at, item)
        terms = self.narrow.build()
        for at, item in [*self.draft.nouns, *self.narrow.late_nouns]:
            if item is not self.grouped and at not in self.narrow.bound and not self._opens_clause(item):
                self._noun(at, item)
        self._question_words()
        terms, versus = combine.versus(self.draft, combine.merge(self.draft, terms))
        terms += self._modifier_terms(terms)
        part = tuple(term for term in terms if self.draft.share_from is not None and term.at >= self.draft.share_from)
        base = Frame(self.target, "list", tuple(term for term in terms if term not in part), versus=versus, part=part,
                     notes=tuple(self.narrow.notes), yes_no=self.draft.yes_no)  # fmt: skip
        frame = self._shaped(base)
        self.cost += self.narrow.cost + sum(want.cost for want in self.wants) + (0.0 if self.named else 1.0)
        return frame

    def _opens_clause(self, item: Item) -> bool:
        """Whether a noun speaks of related records: it must be placed before the conditions that are about them."""
        own = any(word.object == self.target for word in fields_of(item))
        objects = objects_of(item)
        if own or not objects or self.target in objects:
            return False
        return any(paths.relation(self.catalog, self.target, name) for name in objects)

    # nouns and fields

    def _noun(self, at: int, item: Item) -> None:
        objects = objects_of(item)
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if self.target in objects and not self._names_measure(at, own):
            self._check_counted(item)
            self.named = True
        elif own is not None and not (self._is_modifier(at, item, own) and self._modifier(at, objects)):
            self.wants.append(Wanted(own, self._field(own), at))
        elif own is None and not (self._modifier(at, objects) or self._far_want(at, item) or self._implied(at, objects)):
            raise Unplaced(item.text)

    def _check_counted(self, item: Item) -> None:
        """ "How many people work at Betatech": contacts that are recorded, or the number that the company has?"""
        named = {one.object for mention in self.draft.mentions for one in mention.meanings if isinstance(one, EntityWord)}
        rivals = [word for word in fields_of(item) if word.object in named and word.object != self.target]
        specs = [self.catalog[word.object].field(word.field) for word in rivals]
        if "count" in self.draft.aggregates and any(spec and spec.type in _NUMERIC for spec in specs):
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
        return many and self._field(own).type == "link" and at != first

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
                self.narrow.open_clause(relation, name, min(at, self.draft.skip(at - 1, -1)), False)
                self.cost += 0.8
                return True
        return False

    def _modifier_terms(self, terms: list[Term]) -> list[Term]:
        """A linked noun that nothing narrows still says that there is one."""
        found = []
        for path, at in self.modifiers:
            used = any(term.slot == path or term.slot.startswith(f"{path}.") for term in terms)
            shown = any(want.path.startswith(f"{path}.") for want in self.wants) or self.draft.asks[:1] in (["who"], ["which"])
            if not used and not shown:
                found.append(Term(condition(path, "empty", False), path, "", at))
        return found

    def _question_words(self) -> None:
        if "where" in self.draft.asks:
            places = [word for word in self.lexicon.vocabulary.located() if word.object == self.target]
            if not places:
                raise Unplaced("where")
            if not any(want.path == places[0].field for want in self.wants):
                self.wants.append(Wanted(places[0].field, self._field(places[0].field), 0))
        if "who" in self.draft.asks and self.grouped is None and not self.wants:
            links = [one for one in self.spec.fields if one.type == "link" and one.target == "users"]
            if not links:
                raise Unplaced("who")
            self.wants.append(Wanted(links[0].name, links[0], 0))
        if "when" in self.draft.asks and not any(want.spec.type in ("date", "datetime") for want in self.wants):
            name = self.spec.date_field
            if not name:
                raise Unplaced("when")
            self.wants.append(Wanted(name, self._field(name), 0))

    # shapes

    def _shaped(self, base: Frame) -> Frame:
        aggregates = self.draft.aggregates
        if "share" in aggregates:
            return self._share(base)
        if "rate" in aggregates:
            if paths.kind_field(self.spec) is None or self.wants:
                raise Unplaced("rate")
            return self._groups(replace(base, shape="rate"))
        record = self._record(base)
        if record is not None:
            return replace(base, shape="lookup", record=record, asked=tuple(want.path for want in self.wants))
        if self.draft.groups or self.grouped is not None:
            return self._grouped(self._extremes(base))
        if self.draft.ranking is not None or self.draft.sort is not None:
            return self._ranked(base)
        return self._plain(base)

    def _extremes(self, base: Frame) -> Frame:
        """ "highest amount by product" is the highest of each product, not the product with the most."""
        ranking = self.draft.ranking
        plain = ranking is not None and ranking.count is None and ranking.sort == "level" and ranking.by is not None
        if plain and ranking is not None and self.grouped is None and not any(group.bucket for group in self.draft.groups):
            self._ranked_measure(ranking.by)  # type: ignore[arg-type]
            self.draft.aggregates.append("max" if ranking.descending else "min")
            self.ranking = None
        return base

    def _share(self, base: Frame) -> Frame:
        if self.wants or self.draft.groups or self.draft.ranking:
            raise Unplaced("share")
        if not base.part:
            if not base.terms:
                raise Unplaced("share")
            base = replace(base, part=base.terms, terms=())
        return replace(base, shape="share")

    def _record(self, base: Frame) -> EntityWord | None:
        """The one record that is asked about: a name alone, or with fields of its own."""
        if len(base.terms) != 1 or base.versus or self.draft.ranking or self.draft.groups or base.part:
            return None
        term = base.terms[0]
        if term.slot != "id" or term.negated or any(tag in ("avg", "min", "max") for tag in self.draft.aggregates):
            return None
        if self.draft.aggregates and not all(want.spec.type in _NUMERIC for want in self.wants):
            return None
        if self.draft.aggregates and not self.wants:
            return None
        mention = next((one for one in self.draft.mentions if one.at == term.at), None)
        found = [one for one in mention.meanings if isinstance(one, EntityWord) and one.object == self.target] if mention else []
        return found[0] if found else None

    def _plain(self, base: Frame) -> Frame:
        """Counts, sums, averages, lists."""
        aggregates = self.draft.aggregates
        numeric = [want for want in self.wants if want.spec.type in _NUMERIC]
        for fn in ("avg", "min", "max"):
            if fn in aggregates:
                return self._measured(base, fn, numeric)
        if "much" in aggregates or "sum" in aggregates:
            return self._total(base, numeric)
        if "count" in aggregates:
            return self._count(base, numeric)
        if numeric and not self._lists():
            return self._measured(base, "sum", numeric)
        if base.yes_no and not self.wants:
            return replace(base, shape="count")
        if base.versus:
            return replace(base, shape="count")
        return self._list(base)

    def _lists(self) -> bool:
        """Whether records are asked for, so that fields are columns: list ..., which ...; a noun by itself."""
        named = self.named and any(tag in self.draft.asks for tag in ("list", "which", "who", "where", "when"))
        return named or len(self.wants) > 1

    def _total(self, base: Frame, numeric: list[Wanted]) -> Frame:
        if not numeric and any(item.word("sales") for _, item in self.draft.nouns):
            raise Unplaced("sales")  # how many they are, or what they brought in
        if not numeric and self.named and "much" not in self.draft.aggregates:
            return self._count(base, [])  # "total open deals" counts them
        return self._measured(base, "sum", numeric)

    def _count(self, base: Frame, numeric: list[Wanted]) -> Frame:
        if numeric and not self.draft.distinct and len(self.wants) == 1:
            if numeric[0].spec.type == "number" and numeric[0].spec.integer:
                return self._measured(base, "sum", numeric)
            raise Unplaced(numeric[0].spec.label)
        if len(self.wants) == 1 and (not self.named or self.draft.distinct or self._counts_values()):
            return replace(base, shape="measure", measure=Measure(fn="count_distinct", field=self.wants[0].path))
        if self.wants:
            raise Unplaced(*(want.spec.label for want in self.wants))
        return replace(base, shape="count")

    def _counts_values(self) -> bool:
        """ "how many countries do we have customers in": the counted noun is the field."""
        nouns = [at for at, item in self.draft.nouns if self.draft.head is None or at > self.draft.head]
        return bool(nouns) and min(nouns) == self.wants[0].at

    def _measured(self, base: Frame, fn: str, numeric: list[Wanted]) -> Frame:
        if len(self.wants) > 1 or (self.wants and not numeric):
            raise Unplaced(*(want.spec.label for want in self.wants))
        spec = numeric[0].spec if numeric else paths.main_measure(self.spec)
        if spec is None or (not numeric and not (self.named or base.terms)):
            raise Unplaced(fn)
        self.cost += 0.0 if numeric else 0.2
        path = numeric[0].path if numeric else spec.name
        if "." in path:
            raise Unplaced(spec.label)
        return replace(base, shape="measure", measure=Measure.model_validate({"fn": fn, "field": path}))

    def _list(self, base: Frame) -> Frame:
        if not (self.named or base.terms):
            raise Unplaced(*(want.spec.label for want in self.wants))
        if not self.named and self.wants and not any(tag in self.draft.asks for tag in ("who", "when", "where")):
            return self._values(base)
        if not self.named and "what" in self.draft.asks and not self.wants:
            self.cost += 0.5
        return replace(base, asked=tuple(want.path for want in self.wants))

    def _values(self, base: Frame) -> Frame:
        """Which products were sold to ...: the values of a field, each with its count."""
        want = self.wants[0]
        if len(self.wants) > 1:
            raise Unplaced(*(one.spec.label for one in self.wants))
        return replace(base, shape="groups", groups=(Group(field=want.path),), ranked=False, limit=None)

    # rankings and groups

    def _ranked(self, base: Frame) -> Frame:
        """Records in an order: the 5 biggest deals; companies by revenue; the latest meeting."""
        ranking, sort = self.draft.ranking, self.draft.sort
        if ranking is None:
            field, descending, count = self._sort_field(sort.item if sort else None), True, None
        else:
            field, descending, count = self._ranking_field(), ranking.descending, ranking.count
        if self.draft.aggregates and self.draft.aggregates != ["max"]:
            raise Unplaced(*self.draft.aggregates)
        default = self._one_or_many() if ranking else None
        return replace(base, sort=field, descending=descending, ranked=ranking is not None, limit=count or default,
                       asked=tuple(want.path for want in self.wants if want.path != field))  # fmt: skip

    def _sort_field(self, item: Item | None) -> str:
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is None:
            raise Unplaced(item.text if item else "sort")
        return own

    def _ranking_field(self) -> str:
        ranking = self.draft.ranking
        assert ranking is not None
        if ranking.by is not None and fields_of(ranking.by):
            return self._sort_field(ranking.by)
        if ranking.sort == "time":
            return self._time_field()
        numeric = [want for want in self.wants if want.spec.type in _NUMERIC and "." not in want.path]
        main = numeric[0].spec if numeric else paths.main_measure(self.spec)
        if main is None or ranking.sort == "most" or (ranking.sort == "rank" and not numeric and ranking.count is None):
            raise Unplaced(self.draft.items[ranking.at].text)
        return main.name

    def _time_field(self) -> str:
        dated = [want for want in self.wants if want.spec.type in ("date", "datetime") and "." not in want.path]
        name = dated[0].path if dated else self.spec.date_field
        if not name:
            raise Unplaced("latest")
        return name

    def _one_or_many(self) -> int:
        """One record for a singular noun ("the biggest deal"), ten for a plural one."""
        for _, item in self.draft.nouns:
            if self.target in objects_of(item):
                return 10 if item.text.lower().endswith(("s", "people")) else 1
        return 1

    def _grouped(self, base: Frame) -> Frame:
        ranking = self.ranking
        if ranking is not None and ranking.by is not None:
            self._ranked_measure(ranking.by)
        shaped = self._plain_measure(base)
        frame = self._groups(shaped)
        if self.draft.bounds:
            bound = self.draft.bounds[0]
            if len(self.draft.bounds) > 1:
                raise Unplaced(bound.noun.text)
            frame = replace(frame, having=Having(bound.op, bound.low, bound.high))
        return frame

    def _ranked_measure(self, item: Item) -> None:
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is not None and not any(want.path == own for want in self.wants):
            spec = self._field(own)
            if spec.type in _NUMERIC:
                self.wants.append(Wanted(own, spec, self.ranking.at if self.ranking else 0))

    def _plain_measure(self, base: Frame) -> Frame:
        """What is measured in each group: a count unless a number is asked."""
        numeric = [want for want in self.wants if want.spec.type in _NUMERIC]
        if len(numeric) != len(self.wants):
            raise Unplaced(*(want.spec.label for want in self.wants if want not in numeric))
        fn = next((fn for fn in ("avg", "min", "max") if fn in self.draft.aggregates), None)
        if fn or numeric or "much" in self.draft.aggregates:
            return replace(self._measured(base, fn or "sum", numeric), shape="groups")
        return replace(base, shape="groups")

    def _groups(self, frame: Frame) -> Frame:
        groups = [self._group_path(item, bucket) for item, bucket in self._group_items()]
        ranking = self.ranking
        if not groups and ranking is not None:
            raise Unplaced(self.draft.items[ranking.at].text)
        limit = ranking.count or (1 if self._singular() else 10) if ranking else None
        shape: Shape = frame.shape if frame.shape == "rate" else "groups" if groups else frame.shape
        return replace(frame, shape=shape, groups=tuple(dict.fromkeys(groups)), ranked=ranking is not None, limit=limit,
                       descending=ranking.descending if ranking else True)  # fmt: skip

    def _group_items(self) -> list[tuple[Item | None, str | None]]:
        own: list[tuple[Item | None, str | None]] = [(self.grouped, None)] if self.grouped else []
        return own + [(group.item, group.bucket) for group in self.draft.groups]

    def _singular(self) -> bool:
        words = [item.text.lower() for item, _ in self._group_items() if item is not None]
        return not (words and words[0].endswith(("s", "people")))

    def _group_path(self, item: Item | None, bucket: str | None) -> Group:
        if item is None:
            name = self.spec.date_field
            if not name:
                raise Unplaced(bucket or "")
            return Group.model_validate({"field": name, "bucket": bucket})
        path = self.group_path(item)
        if path is None:
            raise Unplaced(item.text)
        spec = self.spec.field(path)
        return Group(field=path, bucket="month") if spec and spec.type in ("date", "datetime") else Group(field=path)

    def group_path(self, item: Item) -> str | None:
        """The path to group by: a field of the object, a link, or a field over a link."""
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is not None:
            return own
        for name in objects_of(item):
            links = paths.links_to(self.catalog, self.target, name)
            if links:
                return links[0][0]
        for way in self.narrow.ways:
            for word in fields_of(item):
                if way.object == word.object and way.relation is None:
                    self.cost += way.cost * 0.3
                    return f"{way.prefix}{word.field}"
        return None
