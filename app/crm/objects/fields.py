"""Short constructors for field declarations, so that an object's file reads as a list of its fields."""

from typing import Any

from app.shared.contract import FieldSpec, FieldType, Option


def field(name: str, label: str, type: FieldType = "text", *synonyms: str, **rest: Any) -> FieldSpec:
    return FieldSpec(name, label, type, synonyms=synonyms, **rest)


def link(name: str, label: str, target: str, inverse: str | None, *synonyms: str, **rest: Any) -> FieldSpec:
    """A link to one record of `target`; `inverse` is the name of the way back there."""
    return FieldSpec(name, label, "link", target=target, inverse=inverse, synonyms=synonyms, **rest)


_HUES = (0, 1, 7, 3, 4, 6)  # neither green nor red, which say how something went


def select(
    name: str, label: str, options: dict[str, str], *synonyms: str, hues: tuple[int, ...] = (), **rest: Any
) -> FieldSpec:
    """A choice among fixed values: key -> label. `hues`: where the colours say something, one for each in order."""
    choices = tuple(
        Option(key, text, hue=(hues or _HUES)[index % len(hues or _HUES)])
        for index, (key, text) in enumerate(options.items())
    )
    return FieldSpec(name, label, "select", options=choices, synonyms=synonyms, **rest)


def owner(*synonyms: str, inverse: str, **rest: Any) -> FieldSpec:
    return link("owner", "Owner", "users", inverse, *synonyms, listed=True, **rest)


TAGS = field("tags", "Tags", "tags", "labels")
CURRENCY = field("currency", "Currency", "text", help="ISO 4217, as USD")
STAMPS = (
    field("created_at", "Created", "datetime", "added", read_only=True),
    field("updated_at", "Updated", "datetime", "changed", "modified", read_only=True),
)
