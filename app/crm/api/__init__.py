"""REST v1: routes as a table. What they do is the doors' work; here it is only read from and written to HTTP."""

from flask import Blueprint

from app.crm.api import change_sets, imports, queries, records
from app.crm.objects import RECORD_OBJECTS

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

_OBJECT = f"<any({', '.join(RECORD_OBJECTS)}):object>"
_ID = "<int(max=9007199254740991):id>"

for _rule, _view, _methods in (
    ("/me", queries.me, ["GET"]),
    ("/search", queries.search, ["GET"]),
    ("/query", queries.query, ["POST"]),
    ("/changes", change_sets.listing, ["GET"]),
    ("/changes", change_sets.create, ["POST"]),
    (f"/changes/{_ID}", change_sets.show, ["GET"]),
    (f"/changes/{_ID}/apply", change_sets.apply, ["POST"]),
    (f"/changes/{_ID}/reject", change_sets.reject, ["POST"]),
    (f"/changes/{_ID}/undo", change_sets.undo, ["POST"]),
    ("/imports", imports.listing, ["GET"]),
    ("/imports", imports.create, ["POST"]),
    (f"/imports/{_ID}", imports.show, ["GET"]),
    (f"/imports/{_ID}/cancel", imports.cancel, ["POST"]),
    (f"/imports/{_ID}/errors", imports.errors, ["GET"]),
    (f"/{_OBJECT}", records.listing, ["GET"]),
    (f"/{_OBJECT}", records.create, ["POST"]),
    (f"/{_OBJECT}/{_ID}", records.show, ["GET"]),
    (f"/{_OBJECT}/{_ID}", records.update, ["PATCH"]),
    (f"/{_OBJECT}/{_ID}", records.delete, ["DELETE"]),
    (f"/{_OBJECT}/{_ID}/restore", records.restore, ["POST"]),
):
    _name = f"{_view.__module__.rpartition('.')[2]}_{_view.__name__}"
    blueprint.add_url_rule(_rule, _name, _view, methods=_methods)
