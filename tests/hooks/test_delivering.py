"""Webhooks reach their receivers: signed, in pieces, at least once, whatever happens to either side."""

import base64
import hashlib
import hmac
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from app.crm.changes.subscribers import Reader
from app.crm.hooks import deliver, enqueue, signing, webhooks
from app.crm.hooks.deliver import Sender
from app.crm.schema import users, webhook_deliveries
from app.crm.schema import webhooks as hook_table
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Invalid
from app.shared.types import utc_now
from tests.conftest import add_user, bearer
from tests.hooks.conftest import change, create
from tests.hooks.receiver import Message, Receiver, wait_until

Make = Callable[..., tuple[int, str]]
Run = Callable[..., Any]


def _rows(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(webhook_deliveries).order_by(webhook_deliveries.c.id)))


def _hook(database: Database, hook: int) -> Any:
    with database.read() as connection:
        return webhooks.get(connection, hook)


def _settled(database: Database, count: int = 1) -> list[Any]:
    wait_until(lambda: len(_rows(database)) >= count and all(row.next_at is None for row in _rows(database)))
    return _rows(database)


def _is_signed(message: Message, secret: str) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.".encode() + message.body
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return message.headers["webhook-signature"] == f"v1,{wanted}"


def test_a_change_reaches_the_receiver_signed_within_a_second(
    any_database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver() as receiver:
        _id, secret = hook(receiver.url)
        running()
        began = time.monotonic()
        made = create(any_database, admin).records[0]
        message = receiver.wait(1)[0]
        assert message.at - began < 1
        change(any_database, admin, "update", "companies", made.id, name="Renamed")
        second = receiver.wait(2)[1]
    assert _is_signed(message, secret)
    assert not _is_signed(replace(message, body=message.body + b" "), secret)
    assert abs(int(message.headers["webhook-timestamp"]) - time.time()) < 10
    assert message.headers["content-type"] == "application/json"
    assert message.json["type"] == "companies.created"
    assert message.json["id"] == message.id
    data = second.json["data"]
    assert second.json["type"] == "companies.updated"
    assert (data["change_set"]["author_id"], data["change_set"]["channel"]) == (admin.user_id, "page")
    assert len(data["changes"]) == 1
    assert data["changes"][0] | {"seq": 0} == {
        "seq": 0, "action": "update", "object": "companies", "id": made.id, "label": "Renamed",
        "url": f"/companies/{made.id}", "before": {"name": "Record 0"}, "after": {"name": "Renamed"},
    }  # fmt: skip


def test_only_what_was_asked_for_is_sent(database: Database, admin: Principal, hook: Make, running: Run) -> None:
    with Receiver() as receiver:
        hook(receiver.url, objects=("people",), actions=("update", "trash"))
        running()
        create(database, admin)
        person = create(database, admin, "people").records[0]
        change(database, admin, "update", "people", person.id, name="Other")
        change(database, admin, "trash", "people", person.id)
        receiver.wait(2)
        time.sleep(0.1)
    assert [message.json["type"] for message in receiver.messages] == ["people.updated", "people.trashed"]


def test_a_large_set_comes_in_pieces_of_a_hundred_and_in_order(
    any_database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver() as receiver:
        hook(receiver.url)
        running()
        create(any_database, admin, count=1234)
        _settled(any_database, 13)
    changes = [item for message in receiver.messages for item in message.json["data"]["changes"]]
    assert all(len(message.json["data"]["changes"]) <= 100 for message in receiver.messages)
    assert [item["label"] for item in changes] == [f"Record {number}" for number in range(1234)]
    assert len({message.id for message in receiver.messages}) == len(receiver.messages)


def test_what_was_there_before_the_webhook_is_not_sent(
    database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    create(database, admin, count=3)
    running()
    with Receiver() as receiver:
        hook(receiver.url)
        create(database, admin, "people")
        receiver.wait(1)
        time.sleep(0.1)
    assert [message.json["type"] for message in receiver.messages] == ["people.created"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (500, "It answered 500."),
        (404, "It answered 404."),
        ("drop", "The connection broke"),
        ("hang", "No answer within 0.3 seconds."),
        ("http://127.0.0.1:9/other", "It answered 302, which leads elsewhere"),
    ],
)
def test_a_failed_attempt_is_made_again_under_the_same_id(
    database: Database,
    admin: Principal,
    hook: Make,
    running: Run,
    monkeypatch: pytest.MonkeyPatch,
    fault: int | str,
    told: str,
) -> None:
    monkeypatch.setattr("app.crm.hooks.deliver.SECONDS", 0.3)
    monkeypatch.setattr("app.crm.hooks.deliver.WAITS", (timedelta(seconds=0.4), timedelta(seconds=0.4)))
    with Receiver([fault]) as receiver:
        hook_id, secret = hook(receiver.url)
        running()
        create(database, admin)
        wait_until(lambda: any(row.attempts == 1 for row in _rows(database)))
        waiting = _rows(database)[0]
        assert waiting.error.startswith(told)
        assert waiting.state == "pending"
        assert _hook(database, hook_id).failing_since is not None
        first, second = receiver.wait(2)
        row = _settled(database)[0]
    assert (row.state, row.attempts, row.response_status, row.error) == ("delivered", 2, 204, "")
    assert first.id == second.id
    assert first.body == second.body
    assert _is_signed(second, secret)
    assert _hook(database, hook_id).failing_since is None


def test_a_receiver_that_never_answers_well_is_given_up_after_eight_attempts(
    database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver(always=503) as receiver:
        hook(receiver.url)
        running()
        create(database, admin)
        row = _settled(database)[0]
        assert len(receiver.messages) == 8
    assert (row.state, row.attempts, row.response_status) == ("failed", 8, 503)


def test_the_waits_are_those_of_the_manual() -> None:
    assert [wait.total_seconds() for wait in deliver.WAITS] == [5, 60, 300, 1800, 7200, 21600, 86400]


def test_a_dead_receiver_never_delays_another(database: Database, admin: Principal, hook: Make, running: Run) -> None:
    with Receiver(always="hang") as dead, Receiver() as living:
        hook(dead.url)
        hook(living.url)
        running()
        began = time.monotonic()
        for _ in range(5):
            create(database, admin)
        living.wait(5)
        assert time.monotonic() - began < 2
        assert dead.messages


def test_nothing_is_lost_by_a_restart_in_the_middle_of_the_retries(
    any_database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver(always=500) as receiver:
        hook(receiver.url)
        hooks = running()
        create(any_database, admin)
        receiver.wait(2)
        hooks.stop()
        create(any_database, admin, "people")  # nobody listens now
        count = len(receiver.messages)
        time.sleep(0.2)
        assert len(receiver.messages) == count
        receiver.always = 204
        running()
        rows = _settled(any_database, 2)
    assert [row.state for row in rows] == ["delivered", "delivered"]
    assert {message.json["type"] for message in receiver.messages[count:]} == {"companies.created", "people.created"}


def test_410_switches_the_webhook_off(database: Database, admin: Principal, hook: Make, running: Run) -> None:
    with Receiver([410]) as receiver:
        hook_id, _secret = hook(receiver.url)
        running()
        create(database, admin)
        wait_until(lambda: not _hook(database, hook_id).active)
        create(database, admin)
        time.sleep(0.1)
        assert len(receiver.messages) == 1
    row = _hook(database, hook_id)
    assert row.off_reason == "The receiver said that it is gone for good (410)."
    assert [row.state for row in _rows(database)] == ["failed"]


def test_five_days_of_failures_switch_it_off_and_say_so(
    inner: Settings, database: Database, admin: Principal, hook: Make
) -> None:
    with Receiver(always=500) as receiver:
        hook_id, _secret = hook(receiver.url)
        for day in range(7):
            create(database, admin)
            Reader(database, enqueue.subscriber(database)).step()
            Sender(inner, database, now=lambda day=day: utc_now() + timedelta(days=day)).send_next(hook_id)  # type: ignore[misc]  # a default argument
    row = _hook(database, hook_id)
    assert not row.active
    assert row.off_reason == "Nothing but failures for 5 days."
    assert {item.state for item in _rows(database)} == {"dropped"}


def test_a_webhook_sees_what_its_maker_sees_and_no_private_note_of_others(
    any_database: Database, admin: Principal, member: Principal, hook: Make, running: Run
) -> None:
    with Receiver() as receiver:
        hook(receiver.url)
        running()
        company = create(any_database, admin).records[0]
        secret = create(any_database, member, "notes", private=True, company=company.id).records[0]
        change(any_database, member, "update", "notes", secret.id, body="Still a secret")
        create(any_database, admin, "notes", private=True, company=company.id)
        create(any_database, member, "notes", company=company.id)
        receiver.wait(3)
        time.sleep(0.2)
    told = [item for message in receiver.messages for item in message.json["data"]["changes"]]
    assert [item["object"] for item in told] == ["companies", "notes", "notes"]
    assert secret.id not in [item["id"] for item in told if item["object"] == "notes"]
    assert b"secret" not in b"".join(message.body for message in receiver.messages)


def test_what_became_private_before_it_was_sent_is_not_sent(
    inner: Settings, database: Database, admin: Principal, member: Principal, hook: Make
) -> None:
    with Receiver() as receiver:
        hook_id, _secret = hook(receiver.url, actions=("create",))
        company = create(database, admin).records[0]
        note = create(database, member, "notes", company=company.id).records[0]
        Reader(database, enqueue.subscriber(database)).step()
        assert [row.type for row in _rows(database)] == ["companies.created", "notes.created"]
        change(database, member, "update", "notes", note.id, private=True)
        sender = Sender(inner, database)
        while sender.send_next(hook_id):
            pass
        sender.close()
        assert [message.json["type"] for message in receiver.messages] == ["companies.created"]
    assert [(row.state, row.attempts) for row in _rows(database)] == [("delivered", 1), ("dropped", 0)]


def test_a_purge_is_told_by_its_number_alone(database: Database, admin: Principal, hook: Make, running: Run) -> None:
    company = create(database, admin).records[0]
    change(database, admin, "trash", "companies", company.id)
    with Receiver() as receiver:
        hook(receiver.url)
        running()
        change(database, admin, "purge", "companies", company.id)
        told = receiver.wait(1)[0].json
    assert told["type"] == "companies.purged"
    found = [
        (item["id"], item["label"], item["url"], item["before"], item["after"]) for item in told["data"]["changes"]
    ]
    assert found == [(company.id, "", None, {}, {})]


def test_a_webhook_ends_with_the_rights_of_its_maker(
    database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    other = add_user(database, "Otto", "admin")
    with Receiver() as receiver:
        hook_id, _secret = hook(receiver.url, by=other)
        running()
        with database.write() as connection:
            connection.execute(update(users).where(users.c.id == other.user_id).values(role="member"))
        create(database, admin)
        wait_until(lambda: not _hook(database, hook_id).active)
        assert receiver.messages == []
    assert "can't administer any more" in _hook(database, hook_id).off_reason


def test_switched_off_it_hears_nothing_and_on_again_only_what_is_new(
    inner: Settings, database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver() as receiver:
        hook_id, _secret = hook(receiver.url)
        running()
        for active in (False, True):
            with database.write() as connection:
                wanted = webhooks.Wanted(receiver.url, active=active)
                webhooks.change(connection, inner, admin, hook_id, wanted)
            create(database, admin, "people" if active else "companies")
        receiver.wait(1)
        time.sleep(0.1)
    assert [message.json["type"] for message in receiver.messages] == ["people.created"]


def test_a_test_event_is_sent_once_also_while_the_webhook_is_off(
    inner: Settings, database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver([500]) as receiver:
        hook_id, secret = hook(receiver.url, active=False)
        running()
        with database.write() as connection:
            webhooks.test(connection, hook_id)
        message = receiver.wait(1)[0]
        row = _settled(database)[0]
        time.sleep(0.2)
        assert len(receiver.messages) == 1
    assert (message.json["type"], message.json["data"]) == ("webhook.test", {"change_set": None, "changes": []})
    assert _is_signed(message, secret)
    assert (row.state, row.attempts) == ("failed", 1)
    assert _hook(database, hook_id).failing_since is None


def test_send_again_repeats_a_message_under_its_id(
    database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver() as receiver:
        hook_id, _secret = hook(receiver.url)
        running()
        create(database, admin)
        row = _settled(database)[0]
        with database.write() as connection:
            webhooks.again(connection, hook_id, row.id)
        first, second = receiver.wait(2)
    assert (first.id, first.body) == (second.id, second.body)


def test_a_new_secret_signs_from_then_on(
    inner: Settings, database: Database, admin: Principal, hook: Make, running: Run
) -> None:
    with Receiver() as receiver:
        hook_id, old = hook(receiver.url)
        with database.write() as connection:
            new = webhooks.renew(connection, inner, admin, hook_id)
        running()
        create(database, admin)
        message = receiver.wait(1)[0]
    assert _is_signed(message, new)
    assert not _is_signed(message, old)


def test_the_database_alone_signs_nothing(inner: Settings, database: Database, hook: Make) -> None:
    hook_id, secret = hook("https://example.com/hook")
    salt = _hook(database, hook_id).salt
    assert signing.secret(inner, salt) == secret
    assert signing.secret(replace(inner, secret_key="another secret of at least 32 characters"), salt) != secret
    with database.read() as connection:
        for table in (hook_table, webhook_deliveries):
            assert secret not in str(connection.execute(select(table)).all())


def test_an_inner_address_is_refused_when_it_is_typed(settings: Settings, database: Database, admin: Principal) -> None:
    for url in ("http://10.1.2.3/hook", "https://[::1]/hook", "http://127.0.0.1:5050/api/v1/companies"):
        with pytest.raises(Invalid, match="PARLEY_OUTGOING_ALLOW"), database.write() as connection:
            webhooks.create(connection, settings, admin, webhooks.Wanted(url))


def test_a_name_that_leads_inside_is_refused_when_something_is_sent(
    settings: Settings, database: Database, admin: Principal
) -> None:
    with Receiver() as receiver:
        with database.write() as connection:
            wanted = webhooks.Wanted(f"http://localhost:{receiver.port}/hook")
            hook_id = webhooks.create(connection, settings, admin, wanted)[0].id
        create(database, admin)
        Reader(database, enqueue.subscriber(database)).step()
        Sender(settings, database).send_next(hook_id)
        assert receiver.messages == []
    row = _rows(database)[0]
    assert row.state == "pending"
    assert "localhost leads to" in row.error
    assert "not on the open internet (this machine)" in row.error


@pytest.mark.server
def test_a_server_that_was_killed_in_the_middle_of_an_attempt_sends_after_its_restart(
    tmp_path: Path, sqlite_template: Path, new_server: Callable[..., Any]
) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    token = bearer(database, add_user(database, "Anna", "admin"))
    database.close()
    with Receiver(["hang"]) as receiver:
        allow = {"PARLEY_OUTGOING_ALLOW": f"127.0.0.1:{receiver.port}"}
        first = new_server(folder, environ=allow)
        first.token = token
        assert first.http.post("/api/v1/webhooks", json={"url": receiver.url}).status_code == 201
        first.http.post("/api/v1/companies", json={"name": "Acme"})
        receiver.wait(1)
        first.signal(signal.SIGKILL)
        new_server(folder, environ=allow)
        told = receiver.wait(2)
    assert told[0].id == told[1].id
    assert told[1].json["data"]["changes"][0]["label"] == "Acme"
