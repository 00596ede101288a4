"""Answers by quotation: what was said or written, in its own words, with links."""

from __future__ import annotations

from app.chatbot.exact import wording
from app.chatbot.types import Answer, Passage, Retriever
from app.chatbot.understanding.frame import Reading
from app.shared.contract import CrmPort, Principal, Ref

_SHOWN = 5


def quote(port: CrmPort, retriever: Retriever, principal: Principal, reading: Reading, question: str) -> Answer:
    """Passages on the topic of the question, from the records that it names; nothing found is said plainly."""
    links = [(link.object, link.id) for link in reading.links]
    found = retriever.search(
        principal, reading.text, links=links, objects=reading.objects, since=reading.since, until=reading.until
    )
    passages = tuple(found)[:_SHOWN]
    about = "".join(f" {wording.listed([link.label for link in reading.links])}" if reading.links else "")
    if not passages:
        text = f"Nothing was found{f' for{about}' if about else ''} on “{reading.text}”."
        return Answer(text, "search", citations=_links(reading))
    head = f"{len(passages)} passage{'s' if len(passages) > 1 else ''}{f' for{about}' if about else ''} on “{reading.text}”:"
    lines = [f"“{_short(passage.text)}” — {passage.ref.label}{_when(passage)}" for passage in passages[:3]]
    return Answer(
        "\n\n".join([head, *lines]),
        "search",
        passages=passages,
        citations=tuple(dict.fromkeys(one.ref for one in passages)),
    )


def _short(text: str, limit: int = 320) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit].rsplit(" ", 1)[0] + "…"


def _when(passage: Passage) -> str:
    return f", {wording.plain(passage.date)}" if passage.date else ""


def _links(reading: Reading) -> tuple[Ref, ...]:
    return tuple(Ref(link.object, link.id, link.label) for link in reading.links)
