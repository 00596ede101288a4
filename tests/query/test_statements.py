"""What a page costs: a fixed number of statements, and an index for each of the standing queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from app.crm import changes, query
from app.crm.customindexes import build_indexes
from app.crm.query import totals
from app.crm.schema import TABLES
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from tests.conftest import add_user
from tests.query import rows

DEALS = 400


@contextmanager
def statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The SELECTs that run meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def filled(any_database: Database) -> tuple[Database, Principal]:
    me = add_user(any_database, "Anna", "admin")
    with any_database.write() as connection:
        for number in range(20):
            tagged = ("x",) if number % 2 else ()
            rows.add(connection, "companies", name=f"Company {number}", owner=me.user_id, tagged=tagged)
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        name = rows.custom_field(connection, "deals", "product", "text")
        rows.custom_field(connection, "deals", "rank", "number", integer=True)
        deals = [_deal(number, moment, me.user_id, name) for number in range(DEALS)]
        connection.execute(insert(TABLES["deals"]), deals)
    return any_database, me


def _deal(number: int, moment: datetime, owner: int | None, product: str) -> dict[str, Any]:
    at = moment + timedelta(minutes=number)
    return {
        "name": f"Deal {number}",
        "name_key": f"deal {number}",
        "company_id": number % 20 + 1,
        "stage_id": number % 6 + 1,
        "amount": number * 100,
        "close_date": date(2024, 1, 1) + timedelta(number),
        "owner_id": owner,
        "created_at": at,
        "updated_at": at,
        "custom": {product: f"P{number % 7}", f"{product}k": f"p{number % 7}"},
    }


def _cost(database: Database, who: Principal, object: str, params: str, **values: Any) -> int:
    asked = query.from_params(object, [tuple(item.split("=", 1)) for item in params.split("&") if item])  # type: ignore[misc]
    asked = asked.model_copy(update=values)
    with database.read() as connection:
        query.run(connection, who, asked)
        with statements(database.engine) as seen:
            query.run(connection, who, asked)
    return len(seen)


def test_a_page_of_any_size_costs_the_same_few_statements(filled: tuple[Database, Principal]) -> None:
    database, me = filled
    for params in ("", "sort=-amount", "stage=won", "fields=name,company.owner.name,company.tags,tags,owner.team"):
        costs = {_cost(database, me, "deals", params, limit=limit) for limit in (2, 20, 60)}
        assert len(costs) == 1
        assert costs.pop() <= 6


def test_records_are_fetched_by_two_statements(filled: tuple[Database, Principal]) -> None:
    database, me = filled
    _cost(database, me, "deals", "")  # the catalog is in its cache from here on
    for count in (1, 50, 400):
        with database.read() as connection, statements(database.engine) as seen:
            found = query.fetch(connection, me, "deals", range(1, count + 1))
        assert len(found) == count
        assert len(seen) == 3  # with the look at the settings


def test_groups_in_one_currency_cost_one_statement_where_all_are_shown(filled: tuple[Database, Principal]) -> None:
    database, me = filled
    settings = 1
    assert _cost(database, me, "deals", "group_by=stage&measure=count") == settings + 1
    params = "group_by=company&measure=sum:amount,weighted,avg:amount"
    assert _cost(database, me, "deals", params) == settings + 1
    look_at_currencies = 1
    params += "&sort=-sum:amount"
    assert _cost(database, me, "deals", params, limit=5) == settings + look_at_currencies + 1


# --- plans -----------------------------------------------------------------------------------------------------------

STANDING = [
    ("", "ix_deals_live_updated_at", True),
    ("sort=name", "ix_deals_live_name", True),
    ("sort=-name", "ix_deals_live_name", True),
    ("sort=-amount", "ix_deals_live_amount", True),
    ("sort=close_date", "ix_deals_live_close_date", True),
    ("sort=product", "ix_custom_1", True),
    ("sort=-rank", "ix_custom_2", True),
    ("stage=won", "ix_deals_stage_id", False),
    ("company=3", "ix_deals_company_id", True),
    ("owner=me", "ix_deals_owner_id", True),
    ("owner=me&close_date__during=2024-Q1&sort=close_date", "ix_deals_", False),
    ("name__starts_with=deal 1&sort=name", "ix_deals_live_name", True),
    ("product=p3", "ix_custom_1", False),
]


@pytest.mark.parametrize(("params", "index", "in_order"), STANDING)
def test_the_standing_queries_are_served_by_an_index(
    database: Database, params: str, index: str, in_order: bool
) -> None:
    me = add_user(database, "Anna", "member")
    with database.write() as connection:
        rows.custom_field(connection, "deals", "product", "text")
        rows.custom_field(connection, "deals", "rank", "number", integer=True)
    build_indexes(database)
    for plan in _plans(database, me, params):
        assert index in plan[0]
        assert "SCAN deals" not in "".join(plan) or in_order
        assert any("TEMP B-TREE FOR ORDER BY" in step for step in plan) != in_order


def _plans(database: Database, who: Principal, params: str) -> list[list[str]]:
    """How SQLite finds the rows of the first page and of one in the middle."""
    asked = query.from_params("deals", [tuple(item.split("=", 1)) for item in params.split("&") if item])  # type: ignore[misc]
    with database.read() as connection:
        with statements(database.engine) as seen:
            query.run(connection, who, asked)
        [rows_statement] = [entry for entry in seen if "AS s0" in entry[0]][:1]
        return [_plan(connection, *rows_statement)]


def _plan(connection: Any, statement: str, parameters: Any) -> list[str]:
    found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row[-1] for row in found]


@pytest.mark.parametrize("sort", ["-updated_at", "name", "-amount", "close_date"])
def test_a_page_deep_in_the_list_starts_at_its_place_in_the_index(
    filled: tuple[Database, Principal], sort: str
) -> None:
    database, me = filled
    asked = query.from_params("deals", [("sort", sort), ("limit", "100")])
    with database.read() as connection:
        first = query.run(connection, me, asked)
        with statements(database.engine) as seen:
            query.run(connection, me, asked.model_copy(update={"cursor": first.next_cursor}))  # type: ignore[union-attr]
        [entry] = [entry for entry in seen if "AS s0" in entry[0]]
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        head = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = " ".join(str(row[-1]) for row in connection.exec_driver_sql(head + entry[0], entry[1]))
    name = sort.removeprefix("-")
    assert f"ix_deals_live_{name}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    if database.is_sqlite:
        assert "SEARCH" in plan
    else:
        assert "ROW(" in plan.partition("Index Cond")[2]


def test_the_related_lists_of_a_record_are_served_by_an_index(database: Database) -> None:
    me = add_user(database, "Anna", "admin")
    for object, link in (("deals", "company"), ("people", "company"), ("activities", "deal"), ("notes", "person")):
        asked = query.from_params(object, [(link, "1")])
        with database.read() as connection:
            with statements(database.engine) as seen:
                query.run(connection, me, asked)
            [entry] = [entry for entry in seen if "AS s0" in entry[0]][:1]
            assert f"ix_{object}_{link}_id" in _plan(connection, *entry)[0]


LISTS = [  # as the pages ask for them: object, parameters, the index that gives rows and order
    ("companies", "sort=name", "ix_companies_live_name"),
    ("people", "sort=name", "ix_people_live_name"),
    ("deals", "", "ix_deals_live_updated_at"),
    ("activities", "sort=-date", "ix_activities_live_date"),
    ("notes", "", "ix_notes_live_created_at"),
    ("tasks", "sort=due_date", "ix_tasks_live_due_date"),
    ("companies", "owner=me&sort=name", "ix_companies_owner_id"),
    ("people", "company=1&sort=name", "ix_people_company_id"),
    ("activities", "owner=me&sort=-date", "ix_activities_owner_id"),
    ("activities", "company=1&sort=-date", "ix_activities_company_id"),
    ("notes", "company=1", "ix_notes_company_id"),
    ("tasks", "owner=me&done=false&sort=due_date", "ix_tasks_owner_id"),
]


@pytest.mark.parametrize(("object", "params", "index"), LISTS)
def test_the_lists_of_every_object_are_read_in_the_order_of_an_index(
    database: Database, object: str, params: str, index: str
) -> None:
    me = add_user(database, "Anna", "admin")
    asked = query.from_params(object, [tuple(item.split("=", 1)) for item in params.split("&") if item])  # type: ignore[misc]
    with database.read() as connection:
        with statements(database.engine) as seen:
            query.run(connection, me, asked)
        [entry] = [entry for entry in seen if "AS s0" in entry[0]][:1]
        plan = _plan(connection, *entry)
    assert index in plan[0]
    assert "TEMP B-TREE" not in "".join(plan)


MEASURED = [
    ("group_by=stage", "ix_deals_stage_id"),
    ("group_by=stage&measure=count,sum:amount,weighted", "ix_deals_stage_id"),
    ("group_by=owner&measure=count,sum:amount", "ix_deals_owner_id"),
    ("group_by=company&measure=count,sum:amount&sort=-sum:amount", "ix_deals_company_id"),
    ("group_by=close_date:month&measure=count,sum:amount", "ix_deals_live_close_date"),
    ("group_by=company.industry&measure=sum:amount", "ix_deals_company_id"),
    ("group_by=owner,stage&measure=sum:amount", "COVERING INDEX ix_deals_"),
    ("stage=won&group_by=close_date:month&measure=sum:amount", "COVERING INDEX ix_deals_"),
]


@pytest.mark.parametrize(("params", "index"), MEASURED)
def test_groups_are_measured_from_an_index_alone(database: Database, params: str, index: str) -> None:
    me = add_user(database, "Anna", "admin")
    asked = query.from_params("deals", [tuple(item.split("=", 1)) for item in params.split("&")])  # type: ignore[misc]
    with database.read() as connection:
        with statements(database.engine) as seen:
            query.run(connection, me, asked)
        [entry] = [entry for entry in seen if entry[0].startswith("WITH")]
        [rows_step] = [step for step in _plan(connection, *entry) if "deals_1 " in f"{step} "]
    assert index in rows_step
    assert "COVERING" in rows_step or "weighted" in params  # a deal's own probability stands in the table


def test_a_total_of_many_rows_is_counted_once_for_as_long_as_nothing_changes(
    filled: tuple[Database, Principal], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, me = filled
    monkeypatch.setattr(totals, "_FEW", 100)
    totals.forget()
    asked = query.from_params("deals", [("owner", "me")])

    def total() -> tuple[int, bool]:
        with database.read() as connection, statements(database.engine) as seen:
            page = query.run(connection, me, asked)
        return page.total, any("CASE WHEN" in statement for statement, _ in seen)  # type: ignore[union-attr]

    assert (total(), total()) == ((DEALS, True), (DEALS, False))
    create = Operation(action="create", object="deals", values={"name": "One more", "owner": me.user_id})
    made = changes.apply(database, me, ChangeSet(operations=(create,)))
    assert (total(), total()) == ((DEALS + 1, True), (DEALS + 1, False))
    changes.undo(database, me, made.id)
    assert (total(), total()) == ((DEALS, True), (DEALS, False))
    other = add_user(database, "Ben", "viewer")
    with database.read() as connection:
        assert query.run(connection, other, asked).total == 0  # type: ignore[union-attr]
