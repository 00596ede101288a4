"""Known records: a field, a stage, an owner, a tag, a name; done, or gone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.chatbot.orders import records, values, when
from app.chatbot.orders.desk import Desk, Unread, due_field, owner_field, sentence
from app.chatbot.orders.grammar import Order
from app.chatbot.orders.made import Made
from app.chatbot.understanding.text import compact
from app.shared.contract import FieldSpec, Money, ObjectSpec, Ref


def set_field(desk: Desk, order: Order) -> Made:
    """A field of one record, by its name: its records are those that have such a field. Unnamed: the one in view."""
    record = records.the_one(
        desk, order.record or "it", [spec.name for spec in _records(desk) if _has(desk, spec, order.field)]
    )
    spec = desk.catalog[record.object]
    item = values.field(desk, spec, order.field)
    held = desk.port.get(desk.principal, record.object, record.id).values.get(item.name)
    code = held.currency if isinstance(held, Money) else None
    return Made(spec, record, values.given(desk, spec, item, order.value or "nothing", code))


def fact(desk: Desk, order: Order) -> Made:
    """ "Helen's phone is 555 010": a field of a record that is named, said rather than ordered."""
    words = order.text.split()  # "Verdant Labs website should be ...": the field is what ends the words
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    for record, field in cuts or [(order.record, order.field)]:
        fits = [spec.name for spec in _records(desk) if _has(desk, spec, field)]
        found = records.by_name(desk, record, fits) if fits else []
        if len(found) == 1:
            return set_field(desk, Order("set", record=_numbered(desk, found[0]), field=field, value=order.value))
    raise Unread(order.record or order.text)


def _numbered(desk: Desk, record: Ref) -> str:
    return f"{desk.catalog[record.object].singular} #{record.id}"


def state(desk: Desk, order: Order) -> Made:
    """ "Four kitchens is won", "we lost Austin floors": how far a record is that is named, as it is told."""
    fits = [spec.name for spec in _records(desk) if values.turned(desk, spec, order.value) is not None]
    found = records.by_name(desk, order.record, fits) if fits else []
    if len(found) != 1:
        raise Unread(order.record)
    return turn(desk, Order("turn", record=_numbered(desk, found[0]), value=order.value, reason=order.reason))


def shift(desk: Desk, order: Order) -> Made:
    """ "push it by a week": its day, so many days later."""
    record = records.the_one(desk, order.record, [spec.name for spec in _records(desk) if due_field(spec)])
    spec = desk.catalog[record.object]
    item = due_field(spec)
    held = desk.port.get(desk.principal, record.object, record.id).values.get(item.name) if item else None
    begin = held.date() if isinstance(held, datetime) else held
    later = when.later(order.value, begin) if isinstance(begin, date) else None
    if item is None or later is None:
        raise Unread(order.value, "" if held else f"{record.label} has no day to move.")
    given = held.replace(year=later.year, month=later.month, day=later.day) if isinstance(held, datetime) else later
    return Made(spec, record, {item.name: given.isoformat()})


def turn(desk: Desk, order: Order) -> Made:
    """A stage, a choice, a flag or a day that needs no field's name: "to Won", "as done", "to Friday"."""
    fits = [spec.name for spec in _records(desk) if values.turned(desk, spec, order.value) is not None]
    record = records.the_one(desk, order.record, fits)
    spec = desk.catalog[record.object]
    found = values.turned(desk, spec, order.value)
    if found is None:
        raise Unread(order.value)
    item, value = found
    return Made(spec, record, {item.name: value} | _reason(desk, spec, item, value, order.reason))


def _records(desk: Desk) -> list[ObjectSpec]:
    return [spec for spec in desk.catalog.objects.values() if not spec.support and not spec.join]


def _has(desk: Desk, spec: ObjectSpec, words: str) -> bool:
    try:
        return bool(values.field(desk, spec, words))
    except Unread:
        return False


