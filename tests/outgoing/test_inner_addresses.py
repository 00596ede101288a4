"""However an inner address is written, nothing connects to it. A listening socket counts."""

from ipaddress import ip_address, ip_network

import httpx
import pytest

from app.shared.config import SettingsError, load
from app.shared.outgoing import Allowed, BadUrl, Bounds, NotAllowed, clients, target
from app.shared.outgoing.addresses import inside
from tests.outgoing.conftest import Fetcher, Trap, answer

# Every one of these means, to some reader of addresses, this machine or a network behind it. {port} is a listening one.
SPELLINGS = [
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://2130706433:{port}/",  # decimal
    "http://017700000001:{port}/",  # octal
    "http://0x7f000001:{port}/",  # hexadecimal
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0177.0x0.0.1:{port}/",
    "http://127.0.0.01:{port}/",
    "http://0127.0.0.1:{port}/",
    "http://127.0.0.1%2e:{port}/",
    "http://127%2e0%2e0%2e1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "http://localhost.localdomain:{port}/",
    "http://ip6-localhost:{port}/",
    "http://anything.localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{port}/",
    "http://[::]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",  # mapped
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::FFFF:127.0.0.1]:{port}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",  # translated
    "http://[64:ff9b::127.0.0.1]:{port}/",  # NAT64
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",  # 6to4
    "http://[2001:0:7f00:1::]:{port}/",  # Teredo
    "http://[fe80::1]:{port}/",
    "http://[fe80::1%25lo]:{port}/",  # with a zone
    "http://[fe80::1%lo]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[fc00::1]:{port}/",
    "http://[fd12:3456::1]:{port}/",
    "http://[ff02::1]:{port}/",
    "http://10.0.0.1:{port}/",
    "http://172.16.0.1:{port}/",
    "http://172.31.255.255:{port}/",
    "http://192.168.1.1:{port}/",
    "http://100.64.0.1:{port}/",  # carriers
    "http://169.254.169.254/latest/meta-data/",  # clouds
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://168.63.129.16/machine",
    "http://198.18.0.1:{port}/",
    "http://224.0.0.1:{port}/",
    "http://255.255.255.255:{port}/",
    "http://user@127.0.0.1:{port}/",  # with somebody's name
    "http://example.com@127.0.0.1:{port}/",
    "http://example.com:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@example.com/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://example.com\\@127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http://１２７.０.０.１:{port}/",  # full width
    "http://①②⑦.⓪.⓪.①:{port}/",  # circled
    "http://127。0。0。1:{port}/",  # ideographic full stops
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "http://loc\u00adalhost:{port}/",  # a soft hyphen
    "http://xn--127-0-0-1:{port}/",
    "http://127.0.0.1\t:{port}/",
    "http://127.0.0.1\n:{port}/",
    " http://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "http+unix://%2fvar%2frun%2fdocker.sock/",
    "dict://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
    "http://[127.0.0.1]:{port}/",
    "http://[::1:{port}/",
    "http://",
    "",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_inner_address_is_refused_in_every_spelling(trap: Trap, spelling: str) -> None:
    url = spelling.replace("{port}", str(trap.port))
    for flavour in ("blocking", "asynchronous"):
        with pytest.raises((clients.Failure, *clients.Unreadable, httpx.UnsupportedProtocol)) as refusal:
            Fetcher(flavour)(url)
        assert str(refusal.value)
    assert trap.connections == 0


def test_there_are_spellings_enough_and_the_trap_does_catch(trap: Trap, fetch: Fetcher) -> None:
    assert len(SPELLINGS) >= 80
    assert fetch(f"http://127.0.0.1:{trap.port}/", Allowed.read(("127.0.0.1",))) == (200, b"ok")
    assert trap.connections == 1


