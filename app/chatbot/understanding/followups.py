"""Follow-ups: a question that leans on the one before keeps, narrows or swaps parts of its frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.chatbot.types import Context
from app.chatbot.understanding import paths
from app.chatbot.understanding.attempt import Attempt, attempt, head_noun
from app.chatbot.understanding.clauses import Ambiguous, Unplaced
from app.chatbot.understanding.draft import Draft, Mention, fields_of, is_plural, objects_of
from app.chatbot.understanding.frame import Frame, Term
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, Item, PeriodWord
from app.chatbot.understanding.resolve import Resolver
from app.shared.contract import Condition, Measure, Ref

_ASKING = (["what"], ["who"], ["when"], ["where"], ["which"])
_USERS = ("users",)
_PERSON = frozenset("he she his her him hers".split())


def leans(draft: Draft) -> bool:
    """Whether the question says by a word that it goes on from the one before: "and ...", "what about", "those"."""
    first = draft.items[0] if draft.items else None
    opened = first is not None and (first.word("again") is not None)
    return opened or any(kind == "many" for _, kind in draft.pronouns)


def is_fragment(draft: Draft) -> bool:
    """Whether it is no question by itself: "in 2025?", "by owner", "Lost?"."""
    nouns = any(objects_of(item) for _, item in draft.nouns)
    bare = not draft.mentions and not draft.times and not draft.compares and not draft.presences and not draft.me
    return not nouns and (bare or not (draft.aggregates or draft.ranking or draft.compares))


def goes_on(draft: Draft) -> bool:
    return leans(draft) or is_fragment(draft)


def lacks_year(draft: Draft) -> bool:
    """Whether a month, quarter or day is named without its year."""
    return any(period.yearless for item in draft.items for period in item.of(PeriodWord))


def year_of(frame: Frame) -> int | None:
    """The one year that the periods of a frame lie in, where it was said rather than assumed."""
    periods = [term.period for term in (*frame.terms, *frame.versus) if term.period and not term.period.yearless]
    years = {day.year for one in periods for day in (one.first, one.after and one.after - timedelta(1)) if day}
    return years.pop() if len(years) == 1 else None


def settle_pronouns(draft: Draft, base: Frame | None, context: Context, persons: tuple[str, ...] = ()) -> bool:
    """Puts the record that "it" or "she" stands for in its place. False: nothing is known that it could be.

    `persons`: the objects whose records are people, so that "she" is none of the others.
    """
    left = []
    for at, kind in draft.pronouns:
        if kind == "many" and _own_noun(draft, at):
            continue
        is_person = draft.items[at].text.lower() in _PERSON
        wanted = (*persons, *_USERS) if is_person else ()
        leans = kind == "one" or (base is not None and base.shape == "lookup")
        record = _referent(base, context, wanted) if leans else None
        if record is not None:
            draft.mentions.append(Mention(at, _named(draft.items[at], record), (record,)))
        else:
            left.append((at, kind))
    draft.pronouns = left
    return not any(kind == "one" for _, kind in left)


def lean_on_view(draft: Draft, base: Frame | None, context: Context) -> None:
    """ "Who is the contact?" on a deal's page asks for that deal's: nothing else says whose."""
    record = context.record
    if record is None or (base is not None and base.record is not None) or draft.aggregates:
        return
    if not draft.items or draft.items[0].text.lower().split()[:1] not in _ASKING or draft.mentions:
        return
    if draft.times or draft.compares or draft.me or draft.groups:
        return
    if draft.pronouns or draft.presences or draft.ranking or draft.sort or draft.late or draft.bounds:
        return
    head = head_noun(draft)
    own = [word for word in fields_of(head) if word.exact and word.object == record.object]
    if head is None or is_plural(head) or not own:
        return
    seen = EntityWord(record.object, record.id, record.label)
    draft.items.append(Item(record.label, head.end, head.end, (seen,)))
    draft.taken.append(True)
    draft.mentions.append(Mention(len(draft.items) - 1, draft.items[-1], (seen,)))


def _own_noun(draft: Draft, at: int) -> bool:
    """ "companies and their employees": the pronoun stands for a noun of the same question."""
    return draft.items[at].text.lower() == "their" and any(
        objects_of(item) for place, item in draft.nouns if place < at
    )


def _named(item: Item, record: EntityWord) -> Item:
    return replace(item, meanings=(record,))


def _referent(base: Frame | None, context: Context, persons: tuple[str, ...] = ()) -> EntityWord | None:
    """What was asked about last, was told, was named, or is in view; `persons`: none but a record of these objects."""
    named = [term.entity for term in base.terms if term.entity] if base is not None else []
    ref: Ref | None = context.record
    seen = EntityWord(ref.object, ref.id, ref.label) if ref else None
    found = [
        base.record if base is not None else None,
        _only_citation(context, persons),
        named[0] if len(named) == 1 else None,
    ]
    for one in [*found, seen if not named or persons else None]:
        if one is not None and (not persons or one.object in persons):
            return one
    return None


def _only_citation(context: Context, persons: tuple[str, ...] = ()) -> EntityWord | None:
    """The one record that the last answer was about; or the one person among those that it named."""
    cited = context.history[-1].answer.get("citations") if context.history else None
    found = [_cited(one) for one in cited] if isinstance(cited, list | tuple) else []
    fitting = [one for one in found if one is not None and (not persons or one.object in persons)]
    if not persons:  # "it" is the deal, not its owner, whom the answer names beside it
        fitting = [one for one in fitting if one.object not in _USERS] or fitting
    return fitting[0] if len(fitting) == 1 else None


def _cited(one: object) -> EntityWord | None:
    if isinstance(one, Ref):
        return EntityWord(one.object, one.id, one.label)
    return EntityWord(str(one["object"]), int(one["id"]), str(one["label"])) if isinstance(one, dict) else None


def follow(lexicon: Lexicon, draft: Draft, base: Frame) -> Attempt:
    """The frame of the question before, changed by this one."""
    if base.record is not None:
        swapped = _other_record(draft, base)
        if swapped is not None:
            return Attempt(swapped)
    moved = _moved(lexicon, draft, base)
    base = moved or base
    if draft.aggregates == ["share"] and base.groups and base.shape == "groups" and not _narrows(draft):
        return Attempt(replace(base, shape="share", ranked=False, limit=None, notes=()))  # "as a percentage"
    compared, draft.versus = draft.versus, draft.versus and _has_sides(draft)
    resolver = Resolver(lexicon, draft, base.object)
    resolver.named = True
    try:
        own = resolver.frame()
        if compared and not own.versus:
            own = _against(base, own)
        return Attempt(_merged(draft, base, own))
    except Unplaced as reason:
        return Attempt(unread=tuple(reason.texts))
    except Ambiguous as reason:
        return Attempt(ambiguous=reason)


def _narrows(draft: Draft) -> bool:
    return bool(draft.mentions or draft.times or draft.compares or draft.nouns or draft.me or draft.groups)


def _has_sides(draft: Draft) -> bool:
    """Whether a comparison names both of its sides."""
    return len(draft.times) > 1 or len(draft.mentions) > 1


def _against(base: Frame, own: Frame) -> Frame:
    """ "compared to Q1": the other side is the one of the question before. Raises Unplaced where there is none."""
    if len(own.terms) != 1:
        raise Unplaced("compare")
    side = own.terms[0]
    other = [term for term in base.terms if term.slot == side.slot and bool(term.period) == bool(side.period)]
    if len(other) != 1:
        raise Unplaced("compare")
    return replace(own, terms=(), versus=(other[0], side), shape="count" if base.shape == "list" else own.shape)


def _moved(lexicon: Lexicon, draft: Draft, base: Frame) -> Frame | None:
    """ "How many deals do they have?" after a list of companies: the deals of those companies."""
    if not any(kind == "many" for _, kind in draft.pronouns):
        return None
    head = head_noun(draft)
    for name in objects_of(head):
        if name == base.object:
            return None
    for name in objects_of(head):
        links = [path for path, cost in paths.links_to(lexicon.catalog, name, base.object) if cost < 2]
        if links and all(isinstance(term.filter, Condition) for term in base.terms):
            return Frame(name, "list", tuple(_under(links[0], term) for term in base.terms))
    return None


def _under(link: str, term: Term) -> Term:
    """A condition on a record as one on the records that link to it."""
    path = link if term.slot == "id" else f"{link}.{term.slot}"
    return replace(term, filter=term.filter.model_copy(update={"field": path}), slot=path)


def _other_record(draft: Draft, base: Frame) -> Frame | None:
    """ "And Betatech?" after a question about one record asks the same of another one."""
    if len(draft.mentions) != 1 or draft.nouns or draft.times or draft.groups or draft.aggregates:
        return None
    found = [one for one in draft.mentions[0].meanings if isinstance(one, EntityWord) and one.object == base.object]
    if len(found) != 1:
        return None
    term = replace(base.terms[0], label=found[0].label, entity=found[0])
    filter_ = term.filter.model_copy(update={"value": found[0].id})
    return replace(base, record=found[0], terms=(replace(term, filter=filter_),))


def _merged(draft: Draft, base: Frame, own: Frame) -> Frame:
    pronouns = [draft.items[at].text.lower() for at, kind in draft.pronouns if kind == "many"]
    narrows = any(text != "ones" for text in pronouns)  # "what about won ones" asks for others, "of those" for a part
    terms = _terms(base.terms, own.terms, narrows)
    kept = replace(base, terms=terms, notes=own.notes, record=None, yes_no=False)
    if own.versus:
        kept = replace(kept, versus=own.versus, terms=tuple(term for term in terms if term.slot != own.versus[0].slot))
    elif base.versus and any(term.slot == base.versus[0].slot for term in own.terms):
        kept = replace(kept, versus=())
    if base.shape == "lookup":
        kept = replace(kept, shape="list", asked=())
    return _shaped(draft, kept, own)


def _terms(base: tuple[Term, ...], own: tuple[Term, ...], narrows: bool) -> tuple[Term, ...]:
    slots = set() if narrows else {term.slot for term in own}
    return (*(term for term in base if term.slot not in slots), *own)


def _shaped(draft: Draft, kept: Frame, own: Frame) -> Frame:
    """The shape of the new question where it has one of its own; else the one before goes on."""
    if own.groups:
        measure = own.measure if draft.aggregates or own.measure != Measure() else kept.measure
        shape = kept.shape if kept.shape == "rate" and own.shape == "groups" and measure == Measure() else own.shape
        return replace(kept, shape=shape, groups=own.groups, measure=measure, ranked=own.ranked, limit=own.limit,
                       descending=own.descending, having=own.having, sort=None)  # fmt: skip
    if own.shape in ("measure", "median", "rate", "share") or "count" in draft.aggregates:
        measure = own.measure
        if own.shape in ("measure", "median") and not draft.nouns and kept.measure.field:
            measure = kept.measure.model_copy(update={"fn": own.measure.fn})
        return replace(
            kept, shape=own.shape, measure=measure, groups=(), sort=None, limit=None, ranked=False, part=own.part
        )
    ranking = draft.ranking
    if kept.groups and (draft.sorts or (draft.order and draft.sort is None)) and not draft.nouns:
        descending = ranking.descending if draft.sorts and ranking else draft.order == "desc"
        return replace(kept, descending=descending, ranked=kept.ranked or bool(kept.groups[0].bucket))
    if draft.order and not own.sort and kept.sort:
        return replace(kept, descending=draft.order == "desc")
    if ranking is not None and ranking.by is None and ranking.count and (kept.groups or ranking.sort == "time"):
        if kept.groups:
            descending = kept.descending if ranking.sort == "time" else ranking.descending
            return replace(kept, ranked=True, limit=ranking.count, descending=descending)
        return replace(kept, shape="list", limit=ranking.count)
    if own.sort:
        return replace(kept, shape="list", groups=(), sort=own.sort, descending=own.descending, limit=own.limit,
                       ranked=own.ranked, asked=own.asked)  # fmt: skip
    lists = any(tag in draft.asks for tag in ("which", "who", "list")) and not _again(draft)
    if lists or own.asked:
        return replace(kept, shape="list", groups=(), measure=Measure(), asked=own.asked)
    return kept


def _again(draft: Draft) -> bool:
    return bool(draft.items) and draft.items[0].text.lower() in ("what about", "how about")


__all__ = ["attempt", "follow", "is_fragment", "leans", "settle_pronouns"]
