"""The pipeline as money: "total pipeline" and "what is our pipeline worth" ask what the open records add up to."""

from __future__ import annotations

import re

from app.chatbot.understanding import paths
from app.shared.contract import Catalog

_OURS = r"(?:(?:our|the|my|this|current|open|whole|total|overall|entire)\s+)*"
_WORTH = r"(?:value|worth|amount|total|sum|size)"
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


def spelled_out(catalog: Catalog, question: str) -> str:
    """The question with its pipeline's worth put as the total of the main amount of the open records."""
    if "pipeline" not in question.lower():
        return question
    staged = [spec for spec in catalog.objects.values() if paths.kind_field(spec) is not None]
    measure = paths.main_measure(staged[0]) if len(staged) == 1 else None
    if measure is None or measure.type != "money":
        return question
    words = f"total {measure.label.lower()} of open {staged[0].label.lower()}"
    return _FORMS.sub(words, question.replace("’", "'"))