@pytest.mark.parametrize("spelling", [url for url in SPELLINGS if "%" in url or ("@" in url and "#" not in url)])
def test_an_address_with_tricks_is_never_taken_from_a_person(spelling: str) -> None:
    with pytest.raises(BadUrl):
        target(spelling.replace("{port}", "8080"))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.9.8.7", "169.254.169.254", "100.100.100.200", "::1", "fd00::1", "::ffff:10.0.0.1", "fe80::1%lo"],
)
def test_a_name_that_leads_inside_is_refused(trap: Trap, fetch: Fetcher, address: str) -> None:
    with pytest.raises(clients.Refused) as refusal:
        fetch(f"http://hooks.example.com:{trap.port}/", resolver=lambda _host, _port: [address])
    assert f"hooks.example.com leads to {ip_address(address)}, which is not on the open internet" in str(refusal.value)
    assert trap.connections == 0


def test_one_inner_address_makes_a_name_suspect(trap: Trap, fetch: Fetcher) -> None:
    with pytest.raises(clients.Refused):
        fetch(f"http://both.example.com:{trap.port}/", resolver=lambda *_: ["93.184.216.34", "127.0.0.1"])
    assert trap.connections == 0


def test_a_name_that_changes_its_mind_gains_nothing(trap: Trap, fetch: Fetcher) -> None:
    """DNS rebinding: the name is asked for once for each connection, and what was checked is what is connected to."""
    answers = [["203.0.114.1"], ["127.0.0.1"], ["127.0.0.1"]]
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    url = f"http://rebind.example.com:{trap.port}/"
    with pytest.raises(clients.Failure) as first:
        fetch(url, bounds=Bounds(connect=0.3, total=0.5), resolver=resolver)
    assert not isinstance(first.value, clients.Refused)
    assert asked == ["rebind.example.com"]
    with pytest.raises(clients.Refused):
        fetch(url, resolver=resolver)
    assert trap.connections == 0


def test_the_address_that_was_checked_is_the_one_connected_to(trap: Trap, fetch: Fetcher) -> None:
    """The name stays in the Host header; the second answer of the resolver is never asked for."""
    answers = [["127.0.0.1"]]
    url = f"http://inside.example.com:{trap.port}/x"
    found = fetch(url, Allowed.read(("inside.example.com",)), resolver=lambda *_: answers.pop(0))
    assert found == (200, b"ok")
    assert f"Host: inside.example.com:{trap.port}".encode() in trap.heads[0]


def test_the_name_is_given_in_the_handshake(fetch: Fetcher) -> None:
    with Trap(lambda _connection: None) as trap:
        url = f"https://inside.example.com:{trap.port}/"
        with pytest.raises(clients.Failure):
            fetch(url, Allowed.read(("inside.example.com",)), resolver=lambda *_: ["127.0.0.1"])
        assert b"inside.example.com" in trap.heads[0]  # SNI, in the client's hello


def test_a_redirect_is_not_followed_and_would_be_refused(trap: Trap, fetch: Fetcher) -> None:
    with Trap(answer(b"", b"Location: http://127.0.0.1:%d/" % trap.port, status=b"302 Found")) as first:
        entry = (f"127.0.0.1:{first.port}",)
        url = f"http://127.0.0.1:{first.port}/"
        assert fetch(url, Allowed.read(entry))[0] == 302
        with pytest.raises(clients.Refused):
            fetch(url, Allowed.read(entry), follow_redirects=True)
    assert trap.connections == 0


