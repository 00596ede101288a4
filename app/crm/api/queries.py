"""What is asked and changes nothing: queries, search, and who is asking."""

from flask import Response, jsonify

from app.crm import web
from app.crm.api import answers, bodies, params
from app.crm.api.idempotency import idempotent
from app.crm.objects import RECORD_OBJECTS
from app.shared.errors import FieldError, Invalid

MOST_HITS = 100


@idempotent
def query() -> Response:
    params.only()
    asked = bodies.query(bodies.json_object())
    return jsonify(answers.answer(web.services().crm.query(web.principal(), asked)))


def search() -> Response:
    given = params.only("q", "objects", "limit")
    limit = params.whole(given, "limit", 20, MOST_HITS)
    objects = [name for name in given.get("objects", "").split(",") if name]
    if unknown := [name for name in objects if name not in RECORD_OBJECTS]:
        message = f"There is no object {unknown[0]!r}. Known: {', '.join(RECORD_OBJECTS)}."
        raise Invalid(message, [FieldError("objects", message)])
    text = given.get("q", "").strip()
    if not text:
        message = "q is needed: the words to search for."
        raise Invalid(message, [FieldError("q", message)])
    hits = web.services().crm.search(web.principal(), text, objects=objects, limit=limit)
    items = [answers.hit(hit) for hit in hits]
    return jsonify({"items": items, "next_cursor": None, "total": len(items)})


def me() -> Response:
    params.only()
    return jsonify(answers.principal(web.principal()))
