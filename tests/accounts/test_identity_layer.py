"""The identity layer alone, around an application that answers everything: what comes through, and with what."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.shared.contract import Principal
from app.shared.identity import Credentials, IdentityLayer, Rates
from app.shared.limits import Limiter

HOME = "http://127.0.0.1:5050"
SOCKET = "ws://127.0.0.1:5050/chat/ws"
PEOPLE = {
    "admin": Principal(1, "Anna", "admin"),
    "member": Principal(2, "Ben", "member"),
    "viewer": Principal(3, "Vera", "viewer"),
    "reader": Principal(2, "Ben", "member", channel="api", scopes=frozenset({"read"})),
    "writer": Principal(2, "Ben", "member", channel="api"),
}


def resolve(credentials: Credentials) -> Principal | None:
    return PEOPLE.get(credentials.bearer or credentials.session or "")


async def echo(request: Request) -> Response:
    found = request.scope["parley.principal"]
    body = await request.body()
    return JSONResponse({"who": found.name if found else None, "size": len(body)})


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.scope["parley.principal"].name)
    await websocket.close()


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
INNER = Starlette(routes=[WebSocketRoute("/chat/ws", socket), Route("/{path:path}", echo, methods=METHODS)])


def layer(**options: Any) -> IdentityLayer:
    return IdentityLayer(INNER, resolve, **options)  # type: ignore[arg-type]  # Starlette's own ASGI types


def client_of(app: IdentityLayer, address: str = "10.0.0.9", base: str = HOME) -> TestClient:
    return TestClient(app, base_url=base, follow_redirects=False, client=(address, 1))


@pytest.fixture
def client() -> TestClient:
    return client_of(layer())


def as_session(name: str) -> dict[str, str]:
    return {"Cookie": f"parley_session={name}"}


def as_token(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


SAME = {"Origin": HOME}


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/openapi.json", "/docs", "/static/css/base.css", "/favicon.ico", "/sign-in", "/setup",
     "/setup/abc", "/invitation/abc"],
)  # fmt: skip
def test_open_pages_answer_strangers(client: TestClient, path: str) -> None:
    assert client.get(path).json() == {"who": None, "size": 0}


@pytest.mark.parametrize("path", ["/api/v1/deals", "/chat/ask", "/api", "/api/v1/nothing", "/chat/x/../y", "/metrics"])
def test_programs_without_a_credential_get_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 401)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "path", ["/", "/deals", "/statics", "/static", "/sign-in/", "/sign-inn", "/setups", "/docsx", "//sign-in", "/SETUP"]
)
def test_pages_without_a_credential_lead_to_sign_in(client: TestClient, path: str) -> None:
    answer = client.get(HOME + path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_sign_in_leads_back_to_the_page_that_was_asked_for(client: TestClient) -> None:
    answer = client.get("/deals?stage=won&q=a%20b")
    assert answer.headers["location"] == "/sign-in?next=/deals%3Fstage%3Dwon%26q%3Da%2520b"


def test_a_form_sent_after_the_session_has_ended_leads_back_to_its_page(client: TestClient) -> None:
    answer = client.post("/deals/new", headers={**SAME, "Referer": f"{HOME}/deals/new?company=4"})
    assert answer.headers["location"] == "/sign-in?next=/deals/new%3Fcompany%3D4"


def test_a_page_in_the_background_is_told_instead_of_being_handed_the_sign_in_page(client: TestClient) -> None:
    headers = {"Sec-Fetch-Dest": "empty", "HX-Request": "true", "HX-Current-URL": f"{HOME}/deals?q=x"}
    answer = client.get("/deals/1/timeline", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/deals%3Fq%3Dx"


@pytest.mark.parametrize("path", ["/static/../api/v1/deals", "/static/%2e%2e/deals", "/healthz%00", "/docs\\x"])
def test_paths_that_could_mean_two_things_are_refused(client: TestClient, path: str) -> None:
    sent: list[Any] = []
    scope_path = path.replace("%2e", ".").replace("%00", "\x00")
    assert _status(client.app, {"path": scope_path}, sent) == 400


def _status(app: Any, scope: dict[str, Any], sent: list[Any], headers: list[tuple[bytes, bytes]] | None = None) -> int:
    """The status that the layer answers to a raw scope, as a client library wouldn't send it."""
    import asyncio

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    whole = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "query_string": b"",
        "path": "/",
        "client": ("10.0.0.9", 1),
    }
    whole["headers"] = headers if headers is not None else [(b"host", b"127.0.0.1:5050")]
    asyncio.run(app(whole | scope, receive, send))
    return int(sent[0]["status"])