def test_no_proxy_is_taken_from_the_environment(trap: Trap, fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    with Trap(answer(b"straight")) as there:
        assert fetch(f"http://127.0.0.1:{there.port}/", Allowed.read(("127.0.0.1",))) == (200, b"straight")
    assert trap.connections == 0


def test_no_password_is_taken_from_the_environment(
    trap: Trap, fetch: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login anna password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    fetch(f"http://127.0.0.1:{trap.port}/", Allowed.read(("127.0.0.1",)))
    assert b"uthorization" not in trap.heads[0]


# --- what the operator allows ---


@pytest.mark.parametrize(
    ("entries", "host", "port", "addresses", "passes"),
    [
        ((), "example.com", 443, ["93.184.216.34"], True),
        ((), "example.com", 443, ["2606:2800:220:1::1"], True),
        ((), "example.com", 443, ["10.0.0.1"], False),
        (("10.0.0.0/8",), "example.com", 443, ["10.0.0.1"], True),
        (("10.0.0.0/8:8080",), "example.com", 443, ["10.0.0.1"], False),
        (("10.0.0.0/8:443",), "example.com", 443, ["10.0.0.1"], True),
        (("10.0.0.0/8",), "example.com", 443, ["10.0.0.1", "192.168.0.1"], False),
        (("[fd00::/8]:443",), "example.com", 443, ["fd00::7"], True),
        (("fd00::/8",), "example.com", 443, ["fd00::7"], True),
        (("hooks.lan",), "hooks.lan", 8080, ["192.168.0.7"], True),
        (("hooks.lan:9000",), "hooks.lan", 8080, ["192.168.0.7"], False),
        (("hooks.lan",), "evil.hooks.lan", 8080, ["192.168.0.7"], False),
        (("127.0.0.1:9000",), "127.0.0.1", 9000, ["127.0.0.1"], True),
        (("127.0.0.1:9000",), "localhost", 9000, ["127.0.0.1"], True),
        (("127.0.0.1:9000",), "127.0.0.1", 5050, ["127.0.0.1"], False),
        (("0.0.0.0/0",), "example.com", 80, ["::ffff:127.0.0.1"], False),
    ],
)
def test_the_operator_allows_hosts_and_networks(
    entries: tuple[str, ...], host: str, port: int, addresses: list[str], passes: bool
) -> None:
    allowed, found = Allowed.read(entries), [ip_address(item) for item in addresses]
    if passes:
        allowed.check(host, port, found)
    else:
        with pytest.raises(NotAllowed):
            allowed.check(host, port, found)


@pytest.mark.parametrize(
    "entry", ["http://x", "a b", "10.0.0.1/8", "x:y", "x:0", "x:99999", "[::1", "-x", "127.1", "*"]
)
def test_a_malformed_allowance_stops_the_start(entry: str) -> None:
    with pytest.raises(SettingsError, match="PARLEY_OUTGOING_ALLOW holds"):
        load({"PARLEY_OUTGOING_ALLOW": f"hooks.lan, {entry}"})
    assert load({"PARLEY_OUTGOING_ALLOW": " hooks.lan ,10.0.0.0/8,"}).outgoing_allow == ("hooks.lan", "10.0.0.0/8")


def test_the_client_of_one_server_reaches_no_other(trap: Trap, fetch: Fetcher) -> None:
    only = Allowed.only(f"http://127.0.0.1:{trap.port}/base")
    assert fetch(f"http://127.0.0.1:{trap.port}/", only) == (200, b"ok")
    with Trap(answer()) as other:
        for url in (f"http://127.0.0.1:{other.port}/", f"http://localhost:{trap.port}/"):
            with pytest.raises(clients.Refused, match="is not the server that this client is for"):
                fetch(url, only)
        assert other.connections == 0
    with pytest.raises(clients.Refused):
        fetch("https://example.com/", only, resolver=lambda *_: ["93.184.216.34"])


def test_the_next_address_is_tried_where_one_is_silent(trap: Trap, fetch: Fetcher) -> None:
    """A name with two addresses, of which the first refuses connections."""
    url, allowed = f"http://two.lan:{trap.port}/", Allowed.read(("two.lan",))
    found = fetch(url, allowed, resolver=lambda *_: ["127.255.0.9", "127.0.0.1"])
    assert found == (200, b"ok")


def test_the_open_internet_is_what_the_registries_leave() -> None:
    """Python's own notion and ours, where they must agree: what is not global there is never outside here."""
    samples = [ip_network(text)[1] for text in ("8.8.8.0/24", "93.184.216.0/24", "2606:4700::/32", "2a00:1450::/32")]
    assert [inside(address) for address in samples] == [None] * 4
    for number in range(0, 2**32, 2**32 // 5003):
        address = ip_address(number)
        if not address.is_global or address.is_multicast:
            assert inside(address), address
    for block in ("::", "64:ff9b::", "100::", "2001::", "2001:db8::", "2002::", "3fff::", "4000::", "5f00::", "fc00::",
                  "fe80::", "fec0::", "ff00::"):  # fmt: skip
        assert inside(ip_address(block) + 1), block
