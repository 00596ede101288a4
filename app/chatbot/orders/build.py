"""From an order to the change set that carries it out. Which object and field it is about, the declarations say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.chatbot.orders import changing, creating, records
from app.chatbot.orders.desk import Desk, Unread
from app.chatbot.orders.grammar import Order
from app.chatbot.orders.made import Made
from app.shared.contract import Operation, Ref
from app.shared.values import as_json


def build(desk: Desk, order: Order) -> list[Made]:
    """What the order would change, record by record. Raises Unread with the words that couldn't be placed."""
    several = records.several(desk, order.record) if order.kind in _MANY else None
    if several is None:
        return [_BUILDERS[order.kind](desk, order)]
    made, why = [], Unread(order.record)
    for ref in several:
        try:
            one = _BUILDERS[order.kind](desk, replace(order, record=f"{desk.catalog[ref.object].singular} #{ref.id}"))
        except Unread as unread:
            why = unread
            if not unread.reason:
                raise  # the value or the field, not this record
        else:
            made += [one] if _differs(desk, one) else []
    if not made:
        raise Unread(order.record, why.reason or "They are like that already.")
    return made


def _differs(desk: Desk, made: Made) -> bool:
    """Whether anything of a known record would change."""
    if made.record is None or made.action:
        return True
    held = desk.port.get(desk.principal, made.record.object, made.record.id).values
    return any(_plain(held.get(name)) != value for name, value in made.values.items())


def _plain(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.id
    return list(value) if isinstance(value, tuple) else as_json(value)


def operation(made: Made) -> Operation:
    """The one operation of the change set."""
    if made.record is None:
        return Operation(action="create", object=made.spec.name, values=made.values)
    action: Any = made.action or "update"
    return Operation(action=action, object=made.spec.name, id=made.record.id, values=made.values)


_MANY = ("set", "turn", "assign", "tag", "untag", "finish", "reopen", "shift", "delete")
_BUILDERS: dict[str, Callable[[Desk, Order], Made]] = {
    "remind": creating.remind,
    "task": creating.task,
    "write": creating.write,
    "log": creating.log,
    "create": creating.create,
    "set": changing.set_field,
    "turn": changing.turn,
    "assign": changing.assign,
    "rename": changing.rename,
    "tag": changing.tag,
    "untag": changing.untag,
    "finish": changing.finish,
    "reopen": changing.reopen,
    "shift": changing.shift,
    "state": changing.state,
    "fact": changing.fact,
    "delete": changing.delete,
}
