"""The pipeline as money: "total pipeline" and "what is our pipeline worth" ask what the open records add up to."""

from __future__ import annotations

import re

from app.chatbot.understanding import paths
from app.shared.contract import Catalog

_OURS = r"(?:(?:our|the|my|this|current|open|whole|total|overall|entire)\s+)*"
_WORTH = r"(?:value|worth|amount|total|sum|size)"
_WEIGHED = re.compile(
    rf"""\b(?:
        (?:(?:probability[\s-])?weighted|risk[\s-]adjusted)\s+{_OURS}(?:sales\s+|open\s+)?(?:pipeline|forecast)
        (?:\s+{_WORTH})?
        | ^(?:show\s+(?:me\s+)?|what(?:\s+is|'?s)\s+|give\s+me\s+)?{_OURS}(?:sales\s+|revenue\s+)?forecast
        (?=\s*(?:[?.!]*$|for\b|in\b|by\b|per\b|of\b|this\b|next\b))
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE = re.compile(
    rf"""(?:^|(?<=^compare\s))(?:show\s+(?:me\s+)?|what(?:\s+is|'?s)\s+|how\s+much\s+is\s+(?:in\s+)?)?(?P<ours>{_OURS})pipeline
        (?=\s*(?:[?.!]*$|for\b|of\b|by\b|per\b|in\b|between\b|this\b|next\b))""",
    re.VERBOSE | re.IGNORECASE,
)
_FORMS = re.compile(
    rf"""\b(?:
        (?:total|sum\s+of|overall)\s+{_OURS}pipeline(?:\s+{_WORTH})?
        | (?:total\s+)?{_WORTH}\s+(?:of|in)\s+{_OURS}pipeline
        | (?:how\s+(?:much|big|large)\s+is|what(?:\s+is|'?s)?)\s+{_OURS}pipeline\s+worth
        | how\s+(?:much|big|large)\s+is\s+{_OURS}pipeline
        | (?:(?:open|total)\s+)?pipeline\s+{_WORTH}
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)

_AFTER = re.compile(
    r"^(.*?\b)((?:sales\s+|revenue\s+)?(?:pipeline|forecast)),?\s+weighted(?=\s*[?.!]*$)", re.IGNORECASE
)
_RANKED = re.compile(rf"\bby\s+{_OURS}pipeline(?:\s+{_WORTH})?\b", re.IGNORECASE)
_OWNED = re.compile(
    r"""^(?:(?:show|give)\s+me\s+|show\s+|what(?:\s+is|'?s)\s+|how\s+(?:big|large)\s+is\s+)?(?P<who>[\w.-]+(?:\s[\w.-]+){0,2}?)
        's\s+(?P<weighted>weighted\s+)?(?:open\s+|sales\s+|current\s+|total\s+)?pipeline\b""",
    re.VERBOSE | re.IGNORECASE,
)


def spelled_out(catalog: Catalog, question: str) -> str:
    """The question with its pipeline's worth put as the total of the main amount of the open records."""
    if "pipeline" not in question.lower() and "forecast" not in question.lower():
        return question
    text = question.replace("’", "'")
    ranked = _RANKED.search(text)
    staged = [spec for spec in catalog.objects.values() if paths.kind_field(spec) is not None]
    measure = paths.main_measure(staged[0]) if len(staged) == 1 else None
    if measure is None or measure.type != "money":
        return question
    if ranked:
        worth = f"by {measure.label.lower()} of open {staged[0].label.lower()}"
        return text[: ranked.start()] + worth + text[ranked.end() :]
    owned = _OWNED.match(text)
    if owned:
        fn = "weighted" if owned["weighted"] else "total"
        end = text[owned.end() :]
        return f"{fn} {measure.label.lower()} of open {staged[0].label.lower()} of {owned['who']}{end}"
    worth = f"{measure.label.lower()} of open {staged[0].label.lower()}"
    text = _AFTER.sub(r"\1weighted \2", text)
    for form, fn in ((_WEIGHED, "weighted"), (_FORMS, "total"), (_BARE, "total")):
        found = form.search(text)
        if found:
            return text[: found.start()] + _worth(found[0], fn, worth) + text[found.end() :]
    return text


def _worth(said: str, fn: str, worth: str) -> str:
    mine = "my " if re.search(r"\bmy\b", said, re.IGNORECASE) else ""
    return f"{fn} {worth.replace(' of open', f' of {mine}open')}"
