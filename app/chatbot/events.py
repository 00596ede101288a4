"""The events of a turn: numbered, stored as they come, the same over WebSocket, SSE and in the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

EventType = Literal["started", "status", "delta", "result", "done", "error"]
TERMINAL = ("done", "error")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `seq` counts from 1 within its turn, without gaps."""

    conversation_id: int
    message_id: int
    seq: int
    type: EventType
    data: Mapping[str, Any]

    @property
    def is_last(self) -> bool:
        return self.type in TERMINAL

    def as_json(self) -> dict[str, Any]:
        """The event as readers get it: its own fields beside type and numbers."""
        numbers = {"seq": self.seq, "conversation_id": self.conversation_id, "message_id": self.message_id}
        return {"type": self.type, **self.data, **numbers}
