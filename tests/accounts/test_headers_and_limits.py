"""What every response carries, and how much is taken from whom."""

import re
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient

from app.shared.contract import Principal
from app.shared.identity import Credentials, IdentityLayer, Rates
from app.shared.limits import Limiter
from tests.accounts.layer import INNER, SAME, as_session, as_token, client_of, layer, resolve

# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"), [("/sign-in", 200), ("/deals", 303), ("/api/v1/deals", 401), ("/healthz", 200)]
)
def test_every_response_has_the_security_headers(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in answer.headers


def test_the_nonce_is_new_for_every_response(client: TestClient) -> None:
    policies = [client.get("/sign-in").headers["content-security-policy"] for _ in range(2)]
    nonces = [re.findall(r"'nonce-([^']{22,})'", policy) for policy in policies]
    assert len({*nonces[0], *nonces[1]}) == 2


def test_what_is_not_public_is_not_kept_by_caches(client: TestClient) -> None:
    assert client.get("/deals", headers=as_session("member")).headers["cache-control"] == "no-store"
    assert "cache-control" not in client.get("/static/x.css").headers


def test_a_route_may_set_a_stricter_policy_of_its_own() -> None:
    async def sandboxed(scope: Any, receive: Any, send: Any) -> None:
        await Response(b"x", headers={"Content-Security-Policy": "sandbox"})(scope, receive, send)

    client = client_of(IdentityLayer(sandboxed, resolve))
    answer = client.get("/files/1", headers=as_session("member"))
    assert answer.headers.get_list("content-security-policy") == ["sandbox"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_over_tls_the_prefixed_cookie_counts_and_the_plain_one_does_not() -> None:
    app = layer(origins=("https://crm.example.com",))
    direct, proxied = client_of(app, base="https://127.0.0.1:5050"), client_of(app, base="http://crm.example.com")
    for client in (direct, proxied):
        assert client.get("/deals", headers=as_session("member")).status_code == 303
        answer = client.get("/deals", headers={"Cookie": "__Host-parley_session=member"})
        assert answer.json()["who"] == "Ben"
        assert "strict-transport-security" in answer.headers


def test_the_other_half_may_be_reached_where_the_halves_run_apart() -> None:
    app = layer(peers=lambda: ["http://127.0.0.1:8021"])
    policy = client_of(app).get("/sign-in").headers["content-security-policy"]
    assert "ws://127.0.0.1:8021" in policy
    assert "ws://localhost:8021" in policy


# --- sizes and rates --------------------------------------------------------------------------------------------------


def test_a_body_of_more_than_a_megabyte_is_refused(client: TestClient) -> None:
    headers = as_token("writer")
    assert client.post("/api/v1/deals", headers=headers, content=b"x" * 1024 * 1024).json()["size"] == 1024 * 1024
    answer = client.post("/api/v1/deals", headers=headers, content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json()["title"] == "Too large"


def test_a_body_that_does_not_say_its_size_is_counted(client: TestClient) -> None:
    pieces = (b"x" * 65536 for _ in range(20))
    answer = client.post("/api/v1/deals", headers=as_token("writer"), content=pieces)
    assert answer.status_code == 413


def test_an_import_may_be_larger(client: TestClient) -> None:
    answer = client.post("/api/v1/imports", headers=as_token("writer"), content=b"x" * 3_000_000)
    assert answer.json()["size"] == 3_000_000


def test_strangers_are_slowed_down_by_address_and_who_is_known_is_not() -> None:
    rates = Rates(refused=Limiter(burst=3, per_second=0.1), entrance=Limiter(burst=2, per_second=0.1))
    app = layer(rates=rates)
    here, there = client_of(app, "10.0.0.1"), client_of(app, "10.0.0.2")
    assert [here.get("/api/v1/deals").status_code for _ in range(4)] == [401, 401, 401, 429]
    answer = here.get("/api/v1/deals")
    assert int(answer.headers["retry-after"]) in range(1, 11)
    assert there.get("/api/v1/deals").status_code == 401
    assert {here.get("/api/v1/deals", headers=as_token("reader")).status_code for _ in range(9)} == {200}
    assert here.get("/healthz").status_code == 200
    assert [there.post("/sign-in", headers=SAME).status_code for _ in range(3)] == [200, 200, 429]


def test_accounts_that_cannot_be_read_are_a_503() -> None:
    def broken(credentials: Credentials) -> Principal | None:
        raise RuntimeError("no database")

    client = client_of(IdentityLayer(INNER, broken))  # type: ignore[arg-type]
    assert client.get("/api/v1/deals", headers=as_token("x")).status_code == 503
    assert client.get("/healthz", headers=as_token("x")).status_code == 200
