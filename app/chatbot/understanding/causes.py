"""Reasons: "lost because of price" asks for the records whose reason says so."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding.clauses import Unplaced
from app.chatbot.understanding.draft import Draft, is_content, is_filler
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, FieldWord, Item, PeriodWord, ValueWord

_ENDS = ("by", "not", "since", "before", "after", "from", "without", "with", "vs")
_JOINTS = frozenset("in at for with from".split())
_ARTICLES = frozenset("the a an our their its his her too".split())


def scan(draft: Draft) -> None:
    """Takes a reason out of a draft: the words after "because of", up to a time or a further condition."""
    at = next((at for at, item in draft.untaken() if item.word("cause")), None)
    if at is None:
        return
    words: list[int] = []
    for place in range(at + 1, len(draft.items)):
        item = draft.items[place]
        if item.word("or", "and") and not is_content(item):
            return  # two reasons, or a reason and something else: not read
        if item.of(PeriodWord) or (item.word(*_ENDS) and not is_content(item)) or _is_further(draft, words, item):
            break
        words.append(place)
    while words and is_filler(draft.items[words[-1]]):
        words.pop()  # "price in 2025"
    for place in words:
        draft.items[place] = replace(draft.items[place], guess=None)
    said = [draft.items[place].text for place in words if draft.items[place].text.lower() not in _ARTICLES]
    if said:
        draft.take(at, *words)
        draft.causes.append((at, " ".join(said).lower()))


def _is_further(draft: Draft, words: list[int], item: Item) -> bool:
    """ "price at Northwind", "price in the UK": a name or value after such a word is a condition of its own."""
    joint = {draft.items[place].text.lower() for place in words[-2:] if is_filler(draft.items[place])}
    return bool(item.of(EntityWord) or item.of(ValueWord)) and bool(joint & _JOINTS)


def terms(lexicon: Lexicon, draft: Draft, target: str) -> list[Term]:
    """The reason as a condition on the field that keeps it. Raises Unplaced where the asked records have none."""
    found: list[Term] = []
    for at, text in draft.causes:
        field = _reason(lexicon, target)
        if field is None:
            raise Unplaced(text)
        found.append(Term(condition(field, "contains", text), field, f"that speaks of “{text}”", at))
    return found


def _reason(lexicon: Lexicon, target: str) -> str | None:
    known = [one for one in lexicon.vocabulary.phrases.get("reason", ()) if isinstance(one, FieldWord)]
    own = [one.field for one in known if one.object == target]
    return own[0] if len(own) == 1 else None
