"""Queries, search and change sets over REST, and who is asking."""

from typing import Any

import pytest


def make(client: Any, object: str, **values: Any) -> int:
    answer = client.post(f"/api/v1/{object}", json=values)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_a_query_is_answered_as_a_page_or_as_groups(client: Any) -> None:
    company = make(client, "companies", name="Betatech", industry="medical")
    make(client, "deals", name="One", amount=10, company=company, stage="won")
    make(client, "deals", name="Two", amount=5, stage="won")
    where = {"and": [{"field": "stage", "value": "won"}, {"field": "company.industry", "value": "medical"}]}
    page = client.post("/api/v1/query", json={"object": "deals", "where": where, "columns": ["name"]}).json()
    assert ([item["name"] for item in page["items"]], page["total"]) == (["One"], 1)
    measures = [{"fn": "sum", "field": "amount"}, {"fn": "count"}]
    groups = client.post("/api/v1/query", json={"object": "deals", "measures": measures}).json()
    assert groups["totals"] == {"sum:amount": 15, "count": 2, "currency": "USD"}


def test_converted_groups_name_their_rates(client: Any) -> None:
    make(client, "deals", name="One", amount=10, currency="EUR")
    measures = [{"fn": "sum", "field": "amount"}]
    asked = {"object": "deals", "measures": measures, "currency": "USD"}
    refused = client.post("/api/v1/query", json=asked)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "currency")
    assert "EUR" in refused.json()["detail"]
    rate = {"action": "add", "currency": "EUR", "day": "2024-11-01", "rate": "1.08"}
    assert client.post("/settings/currencies", data=rate, follow_redirects=False).status_code == 303
    body = client.post("/api/v1/query", json=asked).json()
    assert body["totals"] == {"sum:amount": 10.8, "currency": "USD"}
    assert body["rates"] == [{"currency": "EUR", "to": "USD", "rate": "1.08", "day": "2024-11-01"}]
    assert "rates" not in client.post("/api/v1/query", json={"object": "deals", "measures": measures}).json()
    bound = {"object": "deals", "having": [{"measure": "count", "op": "gt", "value": 1}], "measures": [{"fn": "count"}]}
    assert client.post("/api/v1/query", json=bound).json()["total"] == 0


def test_search_finds_words_and_says_where_they_stand(client: Any) -> None:
    company = make(client, "companies", name="Betatech")
    note = make(client, "notes", body="The budget for integration is approved", company=company)
    body = client.get("/api/v1/search?q=integration").json()
    (hit,) = [item for item in body["items"] if item["object"] == "notes"]
    assert (hit["id"], hit["url"]) == (note, f"/notes/{note}")
    start, end = hit["matches"][0]
    assert hit["snippet"][start:end] == "integration"
    assert body["next_cursor"] is None
    assert client.get("/api/v1/search?q=integration&objects=companies").json()["items"] == []


