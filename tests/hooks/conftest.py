"""Hooks over a test's own database, with receivers on this machine, which the settings allow."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.crm import changes
from app.crm.hooks import webhooks
from app.crm.hooks.follower import Hooks
from app.shared.config import Settings
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database


@pytest.fixture
def inner(settings: Settings) -> Settings:
    """Settings whose operator allows receivers on this machine."""
    return replace(settings, outgoing_allow=("127.0.0.1",))


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls and waits of hundredths of a second."""
    from datetime import timedelta

    monkeypatch.setattr("app.crm.hooks.follower.POLL", 0.03)
    monkeypatch.setattr("app.crm.hooks.deliver.WAITS", tuple(timedelta(seconds=0.05) for _ in range(7)))


@pytest.fixture
def running(inner: Settings, _store: Database, fast: None) -> Iterator[Callable[..., Hooks]]:
    """Starts the hooks, as often as a test restarts them; ended with the test."""
    started: list[Hooks] = []

    def start(*subscribers: Any) -> Hooks:
        started.append(Hooks(inner, _store, subscribers))
        started[-1].start()
        return started[-1]

    yield start
    for hooks in started:
        hooks.stop()


@pytest.fixture
def hook(inner: Settings, _store: Database, admin: Principal) -> Callable[..., tuple[int, str]]:
    """Makes a webhook of `admin`; gives its id and its secret."""

    def make(url: str, by: Principal = admin, **more: Any) -> tuple[int, str]:
        with _store.write() as connection:
            row, secret = webhooks.create(connection, inner, by, webhooks.Wanted(url, **more))
        return row.id, secret

    return make


def create(database: Database, principal: Principal, object: str = "companies", count: int = 1, **values: Any) -> Any:
    """A set that creates some records."""
    name = {"companies": "name", "notes": "body", "people": "name", "deals": "name"}[object]
    operations = tuple(
        Operation(action="create", object=object, values={name: f"Record {number}", **values})
        for number in range(count)
    )
    return changes.apply(database, principal, ChangeSet(title="Made", operations=operations))


def change(database: Database, principal: Principal, action: str, object: str, id: int, **values: Any) -> Any:
    operation = Operation(action=action, object=object, id=id, values=values)  # type: ignore[arg-type]  # the tests' own
    return changes.apply(database, principal, ChangeSet(title="Changed", operations=(operation,)))
