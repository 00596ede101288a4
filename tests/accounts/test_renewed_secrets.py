"""A change of rights renews the secret of each of the user's sessions, and signs nobody out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.crm.accounts import sessions, users
from app.crm.accounts.resolver import Resolver
from app.crm.schema import sessions as table
from app.shared import cookies
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.identity import Credentials
from app.shared.types import utc_now

HOME = "http://127.0.0.1:5050"


@pytest.fixture
def resolver(any_database: Database, settings: Settings) -> Any:
    made = Resolver(any_database, settings)
    yield made
    made.close()


@pytest.fixture
def old(_store: Database, member: Principal) -> str:
    """The secret of a session of the member's, before their rights change."""
    with _store.write() as connection:
        return sessions.start(connection, member.user_id or 0)


def promote(database: Database, member: Principal, role: str = "admin") -> None:
    with database.write() as connection:
        users.set_role(connection, member.user_id or 0, role)


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("admin")
def test_a_change_of_rights_asks_for_a_new_secret_and_the_new_rights_count_at_once(
    any_database: Database, member: Principal, old: str, resolver: Resolver
) -> None:
    before = resolver(Credentials(session=old))
    promote(any_database, member)
    found = resolver(Credentials(session=old))
    assert before is not None
    assert found is not None
    assert (before.renews, before.role) == (False, "member")
    assert (found.renews, found.role, found.credential) == (True, "admin", before.credential)


def test_one_request_gets_the_new_secret_and_the_old_one_ends_after_its_grace(
    any_database: Database, member: Principal, old: str, resolver: Resolver
) -> None:
    promote(any_database, member)
    fresh = resolver.renew(old)
    assert fresh
    assert resolver.renew(old) is None
    for secret in (fresh, old):
        found = resolver(Credentials(session=secret))
        assert found is not None
        assert not found.renews
    with any_database.write() as connection:
        connection.execute(update(table).values(former_until=utc_now() - timedelta(seconds=1)))
    assert resolver(Credentials(session=old)) is None
    assert resolver(Credentials(session=fresh)) is not None


def test_a_session_that_awaits_nothing_gets_no_new_secret(any_database: Database, old: str, resolver: Resolver) -> None:
    assert resolver.renew(old) is None
    assert resolver.renew("guessed") is None


def test_a_team_renews_too_and_a_name_does_not(any_database: Database, member: Principal, old: str) -> None:
    def awaits() -> bool:
        with any_database.read() as connection:
            return bool(connection.execute(select(table.c.stale)).scalar_one())

    with any_database.write() as connection:
        users.update_profile(connection, member.user_id or 0, name="Benjamin", timezone="UTC", locale="en_GB")
    assert not awaits()
    with any_database.write() as connection:
        users.set_team(connection, member.user_id or 0, None)
    assert awaits()


def test_an_open_connection_outlives_the_renewal_and_not_the_session(
    any_database: Database, member: Principal, old: str, resolver: Resolver
) -> None:
    found = resolver(Credentials(session=old))
    assert found is not None
    established = Credentials(established=found.credential.removeprefix("session:"))
    promote(any_database, member)
    resolver.renew(old)
    assert resolver(established) is not None
    with any_database.write() as connection:
        sessions.revoke_all(connection, member.user_id or 0)
    assert resolver(established) is None


def test_the_old_secret_signs_out_while_it_counts(any_database: Database, member: Principal, old: str) -> None:
    promote(any_database, member)
    with any_database.write() as connection:
        sessions.renew(connection, old)
        assert sessions.end(connection, old) == member.user_id
        assert sessions.listing(connection, member.user_id or 0) == []


# --- over the whole host ----------------------------------------------------------------------------------------------


@pytest.fixture
def browser(stranger: TestClient, old: str) -> TestClient:
    """The member's browser."""
    stranger.cookies.set(cookies.PLAIN, old, domain="127.0.0.1")
    stranger.headers["Origin"] = HOME
    return stranger


def test_the_next_page_hands_the_browser_its_new_secret_once(
    browser: TestClient, database: Database, member: Principal, old: str
) -> None:
    assert "set-cookie" not in browser.get("/deals").headers
    promote(database, member)
    cookie = browser.get("/settings/users").headers["set-cookie"]
    assert cookie.startswith("parley_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert browser.cookies[cookies.PLAIN] != old
    answer = browser.get("/settings/users")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_requests_that_were_on_their_way_with_the_old_secret_are_answered(
    browser: TestClient, database: Database, member: Principal, old: str
) -> None:
    promote(database, member)
    browser.get("/deals")
    late = TestClient(browser.app, base_url=HOME, cookies={cookies.PLAIN: old}, follow_redirects=False)
    answer = late.get("/deals")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_signing_out_with_the_old_secret_leaves_no_session(
    browser: TestClient, database: Database, member: Principal
) -> None:
    promote(database, member)
    answer = browser.post("/sign-out")
    assert answer.headers.get_list("set-cookie") == [cookies.taking_back(secure=False)]
    with database.read() as connection:
        assert sessions.listing(connection, member.user_id or 0) == []


def test_what_is_public_renews_nothing(browser: TestClient, database: Database, member: Principal) -> None:
    promote(database, member)
    for path in ("/healthz", "/docs", "/static/css/base.css"):
        assert "set-cookie" not in browser.get(path).headers
    assert "set-cookie" in browser.get("/deals").headers


def test_the_settings_list_sessions_under_names_that_stay(
    browser: TestClient, database: Database, member: Principal
) -> None:
    with database.read() as connection:
        before = [row.id for row in sessions.listing(connection, member.user_id or 0)]
    promote(database, member)
    page = browser.get("/settings/sessions").text
    assert "This browser" in page
    with database.read() as connection:
        assert [row.id for row in sessions.listing(connection, member.user_id or 0)] == before


def test_signing_out_everywhere_ends_this_browser_too(
    browser: TestClient, database: Database, member: Principal
) -> None:
    with database.write() as connection:
        sessions.start(connection, member.user_id or 0)
    answer = browser.post("/settings/profile/sessions/end-all")
    assert answer.headers["location"] == "/sign-in"
    with database.read() as connection:
        assert sessions.listing(connection, member.user_id or 0) == []
    assert browser.get("/deals").status_code == 303
