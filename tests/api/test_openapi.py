"""The OpenAPI document says what the API does: schemathesis finds no server error and no answer that breaks it."""

import os
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema_rs import meta
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks
from sqlalchemy import select

from app.crm import customization
from app.crm.accounts import tokens
from app.crm.api import openapi
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.schema import users
from app.shared.contract import Catalog

# Left out: `positive_data_acceptance` (that an id exists, or a key is free, can't be said in a schema), and what tries
# without a credential, which the host's own tests show for every route.
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))  # for each operation, token and kind of data; more to look deeper
WITHIN = HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example


@pytest.fixture(scope="module")
def documented(quiet: Any) -> Any:
    """The document of the running app, custom fields and all, and some records to find."""
    parts = quiet.app.state.parts
    with parts.database.write() as connection:
        customization.create_field(connection, "companies", "Account ID", "key", unique=True)
        customization.create_field(connection, "deals", "Engaged", "date")
        customization.create_field(connection, "deals", "Product", "select", options=["GTX Basic", "MG Special"])
    company = quiet.post("/api/v1/companies", json={"name": "Betatech", "account_id": "1002"}).json()["id"]
    person = quiet.post("/api/v1/people", json={"name": "Ada Bell", "company": company}).json()["id"]
    for name in ("One", "Two"):
        quiet.post("/api/v1/deals", json={"name": name, "company": company, "person": person, "amount": 5})
    quiet.post("/api/v1/tasks", json={"name": "Call"})
    quiet.post("/api/v1/notes", json={"body": "Budget approved"})
    quiet.post("/api/v1/activities", json={"kind": "call", "date": "2024-11-05"})
    quiet.post(
        "/api/v1/changes", json={"propose": True, "operations": [{"action": "trash", "object": "tasks", "id": 1}]}
    )
    return quiet.get("/openapi.json").json()


@pytest.fixture(scope="module")
def operations(documented: Any) -> dict[tuple[str, str], Any]:
    """(path, method) -> what schemathesis knows of it. The credential is the tests' own, and always sent."""
    schema = schemathesis.openapi.from_dict({**documented, "security": []})
    found = [result.ok() for result in schema.get_all_operations()]
    return {(operation.path, operation.method): operation for operation in found}


@pytest.fixture(scope="module")
def reader(quiet: Any) -> str:
    """A token that may only read."""
    database = quiet.app.state.parts.database
    with database.write() as connection:
        user = connection.execute(select(users.c.id)).scalars().first()
        return tokens.create(connection, user, "reader", ["read"])


def prepared_request(case: Any) -> Any:
    """The case as a client sends it; None for what no client can send, and no server sees."""
    try:
        prepared = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1:5050")).prepare()
        httpx.Request(str(prepared.method), str(prepared.url), headers=dict(prepared.headers))
    except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError, requests.RequestException):
        return None
    return prepared


def ask(client: Any, case: Any, token: str) -> None:
    """Send one case through the app, and hold its answer against the document."""
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1:5050")).prepare()
    headers = {**prepared.headers, "Authorization": f"Bearer {token}"}
    try:
        answer = client.request(prepared.method, prepared.url, headers=headers, content=prepared.body or b"")
    except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError):
        return  # what no client can send, no server sees
    assert answer.status_code < 500, (prepared.method, prepared.url, prepared.body, answer.text)
    case.validate_response(answer, checks=CHECKS)


def api_operations() -> Iterator[tuple[str, str]]:
    for path, methods in openapi.document(Catalog(BUILT_IN))["paths"].items():
        yield from ((path, method) for method in methods)


@pytest.mark.parametrize(("path", "method"), list(api_operations()))
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_the_api_keeps_to_its_document(
    quiet: Any, reader: str, operations: Any, path: str, method: str, mode: GenerationMode
) -> None:
    admin = quiet.headers["Authorization"].removeprefix("Bearer ")

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=WITHIN,
    )
    @given(case=operations[path, method].as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        ask(quiet, case, admin)
        ask(quiet, case, reader)

    try:
        run()
    except Unsatisfiable:
        pytest.skip("there is nothing to get wrong here")


def test_the_document_is_openapi_3_1(quiet: Any, documented: Any) -> None:
    assert documented["openapi"].startswith("3.1")
    for schema in documented["components"]["schemas"].values():
        assert meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    ids = [item["operationId"] for path in documented["paths"].values() for item in path.values()]
    assert len(ids) == len(set(ids))


def test_custom_fields_stages_and_options_are_in_the_document(documented: Any) -> None:
    schemas = documented["components"]["schemas"]
    assert schemas["DealCreate"]["properties"]["product"]["enum"] == ["gtx_basic", "mg_special", None]
    assert schemas["DealCreate"]["properties"]["engaged"]["format"] == "date"
    assert "won" in schemas["DealCreate"]["properties"]["stage"]["enum"]
    assert "account_id" in schemas["Company"]["properties"]
    assert "created_at" not in schemas["CompanyCreate"]["properties"]


def test_every_route_is_documented(quiet: Any, documented: Any) -> None:
    flask = quiet.app.state.parts.guard._app
    for rule in flask.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        path = re.sub(r"<int\([^)]*\):(\w+)>", r"{\1}", rule.rule)
        for object in RECORD_OBJECTS if "<any" in path else ("",):
            concrete = re.sub(r"<any\([^)]*\):object>", object, path)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert method.lower() in documented["paths"][concrete], (concrete, method)
