import base64
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from app.crm.schema import TABLES
from app.shared.contract import Money, Query, Ref
from app.shared.errors import BadRequest
from tests.query import rows
from tests.query.conftest import Door


def test_a_record_has_all_its_fields_as_values_of_the_doors(door: Door) -> None:
    with door.write() as connection:
        me = door.principal.user_id
        company = rows.add(connection, "companies", name="Acme", owner=me)
        stage, moment = rows.stage(connection, "won"), datetime(2024, 11, 5, 12, tzinfo=UTC)
        values = {"company": company, "stage": stage, "owner": me, "close_date": date(2024, 11, 5)}
        values |= {"stage_changed_at": moment, "amount": 1050, "currency": "EUR", "probability": 40, "pipeline": 1}
        rows.add(connection, "deals", name="Big", tagged=("zeta", "Alpha"), version=3, **values)
    [record] = door.page("deals").records
    assert (record.object, record.id, record.version, record.label, record.trashed_at) == ("deals", 1, 3, "Big", None)
    assert record.url == "/deals/1"
    assert dict(record.values) == {
        "name": "Big",
        "company": Ref("companies", 1, "Acme"),
        "person": None,
        "pipeline": Ref("pipelines", 1, "Sales"),
        "stage": "won",
        "amount": Money(1050, "EUR"),
        "currency": "EUR",
        "probability": 40,
        "close_date": date(2024, 11, 5),
        "owner": Ref("users", 1, "Anna"),
        "lost_reason": None,
        "tags": ("Alpha", "zeta"),
        "description": None,
        "stage_changed_at": moment,
        "created_at": rows.LONG_AGO,
        "updated_at": rows.LONG_AGO,
    }


def test_columns_are_chosen_and_may_follow_links(door: Door) -> None:
    with door.write() as connection:
        company = rows.add(connection, "companies", name="Acme", owner=door.principal.user_id, tagged=("x",))
        rows.add(connection, "deals", name="Big", company=company)
    [record] = door.page("deals", "fields=name,company.owner,company.owner.name,company.tags,stage.kind,id").records
    assert dict(record.values) == {
        "name": "Big",
        "company.owner": Ref("users", 1, "Anna"),
        "company.owner.name": "Anna",
        "company.tags": ("x",),
        "stage.kind": None,
        "id": 1,
    }


def test_a_record_without_a_name_is_called_by_its_text_or_its_kind(door: Door) -> None:
    with door.write() as connection:
        rows.add(connection, "notes", body="\n First line  \nsecond")
        rows.add(connection, "notes", body="w" * 100)
        rows.add(connection, "activities", kind="call", date=rows.LONG_AGO)
        rows.add(connection, "deals")
    assert door.names("notes", "sort=id") == ["First line", "w" * 79 + "…"]
    assert door.names("activities") == ["Call 1"]
    assert door.names("deals") == ["Deal 1"]


def test_nulls_come_last_in_both_directions_and_ties_go_by_id(door: Door) -> None:
    with door.write() as connection:
        for name, employees in (("a", 2), ("b", None), ("c", 1), ("d", 2), ("e", None)):
            rows.add(connection, "companies", name=name, employees=employees)
    assert door.names("companies", "sort=employees") == ["c", "a", "d", "b", "e"]
    assert door.names("companies", "sort=-employees") == ["d", "a", "c", "e", "b"]
    assert door.names("companies", "sort=-employees,name") == ["a", "d", "c", "b", "e"]


def test_text_sorts_by_its_key_and_links_by_their_labels_and_options_in_their_order(door: Door) -> None:
    with door.write() as connection:
        ids = {name: rows.add(connection, "companies", name=name) for name in ("zeta", "Ärger", "apple", "Zebra")}
        for name, company, priority in (("1", "zeta", "low"), ("2", "apple", "high"), ("3", "Zebra", "normal")):
            rows.add(connection, "tasks", name=name, company=ids[company], priority=priority)
    assert door.names("companies", "sort=name") == ["apple", "Zebra", "zeta", "Ärger"]
    assert door.names("tasks", "sort=company") == ["2", "3", "1"]
    assert door.names("tasks", "sort=-priority") == ["2", "3", "1"]


