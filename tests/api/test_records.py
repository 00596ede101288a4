"""The collections of records over REST: every object alike."""

from typing import Any

import pytest


def create(client: Any, object: str, **values: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{object}", json=values)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


NEW: dict[str, dict[str, Any]] = {
    "companies": {"name": "Betatech", "industry": "medical", "employees": 12, "annual_revenue": 1200.5},
    "people": {"name": "Ada Bell", "email": "ada@example.com"},
    "deals": {"name": "Big one", "amount": 1500, "close_date": "2024-11-05", "stage": "won"},
    "tasks": {"name": "Call Ada", "due_date": "2024-11-05", "priority": "high"},
    "notes": {"body": "Budget **approved**"},
    "activities": {"kind": "call", "date": "2024-11-05T10:00:00Z", "body": "Talked"},
}


@pytest.mark.parametrize("object", NEW)
def test_a_record_is_created_read_changed_deleted_and_restored(client: Any, object: str) -> None:
    answer = client.post(f"/api/v1/{object}", json=NEW[object])
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/{object}/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert {name: made[name] for name in NEW[object]} == NEW[object]
    assert (made["object"], made["version"], made["url"]) == (object, 1, f"/{object}/{made['id']}")
    path = f"/api/v1/{object}/{made['id']}"
    assert client.get(path).json() == made
    changed = client.patch(path, json={"tags": ["Key", "VIP"]}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["tags"], changed.headers["ETag"]) == (200, ["Key", "VIP"], '"2"')
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 204
    assert client.get(f"/api/v1/{object}").json()["total"] == 0
    assert [item["id"] for item in client.get(f"/api/v1/{object}?trashed=true").json()["items"]] == [made["id"]]
    assert client.get(path).json()["trashed_at"]
    restored = client.post(f"{path}/restore")
    assert (restored.status_code, "trashed_at" in restored.json()) == (200, False)
    assert client.get(f"/api/v1/{object}").json()["total"] == 1


def test_a_list_filters_sorts_and_pages(client: Any) -> None:
    company = create(client, "companies", name="Betatech", industry="medical")
    for number in range(5):
        create(client, "deals", name=f"Deal {number}", amount=number * 1000, company=company["id"], stage="won")
    create(client, "deals", name="Other", amount=9000)
    params = "amount__gte=1000&stage__in=won,lost&company.industry=medical&sort=-amount&limit=3"
    first = client.get(f"/api/v1/deals?{params}").json()
    assert ([item["amount"] for item in first["items"]], first["total"]) == ([4000, 3000, 2000], 4)
    second = client.get(f"/api/v1/deals?{params}&cursor={first['next_cursor']}").json()
    assert ([item["amount"] for item in second["items"]], second["next_cursor"]) == ([1000], None)


def test_money_stands_as_a_number_beside_its_currency_also_where_it_was_not_asked_for(client: Any) -> None:
    create(client, "deals", name="One", amount=12.5)
    create(client, "deals", name="Two", amount=7, currency="EUR")
    items = client.get("/api/v1/deals?fields=amount&sort=name").json()["items"]
    assert [(item["amount"], item["currency"]) for item in items] == [(12.5, "USD"), (7, "EUR")]
    assert "name" not in items[0]
    assert items[0]["label"] == "One"


def test_fields_may_follow_links(client: Any) -> None:
    company = create(client, "companies", name="Betatech", industry="medical")
    create(client, "deals", name="One", company=company["id"])
    item = client.get("/api/v1/deals?fields=name,company.industry").json()["items"][0]
    assert item["company.industry"] == "medical"


def test_a_list_can_be_grouped(client: Any) -> None:
    create(client, "deals", name="One", amount=10, stage="won")
    create(client, "deals", name="Two", amount=5, stage="won")
    create(client, "deals", name="Three", amount=1, stage="lost")
    body = client.get("/api/v1/deals?group_by=stage&measure=count,sum:amount&sort=-sum:amount").json()
    assert [
        (row["keys"]["stage"], row["measures"]["count"], row["measures"]["sum:amount"]) for row in body["items"]
    ] == [
        ("won", 2, 15),
        ("lost", 1, 1),
    ]
    assert body["items"][0]["measures"]["currency"] == "USD"
    assert (body["total"], body["totals"]["count"], body["next_cursor"]) == (2, 3, None)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("amont=5", "amont"),
        ("amont__gte=5", "amont"),
        ("company.indstry=x", "company.indstry"),
        ("sort=-amont", "amont"),
        ("fields=name,amont", "amont"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("amount__gte=much", "amount"),
        ("stage=nowhere", "stage"),
        ("close_date__gte=yesterdayish", "close_date"),
        ("group_by=amont", "amont"),
        ("measure=sum:nam", "nam"),
        ("name=%00", "name"),
    ],
)
def test_what_a_list_does_not_know_is_named(quiet: Any, query: str, named: str) -> None:
    answer = quiet.get(f"/api/v1/deals?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert any(named in error["field"] for error in problem["errors"]), problem


def test_a_near_name_is_offered(quiet: Any) -> None:
    assert "amount" in quiet.get("/api/v1/deals?amont=5").text
    assert "amount" in quiet.post("/api/v1/deals", json={"name": "x", "amont": 5}).text


def test_a_bad_cursor_is_refused(quiet: Any) -> None:
    assert quiet.get("/api/v1/deals?cursor=abc").status_code == 400


def test_every_bad_field_is_named_at_once(quiet: Any) -> None:
    body = {"amount": "much", "close_date": "soon", "nonsense": 1, "version": 3, "created_at": "2024-01-01T00:00:00Z"}
    answer = quiet.post("/api/v1/deals", json=body)
    assert answer.status_code == 422
    named = {error["field"] for error in answer.json()["errors"]}
    assert named >= {"amount", "close_date", "nonsense", "version", "created_at"}


def test_a_missing_name_is_named(quiet: Any) -> None:
    answer = quiet.post("/api/v1/companies", json={})
    assert [error["field"] for error in answer.json()["errors"]] == ["name"]


def test_a_stale_patch_shows_both_and_writes_nothing(client: Any) -> None:
    made = create(client, "companies", name="Betatech", city="Bern")
    path = f"/api/v1/companies/{made['id']}"
    assert client.patch(path, json={"city": "Ulm"}, headers={"If-Match": '"1"'}).status_code == 200
    answer = client.patch(path, json={"city": "Genf"}, headers={"If-Match": '"1"'})
    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert (problem["yours"]["city"], problem["theirs"]["city"], problem["theirs"]["version"]) == ("Genf", "Ulm", 2)
    error = next(error for error in problem["errors"] if error["field"] == "city")
    assert (error["yours"], error["theirs"]) == ("Genf", "Ulm")
    assert client.get(path).json()["city"] == "Ulm"


@pytest.mark.parametrize("header", ["*", '"1"', "1", 'W/"1"'])
def test_if_match_takes_the_version_in_every_usual_form(client: Any, header: str) -> None:
    made = create(client, "companies", name="Betatech")
    answer = client.patch(f"/api/v1/companies/{made['id']}", json={"city": "Ulm"}, headers={"If-Match": header})
    assert answer.status_code == 200


def test_if_match_that_is_no_version_is_refused(client: Any) -> None:
    made = create(client, "companies", name="Betatech")
    answer = client.patch(f"/api/v1/companies/{made['id']}", json={"city": "Ulm"}, headers={"If-Match": "x"})
    assert answer.status_code == 400


def test_a_stale_delete_is_refused(client: Any) -> None:
    made = create(client, "companies", name="Betatech")
    path = f"/api/v1/companies/{made['id']}"
    client.patch(path, json={"city": "Ulm"})
    assert client.delete(path, headers={"If-Match": '"1"'}).status_code == 409
    assert client.delete(path, headers={"If-Match": '"2"'}).status_code == 204


def test_custom_fields_are_keys_like_any_other(client: Any, database: Any) -> None:
    from app.crm import customization

    with database.write() as connection:
        customization.create_field(connection, "companies", "Account ID", "key", unique=True)
        customization.create_field(connection, "companies", "Founded", "number", integer=True)
    made = create(client, "companies", name="Betatech", account_id="1002", founded=1986)
    assert (made["account_id"], made["founded"]) == ("1002", 1986)
    found = client.get("/api/v1/companies?founded__lt=1990&account_id=1002&fields=founded").json()
    assert [item["founded"] for item in found["items"]] == [1986]
    again = client.post("/api/v1/companies", json={"name": "Other", "account_id": "1002"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "account_id")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/unicorns", 404),
        ("GET", "/api/v1/deals/1", 404),
        ("GET", "/api/v1/deals/x", 404),
        ("GET", "/api/v1/deals/99999999999999999999999", 404),
        ("PATCH", "/api/v1/deals/9007199254740991", 404),
        ("DELETE", "/api/v1/deals/7", 404),
        ("POST", "/api/v1/deals/7/restore", 404),
        ("GET", "/api/v1/changes/7", 404),
        ("POST", "/api/v1/changes/7/undo", 404),
        ("GET", "/api/v1/imports/7", 404),
        ("PUT", "/api/v1/deals", 405),
        ("DELETE", "/api/v1/deals", 405),
        ("POST", "/api/v1/me", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(quiet: Any, method: str, path: str, status: int) -> None:
    answer = quiet.request(method, path, json={} if method in ("PATCH", "POST") else None)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    if status == 405:
        assert "GET" in answer.headers["Allow"]
