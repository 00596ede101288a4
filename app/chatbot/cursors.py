"""Opaque places in a list that is sorted by a moment and an id."""

import base64
from datetime import datetime

from app.shared.errors import BadRequest


def encode(at: datetime, id: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, int]:
    """Raises BadRequest where the text is no cursor of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, number = text.split(" ")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError
        return at, int(number)
    except ValueError:
        raise BadRequest("The cursor can't be read. Start again without it.") from None
