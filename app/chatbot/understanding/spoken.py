"""What people say of sales and of their day in words of their own, put in the words that the declarations have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.chatbot.understanding import paths, states
from app.shared.contract import Catalog, ObjectSpec

_BEST = r"(?:best|top|leading|strongest|number\s+one|no\.?\s*1|star)"
_TALLIED = re.compile(
    r"\b(?:by|rate|rates|most|least|fewest|number|count|many|much|average|per|in\s+terms)\b", re.IGNORECASE
)
_UNIT = r"(?:days?|weeks?|months?|quarters?|years?)"
_PERIOD = rf"(?:in\s+)?(?:the\s+)?(?:last|this|past|previous)\s+(?:\d+\s+)?{_UNIT}|yesterday|today"
_HAPPENED = re.compile(
    rf"^what(?:\s+(?:did|have|has)\s+(?:we|i|you)\s+(?:do|done)|(?:'s|\s+has|\s+have|\s+is|\s+all)?\s+(?:been\s+)?(?:happen(?:ed|ing)|going\s+on|gone\s+on|went\s+on))\s+"
    rf"(?:with|at)\s+(?P<who>.+?)\s+(?P<when>{_PERIOD})\s*[?.!]*$",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"\bwith\s+(?:nothing|no\s+(?:next\s+)?(?:activity|activities))\s+"
    r"(?:scheduled|planned|coming\s+up|lined\s+up|upcoming|ahead)\b",
    re.IGNORECASE,
)
_PIPELINE = re.compile(
    r"^(?:who|which\s+(?P<whose>\w+))\s+(?:has|have|owns|got)\s+(?:got\s+)?the\s+"
    r"(?P<way>largest|biggest|highest|smallest|lowest)\s+"
    r"(?:open\s+|sales\s+)*pipeline\b",
    re.IGNORECASE,
)


def spelled_out(catalog: Catalog, question: str) -> str:
    """The question with such words put right; itself where a workspace has nothing of the kind."""
    text = question.replace("’", "'")
    staged = [spec for spec in catalog.objects.values() if paths.kind_field(spec) is not None]
    if len(staged) == 1:
        text = _of_sales(catalog, staged[0], text)
    event = next((spec for spec in catalog.objects.values() if states.is_event(spec)), None)
    if event is not None:
        text = _HAPPENED.sub(rf"{event.label.lower()} with \g<who> \g<when>", text)
        text = _IDLE.sub(f"without planned {event.label.lower()}", text)
    return text


def _of_sales(catalog: Catalog, deals: ObjectSpec, text: str) -> str:
    measure = paths.main_measure(deals)
    if measure is None or measure.type != "money":
        return text
    amount, many, users = measure.label.lower(), deals.label.lower(), _words(catalog["users"])
    held = _PIPELINE.match(text)
    if held:
        way = "bottom" if held["way"].lower() in ("smallest", "lowest") else "top"
        ranked = held["whose"] or catalog["users"].singular
        return f"{way} {ranked} by {amount} of open {many}{text[held.end() :]}"
    best = re.compile(rf"\b{_BEST}\s+(?:\d+\s+)?(?:{users})s?\b(?!\s*['\w]*'s)", re.IGNORECASE)
    found = best.search(text)
    if found and not _TALLIED.search(text) and text[found.end() : found.end() + 1] != "'":
        return f"{text[: found.end()]} by won {amount}{text[found.end() :]}"
    habit = re.compile(
        rf"^what\s+(?:share|percent(?:age)?|%|fraction|proportion|part)\s+of\s+"
        rf"(?:the\s+|his\s+|her\s+|their\s+)?(?:{_words(deals)})s?\s+"
        r"(?:do|does)\s+(.+?)\s+(?:win|close)\b",
        re.IGNORECASE,
    )
    return habit.sub(r"win rate of \1", text)


def _words(spec: ObjectSpec) -> str:
    """What a record of this kind is called, as alternatives."""
    said: Iterable[str] = dict.fromkeys((spec.singular, spec.label_one.lower(), *spec.synonyms))
    return "|".join(re.escape(word).replace("\\ ", r"\s+") for word in sorted(said, key=len, reverse=True))
