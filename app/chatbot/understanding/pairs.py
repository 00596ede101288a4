"""Two things of the same records: "both won deals and meetings", "both a won and a lost deal"."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding.draft import is_content, is_filler, kinds_of, objects_of
from app.chatbot.understanding.meanings import Item, ValueWord, Word

_WITH = Item("with", -1, -1, (Word("with"),))


def apart(items: list[Item]) -> list[Item]:
    """Each of "both A and B" with a "with" of its own, and with the noun that they share."""
    at = next((place for place, item in enumerate(items) if item.text.lower() == "both"), None)
    join = next((place for place in range(at or 0, len(items)) if items[place].word("and")), None)
    if at is None or join is None or not 0 < at < join - 1:
        return items
    first, second = items[at + 1 : join], items[join + 1 :]
    opened = items[at - 1].word("with") is not None or is_filler(items[at - 1])
    shared = next((item for item in second if objects_of(item)), None)
    if not opened or not any(is_content(item) for item in second):
        return items
    if shared is not None and not _has_noun(first):
        first = [*first, replace(shared)]
    if not _has_noun(first):
        return items
    return [*items[: at - 1], _WITH, *first, items[join], _WITH, *second]


def _has_noun(items: list[Item]) -> bool:
    """Whether records are named: by their kind, or by a value that they are called by, "meetings"."""
    return any(objects_of(item) or (item.of(ValueWord) and not kinds_of(item)) for item in items)
