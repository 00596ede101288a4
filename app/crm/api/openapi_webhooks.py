"""The part of the OpenAPI document that is about webhooks: their administration, and what they send."""

from collections.abc import Callable
from typing import Any

from app.crm.api import webhooks
from app.crm.api.parameters import LIMIT
from app.crm.api.shapes import ID, TEMPLATE, Schema, listed, ref
from app.crm.hooks.webhooks import ACTIONS
from app.crm.objects import WRITTEN_OBJECTS

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_NULL_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
_NULL_NUMBER: Schema = {"type": ["integer", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_WEBHOOK: dict[str, Schema] = {
    "id": ID, "url": _TEXT, "description": _TEXT, "objects": _TEXTS, "actions": _TEXTS, "active": {"type": "boolean"},
    "off_reason": {**_TEXT, "description": "Why it was switched off, where nobody did so."},
    "failing_since": _NULL_TIME, "pending": _COUNT, "created_at": _TIME, "created_by": {"type": "object"},
    "secret": {**_TEXT, "description": "Only where it is new."},
}  # fmt: skip
_DELIVERY: dict[str, Schema] = {
    "id": ID, "message_id": {**_TEXT, "description": "The header webhook-id."}, "type": _TEXT,
    "change_set_id": _NULL_NUMBER, "count": _COUNT,
    "state": {"type": "string", "enum": ["pending", "delivered", "failed", "dropped"]}, "attempts": _COUNT,
    "created_at": _TIME, "attempted_at": _NULL_TIME, "next_at": _NULL_TIME, "response_status": _NULL_NUMBER,
    "milliseconds": _NULL_NUMBER, "error": _TEXT,
}  # fmt: skip


def _object(properties: dict[str, Schema], *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def schemas() -> dict[str, Schema]:
    """What the routes take and answer."""
    found = {"Webhook": _object(_WEBHOOK, "secret"), "WebhookDelivery": _object(_DELIVERY)}
    found |= {f"{name}Page": listed(ref(name)) for name in tuple(found)}
    for model in (webhooks.NewWebhook, webhooks.WebhookChange):
        schema = model.model_json_schema(ref_template=TEMPLATE)
        for name, words in (("objects", WRITTEN_OBJECTS), ("actions", ACTIONS)):
            _name_the_words(schema["properties"][name], words)
        found[model.__name__] = schema
    return found


def _name_the_words(schema: Schema, words: tuple[str, ...]) -> None:
    """A list of names takes these names."""
    for part in (schema, *schema.get("anyOf", ())):
        if part.get("type") == "array":
            part["items"] = {"type": "string", "enum": list(words)}


def paths(operation: Callable[..., Schema], pieces: Any) -> dict[str, Schema]:
    """The routes; `operation` and `pieces` are what the rest of the document is made of."""

    def made(name: str, summary: str, status: str, answer: Schema, *parameters: Schema, **more: Any) -> Schema:
        problems = ("400", "404", "409", "413", "415")
        responses = pieces.responses({status: answer}, *problems)
        return operation(name, "administration", summary, responses, *parameters, **more)

    one, sent = pieces.answer("Webhook", "The webhook."), pieces.answer("WebhookDelivery", "The delivery, queued.")
    fresh = pieces.answer("Webhook", "The new webhook, with its secret.", ("Location",))
    delivery = pieces.parameter("delivery", ID, place="path", required=True)
    cursor = pieces.parameter("cursor", {"type": "string", "pattern": "^[0-9]{1,18}$"})
    gone = {"description": "It is gone, with its deliveries."}
    empty = {"requestBody": pieces.no_body}
    base, id, key = "/api/v1/webhooks", pieces.id, pieces.key
    return {
        base: {
            "get": made("list_webhooks", "Webhooks", "200", pieces.answer("WebhookPage", "All of them.")),
            "post": made("create_webhook", "Make a webhook", "201", fresh, key, requestBody=pieces.body("NewWebhook")),
        },
        f"{base}/{{id}}": {
            "get": made("get_webhook", "A webhook", "200", one, id),
            "patch": made("change_webhook", "Change a webhook", "200", one, id,
                          requestBody=pieces.body("WebhookChange")),
            "delete": made("delete_webhook", "Delete a webhook", "204", gone, id),
        },
        f"{base}/{{id}}/secret": {"post": made("renew_webhook", "Make a new secret", "200", one, id, key, **empty)},
        f"{base}/{{id}}/test": {"post": made("test_webhook", "Send a test event", "200", sent, id, key, **empty)},
        f"{base}/{{id}}/deliveries": {
            "get": made("list_deliveries", "What was sent", "200",
                        pieces.answer("WebhookDeliveryPage", "Deliveries, newest first."), id, LIMIT, cursor)
        },
        f"{base}/{{id}}/deliveries/{{delivery}}/resend": {
            "post": made("resend_delivery", "Send a delivery again", "200", sent, id, delivery, key, **empty)
        },
    }  # fmt: skip
