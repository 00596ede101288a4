"""The OpenAPI 3.1 document of REST v1, made from the catalog: custom fields and stages are in it as they are now."""

from types import SimpleNamespace
from typing import Any

from app import __version__
from app.crm.api import openapi_files, openapi_people, openapi_shape, openapi_webhooks, schemas
from app.crm.api.parameters import LIMIT, filters, list_parameter, parameter
from app.crm.api.shapes import ID, Schema, ref
from app.shared.contract import Catalog, ObjectSpec

_MEANING = {
    "400": "It can't be read: malformed JSON, a bad cursor or header.",
    "401": "No credential, or one that isn't good.",
    "403": "This credential may not do it.",
    "404": "There is no such record, or it may not be seen.",
    "409": "Somebody has changed it meanwhile, or it isn't in a state for this.",
    "413": "The body is too large.",
    "415": "The body is of another type.",
    "422": "It was read and refused; `errors` names every bad field.",
}


def document(catalog: Catalog) -> Schema:
    """The whole document. The host adds its own routes and the assistant's."""
    objects = [spec for spec in catalog.objects.values() if not spec.support]
    found = schemas.shared(catalog.objects) | openapi_shape.schemas() | openapi_webhooks.schemas()
    for spec in catalog.objects.values():
        found |= schemas.of_object(spec)
    paths: dict[str, Schema] = {}
    for spec in objects:
        paths |= _object_paths(spec)
    paths |= _general_paths(catalog)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": __version__},
        "tags": [{"name": spec.name} for spec in objects] + [{"name": name} for name in _OTHER_TAGS],
        "paths": paths,
        "components": {
            "schemas": openapi_people.described(found),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


# --- pieces ----------------------------------------------------------------------------------------------------------


def _problem(status: str) -> Schema:
    content = {"application/problem+json": {"schema": ref("ApiProblem")}}
    return {"description": _MEANING.get(status, "Any other problem."), "content": content}


def _responses(good: dict[str, Schema], *problems: str) -> dict[str, Schema]:
    return good | {status: _problem(status) for status in (*problems, "401", "403", "422", "default")}


def _answer(name: str, description: str, headers: tuple[str, ...] = ()) -> Schema:
    body: Schema = {"description": description, "content": {"application/json": {"schema": ref(name)}}}
    return body | ({"headers": {header: _HEADERS[header] for header in headers}} if headers else {})


_OTHER_TAGS = ("doors", "imports", "exports", "administration")
_HEADERS: dict[str, Schema] = {
    "ETag": {"description": "The record's version.", "schema": {"type": "string"}, "required": True},
    "Location": {"schema": {"type": "string"}, "required": True},
}


def _body(name: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


_NO_BODY: Schema = {
    "required": False,
    "content": {"application/json": {"schema": {"type": "object", "additionalProperties": False}}},
}


_SETTLED: Schema = {"required": False, "content": {"application/json": {"schema": ref("Settled")}}}


def _operation(id: str, tag: str, summary: str, responses: Schema, *parameters: Schema, **more: Any) -> Schema:
    found = {"operationId": id, "tags": [tag], "summary": summary, "responses": responses, **more}
    return found | ({"parameters": list(parameters)} if parameters else {})


_ID_PARAMETER = parameter("id", ID, place="path", required=True)
_IF_MATCH = parameter(
    "If-Match",
    {"type": "string", "pattern": '^(\\*|(W/)?"?[0-9]{1,9}"?)$'},
    "The version that the change was made on; a stale one is a 409 that shows both.",
    "header",
)
_KEY = parameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]*[!-~][ -~]*$"},
    "Sent again with the same body, the same answer comes again and nothing is done twice.",
    "header",
)
# --- records ---------------------------------------------------------------------------------------------------------


