"""A change in the making: one record, new or known, and its values; and how a new record's words are cut."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.chatbot.orders import records, values
from app.chatbot.orders.desk import Desk, Unread
from app.chatbot.understanding.meanings import EntityWord, FieldWord, ValueWord
from app.chatbot.understanding.text import compact
from app.shared.contract import FieldSpec, ObjectSpec, Ref


@dataclass(frozen=True, slots=True)
class Made:
    """`record` is None for a new one; `values` as JSON; `action` where it is neither a create nor an update."""

    spec: ObjectSpec
    record: Ref | None
    values: dict[str, Any]
    action: str | None = None


_LEADS = (
    r"called|named|for|at|with|from|worth|(?<!end\s)of|over|(?:closing|due)(?:\s+(?:on|by|in))?|by|on|in"
    r"|assigned\s+to|owned\s+by|as|to"
)
_PARTS = re.compile(rf"\s*(?:,?\s*\b({_LEADS})\s+|,\s*(?:and\s+)?(?!\d{{3}}\b))", re.IGNORECASE)
_NAMED = ("called", "named")


def named_in(desk: Desk, spec: ObjectSpec, text: str) -> dict[str, Any]:
    """The values of a new record: "Pumps for Betatech worth 20k closing on Friday".

    Raises Unread for a part that can't be placed: nothing of an order is dropped in silence.
    """
    pieces = _PARTS.split(text.strip())
    given: dict[str, Any] = {}
    if pieces[0]:
        given |= _name(desk, spec, pieces[0].strip(' "“”'))
    for lead, words in zip(pieces[1::2], pieces[2::2], strict=True):
        given |= _part(desk, spec, " ".join((lead or "with").lower().split()), words.strip(' ,"“”'))
    if spec.label_field not in given:
        given |= _own_name(desk, spec, given, text)
    return given


def _part(desk: Desk, spec: ObjectSpec, lead: str, words: str) -> dict[str, Any]:
    if lead in _NAMED:
        return {spec.label_field: words}
    if lead in ("worth", "of", "over") and (amount := _first(spec, "money")):
        return values.given(desk, spec, amount, words)
    if (
        (lead in ("by", "on") or lead.startswith(("closing", "due")))
        and (day := spec.field(spec.date_field or ""))
        and not day.read_only
    ):
        return {day.name: values.value(desk, spec, day, words)}
    if lead in ("assigned to", "owned by"):
        item = next((one for one in spec.fields if one.type == "link" and one.target == "users"), None)
        return {item.name: values.person(desk, words)} if item else _unplaced(words)
    if lead == "as":
        return _titled(desk, spec, words)
    if lead in ("in", "at") and (found := _placed(desk, spec, words)):
        return found
    if lead == "with" and (found := _reached(spec, words)):
        return found
    if lead == "with" and (found := _field_and_value(desk, spec, words) or _amount(desk, spec, words)):
        return found
    return _link(desk, spec, words)


def _name(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """A name; with an amount at its end, "Spring machines 20k", where it can be nothing else."""
    name, _, last = words.rpartition(" ")
    money = _first(spec, "money")
    if name and money and re.fullmatch(r"[$€£]\d[\d,.]*[km]?|\d[\d,.]*[km]", last, re.IGNORECASE):
        return {spec.label_field: name} | values.given(desk, spec, money, last)
    return {spec.label_field: words}


def _titled(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """ "as barista": what somebody does."""
    for called in ("job title", "position", "role"):
        try:
            return {values.field(desk, spec, called).name: words}
        except Unread:
            continue
    raise Unread(words)


def _placed(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """ "in Qualified", "in Oslo": a stage or choice by its name; else a place, which no record is called by."""
    found = values.turned(desk, spec, words)
    if found and found[0].type in ("stage", "select"):
        return {found[0].name: found[1]}
    known = [one for one in desk.lexicon.names.find(compact(words)) if isinstance(one, ValueWord | EntityWord)]
    places = [one for one in known if isinstance(one, ValueWord) and one.object == spec.name]
    if places:
        return {places[0].field: places[0].value}
    city = [one for one in desk.lexicon.vocabulary.phrases.get("city", ()) if isinstance(one, FieldWord)]
    own = next((one.field for one in city if one.object == spec.name), None)
    return {own: words} if own and not known and words[:1].isupper() else {}


def _reached(spec: ObjectSpec, words: str) -> dict[str, Any]:
    """An address by itself: of mail or of a site."""
    for kind, form in (("email", r"[^@\s]+@[^@\s]+\.\w+"), ("url", r"https?://\S+")):
        field = next((item for item in spec.fields if item.type == kind), None)
        if field and re.fullmatch(form, words):
            return {field.name: words}
    return {}


def _first(spec: ObjectSpec, type: str) -> FieldSpec | None:
    return next((item for item in spec.fields if item.type == type and not item.read_only), None)


def _field_and_value(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """ "with email jane@example.com": a field's name and what it is."""
    pieces = words.split()
    for size in range(min(4, len(pieces) - 1), 0, -1):
        try:
            item = values.field(desk, spec, " ".join(pieces[:size]))
        except Unread:
            continue
        return values.given(desk, spec, item, " ".join(pieces[size:]))
    return {}


def _amount(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """ "with 50k": an amount by itself."""
    money = _first(spec, "money")
    try:
        return values.given(desk, spec, money, words) if money else {}
    except Unread:
        return {}


def _link(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    targets = [item.target for item in spec.fields if item.type == "link" and item.target not in (None, "users")]
    found = records.the_one(desk, words, [name for name in targets if name])
    item = next(one for one in spec.fields if one.type == "link" and one.target == found.object)
    return {item.name: found.id}


def _unplaced(words: str) -> dict[str, Any]:
    raise Unread(words)


def _own_name(desk: Desk, spec: ObjectSpec, given: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A record that was given no name is called after what it belongs to: "Betatech deal"."""
    label = next(iter(part_of(desk, given, spec).values()), "")
    if not label:
        raise Unread(text)
    return {spec.label_field: f"{label} {spec.label_one.lower()}"}


def part_of(desk: Desk, given: Mapping[str, Any], spec: ObjectSpec) -> dict[str, str]:
    """The labels of the records that a new one is linked to, by field, in the order of `given`."""
    targets = {item.name: item.target or "" for item in spec.fields if item.type == "link"}
    refs = {name: (targets[name], value) for name, value in given.items() if name in targets and isinstance(value, int)}
    found = desk.port.get_many(desk.principal, [ref for ref in refs.values() if not desk.catalog[ref[0]].support])
    return {name: found[ref].label for name, ref in refs.items() if ref in found}
