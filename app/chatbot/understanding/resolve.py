"""A draft and the object that it may ask about, made into a frame, with what the fit costs."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding import causes, combine, paths, periods, states
from app.chatbot.understanding.clauses import Ambiguous, Unplaced, Unsettled
from app.chatbot.understanding.draft import is_plural
from app.chatbot.understanding.frame import Frame, Term, condition
from app.chatbot.understanding.meanings import EntityWord, KindWord
from app.chatbot.understanding.nouns import NUMERIC, Wanted
from app.chatbot.understanding.places import names_records
from app.chatbot.understanding.ranking import Ranking
from app.chatbot.understanding.text import words_of


class Resolver(Ranking):
    """Reads a draft as a question about one object. `grouped`: the item whose groups are listed ("which owner ...")."""

    def frame(self) -> Frame:
        """Raises Unplaced or Ambiguous where the draft doesn't fit the object."""
        for at, item in self.draft.nouns:
            if item is not self.grouped and self._opens_clause(at, item):
                self._noun(at, item)
        terms = self.narrow.build()
        for at, item in [*self.draft.nouns, *self.narrow.late_nouns]:
            if item is not self.grouped and at not in self.narrow.places.bound and not self._opens_clause(at, item):
                self._noun(at, item)
        self.named = self.named or self._called()
        self._question_words()
        terms, versus = combine.versus(self.draft, combine.merge(self.draft, terms))
        terms += self._modifier_terms(terms)
        part = tuple(term for term in terms if self.draft.share_from is not None and term.at >= self.draft.share_from)
        self._check_entered(terms)
        if self.draft.gap and len(versus) != 2:
            raise Unplaced("by how much")
        terms += self._told_by_tense(terms)
        terms += causes.terms(self.lexicon, self.draft, self.target)
        base = Frame(self.target, "list", gap=self.draft.gap, today=self.draft.today,
                     terms=tuple(term for term in terms if term not in part), versus=versus, part=part,
                     notes=tuple(self.narrow.notes), yes_no=self.draft.yes_no)  # fmt: skip
        frame = self._of_its_kind(self._shaped(base))
        self.cost += self.narrow.cost + sum(want.cost for want in self.wants) + (0.0 if self.named else 1.0)
        return frame

    def _of_its_kind(self, frame: Frame) -> Frame:
        """Lost reasons are of what is lost: what is grouped by a field of one kind of stage alone is of that kind."""
        stage = paths.kind_field(self.spec)
        if stage is None or any(term.slot == stage.name for term in (*frame.terms, *frame.versus, *frame.part)):
            return frame
        fields = [field for group in frame.groups if (field := self.spec.field(group.field))]
        said = {word for field in fields for word in words_of(field.label)}
        kinds = [kind for kind in ("won", "lost") if kind in said]
        if len(kinds) != 1:
            return frame
        slot, op, value = self.narrow.places.kind(self.target, KindWord((kinds[0],)))
        return replace(frame, terms=(*frame.terms, Term(condition(slot, op, value), slot, kinds[0], kind=True)))

    def _called(self) -> bool:
        """Whether a value stands for the asked records: "meetings"."""
        first = min((at for at, _ in self.draft.nouns), default=len(self.draft.items))
        called = [mention for mention in self.draft.mentions if is_plural(mention.item) and mention.at < first]
        meanings = [one for mention in called for one in mention.meanings]
        return any(names_records(self.catalog, one) and one.object == self.target for one in meanings)  # type: ignore[union-attr]

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
            return self._facts(base, record)
        if self.draft.elapsed:
            raise Unsettled("how long")
        alone = self._by_itself(base) if self.draft.groups else None
        if alone is not None:
            return alone
        if self.draft.groups or self.grouped is not None:
            return self._grouped(self._extremes(base))
        if self.draft.coming is not None and not self.draft.aggregates and self.draft.ranking is None:
            return self._next(base)
        if self.draft.ranking is not None or self.draft.sort is not None:
            return self._ranked(base)
        return self._plain(base)

    def _check_entered(self, terms: list[Term]) -> None:
        """ "What did we do with Acme last week" isn't when Acme was entered. Raises Unplaced."""
        named = any(term.slot == "id" and not term.negated for term in terms)
        said = {time.at for time in self.draft.times if time.fields}
        for term in terms if named else ():
            field = self.spec.field(term.slot)
            if term.at not in said and term.period is not None and field is not None and field.read_only:
                raise Unplaced(term.period.label)

    def _told_by_tense(self, terms: list[Term]) -> list[Term]:
        """ "How many calls did we make": those that took place. "Tasks due next week": those that are still to do."""
        named = {term.slot for term in terms}
        if self.draft.ranking is None and self.draft.coming is None and states.is_bygone(self.draft, self.spec, named):
            label = f"until {periods.day(self.draft.today).label}"
            return states.bygone_terms(self.draft, self.spec, terms, label)
        return states.ahead_terms(self.draft, self.spec, terms)

    def _facts(self, base: Frame, record: EntityWord) -> Frame:
        """What is asked of one record; of a date how long ago it is, or how far ahead."""
        if self.draft.elapsed:
            dated = [want for want in self.wants if want.spec.type in ("date", "datetime")]
            entered = any(one.type in ("email", "phone", "url") for one in self.spec.fields)
            if len(dated) != 1 or len(self.wants) != 1 or (entered and dated[0].spec.read_only):
                raise Unsettled("how long")  # how old somebody is isn't told by when they were entered
        asked = tuple(want.path for want in self.wants)
        towns = self._towns() if "where" in self.draft.asks and not self.draft.elapsed else ()
        asked = tuple(dict.fromkeys((*towns, *asked)))
        return replace(base, shape="lookup", record=record, asked=asked, elapsed=self.draft.elapsed, brief=bool(towns))

    def _towns(self) -> tuple[str, ...]:
        """Where somebody is, is told by the town too."""
        return tuple(word.field for word in self.lexicon.vocabulary.towns() if word.object == self.target)

    def _share(self, base: Frame) -> Frame:
        if self.draft.groups and self.grouped is None:
            return self._shares(base)
        numeric = [want for want in self.wants if want.spec.type in NUMERIC]
        if len(numeric) == len(self.wants) == 1 and not self.draft.ranking and not self.draft.groups:
            return self._share_of_sum(base, numeric)
        if self.wants or self.draft.groups or self.draft.ranking:
            raise Unplaced("share")
        verb = self.draft.items[self.draft.share_from].text.lower() if self.draft.share_from is not None else ""
        if verb.startswith(("did", "do")) and any(term.entity for term in base.part):
            raise Unplaced("share")  # of all such records, or of those of this one? it can't be told
        if not base.part:
            if not base.terms:
                raise Unplaced("share")
            base = self._divided(base)
        dated = tuple(term for term in base.part if term.period)
        if dated and len(dated) < len(
            base.part
        ):  # the period holds for the whole too: of the deals of 2025, those lost
            part = tuple(term for term in base.part if not term.period)
            base = replace(base, part=part, terms=(*base.terms, *dated))
        return replace(base, shape="share")

    def _share_of_sum(self, base: Frame, numeric: list[Wanted]) -> Frame:
        """ "Share of won revenue from retail": which part of what they all add up to. One condition that isn't a stage
        or a time is the part; of several it can't be told."""
        terms = (*base.terms, *base.part)
        part = tuple(term for term in terms if not term.kind and not term.period)
        if len(part) != 1 or base.versus or self.draft.bounds:
            raise Unsettled("share")
        whole = replace(base, terms=tuple(term for term in terms if term not in part), part=())
        said = self.draft.items[numeric[0].at].text.lower() if numeric[0].at < len(self.draft.items) else ""
        if said == "revenue" and not any(term.kind for term in whole.terms):
            raise Unsettled(said)  # theirs, or what we won?
        return replace(self._measured(whole, "sum", numeric), shape="share", part=part)

    def _shares(self, base: Frame) -> Frame:
        """The part of each group: "share of won amount by product". Of won or lost records counted by owner it can't be
        told whether the part of all of them is meant, or of each owner's own."""
        numeric = [want for want in self.wants if want.spec.type in NUMERIC]
        if (
            self.draft.ranking
            or self.draft.bounds
            or base.versus
            or len(numeric) != len(self.wants)
            or len(numeric) > 1
        ):
            raise Unplaced("share")
        decided = any(term.kind and term.label != "open" for term in (*base.terms, *base.part))
        if decided and not numeric and not self._of_all():
            self._offer_shares(base)
        whole = replace(base, terms=(*base.terms, *base.part), part=())
        measured = self._measured(whole, "sum", numeric) if numeric else whole
        return self._groups(replace(measured, shape="share"))

    def _of_all(self) -> bool:
        """ "Share of all won deals by owner": the part of all of them."""
        after = self.draft.item(self.draft.share_at + 1)
        return after is not None and after.text.lower().split()[0] == "all"

    def _offer_shares(self, base: Frame) -> None:
        """Raises Ambiguous with both readings, where nothing else is asked."""
        kinds = {term.label for term in (*base.terms, *base.part)}
        item = self.draft.groups[0].item
        if kinds != {"won"} or len(self.draft.groups) != 1 or item is None:
            raise Unsettled("share")
        many, by = self.spec.label.lower(), item.text.lower()
        whole = (f"share of all won {many} by {by}", f"win rate by {by}")
        raise Ambiguous(self.draft.items[self.draft.share_at].text, (), whole)

    def _divided(self, base: Frame) -> Frame:
        """Without a verb: "Anna's share of won deals"; "the share of open deals". Of two conditions it can't be told
        which one is the part, and which one the whole."""
        own = tuple(term for term in base.terms if term.at < self.draft.share_at and not term.period)
        plain = [term for term in base.terms if not term.period]
        if own:
            return replace(base, part=own, terms=tuple(term for term in base.terms if term not in own))
        if len(plain) > 1:
            raise Unsettled("share")
        return replace(base, part=base.terms, terms=())

    def _record(self, base: Frame) -> EntityWord | None:
        """The one record that is asked about: a name alone, or with fields of its own."""
        if len(base.terms) != 1 or base.versus or self.draft.ranking or self.draft.groups or base.part:
            return None
        term = base.terms[0]
        if (
            term.slot != "id"
            or term.negated
            or any(tag in ("avg", "min", "max", "median", "weighted") for tag in self.draft.aggregates)
        ):
            return None
        if self.draft.aggregates and not all(want.spec.type in NUMERIC for want in self.wants):
            return None
        if self.draft.aggregates and not self.wants:
            return None
        mention = next((one for one in self.draft.mentions if one.at == term.at), None)
        found = (
            [one for one in mention.meanings if isinstance(one, EntityWord) and one.object == self.target]
            if mention
            else []
        )
        return found[0] if found else None
