"""Change sets over REST: propose, apply, reject, undo, and the list of what was done."""

from typing import get_args

from flask import Response, jsonify

from app.crm import changes, web
from app.crm.api import answers, bodies, params
from app.crm.api.idempotency import idempotent
from app.crm.changes import store
from app.shared.contract import TOTAL_BOUND, ChangeSet, ChangeState, Model, Resolution, StoredChangeSet
from app.shared.errors import FieldError, Invalid

SHOWN = 200  # lines of the journal that a set's own page carries
_STATES = get_args(ChangeState)


def listing() -> Response:
    given = params.only("sort", "state", "limit", "cursor")
    sort = params.choice(given, "sort", "-created_at", "-created_at", "created_at")
    state = params.choice(given, "state", None, *_STATES)
    limit = params.whole(given, "limit", 50, 1000)
    with web.services().database.read() as connection:
        found = list(
            store.listing(
                connection,
                web.principal(),
                state=state,
                limit=limit + 1,
                before=params.cursor(given),
                ascending=sort == "created_at",
            )
        )
        total = store.count(connection, web.principal(), state=state, bound=TOTAL_BOUND)
    body = {
        "items": [answers.change_set(item) for item in found[:limit]],
        "next_cursor": str(found[limit - 1].id) if len(found) > limit else None,
        "total": min(total, TOTAL_BOUND),
    }
    return jsonify(body | ({"total_is_bound": True} if total > TOTAL_BOUND else {}))


@idempotent
def create() -> Response:
    params.only()
    body = bodies.json_object()
    bodies.only(body, "title", "operations", "propose", "state", "resolutions")
    given = bodies.model(ChangeSet, {key: body[key] for key in ("title", "operations") if key in body})
    crm, principal = web.services().crm, web.principal()
    settled = _resolutions(body)
    if _is_proposal(body) and settled:
        raise _bad("resolutions", "A proposal is settled when it is applied.")
    done = crm.propose(principal, given) if _is_proposal(body) else crm.apply(principal, given, settled)
    response = jsonify(answers.change_set(done))
    response.status_code = 201
    response.headers["Location"] = f"/api/v1/changes/{done.id}"
    return response


def _is_proposal(body: dict[str, object]) -> bool:
    """`"propose": true` or `"state": "proposed"`; else it is applied."""
    propose, state = body.get("propose", False), body.get("state")
    if not isinstance(propose, bool):
        raise _bad("propose", "propose is true or false.")
    if state not in (None, "proposed", "applied"):
        raise _bad("state", "state is proposed or applied.")
    if propose and state == "applied":
        raise _bad("state", "A set can't be proposed and applied at once.")
    return propose or state == "proposed"


def _resolutions(body: dict[str, object]) -> tuple[Resolution, ...]:
    """Which values stay where a conflict was answered: [{"operation", "field", "keep": "yours" | "theirs"}]."""
    return bodies.model(_Settled, {"resolutions": body.get("resolutions", [])}).resolutions


class _Settled(Model):
    resolutions: tuple[Resolution, ...] = ()


def _bad(field: str, message: str) -> Invalid:
    return Invalid(message, [FieldError(field, message)])


def show(id: int) -> Response:
    params.only()
    principal = web.principal()
    with web.services().database.read() as connection:
        found = store.read(connection, principal, id)
        lines = changes.of_set(connection, principal, id, limit=SHOWN)
    return jsonify(answers.change_set(found) | {"changes": [answers.change(line) for line in lines]})


@idempotent
def revise(id: int) -> Response:
    """What a proposal would do, put otherwise: `operations` in place of its own."""
    params.only()
    body = bodies.json_object()
    bodies.only(body, "title", "operations")
    done = changes.revise(web.services().database, web.principal(), id, bodies.model(ChangeSet, body))
    return _answer(done)


@idempotent
def apply(id: int) -> Response:
    params.only()
    body = bodies.json_object(optional=True)
    bodies.only(body, "resolutions")
    return _answer(web.services().crm.apply(web.principal(), id, _resolutions(body)))


@idempotent
def reject(id: int) -> Response:
    _no_body()
    return _answer(web.services().crm.reject(web.principal(), id))


@idempotent
def undo(id: int) -> Response:
    _no_body()
    return _answer(web.services().crm.undo(web.principal(), id))


def _no_body() -> None:
    params.only()
    bodies.only(bodies.json_object(optional=True))


def _answer(found: StoredChangeSet) -> Response:
    return jsonify(answers.change_set(found))
