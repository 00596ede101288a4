"""Answers as JSON: the finished answer of the contract, and the words around it."""

from collections.abc import Sequence
from typing import Any

from app.chatbot.types import Answer, Figure, Passage, Suggestion
from app.shared.contract import Ref
from app.shared.values import as_json

ROWS_SHOWN = 50


def is_search(answer: Answer) -> bool:
    """Whether the answer is made of quotes, rather than of figures and rows."""
    return bool(answer.passages) and not answer.rows and not answer.figures


def ref_json(ref: Ref) -> dict[str, Any]:
    return {"object": ref.object, "id": ref.id, "label": ref.label, "url": ref.url}


def _figure(figure: Figure) -> dict[str, Any]:
    return {"label": figure.label, "value": as_json(figure.value), "unit": figure.unit}


def _passage(passage: Passage) -> dict[str, Any]:
    """A quote: its citation's fields, its text, and who said it when."""
    return ref_json(passage.ref) | {
        "text": passage.text,
        "date": as_json(passage.date),
        "author": passage.author,
        "links": [ref_json(link) for link in passage.links],
        "score": round(passage.score, 4),
    }


def _reading(reading: Suggestion) -> dict[str, Any]:
    query = reading.query.model_dump(mode="json", exclude_defaults=True) if reading.query else None
    return {"question": reading.question, "query": query}


def answer_json(answer: Answer) -> dict[str, Any]:
    """The computed part of an answer: everything but its words and what names its turn."""
    return {
        "figures": [_figure(figure) for figure in answer.figures],
        "rows": [as_json(row) for row in answer.rows[:ROWS_SHOWN]],
        "columns": [as_json(column) for column in answer.columns],
        "query": answer.query.model_dump(mode="json", exclude_defaults=True) if answer.query else None,
        "url": answer.url,
        "chips": list(answer.chips),
        "passages": [_passage(passage) for passage in answer.passages],
        "readings": [_reading(reading) for reading in answer.readings],
        "unread": list(answer.unread),
        "citations": [ref_json(ref) for ref in answer.citations],
        "proposals": [as_json(proposal) for proposal in answer.proposals],
        "mode": answer.mode,
        "model": answer.model,
        "notes": list(answer.notes),
    }


def finished_json(
    answer: Answer, text: str, model: str | None, notes: Sequence[str], thoughts: str = ""
) -> dict[str, Any]:
    """The finished answer, but for `conversation_id` and `message_id`, which its event carries."""
    more = {"model": model or answer.model, "notes": [*answer.notes, *notes], "thoughts": thoughts}
    return {"answer": text} | answer_json(answer) | more
