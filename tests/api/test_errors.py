"""What can't be read or done is a problem (RFC 9457) that names the place."""

import gzip
from typing import Any

import pytest

PROBLEM = "application/problem+json"


def check(answer: Any, status: int, *words: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    for word in words:
        assert word in body["detail"], body
    return body


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"name": "x",\n "city": }', 400, ["Line 2", "column 10"]),
        (b'{"name": NaN}', 400, ["NaN"]),
        (b'{"name": "\xff"}', 400, ["UTF-8"]),
        (b"", 400, ["Line 1"]),
        (b"[]", 400, ["a list"]),
        (b"3", 400, ["a number"]),
        (b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}", 400, ["nested"]),
        (b'{"name": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", 400, ["nested"]),
        (b'{"name": ' + b"9" * 5000 + b"}", 400, ["number"]),
        (b'{"name": "a\\u0000b"}', 422, ["NUL"]),
        (b'{"name": "\\ud800"}', 422, ["surrogate"]),
        (b'{"\\udfff": 1}', 422, ["surrogate"]),
        (b'{"name": "' + b"x" * 600 + b'"}', 422, ["500"]),
        (b'{"name": {"a": 1}}', 422, []),
        (b'{"name": true}', 422, []),
        (b'{"name": "x", "employees": 1e400}', 400, ["too large"]),
        (b'{"name": "x", "employees": 99999999999999999999}', 422, []),
        (b'{"name": "x", "annual_revenue": 1e30}', 422, []),
        (b'{"name": "x", "parent": 99999999999999999999}', 422, []),
        (b'{"name": "x", "parent": -1}', 422, []),
        (b'{"name": "x", "tags": "vip"}', 422, []),
        (b'{"name": "x", "currency": "XXXX"}', 422, []),
    ],
)
def test_a_body_that_can_t_be_taken_is_refused_with_its_place(
    quiet: Any, body: bytes, status: int, words: list[str]
) -> None:
    check(quiet.post("/api/v1/companies", content=body, headers=JSON), status, *words)


def test_only_json_is_taken(quiet: Any) -> None:
    check(quiet.post("/api/v1/companies", data={"name": "x"}), 415, "application/json")
    check(quiet.post("/api/v1/companies", content=b"{}"), 415)
    check(quiet.post("/api/v1/imports", json={}), 415, "multipart")


def test_a_body_that_is_too_large_is_refused(quiet: Any) -> None:
    check(quiet.post("/api/v1/companies", content=b'{"name": "' + b"x" * 2_000_000 + b'"}', headers=JSON), 413)


def test_parameters_of_single_records_are_refused_too(quiet: Any) -> None:
    body = check(quiet.get("/api/v1/me?feilds=name"), 422)
    assert body["errors"][0]["field"] == "feilds"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"object": "deals", "limt": 5}, "limt"),
        ({"object": "deals", "limit": 0}, "limit"),
        ({"object": "nothing"}, "object"),
        ({}, "object"),
        ({"object": "deals", "where": {"field": "amount", "op": "like"}}, "where.op"),
        ({"object": "deals", "where": {"feild": "amount"}}, "where"),
        ({"object": "deals", "where": {"field": "amont"}}, "amont"),
        ({"object": "deals", "where": {"and": [{"field": "amount", "op": "gt", "value": "x"}]}}, "amount"),
        ({"object": "deals", "columns": ["amont"]}, "amont"),
        ({"object": "deals", "where": {"field": "amount", "value": 10**400}}, "amount"),
        ({"object": "deals", "where": {"field": "probability", "value": 10**30}}, "probability"),
    ],
)
def test_a_query_s_mistakes_are_named(quiet: Any, query: dict[str, Any], field: str) -> None:
    answer = quiet.post("/api/v1/query", json=query)
    if answer.status_code == 200:  # a number that no record can have is no mistake
        assert answer.json()["total"] == 0
        return
    body = check(answer, 422)
    assert any(field in error["field"] for error in body["errors"]), body


def test_an_answer_is_not_broken_by_a_compressed_body(quiet: Any) -> None:
    packed = gzip.compress(b'{"name": "x"}')
    check(quiet.post("/api/v1/companies", content=packed, headers={**JSON, "Content-Encoding": "gzip"}), 415)


def test_a_record_that_is_not_there_is_named_in_the_words_of_its_object(quiet: Any) -> None:
    found = check(quiet.get("/api/v1/companies/987654"), 404)
    assert found["detail"] == "There is no company 987654."


def test_a_parameter_that_stands_twice_is_refused_by_name(quiet: Any) -> None:
    body = check(quiet.get("/api/v1/companies?limit=1&limit=2"), 422, "stands more than once")
    assert [error["field"] for error in body["errors"]] == ["limit"]