@pytest.mark.parametrize(
    ("query", "field"), [("", "q"), ("q=+", "q"), ("q=x&objects=users", "objects"), ("q=x&limit=0", "limit")]
)
def test_search_says_what_it_needs(quiet: Any, query: str, field: str) -> None:
    answer = quiet.get(f"/api/v1/search?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_me_is_the_token_s_user(client: Any) -> None:
    body = client.get("/api/v1/me").json()
    assert (body["name"], body["role"], body["scopes"], body["can_write"]) == ("Anna", "admin", ["read", "write"], True)


CREATE = {"action": "create", "object": "companies", "ref": "new", "values": {"name": "Newco"}}
LINKED = {"action": "create", "object": "deals", "values": {"name": "First", "company": "$new"}}


def test_a_change_set_is_applied_whole_and_undone(client: Any) -> None:
    answer = client.post("/api/v1/changes", json={"title": "Two at once", "operations": [CREATE, LINKED]})
    done = answer.json()
    assert (answer.status_code, done["state"], done["count"], done["channel"]) == (201, "applied", 2, "api")
    assert answer.headers["Location"] == f"/api/v1/changes/{done['id']}"
    deal = client.get("/api/v1/deals").json()["items"][0]
    assert deal["company"]["label"] == "Newco"
    shown = client.get(f"/api/v1/changes/{done['id']}").json()
    assert [line["action"] for line in shown["changes"]] == ["create", "create"]
    undone = client.post(f"/api/v1/changes/{done['id']}/undo")
    assert undone.status_code == 200
    assert client.get("/api/v1/deals").json()["total"] == 0
    assert client.get(f"/api/v1/changes/{done['id']}").json()["state"] == "undone"


@pytest.mark.parametrize("how", [{"propose": True}, {"state": "proposed"}])
def test_a_proposal_writes_nothing_until_it_is_applied(client: Any, how: dict[str, Any]) -> None:
    proposed = client.post("/api/v1/changes", json={"operations": [CREATE], **how}).json()
    assert (proposed["state"], len(proposed["operations"])) == ("proposed", 1)
    assert client.get("/api/v1/companies").json()["total"] == 0
    applied = client.post(f"/api/v1/changes/{proposed['id']}/apply")
    assert (applied.status_code, applied.json()["state"]) == (200, "applied")
    assert client.get("/api/v1/companies").json()["total"] == 1
    assert client.post(f"/api/v1/changes/{proposed['id']}/apply").status_code == 409


def test_a_proposal_is_rejected(client: Any) -> None:
    proposed = client.post("/api/v1/changes", json={"operations": [CREATE], "propose": True}).json()
    rejected = client.post(f"/api/v1/changes/{proposed['id']}/reject")
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    assert client.post(f"/api/v1/changes/{proposed['id']}/apply").status_code == 409


def test_change_sets_are_listed_in_either_order_and_in_pages(client: Any) -> None:
    for name in "abc":
        make(client, "companies", name=name)
    first = client.get("/api/v1/changes?sort=-created_at&limit=2").json()
    assert ([item["id"] for item in first["items"]], first["total"]) == ([3, 2], 3)
    rest = client.get(f"/api/v1/changes?sort=-created_at&limit=2&cursor={first['next_cursor']}").json()
    assert ([item["id"] for item in rest["items"]], rest["next_cursor"]) == ([1], None)
    assert [item["id"] for item in client.get("/api/v1/changes?sort=created_at").json()["items"]] == [1, 2, 3]
    assert client.get("/api/v1/changes?state=proposed").json()["total"] == 0


def test_an_expectation_that_does_not_hold_is_a_conflict(client: Any) -> None:
    company = make(client, "companies", name="Betatech", city="Bern")
    operation = {
        "action": "update",
        "object": "companies",
        "id": company,
        "values": {"city": "Ulm"},
        "expect": {"city": "Genf"},
    }
    answer = client.post("/api/v1/changes", json={"operations": [operation]})
    assert answer.status_code == 409
    assert (answer.json()["errors"][0]["yours"], answer.json()["errors"][0]["theirs"]) == ("Ulm", "Bern")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": []},
        {"operations": [{"action": "explode", "object": "deals"}]},
        {"operations": [{"action": "create", "object": "deals", "valeus": {}}]},
        {"operations": [CREATE], "proposed": True},
        {"operations": [CREATE], "propose": "yes"},
        {"operations": [CREATE], "state": "rejected"},
        {"operations": [CREATE], "propose": True, "state": "applied"},
        {"operations": [{"action": "create", "object": "users", "values": {"name": "x"}}]},
    ],
)
def test_a_change_set_s_mistakes_are_named(quiet: Any, body: dict[str, Any]) -> None:
    answer = quiet.post("/api/v1/changes", json=body)
    assert (answer.status_code, bool(answer.json()["errors"])) == (422, True), answer.text


def test_a_reader_asks_and_changes_nothing(client: Any, database: Any, admin: Any, viewer: Any) -> None:
    from tests.conftest import bearer

    company = make(client, "companies", name="Betatech")
    for token in (bearer(database, admin, ("read",)), bearer(database, viewer)):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/companies", headers=headers).json()["total"] == 1
        assert client.post("/api/v1/query", json={"object": "companies"}, headers=headers).status_code == 200
        for method, path, body in (
            ("POST", "/companies", {"name": "x"}),
            ("PATCH", f"/companies/{company}", {"name": "x"}),
            ("DELETE", f"/companies/{company}", None),
            ("POST", "/changes", {"operations": [CREATE]}),
            ("POST", "/changes/1/undo", None),
            ("POST", "/imports", None),
        ):
            answer = client.request(method, f"/api/v1{path}", json=body, headers=headers)
            assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json"), path
    assert client.get("/api/v1/companies").json()["items"][0]["name"] == "Betatech"
