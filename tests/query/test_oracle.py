"""Random queries over random records: the door and an oracle in plain Python answer alike, on both engines.

`TEST_LONG=1 pytest tests/query/test_oracle.py` asks 10,000 of each kind on either engine, `QUERY_EXAMPLES=500` so many.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.crm import query
from app.crm.query import scope
from app.shared.contract import Catalog, Money, Page, Principal, Query
from app.shared.db import Database
from tests.query import queries, world
from tests.query.oracle import Oracle
from tests.query.oracle_groups import GroupOracle

EXAMPLES = int(os.environ.get("QUERY_EXAMPLES", "10000" if os.environ.get("TEST_LONG") else "300"))
LONG = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
pytestmark = pytest.mark.timeout(0 if EXAMPLES > 300 else 600)
seeds = st.integers(0, 2**32)


@st.composite
def askers(draw: st.DrawFn) -> Principal:
    """Anyone, anywhere."""
    return replace(draw(st.sampled_from(world.principals())), timezone=draw(st.sampled_from(world.ZONES)))


@pytest.fixture(scope="module", autouse=True)
def _now() -> Iterator[None]:
    """Today is a day on which clocks change."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scope, "utc_now", lambda: world.NOW)
        yield


def _catalog(database: Database) -> Catalog:
    from app.crm import catalog

    with database.read() as connection:
        return catalog.load(connection)


@LONG
@given(data=st.data(), seed=seeds)
def test_pages_hold_the_records_that_the_oracle_finds_in_its_order(prepared: Database, data: Any, seed: int) -> None:
    catalog = _catalog(prepared)
    asked = data.draw(queries.listed(catalog))
    who = data.draw(askers())
    made = world.make(catalog, world.read_stages(prepared), seed)
    oracle = Oracle(made, who)
    with prepared.engine.connect() as connection, connection.begin() as transaction:
        world.store(connection, made)
        found = _all_pages(connection, who, asked)
        transaction.rollback()
    expected = oracle.sorted(asked)
    assert [record.id for page in found for record in page.records] == expected
    assert {page.total for page in found} == {len(expected)}
    for record in (record for page in found for record in page.records):
        stored = made.find(asked.object, record.id)
        names = asked.columns or tuple(spec.name for spec in catalog[asked.object].fields)
        assert dict(record.values) == {name: oracle.value(oracle.end(asked.object, stored, name)) for name in names}


def _all_pages(connection: Connection, who: Principal, asked: Query) -> list[Page]:
    pages: list[Page] = []
    cursor: str | None = None
    while not pages or cursor:
        page = query.run(connection, who, asked.model_copy(update={"cursor": cursor}))
        assert isinstance(page, Page)
        pages.append(page)
        cursor = page.next_cursor
    return pages


@LONG
@given(data=st.data(), seed=seeds)
def test_groups_measures_and_totals_are_the_oracles(prepared: Database, data: Any, seed: int) -> None:
    catalog = _catalog(prepared)
    asked = data.draw(queries.grouped(catalog))
    who = data.draw(askers())
    made = world.make(catalog, world.read_stages(prepared), seed)
    with prepared.engine.connect() as connection, connection.begin() as transaction:
        world.store(connection, made)
        found = query.run(connection, who, asked)
        transaction.rollback()
    expected, totals = GroupOracle(made, who).grouped(asked)
    assert not isinstance(found, Page)
    assert [(row.keys, _rounded(row.measures)) for row in found.rows] == [
        (keys, _rounded(measures)) for keys, measures in expected[: asked.limit]
    ]
    assert _rounded(found.totals) == _rounded(totals)
    assert found.group_count == len(expected)


def _rounded(values: Any) -> Any:
    """Averages to fifteen digits; everything else as it is."""
    if isinstance(values, tuple):
        return tuple(_rounded(value) for value in values)
    if isinstance(values, Money):
        return Money(values.minor if isinstance(values.minor, int) else float(f"{values.minor:.15g}"), values.currency)  # type: ignore[arg-type]
    return values if isinstance(values, int | bool | str) or not hasattr(values, "real") else float(f"{values:.15g}")
