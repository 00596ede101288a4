"""Comparisons: each side computed by itself, then which is the higher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.exact.asker import Asker, by_rates
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding.frame import Frame

Side = tuple[str, tuple[Figure, ...]]  # its name, and its number: one for each currency


def versus(asker: Asker, frame: Frame, compute: Callable[[Asker, Frame], Answer]) -> Answer:
    sides, compared = _in_one_currency(
        asker, frame, [_side(asker, frame, at, compute) for at in range(len(frame.versus))]
    )
    figures = tuple(Figure(label, figure.value, figure.unit) for label, found in sides for figure in found)
    if frame.gap:
        figures = (*_gap(sides), *figures)
    what = phrases.measure_label(asker.catalog, frame)
    if frame.shape in ("count", "list"):
        what = wording.sentence_case(phrases.nouns(asker.catalog, frame)[1])
    elif frame.measure.field:
        what = f"{what} of {phrases.nouns(asker.catalog, frame)[1]}"
    entries = [f"{label} {_all_shown(found)}" for label, found in sides]
    where = phrases.conditions(asker.catalog, frame)
    text = f"{what}{where}: {wording.listed(entries)}.{_lead(sides)}{compared}"
    made = tuple({"label": label, **_value(found)} for label, found in sides)
    kind = "money" if any("currency" in row or isinstance(row["value"], list) for row in made) else "number"
    columns = ({"name": "label", "label": "", "type": "text"}, {"name": "value", "label": what, "type": kind})
    return Answer(text, "exact", figures, made, columns)


def _gap(sides: Sequence[Side]) -> tuple[Figure, ...]:
    """How much the first side is above the second; nothing where they can't be compared."""
    known = [found[0] for _, found in sides if len(found) == 1 and isinstance(found[0].value, int | float)]
    if len(known) != 2 or known[0].unit != known[1].unit:
        return ()
    first, second = (float(one.value) for one in known if isinstance(one.value, int | float))
    gap = round(first - second, 2)
    return (Figure("Difference", int(gap) if gap.is_integer() else gap, known[0].unit),)


def _value(found: Sequence[Figure]) -> dict[str, Any]:
    """A side's number in a row: an amount with its currency, or a list of such."""
    amounts = [{"amount": one.value, "currency": one.unit} for one in found if one.unit and one.unit != "%"]
    if len(amounts) > 1:
        return {"value": amounts}
    only = found[0]
    return {"value": only.value, "unit": only.unit} | ({"currency": only.unit} if amounts else {})


def _side(asker: Asker, frame: Frame, place: int, compute: Callable[[Asker, Frame], Answer]) -> Side:
    side = frame.versus[place]
    found = compute(asker, replace(frame, terms=(*frame.terms, side), versus=(), notes=()))
    amounts = tuple(one for one in found.figures if one.unit and one.unit != "%")
    return side.label, amounts or found.figures[:1] or (Figure(side.label, None),)


def _in_one_currency(asker: Asker, frame: Frame, sides: Sequence[Side]) -> tuple[Sequence[Side], str]:
    """Amounts of several currencies in the workspace's own, where every rate is known; and by which rates."""
    if len({one.unit for _, found in sides for one in found if one.unit and one.value is not None}) < 2:
        return sides, ""
    converted = []
    for side in frame.versus:
        whole = replace(frame, terms=(*frame.terms, side)).rows_query()
        query = whole.model_copy(update={"measures": (frame.measure,), "sort": (), "limit": 50})
        converted.append(asker.converted(query))
    known = [found for found in converted if found is not None]
    if len(known) < len(converted):
        return sides, ""
    label = phrases.measure_label(asker.catalog, frame)
    made = [(side.label, rows.figures(label, found.totals[0])) for side, found in zip(frame.versus, known, strict=True)]
    return made, by_rates(max(known, key=lambda found: len(found.rates)))


def _all_shown(found: Sequence[Figure]) -> str:
    return " / ".join(_shown(figure) for figure in found)


def _shown(figure: Figure) -> str:
    if not isinstance(figure.value, int | float):
        return "nothing"
    if figure.unit == "%":
        return f"{wording.number(figure.value)}%"
    return wording.money(figure.value, figure.unit) if figure.unit else wording.number(figure.value)


def _lead(sides: Sequence[Side]) -> str:
    """Which of two sides is the higher, and by how much."""
    alone = [(label, found[0]) for label, found in sides if len(found) == 1]
    known = [(float(one.value), label, one.unit) for label, one in alone if isinstance(one.value, int | float)]
    if len(known) != 2 or known[0][2] != known[1][2]:
        return ""
    (low, _, _), (high, label, unit) = sorted(known, key=lambda side: side[0])
    if high == low:
        return " Both are the same."
    gap = round(high - low, 2)
    lead = f"{wording.number(gap)} points" if unit == "%" else _shown(Figure("", gap, unit))
    verb = "are" if label == "you" else "is"
    return f" {wording.sentence_case(label)} {verb} higher by {lead}."
