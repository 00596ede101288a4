"""Cursors, sorts and filters bent by hand: a plain refusal, or the own rows; never others', never a fault."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest

from app.crm.port import Crm
from app.crm.query import cursor as cursors
from app.shared.contract import Query
from app.shared.db import Database
from app.shared.errors import BadRequest
from tests.attacks.office import SECRETS, Office
from tests.conftest import add_user
from tests.pages.site import Maker


def _pages(office: Office, path: str, headers: dict[str, str]) -> Iterator[dict[str, Any]]:
    joint, cursor = "&" if "?" in path else "?", ""
    for _ in range(50):
        answer = office.client.get(f"{path}{joint}limit=2{cursor}", headers=headers)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        if not (following := answer.json()["next_cursor"]):
            return
        cursor = f"&cursor={quote(following)}"


def _cursor(office: Office, who: str, path: str) -> str:
    return str(next(_pages(office, path, office.as_token(who)))["next_cursor"])


def forged(fingerprint: str, position: Any) -> str:
    """A cursor with a right check, as its maker is public code: it must grant nothing and break nothing."""
    body = json.dumps(position).encode()
    check = hashlib.sha256(fingerprint.encode() + b"\x00" + body).digest()[:8]
    return base64.urlsafe_b64encode(check + body).rstrip(b"=").decode()


def test_a_cursor_of_somebody_who_sees_more_shows_no_more(office: Office) -> None:
    """Anna sees every deal; her cursors lead Ben through his team's alone."""
    for path in ("/api/v1/deals", "/api/v1/deals?sort=-amount", "/api/v1/deals?sort=name"):
        joint = "&" if "?" in path else "?"
        for page in _pages(office, path, office.as_token("anna")):
            if page["next_cursor"]:
                url = f"{path}{joint}limit=100&cursor={quote(page['next_cursor'])}"
                seen = office.client.get(url, headers=office.as_token("ben")).text
                assert SECRETS["otto"] not in seen
                assert SECRETS["anna"] not in seen


def test_pages_that_follow_cursors_show_every_own_row_once_and_nobody_elses(office: Office) -> None:
    """Shows that the test above could fail: the words are found where they may be seen."""
    shown = [
        json.dumps(item) for page in _pages(office, "/api/v1/deals", office.as_token("ben")) for item in page["items"]
    ]
    assert sum(SECRETS["ben"] in item for item in shown) == 5
    assert sum(SECRETS["mia"] in item for item in shown) == 5
    assert not any(SECRETS["otto"] in item for item in shown)
    everything = "".join(json.dumps(page) for page in _pages(office, "/api/v1/deals", office.as_token("anna")))
    assert all(word in everything for word in SECRETS.values())


@pytest.mark.parametrize(
    "elsewhere",
    ["/api/v1/companies?limit=2", "/api/v1/deals?sort=-name&limit=2", "/api/v1/deals?trashed=true", "/api/v1/notes"],
)
def test_a_cursor_of_another_list_is_refused(office: Office, elsewhere: str) -> None:
    cursor = _cursor(office, "ben", "/api/v1/deals?sort=name")
    joint = "&" if "?" in elsewhere else "?"
    answer = office.client.get(f"{elsewhere}{joint}cursor={quote(cursor)}", headers=office.as_token("ben"))
    assert answer.status_code == 400
    assert "start again" in answer.json()["detail"]


def test_a_flipped_bit_anywhere_in_a_cursor_is_noticed(office: Office) -> None:
    good = _cursor(office, "ben", "/api/v1/deals?sort=-amount")
    raw, headers = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)), office.as_token("ben")
    for place in range(len(raw)):
        bent = bytearray(raw)
        bent[place] ^= 1 << (place % 8)
        cursor = base64.urlsafe_b64encode(bytes(bent)).rstrip(b"=").decode()
        answer = office.client.get(f"/api/v1/deals?sort=-amount&limit=2&cursor={cursor}", headers=headers)
        assert answer.status_code == 400, (place, answer.text)


WEIRD: list[Any] = [
    "x",
    "\x00",
    "x\ud800",
    "9" * 5000,
    -1,
    0,
    2**63,
    2**70,
    -(2**70),
    1e308,
    True,
    None,
    [],
    [[]],
    ["x"],
    {},
    {"t": "x"},
    {"d": "2024-02-30"},
    {"d": "0001-01-01"},
    {"n": "NaN"},
    {"n": "Infinity"},
    {"n": "1e999999"},
    {"t": "2024-01-01"},
    {"t": "0001-01-01T00:00:00+14:00"},
    {"q": 1},
    {"t": 1},
    {"d": None},
    {"n": []},
    "' OR 1=1 --",
    "%",
    "2024-01-01",
]
SORTS = ("name", "-amount", "close_date", "-created_at", "company", "stage", "codename", "probability", "-company.name")


