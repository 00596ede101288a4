"""An hour that is said at the end of a line: "at 9", "at 14:30", "9am"."""

from __future__ import annotations

import re
from datetime import time

_HOUR = r"(?:at\s+(\d{1,2})(?::(\d\d))?\s*(am|pm)?|(\d{1,2})(?::(\d\d))?\s*(am|pm))"
_ENDS = re.compile(rf"(?:^|\s+){_HOUR}$", re.IGNORECASE)
_OPENS = re.compile(rf"^{_HOUR}(?:\s+|$)", re.IGNORECASE)


def ending(text: str) -> tuple[str, time | None]:
    """The text without the hour that it ends with, and the hour; as it is where nothing would be left."""
    found = _ENDS.search(text)
    hour = _hour(found) if found and text[: found.start()].strip() else None
    return (text[: found.start()].strip(), hour) if found and hour else (text, None)


def opening(text: str) -> tuple[str, time | None]:
    """The same of an hour that it begins with."""
    found = _OPENS.match(text)
    hour = _hour(found) if found and text[found.end() :].strip() else None
    return (text[found.end() :].strip(), hour) if found and hour else (text, None)


def _hour(found: re.Match[str]) -> time | None:
    hour, minute = int(found[1] or found[4]), int(found[2] or found[5] or 0)
    half = (found[3] or found[6] or "").lower()
    hour = hour % 12 + 12 * (half == "pm") if half and hour <= 12 else hour
    return time(hour, minute) if hour < 24 and minute < 60 else None
