"""REST v1: routes as a table. What they do is the doors' work; here it is only read from and written to HTTP."""

from flask import Blueprint

from app.crm.api import change_sets, fields, imports, people, pipelines, queries, records, synonyms, tags, webhooks
from app.crm.objects import WRITTEN_OBJECTS

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

_OBJECT = f"<any({', '.join(WRITTEN_OBJECTS)}):object>"
_ID = "<int(max=9007199254740991):id>"
_DELIVERY = "<int(max=9007199254740991):delivery>"

for _rule, _view, _methods in (
    ("/me", queries.me, ["GET"]),
    ("/search", queries.search, ["GET"]),
    ("/query", queries.query, ["POST"]),
    ("/changes", change_sets.listing, ["GET"]),
    ("/changes", change_sets.create, ["POST"]),
    (f"/changes/{_ID}", change_sets.show, ["GET"]),
    (f"/changes/{_ID}", change_sets.revise, ["PUT"]),
    (f"/changes/{_ID}/apply", change_sets.apply, ["POST"]),
    (f"/changes/{_ID}/reject", change_sets.reject, ["POST"]),
    (f"/changes/{_ID}/undo", change_sets.undo, ["POST"]),
    ("/imports", imports.listing, ["GET"]),
    ("/imports", imports.create, ["POST"]),
    (f"/imports/{_ID}", imports.show, ["GET"]),
    (f"/imports/{_ID}/cancel", imports.cancel, ["POST"]),
    (f"/imports/{_ID}/errors", imports.errors, ["GET"]),
    ("/fields", fields.listing, ["GET"]),
    ("/fields", fields.create, ["POST"]),
    (f"/fields/{_ID}", fields.show, ["GET"]),
    (f"/fields/{_ID}", fields.change, ["PATCH"]),
    ("/pipelines", pipelines.pipelines, ["GET"]),
    ("/pipelines", pipelines.create_pipeline, ["POST"]),
    (f"/pipelines/{_ID}", pipelines.pipeline, ["GET"]),
    (f"/pipelines/{_ID}", pipelines.change_pipeline, ["PATCH"]),
    ("/stages", pipelines.create_stage, ["POST"]),
    (f"/stages/{_ID}", pipelines.stage, ["GET"]),
    (f"/stages/{_ID}", pipelines.change_stage, ["PATCH"]),
    ("/users", people.users, ["GET"]),
    (f"/users/{_ID}", people.user, ["GET"]),
    ("/teams", people.teams, ["GET"]),
    (f"/teams/{_ID}", people.team, ["GET"]),
    ("/tags", tags.listing, ["GET"]),
    (f"/tags/{_ID}", tags.change, ["PATCH"]),
    (f"/tags/{_ID}", tags.delete, ["DELETE"]),
    ("/synonyms", synonyms.listing, ["GET"]),
    ("/synonyms", synonyms.create, ["POST"]),
    (f"/synonyms/{_ID}", synonyms.delete, ["DELETE"]),
    ("/webhooks", webhooks.listing, ["GET"]),
    ("/webhooks", webhooks.create, ["POST"]),
    (f"/webhooks/{_ID}", webhooks.show, ["GET"]),
    (f"/webhooks/{_ID}", webhooks.change, ["PATCH"]),
    (f"/webhooks/{_ID}", webhooks.delete, ["DELETE"]),
    (f"/webhooks/{_ID}/secret", webhooks.renew, ["POST"]),
    (f"/webhooks/{_ID}/test", webhooks.test, ["POST"]),
    (f"/webhooks/{_ID}/deliveries", webhooks.deliveries, ["GET"]),
    (f"/webhooks/{_ID}/deliveries/{_DELIVERY}/resend", webhooks.again, ["POST"]),
    (f"/{_OBJECT}", records.listing, ["GET"]),
    (f"/{_OBJECT}", records.create, ["POST"]),
    (f"/{_OBJECT}/{_ID}", records.show, ["GET"]),
    (f"/{_OBJECT}/{_ID}", records.update, ["PATCH"]),
    (f"/{_OBJECT}/{_ID}", records.delete, ["DELETE"]),
    (f"/{_OBJECT}/{_ID}/restore", records.restore, ["POST"]),
):
    _name = f"{_view.__module__.rpartition('.')[2]}_{_view.__name__}"
    blueprint.add_url_rule(_rule, _name, _view, methods=_methods)
