"""One click on a task or another record: completing it, taking it over."""

from flask import Response, request

from app.crm.pages import undo
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Operation
from app.shared.errors import NotFound


def done(id: int) -> Response:
    """POST /tasks/<id>/done: complete it, or open it again with done=false."""
    finished = request.form.get("done") != "false"
    operation = Operation(action="update", object="tasks", id=id, values={"done": finished})
    stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    return undo.answer(undo.came_from(f"/tasks/{id}"), "done" if finished else "reopened", stored.id)


def assign(object: str, id: int) -> Response:
    """POST /assign/<object>/<id>: the record becomes one's own."""
    me = principal().user_id
    if me is None:
        raise NotFound(_("This credential belongs to no user."))
    operation = Operation(action="update", object=object, id=id, values={"owner": me})
    stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    return undo.answer(undo.came_from(f"/{object}/{id}"), f"updated:{object}", stored.id)
