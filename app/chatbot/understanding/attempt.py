"""A draft to the frame that fits it best. Every word with a meaning is placed, or the first that isn't is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.chatbot.understanding import causes, pairs, paths, pipeline, plain, spoken, states
from app.chatbot.understanding.clauses import Ambiguous, Unplaced, Unsettled
from app.chatbot.understanding.comparisons import Comparisons
from app.chatbot.understanding.draft import Draft, fields_of, is_content, is_filler, is_plural, objects_of
from app.chatbot.understanding.frame import Frame, Term
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import (
    EntityWord,
    FieldWord,
    InverseWord,
    Item,
    KindWord,
    Meaning,
    ObjectWord,
    ValueWord,
)
from app.chatbot.understanding.mentions import Mentions
from app.chatbot.understanding.places import names_records
from app.chatbot.understanding.resolve import Resolver
from app.chatbot.understanding.shape import Shapes
from app.chatbot.understanding.tagging import tag, valued
from app.chatbot.understanding.text import tokens
from app.chatbot.understanding.times import Moment, Times
from app.chatbot.understanding.vocabulary import is_join
from app.shared.contract import ObjectSpec

_TIE = 0.25  # frames about different objects this close to each other are a toss-up
_YES_NO = frozenset("is are was were does do did has have any".split())


@dataclass(slots=True)
class Attempt:
    """The best frame found, or why there is none."""

    frame: Frame | None = None
    rivals: tuple[Frame, ...] = ()
    unread: tuple[str, ...] = ()
    ambiguous: Ambiguous | None = None
    kept: tuple[Term, ...] = ()  # conditions of the question before that hold on, though this one could stand alone


def draft_of(lexicon: Lexicon, question: str, moment: Moment, year: int | None = None) -> Draft:
    """Everything that the scanners find in a question. `year`: of months and quarters that are named without one."""
    today = moment.day
    words = tokens(pipeline.spelled_out(lexicon.catalog, spoken.spelled_out(lexicon.catalog, plain.said(question))))
    items = valued(lexicon, pairs.apart(tag(lexicon, words, today, year)))
    draft = Draft(items, [False] * len(items), today=today, moment=moment.value)
    draft.yes_no = bool(words) and words[0].key in _YES_NO and not _asks_more(items)
    causes.scan(draft)
    Comparisons(lexicon.catalog, draft).scan()
    Times(lexicon.catalog, draft, today).scan()
    states.scan(draft)
    Shapes(lexicon.catalog, draft).scan()
    Mentions(draft).scan()
    _bound_sum(lexicon, draft)
    return draft


def _bound_sum(lexicon: Lexicon, draft: Draft) -> None:
    """ "companies with won amount over 100k": where the staged records aren't named, what they add up to is bounded."""
    staged = [name for name, spec in lexicon.catalog.objects.items() if paths.kind_field(spec)]
    named = any(set(staged) & set(objects_of(item)) for item in draft.items)
    head = head_noun(draft)
    others = [name for name in objects_of(head) if name not in staged] or "who" in draft.asks or fields_of(head)
    if len(draft.compares) != 1 or named or not others or draft.bounds or draft.groups or not _speaks_of_kinds(draft):
        return
    compare = draft.compares[0]
    if all(_is_amount(lexicon, staged, word) for word in compare.fields) or not compare.fields:
        if compare.fields and not any(word.object in staged for word in compare.fields):
            return
        draft.sum_bound, draft.compares = compare, []


def _is_amount(lexicon: Lexicon, staged: list[str], word: FieldWord) -> bool:
    spec = lexicon.catalog[word.object].field(word.field)
    return spec is not None and spec.type == "money" and (word.object in staged or not word.exact)


def _asks_more(items: Sequence[Item]) -> bool:
    tags = ("count", "much", "who", "where", "when", "which", "what", "avg", "rate", "share", "list")
    return any(item.word(*tags) for item in items[1:] if not is_content(item))


def unknown(draft: Draft) -> tuple[str, ...]:
    """The words that nothing knows, or that nothing has used."""
    left = list(draft.doubts)
    last = draft.items[-1] if draft.items else None
    if last is not None and not draft.taken[-1] and last.word("cmp", "without", "between", "not"):
        left.append(last.text)  # "companies with over": something was to follow
    if any(item.text.lower() == "how often" for item in draft.items) and _speaks_of_kinds(draft):
        left.append("how often")  # a count, or a rate
    for _, item in draft.untaken():
        if not item.known or not is_filler(
            item, "and", "or", "from", "to", "not_used", "us", "again", "between", "with", "this", "vs"
        ):
            left.append(item.text)
    return tuple(left)