def _walk(door: Door, params: str) -> list[str]:
    found, cursor = [], None
    while True:
        page = door.page("deals", params, cursor=cursor)
        found += [record.label for record in page.records]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def test_pages_stay_right_while_rows_come_go_and_change(door: Door) -> None:
    with door.write() as connection:
        for number in range(10):
            rows.add(connection, "deals", name=f"{number}", amount=number * 100)
    first = door.page("deals", "sort=-amount&limit=3")
    assert [record.label for record in first.records] == ["9", "8", "7"]
    with door.write() as connection:
        table = TABLES["deals"]
        connection.execute(delete(table).where(table.c.name == "7"))  # where the page ended
        connection.execute(update(table).where(table.c.name == "0").values(amount=5_000))  # moves to the front
        rows.add(connection, "deals", name="new", amount=650)
    second = door.page("deals", "sort=-amount&limit=3", cursor=first.next_cursor)
    assert [record.label for record in second.records] == ["new", "6", "5"]
    assert second.total == 10


def test_many_equal_rows_are_paged_without_gap_or_repetition(door: Door) -> None:
    with door.write() as connection:
        for number in range(25):
            day = date(2024, 1, 1) + timedelta(number % 2)
            rows.add(connection, "deals", name=f"{number:02}", close_date=None if number % 5 == 0 else day)
    for sort in ("close_date", "-close_date", "close_date,-name", "-updated_at", "-company,name"):
        found = _walk(door, f"sort={sort}&limit=4")
        assert len(found) == len(set(found)) == 25
        assert found == door.names("deals", f"sort={sort}&limit=100")


def test_a_damaged_or_foreign_cursor_is_refused(sqlite_door: Door) -> None:
    door = sqlite_door
    with door.write() as connection:
        for number in range(3):
            rows.add(connection, "deals", name=f"{number}")
            rows.add(connection, "companies", name=f"{number}")
    cursor = door.page("deals", "sort=name&limit=1").next_cursor
    assert cursor is not None
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    moved = base64.urlsafe_b64encode(raw.replace(b'"0"', b'"2"')).decode().rstrip("=")
    for object, sort, wrong in (
        ("deals", "name", moved),
        ("deals", "name", cursor[:-2]),
        ("deals", "name", "not a cursor"),
        ("deals", "name", "é"),
        ("deals", "-name", cursor),
        ("deals", "id", cursor),
        ("companies", "name", cursor),
    ):
        with pytest.raises(BadRequest):
            door.page(object, f"sort={sort}&limit=1", cursor=wrong)


def test_the_total_is_exact_up_to_its_bound(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.crm.query import pages

    monkeypatch.setattr(pages, "TOTAL_BOUND", 5)
    with door.write() as connection:
        for number in range(5):
            rows.add(connection, "deals", name=f"{number}")
    exact = door.page("deals", "limit=2")
    assert (exact.total, exact.total_is_bound) == (5, False)
    with door.write() as connection:
        rows.add(connection, "deals", name="one more")
    bound = door.page("deals", "limit=2")
    assert (bound.total, bound.total_is_bound) == (5, True)


def test_amounts_sort_by_their_figures_whatever_the_currency(door: Door) -> None:
    with door.write() as connection:
        for name, amount, currency in (("yen", 500, "JPY"), ("dollar", 10_000, "USD"), ("fils", 600_000, "KWD")):
            rows.add(connection, "deals", name=name, amount=amount, currency=currency)
    assert door.names("deals", "sort=amount") == ["dollar", "yen", "fils"]
    assert door.names("deals", "amount__gte=500&sort=name") == ["fils", "yen"]
    assert door.names("deals", "amount=100") == ["dollar"]
    assert _walk(door, "sort=-amount&limit=1") == ["fils", "yen", "dollar"]


def test_the_trash_is_a_list_of_its_own(door: Door) -> None:
    with door.write() as connection:
        rows.add(connection, "deals", name="gone", trashed_at=rows.LONG_AGO)
        rows.add(connection, "deals", name="here")
    assert door.names("deals") == ["here"]
    assert door.names("deals", "trashed=true&sort=-trashed_at") == ["gone"]
    assert door.page("deals", "trashed=true").records[0].trashed_at == rows.LONG_AGO


def test_support_objects_are_readable_too(door: Door) -> None:
    assert door.page("users", "fields=name,active").records[0].values == {"name": "Anna", "active": True}
    assert door.names("pipelines") == ["Sales"]


def test_the_pages_query_is_the_one_that_was_asked(sqlite_door: Door) -> None:
    asked = Query(object="deals", sort=("name",))
    assert sqlite_door.page("deals", "sort=name").query == asked
