"""The collections of records, and each record: every route is the same for every object."""

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify, request

from app.crm import query as door
from app.crm import web
from app.crm.api import answers, bodies, etags
from app.crm.api.idempotency import idempotent
from app.crm.api.params import only
from app.shared.contract import Action, ChangeSet, Operation, Record, Ref
from app.shared.errors import Conflict, FieldError, NotFound

_TITLES: dict[str, str] = {"create": "Created", "update": "Changed", "trash": "Deleted", "restore": "Restored"}


class Stale(Conflict):
    """A change that was made on an older version: the answer shows what stands now beside what was sent."""

    def __init__(
        self, detail: str, errors: Sequence[FieldError], current: dict[str, Any], sent: dict[str, Any]
    ) -> None:
        super().__init__(detail, errors)
        self.current, self.sent = current, sent

    def problem(self) -> dict[str, Any]:
        return {**super().problem(), "theirs": self.current, "yours": self.sent}


def listing(object: str) -> Response:
    for name, value in request.args.items(multi=True):
        bodies.check_text(name, "parameter")
        bodies.check_text(value, name)
    asked = door.from_params(object, request.args.items(multi=True))
    return jsonify(answers.answer(web.services().crm.query(web.principal(), asked)))


@idempotent
def create(object: str) -> Response:
    only()
    body = bodies.json_object()
    made = _apply("create", object, None, body)
    location = f"/api/v1/{object}/{made.id}"
    try:
        return etags.tagged(_get(object, made.id), 201, Location=location)
    except NotFound:  # it was made for somebody else, and this principal may not see it
        bare = {"id": made.id, "object": object, "label": made.label, "url": made.url, "version": 1}
        return etags.with_tag(bare, 1, 201, Location=location)


def show(object: str, id: int) -> Response:
    only()
    return etags.tagged(_get(object, id))


@idempotent
def update(object: str, id: int) -> Response:
    only()
    version = etags.wanted_version()
    body = bodies.json_object()
    try:
        _apply("update", object, id, body, version)
    except Conflict as conflict:
        raise Stale(conflict.detail, conflict.errors, answers.record(_get(object, id)), body) from conflict
    return etags.tagged(_get(object, id))


@idempotent
def delete(object: str, id: int) -> Response:
    only()
    version = etags.wanted_version()
    if _get(object, id).trashed_at is None:
        _apply("trash", object, id, {}, version)
    return Response(status=204)


@idempotent
def restore(object: str, id: int) -> Response:
    only()
    bodies.only(bodies.json_object(optional=True))
    if _get(object, id).trashed_at is not None:
        _apply("restore", object, id, {})
    return etags.tagged(_get(object, id))


def _get(object: str, id: int) -> Record:
    return web.services().crm.get(web.principal(), object, id)


def _apply(action: Action, object: str, id: int | None, values: dict[str, Any], version: int | None = None) -> Ref:
    """A change set of one operation; the record that it touched."""
    crm = web.services().crm
    operation = Operation(action=action, object=object, id=id, values=values, version=version)
    one = crm.catalog()[object].label_one.lower()
    done = crm.apply(web.principal(), ChangeSet(title=f"{_TITLES[action]} a {one}", operations=(operation,)))
    return done.records[0] if done.records else Ref(object, id or 0, "")