def _speaks_of_kinds(draft: Draft) -> bool:
    return any(isinstance(one, KindWord) for mention in draft.mentions for one in mention.meanings)


def attempt(lexicon: Lexicon, draft: Draft) -> Attempt:
    """The cheapest frame over every object that the draft may ask about."""
    left = unknown(draft)
    if left:
        return Attempt(unread=left)
    found: list[tuple[float, Frame]] = []
    unplaced: list[Unplaced] = []
    ambiguous: list[tuple[float, Ambiguous]] = []
    for target, grouped, extra in candidates(lexicon, draft):
        resolver = Resolver(lexicon, draft, target, grouped)
        try:
            frame = resolver.frame()
        except Unplaced as reason:
            if isinstance(reason, Unsettled) and extra < _TIE:
                return Attempt(unread=tuple(reason.texts))
            unplaced.append(reason)
        except Ambiguous as reason:
            ambiguous.append((extra, reason))
        else:
            found.append((resolver.cost + extra, frame))
    return _choose(found, unplaced, ambiguous)


def _choose(
    found: list[tuple[float, Frame]], unplaced: list[Unplaced], ambiguous: list[tuple[float, Ambiguous]]
) -> Attempt:  # fmt: skip
    """The cheapest; but where the likeliest object leaves a choice open, that is asked rather than passed over."""
    doubt = min(ambiguous, key=lambda pair: pair[0], default=None)
    if doubt is not None and (not found or doubt[0] < min(cost for cost, _ in found) - 1.0):
        return Attempt(unread=(), ambiguous=doubt[1])
    if not found:
        texts = min((reason.texts for reason in unplaced), key=len, default=())
        return Attempt(unread=tuple(texts))
    found.sort(key=lambda pair: pair[0])
    best, frame = found[0]
    rivals = tuple(other for cost, other in found[1:] if cost < best + _TIE and _differs(frame, other))
    return Attempt(None if rivals else frame, (frame, *rivals) if rivals else ())


def _differs(one: Frame, other: Frame) -> bool:
    return (one.object, one.shape, one.groups, one.measure) != (other.object, other.shape, other.groups, other.measure)


def candidates(lexicon: Lexicon, draft: Draft) -> list[tuple[str, Item | None, float]]:
    """(object, the noun whose groups are listed, extra cost) of every way to take the question."""
    head = head_noun(draft)
    plain = dict.fromkeys(_called(lexicon, draft, head) or objects_of(head), 0.0)
    for name in _implied(lexicon, draft):
        plain.setdefault(name, _extra(lexicon, head, name))
    if not plain:  # a user's name alone
        plain = {
            one.object: 0.0 for mention in draft.mentions for one in mention.meanings if isinstance(one, EntityWord)
        }
    roles = any(is_join(lexicon.catalog, one) for mention in draft.mentions for one in mention.meanings)
    if roles and not any(objects_of(item) for _, item in draft.nouns):
        plain = dict.fromkeys(lexicon.vocabulary.persons(), 0.0)
    for name in _facts(draft, head):
        plain = {other: extra + (0.0 if other == name else 1.0) for other, extra in plain.items()} | {name: 0.0}
    found: list[tuple[str, Item | None, float]] = []
    for name, extra in plain.items():
        listed = _grouped(lexicon, draft, head, name)
        found += listed
        if not draft.bounds and draft.sum_bound is None and not _ranks_groups(lexicon, draft, name):
            found.append((name, None, extra + (1.0 if listed else 0.0)))
    return [entry for entry in found if entry[0] in lexicon.catalog.objects]


def _called(lexicon: Lexicon, draft: Draft, head: Item | None) -> list[str]:
    """ "Meetings with retail companies": a value that records are called by, before any other noun."""
    first = min((at for at, _ in draft.nouns), default=len(draft.items))
    for mention in draft.mentions:
        values = [one for one in mention.meanings if names_records(lexicon.catalog, one)]
        alone = is_plural(mention.item) and not fields_of(mention.item) and not mention.negated
        if values and alone and mention.at < first and head is not None and not draft.groups and not draft.ranking:
            return [values[0].object]  # type: ignore[union-attr]
    return []


