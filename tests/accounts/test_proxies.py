"""Forwarded headers are believed from configured proxies alone; a proxy, or somebody who plays one, that lies."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.shared.config import SettingsError, load
from app.shared.identity import IdentityLayer, Rates
from app.shared.limits import Limiter
from app.shared.proxies import ForwardedHeaders, parsed
from tests.accounts.layer import HOME, as_session, as_token, layer, resolve

ORIGIN = "https://crm.example.com"
PROXY = "10.0.0.1"


async def mirror(scope: Any, _receive: Any, send: Any) -> None:
    """Answers with what is behind the layer."""
    headers = dict(scope["headers"])
    said = f"{scope['client'][0]} {scope['scheme']} {headers.get(b'host', b'').decode()} {sorted(headers)}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said.encode()})


def asked(peer: str, headers: list[tuple[str, str]], trusted: tuple[str, ...] = (PROXY,)) -> list[str]:
    """[address, scheme, host] behind the layer."""
    client = TestClient(ForwardedHeaders(mirror, trusted), base_url="http://inner:5050", client=(peer, 1))
    return client.get("/", headers=headers).text.split(" ", 3)[:3]


def test_a_trusted_proxy_says_who_asks_how_and_for_which_name() -> None:
    headers = [
        ("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "crm.example.com"),
    ]  # fmt: skip
    assert asked(PROXY, headers) == ["198.51.100.7", "https", "crm.example.com"]


def test_nobody_else_is_believed_and_their_headers_go_no_further() -> None:
    headers = [
        ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=127.0.0.1;proto=https"), ("X-Real-IP", "127.0.0.1"), ("CF-Connecting-IP", "127.0.0.1"),
        ("X_Forwarded_For", "127.0.0.1"), ("True-Client-IP", "127.0.0.1"), ("X-Original-URL", "/settings/users"),
    ]  # fmt: skip
    for trusted in ((), (PROXY,)):
        client = TestClient(ForwardedHeaders(mirror, trusted), base_url="http://inner:5050", client=("192.0.2.9", 1))
        said = client.get("/", headers=headers).text
        assert said.startswith("192.0.2.9 http inner:5050 ")
        assert "forwarded" not in said
        assert "x-" not in said


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6, 198.51.100.7"], "198.51.100.7"),  # what the client sent itself stands on the left
        (["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6", "198.51.100.7"], "198.51.100.7"),  # several headers are one list
        (["198.51.100.7, 10.0.0.2"], "198.51.100.7"),  # two proxies of ours in a row
        (["6.6.6.6, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),  # nothing but our own network: the farthest of it
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["::ffff:198.51.100.7"], "198.51.100.7"),
        (['"198.51.100.7"'], "198.51.100.7"),
        (["unknown"], PROXY),  # garbage: the last hop that could be read
        (["198.51.100.7, unknown"], PROXY),
        (["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
        (["<script>"], PROXY),
        (["999.1.1.1"], PROXY),
        (["1.2.3.4; DROP TABLE users"], PROXY),
        ([""], PROXY),
        ([", ,"], PROXY),
        (["," * 5000 + "198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6, " * 500 + "198.51.100.7"], "198.51.100.7"),
        (["127.0.0.1"], "127.0.0.1"),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_of_ours_counts(chain: list[str], address: str) -> None:
    headers = [("X-Forwarded-For", item) for item in chain]
    assert asked(PROXY, headers, ("10.0.0.0/24",))[0] == address


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("X-Forwarded-Proto", "ftp", [PROXY, "http", "inner:5050"]),
        ("X-Forwarded-Proto", "https, http", [PROXY, "http", "inner:5050"]),  # the nearest proxy has the last word
        ("X-Forwarded-Proto", "HTTPS", [PROXY, "https", "inner:5050"]),
        ("X-Forwarded-Host", "evil.example/..", [PROXY, "http", "inner:5050"]),
        ("X-Forwarded-Host", "a b", [PROXY, "http", "inner:5050"]),
        ("X-Forwarded-Host", "first.example, crm.example.com", [PROXY, "http", "crm.example.com"]),
        ("Forwarded", "for=6.6.6.6;proto=https;host=x", [PROXY, "http", "inner:5050"]),  # a form that isn't read
    ],
)
def test_what_cannot_be_meant_is_left_out(header: str, value: str, expected: list[str]) -> None:
    assert asked(PROXY, [(header, value)]) == expected


def test_a_websocket_behind_tls_is_known_as_one() -> None:
    scope: dict[str, Any] = {
        "type": "websocket", "scheme": "ws", "client": (PROXY, 1),
        "headers": [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"198.51.100.7")],
    }  # fmt: skip
    ForwardedHeaders(None, (PROXY,))._read(scope)
    assert (scope["scheme"], scope["client"][0]) == ("wss", "198.51.100.7")


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "[::1", "1.2.3.4.5", "::g", "1" * 5000, "\x00"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parsed(text) is None or str(parsed(text)) == "::1"


# --- behind a proxy, the identity layer -------------------------------------------------------------------------------


def proxied(peer: str = PROXY, **options: Any) -> TestClient:
    app = ForwardedHeaders(layer(origins=(ORIGIN,), **options), (PROXY,))
    return TestClient(app, base_url=HOME, follow_redirects=False, client=(peer, 1))


def hop(address: str = "198.51.100.7", proto: str = "https") -> dict[str, str]:
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": proto, "X-Forwarded-Host": "crm.example.com"}


def test_behind_tls_the_cookie_is_secure_and_the_browser_told_to_stay_on_tls() -> None:
    client = proxied()
    answer = client.get("/deals", headers=hop() | {"Cookie": "__Host-parley_session=member"})
    assert answer.json()["who"] == "Ben"
    assert "strict-transport-security" in answer.headers
    assert client.get("/deals", headers=hop() | as_session("member")).status_code == 303


def test_the_scheme_of_somebody_who_is_no_proxy_makes_nothing_secure() -> None:
    headers = {"X-Forwarded-Proto": "https", "Cookie": "__Host-parley_session=member"}
    answer = proxied("192.0.2.9").get("/deals", headers=headers)
    assert answer.status_code == 303
    assert "strict-transport-security" not in answer.headers


def test_a_name_that_a_proxy_passes_on_must_be_ours() -> None:
    assert proxied().get("/healthz", headers=hop() | {"X-Forwarded-Host": "evil.example"}).status_code == 400
    assert proxied("192.0.2.9").get("/healthz", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200


def test_strangers_behind_one_proxy_are_counted_apart() -> None:
    rates = Rates(refused=Limiter(burst=2, per_second=0.01), entrance=Limiter(burst=2, per_second=0.01))
    client = proxied(rates=rates)
    first = [client.get("/api/v1/deals", headers=hop("198.51.100.7")).status_code for _ in range(3)]
    assert first == [401, 401, 429]
    assert client.get("/api/v1/deals", headers=hop("198.51.100.8")).status_code == 401


def test_an_invented_address_gives_no_fresh_attempts() -> None:
    rates = Rates(refused=Limiter(burst=2, per_second=0.01), entrance=Limiter(burst=2, per_second=0.01))
    for peer, tail in (("192.0.2.9", ""), (PROXY, ", 198.51.100.7")):
        client = proxied(peer, rates=rates)
        answers = [
            client.get("/api/v1/deals", headers={"X-Forwarded-For": f"6.6.6.{number}{tail}"}).status_code
            for number in range(4)
        ]
        assert answers == [401, 401, 429, 429]


def test_metrics_and_the_system_token_are_not_for_who_claims_to_be_this_machine() -> None:
    seen: list[bool] = []

    def resolving(credentials: Any) -> Any:
        seen.append(credentials.is_local)
        return resolve(credentials)

    inner = IdentityLayer(mirror, resolving, origins=(ORIGIN,))
    for peer in ("192.0.2.9", PROXY, "127.0.0.1"):
        client = TestClient(ForwardedHeaders(inner, (PROXY,)), base_url=HOME, client=(peer, 1))
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"} | as_token("reader")).status_code == 200
    assert seen
    assert not any(seen)
    local = TestClient(ForwardedHeaders(inner, (PROXY,)), base_url=HOME, client=("127.0.0.1", 1))
    assert local.get("/metrics").status_code == 200
    assert local.get("/metrics", headers={"Host": "crm.example.com"}).status_code == 401


# --- the setting ------------------------------------------------------------------------------------------------------


def test_addresses_and_networks_are_read() -> None:
    found = load({"PARLEY_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24,::1"})
    assert found.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/24", "::1/128")
    assert load({}).trusted_proxies == ()


@pytest.mark.parametrize("value", ["nginx", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1;::1", "*", "0.0.0.0/0", "::/0"])
def test_what_is_malformed_or_everybody_stops_the_start(value: str) -> None:
    with pytest.raises(SettingsError, match="PARLEY_TRUSTED_PROXIES"):
        load({"PARLEY_TRUSTED_PROXIES": value})
