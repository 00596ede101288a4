"""The whole OpenAPI document, both halves, asked by every kind of caller: no server error, no answer that breaks it.

`tests/api/test_openapi.py` looks deeper at the REST half as an admin and with a token that reads. This one sends each
generated request as everybody. `TEST_LONG=1` sends thirty of each kind (or `API_EXAMPLES`) for each object, in place of
one for deals.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import structlog.testing
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from app.shared.access import is_machine
from tests.api.test_openapi import prepared_request
from tests.attacks.office import Office

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "30")) if os.environ.get("TEST_LONG") else 1
ROLES = ("admin", "member", "viewer", "reading token", "nobody")
OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"}
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def callers(office: Office) -> dict[str, dict[str, str]]:
    return {
        "admin": office.as_token("anna"),
        "member": office.as_token("ben"),
        "viewer": office.as_token("vera"),
        "reading token": office.as_token("ben", "read"),
        "nobody": {},
    }


@pytest.fixture(scope="module")
def operations(office: Office) -> list[Any]:
    """What schemathesis knows of each operation. The credential is the tests' own."""
    document = office.client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict({**document, "security": []})
    return [result.ok() for result in schema.get_all_operations()]


def _ask(office: Office, case: Any, headers: dict[str, str]) -> Any:
    prepared = prepared_request(case)
    return (
        None
        if prepared is None
        else office.client.request(
            prepared.method, prepared.url, headers={**prepared.headers, **headers}, content=prepared.body or b""
        )
    )


def _all_ask(office: Office, callers: dict[str, dict[str, str]], case: Any) -> None:
    for role in ROLES:
        answer = _ask(office, case, callers[role])
        if answer is None:
            return
        where = (role, case.method, answer.url, answer.text[:500])
        assert answer.status_code < 500, where
        if role == "nobody" and case.path not in OPEN:
            refusals = (400, 401, 413, 415, 429) if is_machine(case.path) else (303, 400, 413, 429)
            assert answer.status_code in refusals, where
        if (
            case.method in ("PUT", "PATCH", "DELETE")
            and role in ("viewer", "reading token")
            and case.path.startswith("/api")
        ):
            assert answer.status_code not in range(200, 300), where
        if answer.status_code != 303:  # a page, which leads strangers to sign-in
            case.validate_response(answer, checks=CHECKS)


LIKE_DEALS = re.compile(r"/(companies|people|tasks|notes|activities)\b")  # the same routes over the same code


def _cases(operation: Any) -> Iterator[Any]:
    if EXAMPLES == 1 and LIKE_DEALS.search(operation.path):
        return
    for mode in GenerationMode:
        if EXAMPLES > 1 or mode.value == "positive" or operation.path.startswith("/chat"):
            yield operation.as_strategy(generation_mode=mode)


PARTS = 6  # tests, so that one that fails hides no other


@pytest.mark.timeout(3600 if EXAMPLES > 1 else 120)
@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_may_ask_anything(
    office: Office, callers: dict[str, dict[str, str]], operations: list[Any], part: int
) -> None:
    with structlog.testing.capture_logs():
        for operation in operations[part::PARTS]:
            for strategy in _cases(operation):
                _run(office, callers, strategy)


def _run(office: Office, callers: dict[str, dict[str, str]], strategy: Any) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def run(case: Any) -> None:
        _all_ask(office, callers, case)

    try:
        run()
    except Unsatisfiable:
        return  # there is nothing to get wrong here


def test_both_halves_are_in_the_document(operations: list[Any]) -> None:
    paths = {operation.path for operation in operations}
    assert {"/api/v1/deals", "/api/v1/changes", "/chat/ask", "/chat/conversations"} <= paths
    assert len(operations) > 40
