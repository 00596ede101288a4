"""From an order to the change set that carries it out. Which object and field it is about, the declarations say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.chatbot.orders import changing, creating
from app.chatbot.orders.desk import Desk
from app.chatbot.orders.grammar import Order
from app.chatbot.orders.made import Made
from app.shared.contract import Operation


def build(desk: Desk, order: Order) -> Made:
    """What the order would change. Raises Unread with the words that couldn't be placed."""
    return _BUILDERS[order.kind](desk, order)


def operation(made: Made) -> Operation:
    """The one operation of the change set."""
    if made.record is None:
        return Operation(action="create", object=made.spec.name, values=made.values)
    action: Any = made.action or "update"
    return Operation(action=action, object=made.spec.name, id=made.record.id, values=made.values)


_BUILDERS: dict[str, Callable[[Desk, Order], Made]] = {
    "remind": creating.remind,
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
    "delete": changing.delete,
}