def _facts(draft: Draft, head: Item | None) -> list[str]:
    """ "The contact for Austin floors": a field of the record that is named, though others are called so too."""
    if head is None or is_plural(head) or not objects_of(head) or draft.aggregates or draft.ranking:
        return []
    named = {one.object for mention in draft.mentions for one in mention.meanings if isinstance(one, EntityWord)}
    return [word.object for word in fields_of(head) if word.exact and word.object in named][:1]


def _extra(lexicon: Lexicon, head: Item | None, name: str) -> float:
    """What it costs to ask about another object than the one that is asked for by its noun.

    "The owner of the Ferry tender" is a fact of the deal, though an owner is a user, who is asked about here and there.
    """
    supports = all(lexicon.catalog[one].support for one in objects_of(head))
    if head is not None and supports and any(word.object == name for word in fields_of(head)):
        return 0.4
    return (2.0 if objects_of(head) else 0.0) + (0.6 if lexicon.catalog[name].support else 0.0)


def head_noun(draft: Draft) -> Item | None:
    """The noun that the question asks for: the first after its question word, else the first of all."""
    by = draft.ranking.by if draft.ranking else None
    counted = [bound.noun for bound in draft.bounds]
    free = [pair for pair in draft.nouns if pair[1] is not by and pair[1] not in counted]
    nouns = sorted(free or draft.nouns, key=lambda pair: pair[0])
    if draft.ranking is not None and by is not None:
        ranked = next((item for at, item in nouns if at > draft.ranking.at), None)
        if ranked is not None and fields_of(ranked) and not objects_of(ranked) and is_plural(ranked):
            return ranked  # "top industries by amount of open deals"
    after = [item for at, item in nouns if draft.head is not None and at > draft.head]
    pool = after or [item for _, item in nouns]
    return next((item for item in pool if objects_of(item)), pool[0] if pool else None)


def _ranks_groups(lexicon: Lexicon, draft: Draft, name: str) -> bool:
    """Whether the ranking can't be of the records of `name` themselves: it counts records, or asks who."""
    by = draft.ranking.by if draft.ranking else None
    if by is None or draft.groups:
        return False
    measured = any(word.object == name for word in fields_of(by))
    return not measured or ("who" in draft.asks and states.has_doer(lexicon.catalog[name])) or bool(by.word("rate"))


def _implied(lexicon: Lexicon, draft: Draft) -> list[str]:
    """Objects that the words other than the head noun speak of."""
    found: list[str] = []
    for _, item in draft.nouns:
        found += [*objects_of(item), *(word.object for word in fields_of(item))]
    for mention in draft.mentions:
        for one in mention.meanings:
            found += _of_mention(lexicon, one) or _of_fact(draft, one)
        if any(isinstance(one, KindWord) for one in mention.meanings):
            found += [name for name, spec in lexicon.catalog.objects.items() if paths.kind_field(spec)]
        found += list(objects_of(mention.item))
    found += [word.object for compare in draft.compares for word in compare.fields]
    found += [word.object for time in draft.times for word in time.fields]
    for group in draft.groups:
        found += [word.object for word in fields_of(group.item)]
    if "rate" in draft.aggregates or (draft.ranking and draft.ranking.money):
        found += [name for name, spec in lexicon.catalog.objects.items() if paths.kind_field(spec)]
    if draft.ranking and draft.ranking.by:
        found += [*objects_of(draft.ranking.by), *(word.object for word in fields_of(draft.ranking.by))]
    for bound in draft.bounds:
        found += objects_of(bound.noun)
    if draft.sum_bound is not None:
        found += [name for name, spec in lexicon.catalog.objects.items() if paths.kind_field(spec)]
    if draft.late or draft.coming is not None:
        found += [name for name, spec in lexicon.catalog.objects.items() if _has_state(lexicon, draft, spec)]
    return list(dict.fromkeys(found))


def _has_state(lexicon: Lexicon, draft: Draft, spec: ObjectSpec) -> bool:
    """Whether "overdue" by itself can be of these records: of what is done one day."""
    return not draft.nouns and bool(draft.late) and paths.done_field(spec) is not None