def test_metrics_are_open_to_this_machine_and_to_a_token() -> None:
    app = layer()
    assert client_of(app, "127.0.0.1").get("/metrics").status_code == 200
    assert client_of(app, "::1").get("/metrics").status_code == 200
    assert client_of(app).get("/metrics").status_code == 401
    assert client_of(app).get("/metrics", headers=as_token("reader")).status_code == 200
    proxied = client_of(app, "127.0.0.1").get("/metrics", headers={"X-Forwarded-For": "10.1.1.1"})
    assert proxied.status_code == 401


def test_a_session_and_a_token_are_known(client: TestClient) -> None:
    assert client.get("/deals", headers=as_session("member")).json()["who"] == "Ben"
    assert client.get("/api/v1/deals", headers=as_token("admin")).json()["who"] == "Anna"
    assert client.get("/deals", headers=as_session("nobody")).status_code == 303
    assert client.get("/api/v1/deals", headers=as_token("nobody")).status_code == 401


def test_a_bad_token_is_not_saved_by_a_good_cookie(client: TestClient) -> None:
    assert client.get("/api/v1/deals", headers=as_session("admin") | as_token("nobody")).status_code == 401


def test_a_client_cannot_name_its_own_principal(client: TestClient) -> None:
    headers = {"parley.principal": "admin", "X-Parley-Principal": "admin", "X-Forwarded-User": "admin"}
    assert client.get("/api/v1/deals", headers=headers).status_code == 401


# --- other sites ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": HOME}, 200),
        ({"Origin": HOME}, 200),
        ({"Origin": "https://crm.example.com"}, 200),  # configured
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9999"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://127.0.0.1:5050"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Origin": "http://127.0.0.1:5050.evil.example"}, 403),
        ({"Origin": f"{HOME}, https://evil.example"}, 403),
        ({"Referer": HOME}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/deals/new", "/api/v1/deals", "/chat/ask", "/sign-out"])
def test_a_session_changes_things_only_from_our_own_pages(headers: dict[str, str], status: int, path: str) -> None:
    client = client_of(layer(origins=("https://crm.example.com",)))
    assert client.post(path, headers=as_session("member") | headers).status_code == status


def test_sign_in_too_is_refused_from_another_site(client: TestClient) -> None:
    assert client.post("/sign-in", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/sign-in", headers=SAME).status_code == 200


def test_a_token_needs_no_origin(client: TestClient) -> None:
    assert client.post("/api/v1/deals", headers=as_token("writer")).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:5050", 200), ("localhost:5050", 200), ("[::1]:5050", 200), ("crm.example.com", 200),
     ("evil.example:5050", 400), ("localhost.evil.example", 400), ("169.254.169.254", 400), ("", 400),
     ("127.0.0.1:5050@evil.example", 400), ("localhost:5050, evil.example", 400), ("0x7f.1", 400)],
)  # fmt: skip
def test_a_name_that_is_not_ours_is_refused_on_open_pages_too(host: str, status: int) -> None:
    app = layer(origins=("https://crm.example.com",))
    assert _status(app, {"path": "/healthz"}, [], [(b"host", host.encode())]) == status


def test_a_request_without_a_host_and_one_with_two_are_refused() -> None:
    assert _status(layer(), {"path": "/healthz"}, [], []) == 400
    assert _status(layer(), {"path": "/healthz"}, [], [(b"host", b"localhost"), (b"host", b"evil.example")]) == 400


