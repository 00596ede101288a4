"""What was said before in a conversation, for a model that reads a question which may lean on it.

The newest turns are told with their answers, older ones by their questions, and what is older still is counted by what
it was about: however long a conversation is, all of it is told, and the text never outgrows its room.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.chatbot.types import Turn

WHOLE = 4  # turns that are told with their answers
LONGEST = 240  # characters of one line


@dataclass(frozen=True, slots=True)
class Digest:
    text: str = ""
    shortened: int = 0  # turns of which only the kind is told


def digest(turns: Sequence[Turn], room: int) -> Digest:
    """The turns (oldest first) in at most `room` bytes."""
    lines, free = list[str](), room - len(_counted(turns).encode()) - 1
    for age, turn in enumerate(reversed(turns)):
        line = _told(turn) if age < WHOLE else _line(turn.question)
        free -= len(line.encode()) + 1
        if free < 0:
            break
        lines.insert(0, line)
    older = turns[: len(turns) - len(lines)]
    head = [_counted(older)] if older else []
    text = "\n".join([*head, *lines])
    return Digest(text if len(text.encode()) <= room else "", len(older))


def _told(turn: Turn) -> str:
    return f"{_line(turn.question)} -> {_line(str(turn.answer.get('answer') or ''))}"


def _line(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]} …"


def _counted(turns: Sequence[Turn]) -> str:
    """As `12 earlier questions: 9 about deals, 3 about companies`."""
    kinds = Counter(str((turn.answer.get("query") or {}).get("object") or "other things") for turn in turns)
    told = ", ".join(f"{count} about {kind}" for kind, count in kinds.most_common(6))
    return f"{len(turns)} earlier questions: {told}"
