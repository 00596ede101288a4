"""Comparisons: each side computed by itself, then which is the higher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.chatbot.exact import phrases, wording
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding.frame import Frame

Side = tuple[str, Figure]


def versus(asker: Asker, frame: Frame, compute: Callable[[Asker, Frame], Answer]) -> Answer:
    sides = [_side(asker, frame, place, compute) for place in range(len(frame.versus))]
    figures = tuple(Figure(label, figure.value, figure.unit) for label, figure in sides)
    what = phrases.measure_label(asker.catalog, frame)
    if frame.shape in ("count", "list"):
        what = wording.sentence_case(phrases.nouns(asker.catalog, frame)[1])
    entries = [f"{label} {_shown(figure)}" for label, figure in sides]
    where = phrases.conditions(asker.catalog, frame)
    text = f"{what}{where}: {wording.listed(entries)}.{_lead(sides)}"
    made = tuple({"label": label, "value": figure.value, "unit": figure.unit} for label, figure in sides)
    columns = ({"name": "label", "label": "", "type": "text"}, {"name": "value", "label": what, "type": "number"})
    return Answer(text, "exact", figures, made, columns)


def _side(asker: Asker, frame: Frame, place: int, compute: Callable[[Asker, Frame], Answer]) -> Side:
    side = frame.versus[place]
    found = compute(asker, replace(frame, terms=(*frame.terms, side), versus=(), notes=()))
    return side.label, found.figures[0] if found.figures else Figure(side.label, None)


def _shown(figure: Figure) -> str:
    if not isinstance(figure.value, int | float):
        return "nothing"
    if figure.unit == "%":
        return f"{wording.number(figure.value)}%"
    return wording.money(figure.value, figure.unit) if figure.unit else wording.number(figure.value)


def _lead(sides: Sequence[Side]) -> str:
    """Which of two sides is the higher, and by how much."""
    known = [(float(one.value), label, one.unit) for label, one in sides if isinstance(one.value, int | float)]
    if len(known) != 2 or known[0][2] != known[1][2]:
        return ""
    (low, _, _), (high, label, unit) = sorted(known, key=lambda side: side[0])
    if high == low:
        return " Both are the same."
    gap = round(high - low, 2)
    lead = f"{wording.number(gap)} points" if unit == "%" else _shown(Figure("", gap, unit))
    return f" {wording.sentence_case(label)} is higher by {lead}."