def test_listening_everywhere_admits_addresses_but_no_foreign_names() -> None:
    app = layer(host="0.0.0.0")
    assert _status(app, {"path": "/healthz"}, [], [(b"host", b"192.168.1.7:5050")]) == 200
    assert _status(app, {"path": "/healthz"}, [], [(b"host", b"evil.example:5050")]) == 400
    assert _status(layer(host="192.168.1.7"), {"path": "/healthz"}, [], [(b"host", b"192.168.1.7:5050")]) == 200


# --- rights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("who", [as_session("viewer"), as_token("reader")])
@pytest.mark.parametrize("path", ["/api/v1/deals", "/deals/4/edit", "/api/v1/changes/3/apply", "/anything/new"])
def test_who_may_only_look_changes_nothing(client: TestClient, who: dict[str, str], method: str, path: str) -> None:
    assert client.request(method, path, headers=who | SAME).status_code == 403
    assert client.get(path, headers=who).status_code == 200


def test_who_may_only_look_still_asks_and_queries(client: TestClient) -> None:
    for who in (as_session("viewer"), as_token("reader")):
        for path in ("/api/v1/query", "/chat/ask", "/settings/theme"):
            assert client.post(path, headers=who | SAME).status_code == 200


def test_a_viewer_keeps_conversations_and_an_own_account_and_a_reading_token_keeps_neither(client: TestClient) -> None:
    changes = (("DELETE", "/chat/conversations/1"), ("PATCH", "/chat/conversations/1"), ("POST", "/settings/profile"))
    for method, path in changes:
        assert client.request(method, path, headers=as_session("viewer") | SAME).status_code == 200
        assert client.request(method, path, headers=as_token("reader")).status_code == 403


@pytest.mark.parametrize("path", ["/settings/profile/password", "/settings/tokens", "/settings/users/3"])
def test_accounts_are_changed_in_person_not_with_a_token(path: str) -> None:
    admin_token = Principal(1, "Anna", "admin", channel="api")
    client = client_of(IdentityLayer(INNER, lambda credentials: admin_token))  # type: ignore[arg-type]
    assert client.post(path, headers=as_token("pat_x")).status_code == 403
    assert client.get(path, headers=as_token("pat_x")).status_code == 200


@pytest.mark.parametrize("path", ["/settings/users", "/settings/users/3", "/settings/fields", "/settings/workspace"])
def test_the_admin_settings_are_for_admins(client: TestClient, path: str) -> None:
    assert client.get(path, headers=as_session("member")).status_code == 403
    assert client.post(path, headers=as_session("member") | SAME).status_code == 403
    assert client.get(path, headers=as_session("admin")).status_code == 200


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


# --- WebSockets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{}, as_token("nobody"), as_session("member"), as_session("member") | {"Origin": "https://evil.example"},
     as_session("member") | {"Origin": "null"}, as_session("member") | {"Sec-Fetch-Site": "same-origin"},
     as_session("nobody") | SAME, as_session("member") | SAME | {"Host": "evil.example"}],
)  # fmt: skip
def test_a_websocket_is_refused_before_it_is_accepted(client: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(SOCKET, headers=headers):
        pass
    assert refused.value.code == 1008


@pytest.mark.parametrize(
    "headers",
    [as_token("reader"), as_session("viewer") | SAME, as_session("member") | {"Origin": "http://127.0.0.1:5050"}],
)
def test_a_websocket_with_a_token_or_from_our_own_page_is_accepted(client: TestClient, headers: dict[str, str]) -> None:
    with client.websocket_connect(SOCKET, headers=headers) as connection:
        assert connection.receive_text() in ("Ben", "Vera")


def test_a_websocket_may_come_from_a_page_of_the_other_half() -> None:
    client = client_of(layer(peers=lambda: ["http://127.0.0.1:8021"]))
    headers = as_session("member") | {"Origin": "http://localhost:8021"}
    with client.websocket_connect(SOCKET, headers=headers) as connection:
        assert connection.receive_text() == "Ben"
