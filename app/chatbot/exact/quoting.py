"""Answers by quotation: what was said or written, in its own words, with links."""

from __future__ import annotations

from collections.abc import Sequence

from app.chatbot.exact import wording
from app.chatbot.types import Answer, Passage, Retriever
from app.chatbot.understanding.frame import Reading
from app.chatbot.understanding.text import fold, stem
from app.shared.contract import Principal, Ref

_SHOWN = 5


def quote(retriever: Retriever, principal: Principal, reading: Reading, view: Ref | None = None) -> Answer:
    """Passages on the topic of the question, from the records that it names; nothing found is said plainly.

    `view`: the record beside which it is asked.
    """
    found = retriever.search(
        principal,
        reading.text,
        links=[(link.object, link.id) for link in reading.links],
        objects=reading.objects,
        since=reading.since,
        until=reading.until,
        beside=(view.object, view.id) if view else None,
    )
    passages = tuple(passage for passage in found if _has(passage, reading.must))[:_SHOWN]
    names = wording.listed(list(dict.fromkeys(link.label for link in reading.links)))
    topic = f"{f' for {names}' if names else ''} on “{reading.text}”"
    if not passages:
        text = f"Nothing was found{topic}."
        return Answer(text, "search", citations=_links(reading))
    head = f"{len(passages)} passage{'s' if len(passages) > 1 else ''}{topic}:"
    lines = [f"“{_short(passage.text)}” — {passage.ref.label}{_when(passage)}" for passage in passages[:3]]
    return Answer(
        "\n\n".join([head, *lines]),
        "search",
        passages=passages,
        citations=tuple(dict.fromkeys(one.ref for one in passages)),
    )


def _has(passage: Passage, words: Sequence[str]) -> bool:
    """Whether a passage, or what it belongs to, has every word."""
    text = fold(" ".join([passage.text, passage.ref.label, *(link.label for link in passage.links)]))
    return all(stem(fold(word)) in text for word in words)


def _short(text: str, limit: int = 320) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit].rsplit(" ", 1)[0] + "…"


def _when(passage: Passage) -> str:
    return f", {wording.plain(passage.date)}" if passage.date else ""


def _links(reading: Reading) -> tuple[Ref, ...]:
    return tuple(Ref(link.object, link.id, link.label) for link in reading.links)
