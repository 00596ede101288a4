import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.crm import customization
from app.crm.accounts import demo, passwords, setup, users
from app.crm.accounts.setup import FirstAdmin
from app.crm.schema import users as user_table
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid

FIRST = FirstAdmin("Acme", "Anna", "anna@acme.example", "tulip river 42", "Europe/Berlin")


def new_link(database: Database, settings: Settings) -> str:
    path = setup.link(database, settings)
    assert path is not None
    return path.removeprefix("/setup/")


def test_the_link_makes_the_first_admin_and_names_the_workspace(any_database: Database, settings: Settings) -> None:
    user_id = setup.complete(any_database, new_link(any_database, settings), FIRST)
    with any_database.read() as connection:
        admin = users.get(connection, user_id)
        assert (admin.role, admin.email, admin.timezone) == ("admin", "anna@acme.example", "Europe/Berlin")
        assert passwords.verify(admin.password_hash, "tulip river 42")
        assert customization.setting(connection, "workspace") == "Acme"


def test_a_hundred_at_once_make_exactly_one_admin(
    any_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "hash_password", lambda password: "hash")  # the race is in the database
    token, barrier = new_link(any_database, settings), threading.Barrier(20)

    def attempt(number: int) -> str:
        if number < 20:
            barrier.wait()
        mine = FirstAdmin("Acme", f"Anna {number}", f"anna{number}@acme.example", "tulip river 42")
        try:
            setup.complete(any_database, token, mine)
        except Conflict:
            return "refused"
        return "made"

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(attempt, range(100)))
    assert sorted(results) == ["made"] + ["refused"] * 99
    with any_database.read() as connection:
        assert connection.execute(select(func.count()).select_from(user_table)).scalar_one() == 1


def test_the_link_works_once_and_none_is_given_afterwards(any_database: Database, settings: Settings) -> None:
    token = new_link(any_database, settings)
    setup.complete(any_database, token, FIRST)
    with pytest.raises(Conflict):
        setup.complete(any_database, token, FIRST)
    assert setup.link(any_database, settings) is None


def test_a_new_link_ends_the_one_before(any_database: Database, settings: Settings) -> None:
    first, second = new_link(any_database, settings), new_link(any_database, settings)
    with pytest.raises(Conflict):
        setup.complete(any_database, first, FIRST)
    assert setup.complete(any_database, second, FIRST) > 0


def test_every_bad_field_is_named_at_once_and_the_link_stays_good(database: Database, settings: Settings) -> None:
    token = new_link(database, settings)
    with pytest.raises(Invalid) as refused:
        setup.complete(database, token, FirstAdmin(" ", "", "anna", "short", "Mars/Olympus"))
    assert [error.field for error in refused.value.errors] == ["workspace", "name", "email", "password", "timezone"]
    assert setup.complete(database, token, FIRST) > 0


def test_an_owner_of_an_import_who_sets_up_is_not_made_twice(any_database: Database, settings: Settings) -> None:
    with any_database.write() as connection:
        owner = users.create(connection, name="A. Nna", email="Anna@acme.example", role="viewer")
    assert setup.complete(any_database, new_link(any_database, settings), FIRST) == owner
    with any_database.read() as connection:
        assert users.get(connection, owner).role == "admin"
        assert users.get(connection, owner).name == "Anna"


def test_a_user_made_on_the_command_line_closes_the_set_up(any_database: Database, settings: Settings) -> None:
    token = new_link(any_database, settings)
    with any_database.write() as connection:
        users.create(connection, name="Ben", email="ben@acme.example", password_hash="x")
    with pytest.raises(Conflict):
        setup.complete(any_database, token, FIRST)


def test_the_demos_user_is_made_once_with_a_password_that_is_told(any_database: Database) -> None:
    with any_database.write() as connection:
        told = demo.ensure_demo_user(connection)
    assert told is not None
    with any_database.write() as connection:
        assert demo.ensure_demo_user(connection) is None
        user = users.by_email(connection, "demo@parley.example")
    assert user is not None
    assert passwords.verify(user.password_hash, told)
