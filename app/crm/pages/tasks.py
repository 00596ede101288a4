"""Completing a task in one click."""

from flask import Response, request

from app.crm.pages import undo
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Operation


def done(id: int) -> Response:
    """POST /tasks/<id>/done: complete it, or open it again with done=false."""
    finished = request.form.get("done") != "false"
    operation = Operation(action="update", object="tasks", id=id, values={"done": finished})
    stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    return undo.answer(undo.came_from(f"/tasks/{id}"), "done" if finished else "reopened", stored.id)
