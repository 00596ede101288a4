"""Imports over REST: a file and how to read it in, a job that can be watched and called off."""

from pathlib import Path
from typing import Any

from flask import Response, jsonify, request, send_file

from app.crm import transfer, web
from app.crm.api import bodies, params
from app.crm.api.idempotency import idempotent
from app.crm.transfer import jobs
from app.shared.characters import seen
from app.shared.errors import BadRequest, FieldError, Forbidden, Invalid, NotFound
from app.shared.values import as_json

_FIELDS = ("object", "map", "match", "create", "date_order", "dry_run")


def listing() -> Response:
    given = params.only("limit", "cursor")
    limit = params.whole(given, "limit", 50, 1000)
    found, total = jobs.listing(web.services().database, web.principal(), limit + 1, params.cursor(given))
    following = str(found[limit - 1]["id"]) if len(found) > limit else None
    return jsonify({"items": [_body(run) for run in found[:limit]], "next_cursor": following, "total": total})


@idempotent
def create() -> Response:
    """Take the file and begin; the answer names the run, which is read at its own address."""
    params.only()
    if request.mimetype != "multipart/form-data":
        given = request.mimetype or "no type"
        raise bodies.UnsupportedMediaType(f"The body has {given}; this takes multipart/form-data.")
    principal = web.principal()
    if not principal.can_write:
        raise Forbidden("You can look at records, but not import any.")
    options, file = _options(), request.files.get("file")
    if file is None or not file.filename:
        raise _bad("file", "A file is needed, as the part named file.")
    bodies.check_text(file.filename, "file")
    name = Path(seen(file.filename).replace("\\", "/")).name[:200] or "upload.csv"
    id = jobs.start(web.services().database, folder(), principal, file.stream, name, options)
    response = jsonify(_body(jobs.read(web.services().database, principal, id)))
    response.status_code = 201
    response.headers["Location"] = f"/api/v1/imports/{id}"
    return response


def show(id: int) -> Response:
    params.only()
    return jsonify(_body(jobs.read(web.services().database, web.principal(), id)))


@idempotent
def cancel(id: int) -> Response:
    params.only()
    bodies.only(bodies.json_object(optional=True))
    return jsonify(_body(jobs.cancel(web.services().database, web.principal(), id)))


def errors(id: int) -> Response:
    """The rows that were not imported, cell for cell as they came, as a file."""
    params.only()
    jobs.read(web.services().database, web.principal(), id)
    path = jobs.errors(folder(), id)
    if not path.exists():
        raise NotFound(f"Import {id} left no rows behind.")
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name=f"import-{id}.errors.csv")


def folder() -> Path:
    """Where uploads and errors files stand."""
    return web.services().settings.instance / "imports"


def _options() -> transfer.Options:
    """The options from the form. `map` is repeatable COLUMN=field, or one JSON object."""
    unknown = [name for name in (*request.form, *request.files) if name not in (*_FIELDS, "file")]
    if unknown:
        errors = [FieldError(name, "There is no such field here.") for name in unknown]
        raise Invalid(f"Unknown: {', '.join(unknown)}. Known: file, {', '.join(_FIELDS)}.", errors)
    for name, value in request.form.items(multi=True):
        bodies.check_text(value, name)
    form = request.form
    object = form.get("object", "")
    if object not in (known := [n for n, o in web.services().crm.catalog().objects.items() if o.is_typed]):
        raise _bad("object", f"object is {object!r}: expected one of {', '.join(known)}.")
    dry_run = form.get("dry_run", "false")
    if dry_run not in ("true", "false"):
        raise _bad("dry_run", f"dry_run is {dry_run!r}: expected true or false.")
    return transfer.from_words(
        object,
        _maps(form.getlist("map")),
        form.get("match"),
        form.getlist("create"),
        form.get("date_order") or None,
        dry_run == "true",
    )


def _maps(given: list[str]) -> list[str]:
    if len(given) != 1 or not given[0].lstrip().startswith("{"):
        return given
    try:
        pairs = bodies.parse_json(given[0].encode())
    except BadRequest as error:
        raise _bad("map", f"map can't be read as JSON. {error.detail}") from None
    if not (isinstance(pairs, dict) and all(isinstance(value, str) for value in pairs.values())):
        raise _bad("map", "map is a JSON object of column names and field names.")
    return [f"{column}={field}" for column, field in pairs.items()]


def _bad(field: str, message: str) -> Invalid:
    return Invalid(message, [FieldError(field, message)])


def _body(run: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = as_json(run)
    has_errors = jobs.errors(folder(), run["id"]).exists()
    return body | {"errors_url": f"/api/v1/imports/{run['id']}/errors" if has_errors else None}
