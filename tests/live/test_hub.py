"""Live pages are told what has changed, as far as their reader may see it."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.crm import changes, customization
from app.crm.live import Hub, hub
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from tests.changes.helpers import act, create, update
from tests.conftest import add_user


def _run(body: Callable[[], Any], seconds: float = 15) -> None:
    asyncio.run(asyncio.wait_for(body(), seconds))


async def _write(call: Callable[..., Any], *args: Any, **values: Any) -> Any:
    return await asyncio.to_thread(call, *args, **values)


async def _next(listener: hub.Listener, seconds: float = 3) -> dict[str, Any]:
    return await asyncio.wait_for(listener.queue.get(), seconds)


async def _quiet(listener: hub.Listener) -> bool:
    await asyncio.sleep(0.2)
    return listener.queue.empty()


def test_a_change_is_told_with_who_did_what(any_database: Database, admin: Principal, member: Principal) -> None:
    async def body() -> None:
        live = Hub(any_database)
        listener = await live.join(admin)
        hello = await _next(listener)
        assert hello["type"] == "hello"
        acme = await _write(create, any_database, member, "companies", name="Acme")
        deal = await _write(create, any_database, member, "deals", name="Pumps", company=acme.id)
        told: list[dict[str, Any]] = []
        while len(told) < 2:
            told += (await _next(listener))["changes"]
        assert [(item["action"], item["object"], item["id"]) for item in told] == [
            ("create", "companies", acme.id),
            ("create", "deals", deal.id),
        ]
        assert told[1]["about"] == [["companies", acme.id], ["pipelines", 1]]
        assert told[1]["by"] == {"id": member.user_id, "name": member.name, "channel": "page"}
        assert "name" in told[1]["fields"]
        await live.leave(listener)

    _run(body)


def test_what_may_not_be_seen_is_not_told(any_database: Database, member: Principal) -> None:
    stranger = add_user(any_database, "Stranger", "member")
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")

    async def body() -> None:
        live = Hub(any_database)
        mine, theirs = await live.join(member), await live.join(stranger)
        await _next(mine)
        await _next(theirs)
        deal = await _write(create, any_database, member, "deals", name="Mine", owner=member.user_id)
        assert (await _next(mine))["changes"][0]["id"] == deal.id
        assert await _quiet(theirs)
        note = {"body": "Secret", "private": True}
        await _write(create, any_database, stranger, "notes", **note)
        assert (await _next(theirs))["changes"][0]["object"] == "notes"
        assert await _quiet(mine)
        for listener in (mine, theirs):
            await live.leave(listener)

    _run(body)


def test_a_page_that_was_away_is_told_what_it_missed(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    with database.read() as connection:
        seen = changes.journal_end(connection)
    update(database, admin, acme, city="Bonn")
    act(database, admin, "trash", acme)

    async def body() -> None:
        live = Hub(database)
        listener = await live.join(admin, after=seen)
        await _next(listener)
        assert [item["action"] for item in (await _next(listener))["changes"]] == ["update", "trash"]
        await live.leave(listener)

    _run(body)


def test_after_an_import_pages_are_told_to_look_again(
    database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_LINES", 5)

    async def body() -> None:
        live = Hub(database)
        listener = await live.join(admin)
        await _next(listener)
        rows = tuple(Operation(action="create", object="companies", values={"name": f"C{n}"}) for n in range(9))
        await _write(changes.apply, database, admin, ChangeSet(operations=rows))
        assert (await _next(listener))["type"] == "reset"
        await _write(create, database, admin, "companies", name="One more")
        assert (await _next(listener))["type"] == "changed"
        await live.leave(listener)

    _run(body)


def test_what_another_process_writes_is_told_within_a_second_or_so(database: Database, admin: Principal) -> None:
    async def body() -> None:
        live = Hub(database)
        listener = await live.join(admin)
        await _next(listener)
        other = Database(database.url)

        live._woken = _Deaf()  # the other database announces in this process too
        await _write(create, other, admin, "companies", name="Acme")
        assert (await _next(listener))["changes"][0]["object"] == "companies"
        other.close()
        await live.leave(listener)

    _run(body)


class _Deaf(asyncio.Event):
    def set(self) -> None:
        """Never woken."""


def test_a_page_that_reads_too_slowly_is_dropped_and_holds_up_nobody(
    database: Database, admin: Principal, member: Principal
) -> None:
    async def body() -> None:
        live = Hub(database)
        slow, quick = await live.join(admin), await live.join(replace(member))
        for _ in range(hub.QUEUE + 1):
            live._tell([slow, quick], {"type": "changed"})
            while not quick.queue.empty():
                quick.queue.get_nowait()
        assert slow.dropped.is_set()
        assert not quick.dropped.is_set()
        for listener in (slow, quick):
            await live.leave(listener)
        assert len(live) == 0

    _run(body)


def test_pages_that_come_all_at_once_are_told_each_change_once(database: Database, admin: Principal) -> None:
    async def body() -> None:
        live = Hub(database)
        listeners = await asyncio.gather(*(live.join(admin) for _ in range(20)))
        await _write(create, database, admin, "companies", name="Acme")
        for listener in listeners:
            assert (await _next(listener))["type"] == "hello"
            assert (await _next(listener))["type"] == "changed"
        assert await _quiet(listeners[0])
        for listener in listeners:
            await live.leave(listener)

    _run(body)


def test_who_joins_while_a_change_is_being_told_is_told_it_too(
    database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        live = Hub(database)
        first = await live.join(admin)
        with database.read() as connection:
            seen = changes.journal_end(connection)
        telling, go_on = threading.Event(), threading.Event()
        told = live._told

        def slowly(*given: Any) -> Any:
            telling.set()
            go_on.wait(5)
            return told(*given)

        monkeypatch.setattr(live, "_told", slowly)
        await _write(create, database, admin, "companies", name="Acme")
        await asyncio.to_thread(telling.wait, 5)
        monkeypatch.setattr(live, "_told", told)
        late = await live.join(admin, after=seen)
        go_on.set()
        for listener in (first, late):
            assert (await _next(listener))["type"] == "hello"
            assert (await _next(listener))["type"] == "changed"
            assert await _quiet(listener)
            await live.leave(listener)

    _run(body)


def test_nobody_listens_nothing_runs(database: Database, admin: Principal) -> None:
    async def body() -> None:
        live = Hub(database)
        listener = await live.join(admin)
        await live.leave(listener)
        assert live._task is None
        again = await live.join(admin)
        assert live._task is not None
        await live.leave(again)

    _run(body)
