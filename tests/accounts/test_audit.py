"""The audit log: security events and change sets in one order, filtered, paged by keyset, from indexes."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from starlette.testclient import TestClient

from app.crm.accounts import audit, events
from app.crm.accounts.audit import Entry, Wanted
from app.crm.accounts.sessions import Device
from app.crm.port import Crm
from app.crm.schema import change_sets, security_events
from app.shared.contract import SYSTEM, ChangeSet, Operation, Principal
from app.shared.db import Database
from app.shared.errors import BadRequest
from app.shared.types import utc_now
from tests.accounts.browsing import Visitor, words

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fill(database: Database, people: list[Principal], count: int = 60) -> list[tuple[datetime, int, int]]:
    """Events and sets, several of them at the same moment; (when, source, id) of each, newest first."""
    chance, made = random.Random(7), []
    with database.write() as connection:
        for _ in range(count):
            at = START + timedelta(minutes=chance.randrange(12))
            who = chance.choice(people)
            if chance.random() < 0.5:
                values = {"at": at, "kind": chance.choice(["session.started", "user.role"]), "actor": who.name,
                          "actor_id": who.user_id, "user_id": chance.choice(people).user_id, "channel": "page",
                          "detail": {}}  # fmt: skip
                made.append((at, 1, _id(connection, security_events, values)))
            else:
                values = {"state": "applied", "author": who.name, "author_id": who.user_id, "channel": "api",
                          "created_at": at, "applied_at": at, "count": 1, "title": "x"}  # fmt: skip
                made.append((at, 0, _id(connection, change_sets, values)))
    return sorted(made, reverse=True)


def _id(connection: Any, table: Any, values: dict[str, Any]) -> int:
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def pages(database: Database, wanted: Wanted, limit: int) -> Iterator[list[Entry]]:
    cursor = ""
    with database.read() as connection:
        while True:
            entries, cursor = audit.page(connection, wanted, cursor, limit)
            yield entries
            if not cursor:
                return


def keys(entries: list[Entry]) -> list[tuple[datetime, int, int]]:
    return [(entry.at, int(entry.source == "event"), entry.id) for entry in entries]


@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_pages_together_are_the_whole_log_in_order(
    any_database: Database, admin: Principal, member: Principal, limit: int
) -> None:
    made = fill(any_database, [admin, member])
    assert keys([entry for page in pages(any_database, Wanted(), limit) for entry in page]) == made


def test_filters_leave_what_they_say(any_database: Database, admin: Principal, member: Principal) -> None:
    fill(any_database, [admin, member])
    everything = next(pages(any_database, Wanted(), 100))

    def left(wanted: Wanted) -> list[Entry]:
        return [entry for page in pages(any_database, wanted, 9) for entry in page]

    assert left(Wanted(kind="user.role")) == [entry for entry in everything if entry.kind == "user.role"]
    assert left(Wanted(kind="records")) == [entry for entry in everything if entry.source == "set"]
    middle = START + timedelta(minutes=5)
    assert left(Wanted(since=middle)) == [entry for entry in everything if entry.at >= middle]
    assert left(Wanted(until=middle)) == [entry for entry in everything if entry.at < middle]
    with any_database.read() as connection:
        about = {row.id: row for row in connection.execute(select(security_events))}
    mine = [
        entry for entry in everything
        if (entry.actor == "Ben" if entry.source == "set"
            else member.user_id in (about[entry.id].actor_id, about[entry.id].user_id))
    ]  # fmt: skip
    assert left(Wanted(person=member.user_id)) == mine


@pytest.mark.parametrize("cursor", ["x", "2026-01-01_event_1", "2026-01-01T00:00:00+00:00_event_x", "a_b_c",
                                    "2026-01-01T00:00:00+00:00_users_1", "2026-01-01T00:00:00+00:00_set_-1",
                                    "2026-01-01T00:00:00+00:00_set_99999999999999999999"])  # fmt: skip
def test_a_cursor_that_was_not_given_is_refused(database: Database, cursor: str) -> None:
    with database.read() as connection, pytest.raises(BadRequest):
        audit.page(connection, Wanted(), cursor)


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(person=1), Wanted(kind="session.started"), Wanted(since=START), Wanted(kind="records", person=1)],
)
@pytest.mark.parametrize("cursor", ["", f"{START.isoformat()}_event_5"])
def test_every_statement_is_answered_from_an_index(database: Database, wanted: Wanted, cursor: str) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    with database.read() as connection:
        audit.page(connection, wanted, cursor)
    assert asked
    with database.read() as connection:
        for statement, values in [item for item in asked if item[0].startswith("SELECT")]:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [line for line in plan if line.startswith("SCAN") and "USING" not in line], plan
            assert not [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line], plan


def test_events_older_than_they_are_kept_go_at_the_next_sign_in(any_database: Database, admin: Principal) -> None:
    with any_database.write() as connection:
        events.record(connection, "session.started", actor=admin)
        old = utc_now() - events.KEPT - timedelta(hours=1)
        connection.execute(update(security_events).values(at=old))
        events.record(connection, "user.role", actor=admin)
    with any_database.write() as connection:
        events.record(connection, "session.started", actor=admin)
        kinds = select(security_events.c.kind).order_by(security_events.c.id)
        assert list(connection.execute(kinds).scalars()) == ["user.role", "session.started"]


def test_what_a_client_says_of_itself_is_cut(database: Database, admin: Principal) -> None:
    with database.write() as connection:
        device = Device("x" * 5000, "y" * 5000)
        events.record(connection, "session.started", actor=admin, device=device, user_id=admin.user_id)
        row = connection.execute(select(security_events)).one()
    assert (len(row.user_agent), len(row.address)) == (400, 64)


def test_the_program_itself_is_named(database: Database) -> None:
    with database.write() as connection:
        events.by_system(connection, "token.created", detail={"name": "x"})
        row = connection.execute(select(security_events)).one()
    assert (row.actor, row.actor_id, row.channel) == (SYSTEM.name, None, "system")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_both_halves_with_links_to_the_records(
    stranger: TestClient, database: Database, crm: Crm, admin: Principal, member: Principal
) -> None:
    visitor = Visitor(stranger.app, database, admin.user_id)
    operation = Operation(action="create", object="companies", values={"name": "<b>Acme</b>"})
    made = crm.apply(admin, ChangeSet(title="Created a company", operations=(operation,))).records[0]
    with database.write() as connection:
        device = Device("Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0", "198.51.100.7")
        detail = {"from": "member", "to": "<script>alert(1)</script>"}
        events.record(connection, "user.role", actor=admin, user_id=member.user_id, device=device, detail=detail)
    answer = visitor.get("/settings/audit")
    said = words(answer)
    assert "Changed somebody's role · Ben from member · to <script>alert(1)</script>" in said
    assert "in a browser · Firefox on Linux · 198.51.100.7" in said
    assert f'<a href="/companies/{made.id}">&lt;b&gt;Acme&lt;/b&gt;</a>' in answer.text
    assert "<script>alert" not in answer.text
    assert "Created a company" not in words(visitor.get("/settings/audit?kind=user.role"))
    assert "Nothing of this kind" in words(visitor.get(f"/settings/audit?person={member.user_id}&kind=records"))


def test_filters_that_cannot_be_read_are_left_out(stranger: TestClient, database: Database, admin: Principal) -> None:
    visitor = Visitor(stranger.app, database, admin.user_id)
    path = "/settings/audit?person=x&kind=nothing&from=yesterday&to=2026-02-31"
    assert visitor.get(path).status_code == 200
    assert visitor.get("/settings/audit?before=x").status_code == 400


def test_earlier_pages_keep_the_filter(stranger: TestClient, database: Database, admin: Principal) -> None:
    visitor = Visitor(stranger.app, database, admin.user_id)
    fill(database, [admin], 140)
    first = visitor.get("/settings/audit?kind=records")
    link = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "kind=records" in link
    second = visitor.get(link)
    assert second.status_code == 200
    assert "Back to the newest" in words(second)


def test_every_kind_has_words(database: Database) -> None:
    assert all(kind.count(".") == 1 and words_ for kind, words_ in events.KINDS.items())
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM security_events")).scalar_one() == 0
