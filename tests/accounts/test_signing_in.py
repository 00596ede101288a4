from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.crm.accounts import passwords, sessions, signing_in, users
from app.crm.accounts.resolver import Resolver
from app.crm.accounts.sessions import Device
from app.crm.schema import sessions as session_table
from app.crm.schema import users as user_table
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.errors import Invalid
from app.shared.identity import Credentials
from app.shared.types import utc_now

PASSWORD = "tulip river 42"
HERE = Device("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0", "10.0.0.7")


@pytest.fixture
def anna(any_database: Database) -> int:
    with any_database.write() as connection:
        hashed = passwords.hash_password(PASSWORD)
        return users.create(connection, name="Anna", email="Anna@Example.com", role="admin", password_hash=hashed)


def sign_in(database: Database, email: str = "anna@example.com", password: str = PASSWORD, **rest: str) -> str:
    return signing_in.sign_in(database, email, password, HERE, **rest)


def test_signing_in_gives_a_session_that_stands_for_the_user(
    any_database: Database, settings: Settings, anna: int
) -> None:
    resolver = Resolver(any_database, settings)
    found = resolver(Credentials(session=sign_in(any_database, " ANNA@example.COM ")))
    resolver.close()
    assert found is not None
    assert (found.user_id, found.role, found.channel) == (anna, "admin", "page")
    assert found.credential.startswith("session:")
    assert not found.renews


def test_only_a_hash_of_the_session_is_stored(any_database: Database, anna: int) -> None:
    secret = sign_in(any_database)
    with any_database.read() as connection:
        row = connection.execute(select(session_table)).one()
    assert secret not in str(tuple(row))
    assert len(secret) >= 43


@pytest.mark.parametrize(
    ("email", "password"),
    [("anna@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("", ""), ("anna@example.com", "")],
)
def test_every_refusal_has_the_same_words(any_database: Database, anna: int, email: str, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign_in(any_database, email, password)
    assert refused.value.detail == "The e-mail address or the password is wrong."


def test_a_deactivated_user_and_one_without_a_password_are_refused_in_the_same_words(
    any_database: Database, anna: int
) -> None:
    with any_database.write() as connection:
        users.create(connection, name="Boss", email="boss@example.com", role="admin", password_hash="x")
        users.create(connection, name="Owner", email="owner@example.com")
        users.deactivate(connection, anna)
    for email in ("anna@example.com", "owner@example.com"):
        with pytest.raises(Invalid, match="wrong"):
            sign_in(any_database, email)


def test_signing_in_again_ends_the_session_before_in_this_browser(any_database: Database, anna: int) -> None:
    first = sign_in(any_database)
    second = sign_in(any_database, replaces=first)
    assert second != first
    with any_database.read() as connection:
        assert len(sessions.listing(connection, anna)) == 1


@pytest.mark.parametrize(
    "change",
    [{"seen_at": utc_now() - timedelta(days=15)}, {"expires_at": utc_now() - timedelta(seconds=1)}],
    ids=["idle", "absolute"],
)
def test_a_session_expires(any_database: Database, settings: Settings, anna: int, change: dict[str, object]) -> None:
    secret = sign_in(any_database)
    with any_database.write() as connection:
        connection.execute(update(session_table).values(**change))
    resolver = Resolver(any_database, settings)
    assert resolver(Credentials(session=secret)) is None
    with any_database.read() as connection:
        assert sessions.listing(connection, anna) == []


def test_a_session_in_use_is_noted_as_seen(any_database: Database, settings: Settings, anna: int) -> None:
    secret = sign_in(any_database)
    earlier = utc_now() - timedelta(days=2)
    with any_database.write() as connection:
        connection.execute(update(session_table).values(seen_at=earlier))
    resolver = Resolver(any_database, settings)
    assert resolver(Credentials(session=secret)) is not None
    resolver.close()
    with any_database.read() as connection:
        assert connection.execute(select(session_table.c.seen_at)).scalar_one() > earlier + timedelta(days=1)


def test_a_changed_password_ends_every_session_but_the_one_kept(any_database: Database, anna: int) -> None:
    sign_in(any_database)
    sign_in(any_database)
    with any_database.write() as connection:
        kept = sessions.listing(connection, anna)[0].id
        users.set_password(connection, anna, "hash", keep=kept)
        assert [row.id for row in sessions.listing(connection, anna)] == [kept]


def test_a_session_is_ended_by_its_owner_alone(any_database: Database, anna: int) -> None:
    sign_in(any_database)
    with any_database.write() as connection:
        (row,) = sessions.listing(connection, anna)
        assert not sessions.revoke(connection, anna + 1, row.id)
        assert sessions.revoke(connection, anna, row.id)
        assert sessions.listing(connection, anna) == []


def test_an_old_hash_is_renewed_and_no_other_session_ends(any_database: Database, anna: int) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    sign_in(any_database)
    with any_database.write() as connection:
        connection.execute(update(user_table).values(password_hash=old))
    sign_in(any_database)
    with any_database.read() as connection:
        assert not passwords.is_outdated(users.get(connection, anna).password_hash)
        assert len(sessions.listing(connection, anna)) == 2
