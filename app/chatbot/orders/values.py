"""An order's words as a field and as its value, by the field's declared type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.chatbot.orders import records, when
from app.chatbot.orders.desk import Desk, Unread
from app.chatbot.understanding import numbers
from app.chatbot.understanding.meanings import EntityWord, FieldWord, KindWord, ValueWord
from app.chatbot.understanding.names import nearest
from app.chatbot.understanding.text import compact, tokens
from app.shared.contract import FieldSpec, ObjectSpec, Option

_TRUE = frozenset("yes true done on complete completed finished".split())
_FALSE = frozenset("no false undone off open incomplete unfinished".split())
_NOBODY = frozenset("nobody noone none empty nothing unassigned".split())


def field(desk: Desk, spec: ObjectSpec, words: str) -> FieldSpec:
    """The writable field of these records that the words name. Raises Unread where none or several are."""
    key = compact(re.sub(r"^(?:the|its)\s+", "", words.strip(), flags=re.IGNORECASE))
    named = [one for one in desk.lexicon.vocabulary.phrases.get(key, ()) if isinstance(one, FieldWord)]
    found = [one.field for one in named if one.object == spec.name] or _misspelt(spec, key)
    specs = [item for name in dict.fromkeys(found) if (item := spec.field(name)) and not item.read_only]
    if len(specs) != 1:
        raise Unread(words)
    return specs[0]


def _misspelt(spec: ObjectSpec, key: str) -> list[str]:
    called = {compact(word): item.name for item in spec.fields for word in (item.label, item.name, *item.synonyms)}
    close = nearest(key, called)
    return [called[close]] if close else []


def value(desk: Desk, spec: ObjectSpec, item: FieldSpec, words: str) -> Any:
    """The words as JSON for this field. Raises Unread where they are no such value."""
    text = words.strip().strip('"“”')
    if compact(text) in _NOBODY and not item.required:
        return None
    read = _BY_TYPE.get(item.type)
    found = read(desk, item, text) if read else text
    if found is None:
        raise Unread(words)
    return found


def given(desk: Desk, spec: ObjectSpec, item: FieldSpec, words: str, before: str | None = None) -> dict[str, Any]:
    """The field's new value; with the currency where one is named beside an amount that differs from `before`."""
    found = {item.name: value(desk, spec, item, words)}
    number = numbers.match(tokens(words), 0) if item.type == "money" and tokens(words) else None
    code = number[1].currency if number else None
    if code and code != (before or desk.catalog.currency) and spec.field("currency"):
        found["currency"] = code
    return found


def _number(desk: Desk, item: FieldSpec, text: str) -> Any:
    words = tokens(text)
    found = numbers.match(words, 0) if words else None
    return found[1].value if found and found[0] == len(words) else None


def _date(desk: Desk, item: FieldSpec, text: str) -> str | None:
    found = when.day(text, desk.today)
    if found is None:
        return None
    return found.isoformat() if item.type == "date" else f"{found.isoformat()}T09:00:00"


def _boolean(desk: Desk, item: FieldSpec, text: str) -> bool | None:
    key = compact(text)
    return True if key in _TRUE or key == compact(item.label) else False if key in _FALSE else None


def option(desk: Desk, item: FieldSpec, text: str) -> Option | None:
    """The option or stage of this name; by its kind where just one stage is of it; a slip of the pen forgiven."""
    key = compact(text)
    named = [one for one in item.options if key in (compact(one.label), compact(one.key))]
    named = named or [one for one in item.options if one.kind in _kinds(desk, text)]
    if not named:
        close = nearest(key, [compact(one.label) for one in item.options])
        named = [one for one in item.options if close and compact(one.label) == close]
    keys = {one.key for one in named}
    return named[0] if len(keys) == 1 else None


def _kinds(desk: Desk, text: str) -> tuple[str, ...]:
    found = [one.kinds for one in desk.lexicon.lookup(tokens(text)) if isinstance(one, KindWord)] if text else []
    return found[0] if found and len(found[0]) == 1 else ()


def _choice(desk: Desk, item: FieldSpec, text: str) -> str | None:
    found = option(desk, item, text)
    return found.key if found else None


def listed(text: str) -> list[str]:
    """ "vip, urgent and new" as its parts."""
    return [part.strip(" \"“”'") for part in re.split(r",|\band\b|&", text) if part.strip(" \"“”'")]


def _choices(desk: Desk, item: FieldSpec, text: str) -> list[str] | None:
    found = [_choice(desk, item, part) for part in listed(text)]
    return [key for key in found if key] if found and all(found) else None


def _link(desk: Desk, item: FieldSpec, text: str) -> int | None:
    return person(desk, text) if item.target == "users" else records.the_one(desk, text, (item.target or "",)).id


def person(desk: Desk, text: str) -> int | None:
    """A colleague by name, or oneself. Raises Unread where several or none are called so."""
    if compact(text) in ("me", "myself", "us", "i"):
        if desk.principal.user_id is None:
            raise Unread(text, "The command line has no user of its own: give a name.")
        return desk.principal.user_id
    found = [one for one in desk.lexicon.lookup(tokens(text)) if isinstance(one, EntityWord) and one.object == "users"]
    if not found:
        guess = desk.lexicon.guess(tokens(text))
        found = [one for one in (guess[1] if guess else ()) if isinstance(one, EntityWord) and one.object == "users"]
    if len({one.id for one in found}) != 1:
        raise Unread(text, "ambiguous" if found else "")
    return found[0].id


_BY_TYPE: dict[str, Callable[[Desk, FieldSpec, str], Any]] = {
    "number": _number,
    "money": _number,
    "date": _date,
    "datetime": _date,
    "boolean": _boolean,
    "select": _choice,
    "stage": _choice,
    "multi_select": _choices,
    "tags": lambda desk, item, text: listed(text) or None,
    "link": _link,
}


def _amount(words: str) -> float | int | None:
    """A number that can only be an amount: with a currency, or in thousands."""
    said = tokens(words)
    found = numbers.match(said, 0) if said else None
    if not found or found[0] != len(said):
        return None
    return found[1].value if found[1].currency or found[1].value >= 1000 else None


def turned(desk: Desk, spec: ObjectSpec, words: str) -> tuple[FieldSpec, Any] | None:
    """The field and value that "to Won", "as done" or "to Friday" mean by themselves; None where they mean none."""
    for item in spec.fields:
        if item.type == "stage" and (found := option(desk, item, words)):
            return item, found.key
    for one in desk.lexicon.lookup(tokens(words)) if tokens(words) else ():
        if isinstance(one, ValueWord) and one.object == spec.name and one.declared:
            named = spec.field(one.field)
            if named and named.type in ("select", "stage"):
                return named, one.value
        if isinstance(one, FieldWord) and one.object == spec.name:
            flag = spec.field(one.field)
            if flag and flag.type == "boolean" and not flag.read_only:
                return flag, True
    money = next((item for item in spec.fields if item.type == "money" and not item.read_only), None)
    if money is not None and (amount := _amount(words)) is not None:
        return money, amount
    due = when.day(words, desk.today)
    dated = spec.field(spec.date_field or "")
    return (dated, _date(desk, dated, words)) if due and dated and not dated.read_only else None
