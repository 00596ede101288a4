import pytest
from sqlalchemy import select

from app.crm.accounts import invitation, links, teams, users
from app.crm.schema import one_time_links
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid, NotFound

PASSWORD = "tulip river 42"


def make(database: Database, name: str = "Anna", **values: object) -> int:
    row = {"email": f"{name.lower()}@example.com", "role": "admin", "password_hash": "x"} | values
    with database.write() as connection:
        return users.create(connection, name=name, **row)  # type: ignore[arg-type]


def test_an_address_belongs_to_one_user_whatever_its_case(any_database: Database) -> None:
    make(any_database)
    with pytest.raises(Invalid) as refused:
        make(any_database, "Other", email="ANNA@example.com")
    assert refused.value.errors[0].field == "email"


@pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.com", "a b@example.com", "anna@example"])
def test_what_is_no_address_is_refused(database: Database, email: str) -> None:
    with pytest.raises(Invalid):
        make(database, email=email)


def test_many_users_may_be_without_an_address(any_database: Database) -> None:
    first, second = make(any_database, email=None), make(any_database, "Ben", email=None)
    with any_database.read() as connection:
        assert users.state(users.get(connection, first)) == "uninvited"
        assert first != second
        assert not users.anybody_can_sign_in(connection)


@pytest.mark.parametrize("values", [{"name": "  "}, {"name": "x" * 201}, {"role": "owner"}])
def test_a_bad_name_or_role_is_refused(database: Database, values: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        make(database, **{"name": "Anna", **values})


def test_the_last_admin_who_can_sign_in_stays_one(any_database: Database) -> None:
    anna, owner = make(any_database), make(any_database, "Owner", password_hash=None)
    for change in (lambda c: users.set_role(c, anna, "member"), lambda c: users.deactivate(c, anna)):
        with pytest.raises(Conflict), any_database.write() as connection:
            change(connection)
    make(any_database, "Ben")
    with any_database.write() as connection:
        users.set_role(connection, anna, "viewer")
        assert users.get(connection, anna).role == "viewer"
        assert users.get(connection, owner).role == "admin"


def test_who_is_deactivated_keeps_no_way_in(any_database: Database) -> None:
    make(any_database, "Boss")
    anna = make(any_database)
    with any_database.write() as connection:
        path = invitation.create(connection, anna)
        users.deactivate(connection, anna)
        assert connection.execute(select(one_time_links)).all() == []
        assert invitation.invited(connection, path.rpartition("/")[2]) is None
        with pytest.raises(Conflict):
            invitation.create(connection, anna)


def test_changing_a_user_who_is_not_there_says_so(database: Database) -> None:
    with pytest.raises(NotFound), database.write() as connection:
        users.set_team(connection, 99, None)


def test_a_team_is_made_once(any_database: Database) -> None:
    with any_database.write() as connection:
        assert teams.ensure(connection, " North  East ") == teams.ensure(connection, "north east")
        assert teams.ensure(connection, "  ") is None
        assert [team.name for team in teams.listing(connection)] == ["North East"]


def test_an_unknown_time_zone_is_refused(database: Database) -> None:
    anna = make(database)
    with pytest.raises(Invalid, match="time zone"), database.write() as connection:
        users.update_profile(connection, anna, name="Anna", timezone="Mars/Olympus", locale="en_US")


# --- invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_works_once(any_database: Database) -> None:
    ben = make(any_database, "Ben", password_hash=None, role="member")
    with any_database.write() as connection:
        token = invitation.create(connection, ben).removeprefix("/invitation/")
    assert invitation.accept(any_database, token, "Benjamin", PASSWORD) == ben
    with pytest.raises(Conflict):
        invitation.accept(any_database, token, "Benjamin", PASSWORD)
    with any_database.read() as connection:
        assert users.state(users.get(connection, ben)) == "active"
        assert users.get(connection, ben).name == "Benjamin"


def test_a_weak_password_leaves_the_invitation_good(any_database: Database) -> None:
    ben = make(any_database, "Ben", password_hash=None)
    with any_database.write() as connection:
        token = invitation.create(connection, ben).removeprefix("/invitation/")
    with pytest.raises(Invalid) as refused:
        invitation.accept(any_database, token, "", "short")
    assert [error.field for error in refused.value.errors] == ["name", "password"]
    assert invitation.accept(any_database, token, "Ben", PASSWORD) == ben


def test_a_newer_link_ends_the_one_before(any_database: Database) -> None:
    ben = make(any_database, "Ben", password_hash=None)
    with any_database.write() as connection:
        first, second = (invitation.create(connection, ben).removeprefix("/invitation/") for _ in range(2))
        assert invitation.invited(connection, first) is None
        assert invitation.invited(connection, second) is not None


def test_a_link_serves_its_own_purpose_alone_and_is_kept_as_a_hash(any_database: Database) -> None:
    with any_database.write() as connection:
        token = links.create(connection, "setup")
        assert links.find(connection, token, "invitation", "reset") is None
        assert links.use(connection, token, "invitation") is None
        assert links.find(connection, token, "setup") is not None
        assert token not in str(connection.execute(select(one_time_links)).all())


def test_a_link_expires(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    monkeypatch.setitem(links.LIFETIMES, "invitation", timedelta(seconds=-1))
    ben = make(any_database, "Ben", password_hash=None)
    with any_database.write() as connection:
        assert invitation.invited(connection, invitation.create(connection, ben).removeprefix("/invitation/")) is None
