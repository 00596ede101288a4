"""A page costs a fixed number of SQL statements, however many records there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.shared.db import Database
from tests.pages.site import Client, Maker, fill

# The most that each page may take; a page that grows past it asks for a reason.
MOST = {
    "/": 72,
    "/companies": 16,
    "/deals": 16,
    "/tasks": 14,
    "/deals?stage=won&sort=-amount": 16,
    "/deals?group=stage": 26,
    "/deals?group_by=owner&measure=count,sum:amount": 14,
    "/deals/board": 47,
    "/companies/1": 52,
    "/deals/1": 46,  # with the company and the person at a glance
    "/deals/1/edit": 16,
    "/deals/new": 14,
    "/search?q=deal": 14,
    "/tasks/day": 32,
    "/notifications": 14,
    "/search/palette?object=companies&record=1": 40,
    "/search/palette?q=deal&object=deals&record=1": 32,
}


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def _more(make: Maker, ids: dict[str, Any], count: int) -> None:
    make.many("deals", [{"name": f"More {index}", "amount": 5, "company": ids["acme"]} for index in range(count)])
    make.many("notes", [{"body": f"More {index}", "company": ids["acme"]} for index in range(count)])
    make.many("tasks", [{"name": f"More {index}", "deal": ids["deals"][0]} for index in range(count)])


@pytest.mark.parametrize("url", MOST)
def test_a_page_takes_as_many_statements_for_many_records_as_for_few(client: Client, make: Maker, url: str) -> None:
    ids = fill(make)
    _more(make, ids, 60)  # enough that every list has a further page
    client.get(url)  # the catalog is read once
    with statements(make.crm.database) as few:
        assert client.get(url).status_code == 200
    _more(make, ids, 120)
    with statements(make.crm.database) as many:
        assert client.get(url).status_code == 200
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= MOST[url], len(many)
