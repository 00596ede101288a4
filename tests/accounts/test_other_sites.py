"""What other sites send, by forms, by names of their own and by WebSockets."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.accounts.layer import HOME, SAME, SOCKET, as_session, as_token, client_of, layer, status_of

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
    assert status_of(app, {"path": "/healthz"}, [], [(b"host", host.encode())]) == status


def test_a_request_without_a_host_and_one_with_two_are_refused() -> None:
    assert status_of(layer(), {"path": "/healthz"}, [], []) == 400
    assert status_of(layer(), {"path": "/healthz"}, [], [(b"host", b"localhost"), (b"host", b"evil.example")]) == 400


def test_listening_everywhere_admits_addresses_but_no_foreign_names() -> None:
    app = layer(host="0.0.0.0")
    assert status_of(app, {"path": "/healthz"}, [], [(b"host", b"192.168.1.7:5050")]) == 200
    assert status_of(app, {"path": "/healthz"}, [], [(b"host", b"evil.example:5050")]) == 400
    assert status_of(layer(host="192.168.1.7"), {"path": "/healthz"}, [], [(b"host", b"192.168.1.7:5050")]) == 200


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
