"""Notifications are made by the subscriber at its place in the journal, on both engines."""

from collections.abc import Callable
from typing import Any

import pytest

from app.crm.changes.subscribers import Reader
from app.crm.notifications import inbox
from app.crm.notifications.subscriber import subscriber
from app.crm.port import Crm
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database


@pytest.fixture
def settle(_store: Database) -> Callable[[], None]:
    """Let the subscriber hear of everything that was committed so far."""

    def run() -> None:
        reader = Reader(_store, subscriber(_store))
        while reader.step():
            pass

    return run


@pytest.fixture
def told(_store: Database, settle: Callable[[], None]) -> Callable[..., list[tuple[str, str]]]:
    """(kind, name of the record) of what a user is told, newest first."""

    def read(principal: Principal, **options: Any) -> list[tuple[str, str]]:
        settle()
        with _store.read() as connection:
            found = inbox.listing(connection, principal, limit=50, **options)
        return [(item.row.kind, item.record.label if item.record else "") for item in found]

    return read


def made(crm: Crm, principal: Principal, object: str, **values: Any) -> int:
    operation = Operation(action="create", object=object, values=values)
    return crm.apply(principal, ChangeSet(operations=(operation,))).records[0].id


def change(crm: Crm, principal: Principal, object: str, id: int, **values: Any) -> int:
    operation = Operation(action="update", object=object, id=id, values=values)
    return crm.apply(principal, ChangeSet(operations=(operation,))).id