def _object_paths(spec: ObjectSpec) -> dict[str, Schema]:
    name, tag, one = schemas.type_name(spec), spec.name, spec.label_one.lower()
    tagged = _answer(name, f"The {one}.", ("ETag",))
    created = _answer(name, f"The new {one}.", ("ETag", "Location"))
    listed = {
        "description": f"{spec.label}; groups of them where `group_by` or `measure` is given.",
        "content": {"application/json": {"schema": {"anyOf": [ref(f"{name}List"), ref("Groups")]}}},
    }
    listing = _operation(f"list_{tag}", tag, f"List {tag}", _responses({"200": listed}, "400"), *filters(spec))
    create = _operation(
        f"create_{spec.singular}", tag, f"Create a {one}",
        _responses({"201": created}, "400", "409", "413", "415"), _KEY, requestBody=_body(f"{name}Create"),
    )  # fmt: skip
    show = _operation(f"get_{spec.singular}", tag, f"A {one}", _responses({"200": tagged}, "404"), _ID_PARAMETER)
    change = _operation(
        f"change_{spec.singular}", tag, f"Change a {one}",
        _responses({"200": tagged}, "400", "404", "409", "413", "415"), _ID_PARAMETER, _IF_MATCH, _KEY,
        requestBody=_body(f"{name}Change"),
    )  # fmt: skip
    gone = {"204": {"description": "It is in the trash."}}
    delete = _operation(
        f"delete_{spec.singular}", tag, f"Put a {one} into the trash", _responses(gone, "400", "404", "409"),
        _ID_PARAMETER, _IF_MATCH, _KEY,
    )  # fmt: skip
    restore = _operation(
        f"restore_{spec.singular}", tag, f"Take a {one} out of the trash",
        _responses({"200": tagged}, "400", "404", "409", "413", "415"), _ID_PARAMETER, _KEY, requestBody=_NO_BODY,
    )  # fmt: skip
    if spec.attached:
        create = openapi_files.upload(_operation, _pieces(), spec, created)
    return {
        f"/api/v1/{tag}": {"get": listing, "post": create},
        f"/api/v1/{tag}/{{id}}": {"get": show, "patch": change, "delete": delete},
        f"/api/v1/{tag}/{{id}}/restore": {"post": restore},
    }


# --- the rest --------------------------------------------------------------------------------------------------------


def _general_paths(catalog: Catalog) -> dict[str, Schema]:
    names = [spec.name for spec in catalog.objects.values() if spec.has_pages]
    page_or_groups = {
        "description": "A page of records, or groups.",
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        *(ref(f"{schemas.type_name(spec)}List") for spec in catalog.objects.values()),
                        ref("Groups"),
                    ]
                }
            }
        },
    }
    query = _operation(
        "query", "doors", "Answer a query", _responses({"200": page_or_groups}, "400", "409", "413", "415"), _KEY,
        requestBody=_body("Query"),
    )  # fmt: skip
    search = _operation(
        "search", "doors", "Search every record's text", _responses({"200": _answer("Hits", "Hits, best first.")}),
        parameter("q", {"type": "string", "minLength": 1, "pattern": r"\S"}, required=True),
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
        list_parameter("objects", names, "Only these."),
    )  # fmt: skip
    me = _operation("me", "doors", "Who is asking", _responses({"200": _answer("Me", "You.")}))
    return {
        "/api/v1/query": {"post": query},
        "/api/v1/search": {"get": search},
        "/api/v1/me": {"get": me},
        **_change_paths(),
        **_import_paths(names),
        **openapi_shape.paths(_operation, _pieces(), names),
        **openapi_people.paths(_operation, _pieces(), catalog),
        **openapi_webhooks.paths(_operation, _pieces()),
        **openapi_files.paths(_operation, _pieces()),
    }


def _pieces() -> SimpleNamespace:
    return SimpleNamespace(
        answer=_answer,
        body=_body,
        responses=_responses,
        parameter=parameter,
        id=_ID_PARAMETER,
        key=_KEY,
        no_body=_NO_BODY,
    )


