"""A frame computed through the port: one function for each shape of answer."""

from __future__ import annotations

from collections.abc import Callable

from app.chatbot.exact import counting, grouped, lists, lookups, median, pace, parts, sides
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer
from app.chatbot.understanding.frame import Frame

_SHAPES: dict[str, Callable[[Asker, Frame], Answer]] = {
    "count": counting.count,
    "measure": counting.measure,
    "median": median.median,
    "rate": counting.rate,
    "share": counting.share,
    "lookup": lookups.lookup,
    "list": lists.records,
}
_GROUPED: dict[str, Callable[[Asker, Frame], Answer]] = {
    "rate": grouped.rates,
    "share": parts.shares,
    "median": parts.medians,
    "pace": pace.pace,
}


def compute(asker: Asker, frame: Frame) -> Answer:
    """The answer of a frame; its link and chips are added by the caller."""
    if frame.groups:
        return _GROUPED.get(frame.shape, grouped.groups)(asker, frame)
    if frame.versus:
        return sides.versus(asker, frame, compute)
    return _SHAPES[frame.shape](asker, frame)