def _reason(desk: Desk, spec: ObjectSpec, item: FieldSpec, value: Any, reason: str) -> dict[str, Any]:
    """Why, in the field that is declared for it: "Lost reason" beside the stage Lost."""
    if not reason:
        return {}
    option = next((one for one in item.options if one.key == value), None)
    label = option.label if option else ""
    for name in (f"{label} reason", f"{option.kind if option else ''} reason", "reason"):
        found = next((one for one in spec.fields if compact(one.label) == compact(name)), None)
        if found:
            return {found.name: sentence(reason)}
    raise Unread(reason)


def assign(desk: Desk, order: Order) -> Made:
    record = records.the_one(desk, order.record)
    spec = desk.catalog[record.object]
    item = values.field(desk, spec, order.field) if order.field else owner_field(spec)
    if item is None or item.target != "users":
        raise Unread(order.field or order.record)
    return Made(spec, record, {item.name: values.person(desk, order.value or "me")})


def rename(desk: Desk, order: Order) -> Made:
    record = records.the_one(desk, order.record)
    spec = desk.catalog[record.object]
    return Made(spec, record, {spec.label_field: order.value.strip('"“”')})


def _cut(desk: Desk, order: Order) -> Order:
    """ "label Ferry tender urgent": the record that is named, and the tag that follows it."""
    words = order.text.split()
    for at in range(len(words) - 1, 0, -1):
        found = records.by_name(desk, " ".join(words[:at]), [spec.name for spec in _records(desk) if _tags(spec)])
        if len(found) == 1:
            return Order(order.kind, record=_numbered(desk, found[0]), value=" ".join(words[at:]))
    raise Unread(order.text)


def tag(desk: Desk, order: Order) -> Made:
    order = _cut(desk, order) if order.text else order
    record, item, before = _tagged(desk, order)
    known = {compact(name) for name in before}
    added = [name for name in values.listed(order.value) if compact(name) not in known]
    if not added:
        raise Unread(order.value, f"{record.label} has this tag already.")
    return Made(desk.catalog[record.object], record, {item.name: [*before, *added]})


def untag(desk: Desk, order: Order) -> Made:
    order = _cut(desk, order) if order.text else order
    record, item, before = _tagged(desk, order)
    gone = {compact(name) for name in values.listed(order.value)}
    kept = [name for name in before if compact(name) not in gone]
    if len(kept) == len(before):
        raise Unread(order.value, f"{record.label} has no such tag.")
    return Made(desk.catalog[record.object], record, {item.name: kept})


def _tags(spec: ObjectSpec) -> FieldSpec | None:
    return next((one for one in spec.fields if one.type == "tags"), None)


def _tagged(desk: Desk, order: Order) -> tuple[Ref, FieldSpec, list[str]]:
    record = records.the_one(desk, order.record)
    item = _tags(desk.catalog[record.object])
    if item is None:
        raise Unread(order.record)
    return record, item, list(desk.port.get(desk.principal, record.object, record.id).values.get(item.name) or ())


def finish(desk: Desk, order: Order) -> Made:
    """ "complete the task": the flag that is called so."""
    record = records.the_one(desk, order.record, _finishable(desk))
    spec = desk.catalog[record.object]
    flag = next(item for item in spec.fields if item.type == "boolean" and item.default is False)
    return Made(spec, record, {flag.name: True})


def reopen(desk: Desk, order: Order) -> Made:
    """What was done is to be done again."""
    made = finish(desk, order)
    return Made(made.spec, made.record, dict.fromkeys(made.values, False))


def _finishable(desk: Desk) -> list[str]:
    """The kinds of record that are done one day: those with a day that they are due and a flag."""
    return [
        spec.name
        for spec in desk.catalog.objects.values()
        if due_field(spec) and any(item.type == "boolean" and item.default is False for item in spec.fields)
    ]


def delete(desk: Desk, order: Order) -> Made:
    record = records.the_one(desk, order.record)
    return Made(desk.catalog[record.object], record, {}, "trash")