def _change_paths() -> dict[str, Schema]:
    stored = _answer("StoredChangeSet", "The change set.")
    listing = _operation(
        "list_changes", "doors", "Change sets", _responses({"200": _answer("ChangeSetList", "Change sets.")}, "400"),
        parameter("sort", {"type": "string", "enum": ["-created_at", "created_at"], "default": "-created_at"}),
        parameter("state", {"type": "string", "enum": ["proposed", "applied", "rejected", "expired", "undone"]}),
        LIMIT, parameter("cursor", {"type": "string", "pattern": "^[0-9]{1,18}$"}),
    )  # fmt: skip
    create = _operation(
        "create_change_set", "doors", "Propose or apply a change set",
        _responses({"201": _answer("StoredChangeSet", "The change set.", ("Location",))},
                   "400", "404", "409", "413", "415"),
        _KEY, requestBody=_body("NewChangeSet"),
    )  # fmt: skip
    show = _operation("get_change_set", "doors", "A change set", _responses({"200": stored}, "404"), _ID_PARAMETER)
    revise = _operation(
        "revise_change_set", "doors", "Put a proposal otherwise before it is applied",
        _responses({"200": stored}, "400", "404", "409", "413", "415"), _ID_PARAMETER, _KEY,
        requestBody=_body("ChangeSet"),
    )  # fmt: skip
    paths: dict[str, Schema] = {
        "/api/v1/changes": {"get": listing, "post": create},
        "/api/v1/changes/{id}": {"get": show, "put": revise},
    }
    for word in ("apply", "reject", "undo"):
        done = _responses({"200": stored}, "400", "404", "409", "413", "415")
        paths[f"/api/v1/changes/{{id}}/{word}"] = {
            "post": _operation(
                f"{word}_change_set", "doors", f"{word.capitalize()} a change set", done, _ID_PARAMETER, _KEY,
                requestBody=_SETTLED if word == "apply" else _NO_BODY,
            )
        }  # fmt: skip
    return paths


def _import_paths(names: list[str]) -> dict[str, Schema]:
    form = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "CSV or other delimited text."},
            "object": {"type": "string", "enum": names},
            "map": {"type": "array", "items": {"type": "string"}, "description": "COLUMN=field."},
            "match": {"type": "string", "minLength": 1},
            "create": {"type": "string", "description": "fields,owners,stages,companies,people"},
            "date_order": {"type": "string", "enum": ["month-first", "day-first"]},
            "dry_run": {"type": "string", "enum": ["true", "false"]},
        },
        "required": ["file", "object"],
        "additionalProperties": False,
    }
    run = _answer("ImportRun", "The import.")
    create = _operation(
        "create_import", "imports", "Import a file",
        _responses({"201": _answer("ImportRun", "The import, which has begun.", ("Location",))},
                   "400", "409", "413", "415"),
        _KEY, requestBody={"required": True, "content": {"multipart/form-data": {"schema": form}}},
    )  # fmt: skip
    listing = _operation(
        "list_imports", "imports", "Imports",
        _responses({"200": _answer("ImportList", "Imports, newest first.")}, "400"),
        LIMIT, parameter("cursor", {"type": "string", "pattern": "^[0-9]{1,18}$"}),
    )  # fmt: skip
    file = {"description": "The rows that were not imported.", "content": {"text/csv": {"schema": {"type": "string"}}}}
    return {
        "/api/v1/imports": {"get": listing, "post": create},
        "/api/v1/imports/{id}": {
            "get": _operation("get_import", "imports", "An import and how far it is", _responses({"200": run}, "404"),
                              _ID_PARAMETER)
        },
        "/api/v1/imports/{id}/cancel": {
            "post": _operation("cancel_import", "imports", "Call an import off",
                               _responses({"200": run}, "400", "404", "409", "413", "415"), _ID_PARAMETER, _KEY,
                               requestBody=_NO_BODY)
        },
        "/api/v1/imports/{id}/errors": {
            "get": _operation("get_import_errors", "imports", "The rows that were not imported",
                              _responses({"200": file}, "404"), _ID_PARAMETER)
        },
    }  # fmt: skip
