import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.crm.accounts import local, tokens, users
from app.crm.accounts.resolver import Resolver
from app.crm.schema import tokens as token_table
from app.crm.schema import users as user_table
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Invalid
from app.shared.identity import Credentials
from app.shared.types import utc_now
from tests.conftest import bearer


@pytest.fixture
def resolver(any_database: Database, settings: Settings) -> Resolver:
    return Resolver(any_database, settings)


def test_a_token_acts_for_its_user_within_its_scope(
    any_database: Database, resolver: Resolver, member: Principal
) -> None:
    for scopes in (("read",), ("read", "write")):
        found = resolver(Credentials(bearer=bearer(any_database, member, scopes)))
        assert found is not None
        assert (found.user_id, found.channel, found.scopes) == (member.user_id, "api", frozenset(scopes))
        assert found.can_write == ("write" in scopes)


def test_only_a_hash_and_the_first_characters_are_stored(any_database: Database, member: Principal) -> None:
    value = bearer(any_database, member)
    with any_database.read() as connection:
        row = connection.execute(select(token_table)).one()
    assert value.startswith("pat_")
    assert value not in str(tuple(row))
    assert value.startswith(row.prefix)
    assert len(row.prefix) == 10


def test_a_viewers_token_writes_nothing(any_database: Database, resolver: Resolver, viewer: Principal) -> None:
    found = resolver(Credentials(bearer=bearer(any_database, viewer)))
    assert found is not None
    assert not found.can_write


@pytest.mark.parametrize("how", ["expired", "revoked", "deactivated", "mangled", "as a session", "cut"])
def test_a_token_that_is_no_longer_good_stands_for_nobody(
    any_database: Database, resolver: Resolver, member: Principal, how: str
) -> None:
    value = bearer(any_database, member)
    assert member.user_id is not None
    with any_database.write() as connection:
        if how == "expired":
            connection.execute(update(token_table).values(expires_at=utc_now() - timedelta(seconds=1)))
        if how == "revoked":
            (row,) = tokens.listing(connection, member.user_id)
            assert tokens.revoke(connection, member.user_id, row.id)
        if how == "deactivated":
            connection.execute(update(user_table).values(active=False))
    shown = {
        "mangled": Credentials(bearer=value.swapcase()),
        "as a session": Credentials(session=value),
        "cut": Credentials(bearer=value[:-1]),
    }
    assert resolver(shown.get(how, Credentials(bearer=value))) is None


def test_a_token_is_revoked_by_its_owner_alone(any_database: Database, member: Principal) -> None:
    bearer(any_database, member)
    assert member.user_id is not None
    with any_database.write() as connection:
        (row,) = tokens.listing(connection, member.user_id)
        assert not tokens.revoke(connection, member.user_id + 1, row.id)


def test_the_last_use_is_noted_once_a_minute(any_database: Database, resolver: Resolver, member: Principal) -> None:
    value = bearer(any_database, member)
    for _ in range(5):
        resolver(Credentials(bearer=value))
    resolver.close()
    with any_database.read() as connection:
        used = connection.execute(select(token_table.c.used_at)).scalar_one()
    assert used is not None
    assert utc_now() - used < timedelta(minutes=1)


@pytest.mark.parametrize("scopes", ["", "admin", "read admin", ()])
def test_an_unknown_scope_is_refused(database: Database, member: Principal, scopes: str) -> None:
    with pytest.raises(Invalid), database.write() as connection:
        tokens.create(connection, member.user_id or 0, "x", scopes)


# --- the command line's own -------------------------------------------------------------------------------------------


def test_the_local_token_acts_as_the_system_from_this_machine_alone(resolver: Resolver, settings: Settings) -> None:
    value = local.local_token(settings)
    found = resolver(Credentials(bearer=value, is_local=True))
    assert found is not None
    assert (found.user_id, found.role, found.channel) == (None, "admin", "cli")
    assert resolver(Credentials(bearer=value, is_local=False)) is None


def test_the_local_token_acts_as_a_user(resolver: Resolver, settings: Settings, viewer: Principal) -> None:
    found = resolver(Credentials(bearer=local.local_token(settings, viewer.user_id)))
    assert found is not None
    assert (found.user_id, found.role, found.channel) == (viewer.user_id, "viewer", "cli")
    assert resolver(Credentials(bearer=local.local_token(settings, 999))) is None


def test_the_local_token_of_a_deactivated_user_opens_nothing(
    any_database: Database, resolver: Resolver, settings: Settings, member: Principal
) -> None:
    with any_database.write() as connection:
        connection.execute(update(user_table).values(active=False))
    assert resolver(Credentials(bearer=local.local_token(settings, member.user_id))) is None


def test_a_forged_local_token_opens_nothing(resolver: Resolver, settings: Settings, member: Principal) -> None:
    good = local.local_token(settings, member.user_id)
    others = local.local_token(replace(settings, secret_key="another secret of 32 characters."))
    packed, _, signature = good.removeprefix("local_").partition(".")
    admins = local.local_token(settings).removeprefix("local_").partition(".")[0]
    for forged in (
        others,
        f"local_{admins}.{signature}",
        f"local_{packed}.",
        "local_",
        "local_.",
        "local_ü.ü",
        good + "0",
    ):
        assert resolver(Credentials(bearer=forged, is_local=True)) is None


def test_a_local_token_lives_for_ten_minutes(
    resolver: Resolver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, now = local.local_token(settings), time.time()
    monkeypatch.setattr("app.crm.accounts.local.time.time", lambda: now + 599)
    assert resolver(Credentials(bearer=value, is_local=True)) is not None
    monkeypatch.setattr("app.crm.accounts.local.time.time", lambda: now + 601)
    assert resolver(Credentials(bearer=value, is_local=True)) is None


def test_a_role_that_changes_counts_from_the_next_request(
    any_database: Database, resolver: Resolver, member: Principal
) -> None:
    credentials = Credentials(bearer=bearer(any_database, member))
    with any_database.write() as connection:
        users.set_role(connection, member.user_id or 0, "viewer")
    found = resolver(credentials)
    assert found is not None
    assert found.role == "viewer"
