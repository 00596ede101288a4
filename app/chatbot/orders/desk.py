"""What the reading of one order knows: who gives it, what may be seen, which day it is, what is in view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.chatbot.types import Context, Suggestion
from app.chatbot.understanding import Lexicon
from app.shared.contract import Catalog, CrmPort, FieldSpec, ObjectSpec, Principal


class Unread(Exception):
    """Words of an order that couldn't be placed, or that fit several records: `readings` are then the choices."""

    def __init__(self, words: str, reason: str = "", readings: tuple[Suggestion, ...] = ()) -> None:
        super().__init__(words)
        self.words, self.reason, self.readings = words, reason, readings


@dataclass(frozen=True)
class Desk:
    """Where one order is read."""

    port: CrmPort
    principal: Principal
    lexicon: Lexicon
    context: Context
    today: date
    rephrase: Callable[[str, str], str]  # the order with some of its words put otherwise

    @property
    def catalog(self) -> Catalog:
        return self.lexicon.catalog


def owner_field(spec: ObjectSpec) -> FieldSpec | None:
    """The link to the person of the team who answers for a record."""
    return next((item for item in spec.fields if item.type == "link" and item.target == "users"), None)


def due_field(spec: ObjectSpec) -> FieldSpec | None:
    """The day that a record is for: the declared date, where people set it."""
    found = spec.field(spec.date_field or "")
    return found if found and not found.read_only else None


def reminder_field(spec: ObjectSpec) -> FieldSpec | None:
    """When to remind somebody of what is due on a day: a moment beside that day, which people set."""
    day = due_field(spec)
    moments = [item for item in spec.fields if item.type == "datetime" and not item.read_only]
    return moments[0] if day is not None and day.type == "date" and len(moments) == 1 else None


def prose_field(spec: ObjectSpec) -> FieldSpec | None:
    """Where a record's text goes."""
    return next((item for item in spec.fields if item.type == "long_text"), None)


def sentence(text: str) -> str:
    """Free words as a sentence: without quotes around them, with a capital."""
    plain = text.strip().strip('"“”').strip()
    return plain[:1].upper() + plain[1:]
