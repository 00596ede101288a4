"""How much of MEDDPICC's people a deal has: which parts somebody stands for, and which are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.crm.objects.deal_contact import COVERAGE, DEAL_CONTACT
from app.shared.contract import Record, Ref


@dataclass(frozen=True, slots=True)
class Part:
    """One part and who stands for it; `role` is what to give a contact so that it is covered."""

    label: str
    role: str
    people: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    parts: tuple[Part, ...]

    @property
    def covered(self) -> list[Part]:
        return [part for part in self.parts if part.people]

    @property
    def missing(self) -> list[Part]:
        return [part for part in self.parts if not part.people]


def of(contacts: Sequence[Record]) -> Coverage:
    """The coverage by a deal's contacts (records of the join, with person and role)."""
    return Coverage(tuple(Part(label, roles[0], _who(contacts, roles)) for label, roles in COVERAGE))


def _who(contacts: Sequence[Record], roles: Sequence[str]) -> tuple[Ref, ...]:
    people = DEAL_CONTACT.ends[1].name
    return tuple(row.values[people] for row in contacts if row.values.get("role") in roles)
