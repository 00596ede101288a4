"""How far a "not" reaches: over all that is listed after it ("excluding A, B and C"), or the question isn't read."""

from __future__ import annotations

from itertools import pairwise

from app.chatbot.understanding.draft import Draft, Mention, Time, is_filler
from app.chatbot.understanding.english import EXCLUSIVE
from app.chatbot.understanding.meanings import EntityWord, Item, KindWord, Meaning, ValueWord

_WHOLE = frozenset(f"{all} {but}" for all in ("all", "everything", "anything", "everyone") for but in ("but", "except"))


def spread(draft: Draft) -> None:
    """Negates what is listed with something negated. Fills `draft.doubts` where that can't be told."""
    found: list[Mention | Time] = sorted([*draft.mentions, *draft.times], key=lambda one: one.at)
    for before, one in pairwise(found):
        if before.negated and not one.negated:
            between = draft.items[before.at + 1 : one.at]
            one.negated = _listed(between, before, one)
    for one in found:
        if one.negated:
            _check(draft, one, found)
    if any(negated for _, negated in draft.me) and any(item.word("and", "or") for item in draft.items):
        draft.doubts.append("not")


def _listed(between: list[Item], before: Mention | Time, one: Mention | Time) -> bool:
    """Whether only "and", "or" or nothing stands between; "and" joins what is of one kind alone."""
    if not all(is_filler(item, "and", "or", "only") for item in between):
        return False
    return any(item.word("or") for item in between) or bool(_kinds(before) & _kinds(one))


def _kinds(one: Mention | Time) -> set[tuple[str, ...]]:
    return {("time",)} if isinstance(one, Time) else {_kind(meaning) for meaning in one.meanings}


def _kind(meaning: Meaning) -> tuple[str, ...]:
    if isinstance(meaning, ValueWord):
        return (meaning.object, meaning.field)
    return (meaning.object,) if isinstance(meaning, EntityWord) else ("kind" if isinstance(meaning, KindWord) else "",)


def _check(draft: Draft, one: Mention | Time, found: list[Mention | Time]) -> None:
    """What follows "excluding A and" must be left out too; else it isn't known what was meant."""
    negator = _negator(draft, one.at)
    if negator in _WHOLE and any(other.at > one.at for other in found if other is not one and not other.negated):
        draft.doubts.append(negator)  # "all but the lost deals of Zane": his other ones, or everybody's
    after = [other.at for other in found if other.at > one.at and not other.negated]
    after += [at for at, _ in draft.me if at > one.at] + [other.at for other in draft.compares if other.at > one.at]
    for at in after:
        if negator in EXCLUSIVE and any(item.word("and", "or") for item in draft.items[one.at + 1 : at]):
            draft.doubts.append(negator)


def _negator(draft: Draft, at: int) -> str:
    """The nearest negating word before."""
    words = [item.text.lower() for item in draft.items[:at] if item.word("not", "without")]
    return words[-1] if words else ""
