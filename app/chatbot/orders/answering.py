"""An order's answer: the proposal as a diff, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app.chatbot.orders import build, diff
from app.chatbot.orders.desk import Desk, Unread
from app.chatbot.orders.grammar import readings
from app.chatbot.orders.made import Made
from app.chatbot.types import Answer, Context
from app.chatbot.understanding import Lexicon
from app.chatbot.understanding.text import MAX_QUESTION
from app.shared.contract import ChangeSet, CrmPort, Principal, Ref
from app.shared.errors import ParleyError

_CITED = 10  # records that an answer links to
_READ_ONLY = "You can look at records, but not change them."


def answer(
    port: CrmPort, principal: Principal, lexicon: Lexicon, question: str, context: Context, today: date
) -> Answer | None:
    """The answer to an order: mode "exact" with a proposal, or "none" with what couldn't be placed; None: no order.

    Nothing is written but the proposal, which its author applies, edits or rejects.
    """
    if len(question) > MAX_QUESTION:
        return None
    desk = Desk(port, principal, lexicon, context, today, lambda words, name: _rephrased(question, words, name))
    failed: Answer | None = None
    for order in readings(question):
        try:
            made = build.build(desk, order)
        except Unread as unread:
            failed = failed or (_not_read(unread) if order.sure or unread.readings else None)
            if unread.readings:
                return failed
        except ParleyError as problem:
            return Answer(problem.detail, "none")
        else:
            return _proposed(desk, made) if principal.can_write else Answer(_READ_ONLY, "none")
    return failed


def _rephrased(question: str, words: str, name: str) -> str:
    return re.sub(re.escape(words), lambda _: name, question, count=1, flags=re.IGNORECASE)


def _not_read(unread: Unread) -> Answer:
    words = unread.words.strip()
    if unread.readings:
        return Answer(f"“{words}” could be more than one record. Which one?", "none", readings=unread.readings,
                      unread=(words,))  # fmt: skip
    reason = unread.reason if unread.reason not in ("", "ambiguous") else f"I couldn't place “{words}” in this order."
    return Answer(f"{reason} Nothing is changed.", "none", unread=(words,) if words else ())


def _proposed(desk: Desk, made: Sequence[Made]) -> Answer:
    """The door keeps the change set as a proposal of the assistant's, on behalf of the user."""
    title = _title(made[0]) if len(made) == 1 else _titles(made)
    changes = ChangeSet(title=title, operations=tuple(build.operation(one) for one in made))
    try:
        stored = desk.port.propose(replace(desk.principal, channel="assistant"), changes)
    except ParleyError as problem:
        return Answer(f"{_because(problem)} Nothing is changed.", "none")
    shown = diff.proposal(desk, made, stored)
    known = tuple(one.record for one in made if one.record)
    cited = known[:_CITED] if known else _linked(desk, made[0])
    text = f"{title}. Nothing is changed until you apply it."
    return Answer(text, "exact", citations=cited, proposals=(shown,))


def _because(problem: ParleyError) -> str:
    """The door's own reasons, field by field."""
    told = [error.message for error in problem.errors]
    return " ".join(dict.fromkeys(told)) or problem.detail


def _titles(made: Sequence[Made]) -> str:
    """The title of one change to several records."""
    many = f"{len(made)} {made[0].spec.label.lower()}"
    if made[0].action == "trash":
        return f"Move {many} to the trash"
    names = [item.label.lower() for item in made[0].spec.fields if item.name in made[0].values]
    return f"Change {' and '.join(names)} of {many}"


def _title(made: Made) -> str:
    one = made.spec.label_one.lower()
    if made.record is None:
        name = str(made.values.get(made.spec.label_field) or "").strip()
        return f"New {one}: {name}" if name else f"New {one}"
    if made.action == "trash":
        return f"Move {one} {made.record.label} to the trash"
    names = [item.label.lower() for item in made.spec.fields if item.name in made.values]
    return f"Change {' and '.join(names)} of {made.record.label}"


def _linked(desk: Desk, made: Made) -> tuple[Ref, ...]:
    """The records that a new one belongs to, as links."""
    targets = {item.name: item.target or "" for item in made.spec.fields if item.type == "link"}
    refs = [(targets[name], value) for name, value in made.values.items() if name in targets and isinstance(value, int)]
    found = desk.port.get_many(desk.principal, [ref for ref in refs if not desk.catalog[ref[0]].support])
    return tuple(record.ref for record in found.values())