def _of_mention(lexicon: Lexicon, meaning: Meaning) -> list[str]:
    """The objects that a value or a name speaks of: its own; of a role the people who have it."""
    if is_join(lexicon.catalog, meaning):
        ends = [end.target or "" for end in lexicon.catalog[meaning.object].ends]  # type: ignore[union-attr]
        return [name for name in ends if name in lexicon.vocabulary.persons()]
    if isinstance(meaning, ValueWord):
        return [meaning.object]
    return [meaning.object] if isinstance(meaning, EntityWord) and _is_own(lexicon, meaning) else []


def _of_fact(draft: Draft, meaning: Meaning) -> list[str]:
    """ "Maya's email": a field that her own record has may be meant, before what is linked to her."""
    if not isinstance(meaning, EntityWord):
        return []
    items = [item for _, item in draft.nouns] + [mention.item for mention in draft.mentions]
    asked = any(word.object == meaning.object for item in items if not is_plural(item) for word in fields_of(item))
    return [meaning.object] if asked else []


def _is_own(lexicon: Lexicon, meaning: object) -> bool:
    """A name asks about its own record, but for users: they are asked about by what they own."""
    return isinstance(meaning, EntityWord) and not lexicon.catalog[meaning.object].support


def _grouped(lexicon: Lexicon, draft: Draft, head: Item | None, name: str) -> list[tuple[str, Item | None, float]]:
    """Readings that list groups: which owner won the most deals; companies with more than 3 deals; which products."""
    if draft.groups and not draft.bounds:
        return []
    if _asks_doers(lexicon, draft, name):
        return [(name, Item("who", -1, -1, (ObjectWord("users"),)), 0.0)]
    ranked = draft.ranking is not None
    bounded = bool(draft.bounds) or draft.sum_bound is not None
    if _asks_who(draft) and (ranked or bounded) and not draft.versus:
        done = states.has_doer(lexicon.catalog[name]) and _measures(lexicon, draft, name)
        return [(name, Item("who", -1, -1, (ObjectWord("users"),)), 0.0)] if done else []
    back = _counts_back(draft, name)
    if back is not None:
        return [(name, back, 0.0)]
    if head is None or name in objects_of(head):
        return []
    if draft.bounds and draft.presences:
        return []  # "with two contacts and open deals": whose deals isn't told by the counted ones
    wanted = ranked or bounded
    if not wanted or not _measures(lexicon, draft, name):
        return []
    return [(name, head, 0.0)]


def _asks_doers(lexicon: Lexicon, draft: Draft, name: str) -> bool:
    """ "Who sold GTX Pro?", "who lost deals in May": everybody who did, with how many; a single deal has one owner."""
    words = draft.items[:2]
    if len(words) < 2 or not words[0].word("who") or not words[1].of(KindWord) or draft.versus or draft.aggregates:
        return False
    if draft.ranking or draft.bounds or draft.sum_bound or paths.kind_field(lexicon.catalog[name]) is None:
        return False
    nouns = [item for _, item in draft.nouns if objects_of(item)]
    own = any(isinstance(one, EntityWord) and one.object == name for each in draft.mentions for one in each.meanings)
    return not own and not draft.groups and all(is_plural(item) for item in nouns)


def _counts_back(draft: Draft, name: str) -> Item | None:
    """ "companies with two subsidiaries": what links back to them is counted, each by the one that it links to."""
    words = [word for bound in draft.bounds for word in bound.noun.of(InverseWord) if word.object == name]
    narrowed = draft.mentions or draft.compares or draft.times or draft.me or draft.presences or len(draft.bounds) > 1
    if not words or narrowed:
        return None
    return replace(draft.bounds[0].noun, meanings=(FieldWord(name, words[0].field),))


def _asks_who(draft: Draft) -> bool:
    """Whether "who" asks: in "reps who won the most" it only goes on."""
    first = next((at for at, item in enumerate(draft.items) if item.word("who")), len(draft.items))
    return "who" in draft.asks and all(at > first for at, _ in draft.nouns)


def _measures(lexicon: Lexicon, draft: Draft, name: str) -> bool:
    """Whether the ranking or the bound is over records of this object."""
    if draft.bounds:
        return name in objects_of(draft.bounds[0].noun)
    if draft.sum_bound is not None:
        return paths.kind_field(lexicon.catalog[name]) is not None
    by = draft.ranking.by if draft.ranking else None
    if draft.ranking is not None and draft.ranking.money:
        return paths.kind_field(lexicon.catalog[name]) is not None
    if by is None:
        return False
    if by.word("rate"):
        return True
    return name in objects_of(by) or any(word.object == name for word in fields_of(by))
