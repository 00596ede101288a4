"""The journal: one line for each change of a record, in commit order, with all that a timeline prints."""

import threading

import pytest

from app.crm import changes
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import NotFound
from tests.changes.helpers import apply, counted, create, history, update


def test_a_line_holds_the_changed_fields_with_their_words(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    deal = create(any_database, admin, "deals", name="D", amount=10, stage="proposal", close_date="2024-05-01")
    update(any_database, admin, deal, amount="12.50", stage="won", company=acme.id, tags=["x"], owner=None)
    line = history(any_database, admin, deal)[0]
    assert (line.action, line.label, line.author, line.channel) == ("update", "D", "Anna", "page")
    order = ["company", "stage", "amount", "probability", "owner", "tags", "stage_changed_at"]
    assert list(line.before) == list(line.after) == order
    for moments in (line.before, line.after):
        assert str(moments.pop("stage_changed_at")).endswith("Z")
    assert line.before == {
        "company": None,
        "stage": {"id": 3, "key": "proposal", "label": "Proposal"},
        "amount": {"amount": 10, "currency": "USD"},
        "probability": 50,
        "owner": {"id": admin.user_id, "label": "Anna"},
        "tags": [],
    }
    assert line.after == {
        "company": {"id": acme.id, "label": "Acme"},
        "stage": {"id": 5, "key": "won", "label": "Won"},
        "amount": {"amount": 12.5, "currency": "USD"},
        "probability": 100,
        "owner": None,
        "tags": ["x"],
    }


def test_a_timeline_is_read_in_pages_of_two_statements(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    for number in range(10):
        update(database, admin, acme, name=f"Acme {number}", employees=number)
    with database.read() as connection:
        with counted(database) as seen:
            first = changes.history(connection, admin, "companies", acme.id, 4)
        assert len(seen) == 2
        rest = changes.history(connection, admin, "companies", acme.id, 50, first[-1].seq)
    assert [line.after["name"] for line in first] == ["Acme 9", "Acme 8", "Acme 7", "Acme 6"]
    assert len(rest) == 7
    assert rest[-1].action == "create"


def test_there_is_no_timeline_of_what_is_not_there(database: Database, admin: Principal) -> None:
    with database.read() as connection:
        for object, id in (("companies", 99), ("nothing", 1)):
            with pytest.raises(NotFound):
                changes.history(connection, admin, object, id)


def test_readers_come_along_at_their_own_pace(any_database: Database, admin: Principal) -> None:
    made = [create(any_database, admin, "companies", name=f"C{n}") for n in range(5)]
    with any_database.write() as connection:
        assert changes.position(connection, "index") == 0
        lines = changes.journal(connection, 0, 3)
        assert [(object, id) for _, object, id in lines] == [("companies", ref.id) for ref in made[:3]]
        changes.advance(connection, "index", lines[-1][0])
    with any_database.write() as connection:
        at = changes.position(connection, "index")
        assert [id for _, _, id in changes.journal(connection, at)] == [ref.id for ref in made[3:]]
        changes.advance(connection, "index", changes.journal_end(connection))
        changes.advance(connection, "index", 1)
        assert changes.position(connection, "index") == changes.journal_end(connection)
        changes.rewind(connection, "index")
        assert changes.position(connection, "index") == 0


def test_a_reader_beside_writers_misses_nothing(any_database: Database, admin: Principal) -> None:
    """What has been read up to a position never gets a smaller number later."""
    writers, each = 4, 15

    def write(number: int) -> None:
        for count in range(each):
            apply(
                any_database,
                admin,
                *(
                    {"action": "create", "object": "companies", "values": {"name": f"{number} {count}"}}
                    for _ in range(2)
                ),
            )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while len(seen) < writers * each * 2:
        with any_database.read() as connection:
            seen += [seq for seq, _, _ in changes.journal(connection, seen[-1] if seen else 0, 7)]
    for thread in threads:
        thread.join()
    assert seen == sorted(set(seen))
    with any_database.read() as connection:
        assert [seq for seq, _, _ in changes.journal(connection, 0)] == seen