def _fingerprint(office: Office, sort: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the server ties a cursor of this list to."""
    seen: list[str] = []
    made = cursors.encode
    monkeypatch.setattr(cursors, "encode", lambda fingerprint, row: seen.append(fingerprint) or made(fingerprint, row))
    assert next(_pages(office, f"/api/v1/deals?sort={sort}", office.as_token("ben")))["next_cursor"]
    return seen[0]


@pytest.mark.parametrize("sort", SORTS)
def test_a_forged_position_of_any_kind_is_no_fault_and_no_way_in(
    office: Office, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint, headers = _fingerprint(office, sort, monkeypatch), office.as_token("ben")
    for value in WEIRD:
        positions = [[value, 1], *([[value, value], ["x", value], [value], value] if sort == "name" else [])]
        for position in positions:
            cursor = forged(fingerprint, position)
            answer = office.client.get(f"/api/v1/deals?sort={sort}&limit=2&cursor={cursor}", headers=headers)
            assert answer.status_code in (200, 400, 422), (sort, position, answer.text)
            assert SECRETS["otto"] not in answer.text


@pytest.mark.parametrize(
    "cursor",
    [
        "0",
        "-1",
        "1",
        "null",
        "=",
        "====",
        "*",
        "é",
        "\x7f",
        "A" * 60_000,
        "../..",
        "%00",
        "' OR 1=1",
        "W10",
        "e30",
        "bnVsbA",
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/v1/deals", "/api/v1/notes?sort=-created_at", "/api/v1/changes", "/api/v1/imports"]
)
def test_what_is_no_cursor_is_refused_or_harmless(office: Office, path: str, cursor: str) -> None:
    joint = "&" if "?" in path else "?"
    answer = office.client.get(f"{path}{joint}cursor={quote(cursor)}", headers=office.as_token("ben"))
    assert answer.status_code in (200, 400, 414, 422), answer.text
    assert SECRETS["otto"] not in answer.text


@pytest.mark.parametrize("cursor", ["0", "x", "A" * 5000, "é", "bnVsbA"])
def test_a_page_with_a_bent_cursor_says_so(office: Office, cursor: str) -> None:
    for path in (
        f"/deals?cursor={quote(cursor)}",
        f"/deals?cursor={quote(cursor)}&trail=1~{quote(cursor)}",
        f"/deals?trail=9~{cursor}",
    ):
        answer = office.client.get(path, headers=office.as_person("ben"))
        assert answer.status_code in (200, 303, 400, 404, 422), (path, answer.status_code)
        assert SECRETS["otto"] not in answer.text


# --- sorts and filters ------------------------------------------------------------------------------------------------

NAMES = (
    "password_hash",
    "owner.password_hash",
    "owner.email_key",
    "created_by.password_hash",
    "owner.sessions.hash",
    "custom",
    "name_key",
    "owner_id",
    "id; DROP TABLE deals",
    "name) --",
    "'",
    "rowid",
    "sqlite_master",
    "__class__",
    "owner.team.name.x",
    "owner.owner.owner.owner.owner.owner.owner",
    "company." * 200 + "name",
    "\x00",
    "-",
    "--name",
    "",
)


@pytest.mark.parametrize("name", NAMES)
def test_no_sort_filter_or_grouping_reaches_what_is_not_declared(office: Office, name: str) -> None:
    headers, told = office.as_token("ben"), quote(name)
    for query in (
        f"sort={told}",
        f"sort=-{told}",
        f"fields={told}",
        f"group_by={told}",
        f"measure=max:{told}",
        f"{told}=x",
    ):
        answer = office.client.get(f"/api/v1/deals?{query}", headers=headers)
        harmless = not name and answer.status_code == 200
        assert answer.status_code in (400, 422) or harmless, (query, answer.status_code, answer.text[:300])
        assert "argon2" not in answer.text


@pytest.mark.parametrize("field", ["password_hash", "name_key", "email_key", "hash"])
def test_no_query_filters_by_a_secret_even_blindly(office: Office, field: str) -> None:
    """A filter on a hidden column would tell it letter by letter."""
    for path in (field, f"owner.{field}", f"created_by.{field}"):
        body = {"object": "deals", "where": {"field": path, "op": "starts_with", "value": "$argon2"}}
        answer = office.client.post("/api/v1/query", json=body, headers=office.as_token("ben"))
        assert answer.status_code == 422, answer.text


def test_filters_over_links_tell_nothing_of_what_lies_behind_them(office: Office) -> None:
    """Ben asks his own companies about Otto's deals: counts and matches must be as if those weren't there."""
    headers, word = office.as_token("ben"), SECRETS["otto"]
    behind = {"relation": "deals", "where": {"field": "name", "op": "contains", "value": word}}
    for query in (
        f"deals.name__contains={word}",
        f"q={word}",
        f"where={quote(json.dumps(behind))}",
    ):
        answer = office.client.get(f"/api/v1/companies?{query}", headers=headers)
        assert answer.status_code in (200, 422), answer.text
        assert answer.status_code == 422 or answer.json()["total"] == 0
    hits = office.client.get(f"/api/v1/search?q={word}", headers=headers)
    assert hits.json()["items"] == []
    assert office.client.get(f"/api/v1/search?q={word}", headers=office.as_token("otto")).json()["items"]


@pytest.mark.parametrize("sort", ["name", "-amount", "close_date", "-created_at", "stage"])
def test_postgresql_refuses_a_forged_position_as_well(
    postgres_database: Database, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, crm = add_user(postgres_database, "Ben", "member"), Crm(postgres_database)
    Maker(crm, member).many("deals", [{"name": f"Deal {n}", "amount": n} for n in range(5)])
    seen: list[str] = []
    made = cursors.encode
    monkeypatch.setattr(cursors, "encode", lambda fingerprint, row: seen.append(fingerprint) or made(fingerprint, row))
    crm.query(member, Query(object="deals", sort=(sort,), limit=2))
    for value in WEIRD:
        for position in ([value, 1], [None, value]):
            with suppress(BadRequest):
                crm.query(member, Query(object="deals", sort=(sort,), limit=2, cursor=forged(seen[0], position)))
