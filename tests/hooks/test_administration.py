"""Webhooks as admins keep them, on the pages and over REST."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.crm.schema import idempotency_keys, security_events, webhook_deliveries
from app.crm.schema import webhooks as hook_table
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from tests.conftest import add_user, bearer
from tests.hooks.receiver import Receiver, wait_until

HOOKS = "/api/v1/webhooks"
PAGE = "/settings/webhooks"


@pytest.fixture
def client(inner: Settings, token: str, fast: None) -> Iterator[Any]:
    """The whole host, whose operator allows receivers on this machine, signed in as `admin`."""
    from starlette.testclient import TestClient

    from app.host import build

    with TestClient(build(inner), base_url="http://127.0.0.1:5050", follow_redirects=False) as made:
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def _make(client: Any, url: str, **more: Any) -> dict[str, Any]:
    answer = client.post(HOOKS, json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


# --- REST ---


def test_a_webhook_over_rest_from_making_to_deleting(client: Any, receiver: Receiver) -> None:
    made = _make(client, receiver.url, description="Mirror", objects=["companies"], actions=["create"])
    assert made["secret"].startswith("whsec_")
    assert (made["objects"], made["actions"], made["active"], made["pending"]) == (["companies"], ["create"], True, 0)
    assert made["created_by"]["label"] == "Anna"
    home = f"{HOOKS}/{made['id']}"
    assert "secret" not in client.get(home).json()
    assert [item["id"] for item in client.get(HOOKS).json()["items"]] == [made["id"]]
    client.post("/api/v1/companies", json={"name": "Acme"})
    client.post("/api/v1/people", json={"name": "Jane"})
    told = receiver.wait(1)[0].json
    assert (told["type"], told["data"]["change_set"]["channel"]) == ("companies.created", "api")
    wait_until(lambda: client.get(f"{home}/deliveries").json()["items"][0]["state"] == "delivered")
    sent = client.get(f"{home}/deliveries").json()
    assert (sent["total"], sent["items"][0]["attempts"], sent["items"][0]["response_status"]) == (1, 1, 204)
    again = client.post(f"{home}/deliveries/{sent['items'][0]['id']}/resend")
    assert again.status_code == 200
    assert receiver.wait(2)[1].id == told["id"]
    changed = client.patch(home, json={"active": False})
    assert (changed.status_code, changed.json()["active"], changed.json()["url"]) == (200, False, receiver.url)
    client.post("/api/v1/companies", json={"name": "Beta"})
    assert client.post(f"{home}/test").json()["type"] == "webhook.test"
    assert receiver.wait(3)[2].json["type"] == "webhook.test"
    assert client.delete(home).status_code == 204
    assert client.get(home).status_code == 404
    assert client.get(HOOKS).json()["items"] == []


def test_every_bad_field_is_named_and_nothing_is_made(client: Any) -> None:
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"url"}),
        ({"url": "nonsense"}, {"url"}),
        ({"url": "ftp://example.com/"}, {"url"}),
        ({"url": "https://anna:secret@example.com/"}, {"url"}),
        ({"url": "http://10.0.0.8/hook"}, {"url"}),
        ({"url": "http://169.254.169.254/latest"}, {"url"}),
        ({"url": "http://0x7f000001/"}, {"url"}),
        ({"url": "https://example.com/", "objects": ["users"], "actions": ["explode"]}, {"objects", "actions"}),
        ({"url": "https://example.com/", "description": "x" * 201}, {"description"}),
        ({"url": "https://example.com/", "salt": "mine"}, {"salt"}),
        ({"url": "https://example.com/", "created_by_id": 1}, {"created_by_id"}),
    ]
    for body, fields in cases:
        answer = client.post(HOOKS, json=body)
        assert answer.status_code == 422, body
        assert {item["field"] for item in answer.json()["errors"]} == fields, body
    assert client.get(HOOKS).json()["items"] == []


def test_a_repeated_request_makes_one_webhook_and_its_secret_is_kept_nowhere(client: Any, database: Database) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = (client.post(HOOKS, json={"url": "https://example.com/hook"}, headers=key) for _ in range(2))
    assert first.json() == second.json()
    assert len(client.get(HOOKS).json()["items"]) == 1
    secret = first.json()["secret"]
    with database.read() as connection:
        for table in (idempotency_keys, hook_table, webhook_deliveries, security_events):
            assert secret not in repr(connection.execute(select(table)).all())


def test_a_new_secret_is_another(client: Any) -> None:
    made = _make(client, "https://example.com/hook")
    renewed = client.post(f"{HOOKS}/{made['id']}/secret")
    assert renewed.status_code == 200
    assert renewed.json()["secret"] != made["secret"]


def test_there_are_thirty_webhooks_at_most(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.crm.hooks.webhooks.MOST", 2)
    for number in range(2):
        _make(client, f"https://example.com/{number}")
    assert client.post(HOOKS, json={"url": "https://example.com/more"}).status_code == 409


def test_a_delivery_of_another_webhook_is_not_found(client: Any, receiver: Receiver) -> None:
    mine, other = _make(client, receiver.url), _make(client, "https://example.com/")
    delivery = client.post(f"{HOOKS}/{mine['id']}/test").json()["id"]
    assert client.post(f"{HOOKS}/{other['id']}/deliveries/{delivery}/resend").status_code == 404
    assert client.post(f"{HOOKS}/{mine['id']}/deliveries/{delivery}/resend").status_code == 200


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_only_admins_see_and_keep_webhooks(client: Any, database: Database, role: Any) -> None:
    made = _make(client, "https://example.com/hook")
    headers = {"Authorization": f"Bearer {bearer(database, add_user(database, 'Otto', role))}"}
    for method, path in (
        ("GET", HOOKS), ("POST", HOOKS), ("PATCH", f"{HOOKS}/{made['id']}"), ("DELETE", f"{HOOKS}/{made['id']}"),
        ("POST", f"{HOOKS}/{made['id']}/secret"), ("GET", PAGE), ("POST", f"{PAGE}/{made['id']}/delete"),
    ):  # fmt: skip
        assert client.request(method, path, headers=headers).status_code == 403
    assert len(client.get(HOOKS).json()["items"]) == 1


def test_making_and_deleting_stand_in_the_audit_log_without_the_address(client: Any, database: Database) -> None:
    made = _make(client, "https://hooks.example.com/services/T0/secret-path")
    client.delete(f"{HOOKS}/{made['id']}")
    with database.read() as connection:
        kinds = security_events.c.kind.like("webhook.%")
        rows = connection.execute(select(security_events).where(kinds).order_by(security_events.c.id)).all()
    assert [row.kind for row in rows] == ["webhook.created", "webhook.deleted"]
    assert rows[0].detail == {"webhook": made["id"], "host": "hooks.example.com"}


def test_health_and_metrics_tell_of_the_hooks(client: Any, receiver: Receiver) -> None:
    part = client.get("/readyz").json()["parts"]["hooks"]
    assert (part["status"], part["lag"]) == ("ok", 0)
    receiver.always = 500
    _make(client, receiver.url)
    client.post("/api/v1/companies", json={"name": "Acme"})
    receiver.wait(1)
    wait_until(lambda: client.get("/readyz").json()["parts"]["hooks"]["status"] == "degraded")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "1 of 1 webhooks fail" in answer.json()["parts"]["hooks"]["why"]
    assert "parley_webhooks_failing 1.0" in client.get("/metrics").text


# --- pages ---


def _form(**more: Any) -> dict[str, Any]:
    return {"url": "https://example.com/hook", "description": "Mirror", "active": "true", **more}


def test_a_webhook_is_made_on_the_page_and_its_secret_shown_once(client: Any) -> None:
    answer = client.post(PAGE, data=_form(objects=["deals", "people"], actions=["update"]))
    assert answer.status_code == 201
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert secret
    listed = client.get(PAGE).text
    assert "Mirror" in listed
    assert "example.com" in listed
    page = client.get(f"{PAGE}/1").text
    assert secret[0] not in listed + page
    assert page.count(" checked") == 4  # deals, people, changed, on


def test_what_was_typed_comes_back_with_the_reason(client: Any) -> None:
    answer = client.post(PAGE, data=_form(url="http://192.168.0.9/<script>", objects=["deals"]))
    assert answer.status_code == 422
    assert "not on the open internet" in answer.text or "must be written" in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'value="deals" checked' in answer.text
    assert client.get(HOOKS).json()["items"] == []


def test_the_page_of_a_webhook_shows_its_deliveries_and_sends_again(client: Any, receiver: Receiver) -> None:
    receiver.script = [500]
    _make(client, receiver.url, actions=["create"])
    assert client.post(f"{PAGE}/1/test").status_code == 303
    receiver.wait(1)
    wait_until(lambda: "It answered 500." in client.get(f"{PAGE}/1").text)
    page = client.get(f"{PAGE}/1").text
    assert "webhook.test" in page
    assert "Failed" in page
    again = re.search(r'action="(/settings/webhooks/1/deliveries/\d+/again)"', page)
    assert again
    assert client.post(again[1]).status_code == 303
    receiver.wait(2)
    wait_until(lambda: "Delivered" in client.get(f"{PAGE}/1").text)


def test_the_list_of_deliveries_goes_on_to_older_ones(client: Any, receiver: Receiver) -> None:
    _make(client, receiver.url)
    for _ in range(3):
        client.post(f"{PAGE}/1/test")
    receiver.wait(3)
    found = client.get(f"{HOOKS}/1/deliveries?limit=2").json()
    rest = client.get(f"{HOOKS}/1/deliveries?limit=2&cursor={found['next_cursor']}").json()
    ids = [item["id"] for item in found["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3
    assert rest["next_cursor"] is None
    assert client.get(f"{PAGE}/1?before={ids[0]}").text.count("/again") == 2


def test_saving_renewing_and_deleting_on_the_page(client: Any) -> None:
    _make(client, "https://example.com/hook")
    assert client.post(f"{PAGE}/1", data={"url": "https://example.com/other"}).status_code == 303  # no tick: off
    stored = client.get(f"{HOOKS}/1").json()
    assert (stored["url"], stored["active"]) == ("https://example.com/other", False)
    assert "whsec_" in client.post(f"{PAGE}/1/secret").text
    assert client.post(f"{PAGE}/1/delete").status_code == 303
    assert client.get(f"{PAGE}/1").status_code == 404


def test_the_page_shows_how_the_hooks_stand(client: Any) -> None:
    assert "Nothing to do" in client.get(PAGE).text
    _make(client, "https://example.com/hook")
    client.post("/api/v1/companies", json={"name": "Acme"})
    wait_until(lambda: "Follows" in client.get(PAGE).text)


def test_a_failing_address_leaves_the_server_quick(client: Any, receiver: Receiver) -> None:
    """The write and the pages don't wait for the receiver."""
    receiver.always = "hang"
    _make(client, receiver.url)
    began = time.monotonic()
    for number in range(5):
        assert client.post("/api/v1/companies", json={"name": f"Acme {number}"}).status_code == 201
    assert time.monotonic() - began < 3


def test_the_system_itself_makes_no_webhook(inner: Settings, database: Database, admin: Principal) -> None:
    from app.crm.hooks import webhooks
    from app.shared.contract import SYSTEM
    from app.shared.errors import Conflict

    for principal in (SYSTEM, replace(admin, user_id=None)):
        with pytest.raises(Conflict), database.write() as connection:
            webhooks.create(connection, inner, principal, webhooks.Wanted("https://example.com/"))
