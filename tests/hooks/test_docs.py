"""The page about webhooks is true: its examples run, and its figures are the program's."""

import re
import time
from collections.abc import Callable
from typing import Any

from app.crm.changes.subscribers import Reader
from app.crm.hooks import deliver, enqueue, payload
from app.shared.config import ROOT
from app.shared.contract import Principal
from app.shared.db import Database
from tests.hooks.conftest import create
from tests.hooks.receiver import Receiver

PAGE = (ROOT / "docs" / "webhooks.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_tells_a_message_from_a_forgery(
    database: Database, admin: Principal, hook: Callable[..., tuple[int, str]], running: Callable[..., Any]
) -> None:
    example: dict[str, Any] = {}
    exec(_blocks("python")[0], example)
    verify = example["verify"]
    with Receiver() as receiver:
        _id, secret = hook(receiver.url)
        running()
        create(database, admin)
        message = receiver.wait(1)[0]
    assert verify(secret, message.headers, message.body)
    assert not verify(secret, message.headers, message.body.replace(b"Record", b"Forged"))
    assert not verify("whsec_" + "A" * 43 + "=", message.headers, message.body)
    assert not verify(secret, message.headers | {"webhook-id": "msg_other"}, message.body)
    old = message.headers | {"webhook-timestamp": str(int(time.time()) - 3600)}
    assert not verify(secret, old, message.body)


def test_the_example_of_a_subscriber_runs(database: Database, admin: Principal, capsys: Any) -> None:
    example: dict[str, Any] = {}
    exec(_blocks("python")[1], example)
    create(database, admin)
    Reader(database, example["subscriber"]).step()
    assert "[('companies', 1, 'create')]" in capsys.readouterr().out


def test_the_shown_message_has_the_fields_of_a_real_one(
    database: Database, admin: Principal, hook: Callable[..., tuple[int, str]], running: Callable[..., Any]
) -> None:
    import json

    shown = json.loads(_blocks("json")[0])
    with Receiver() as receiver:
        hook(receiver.url)
        running()
        create(database, admin)
        real = receiver.wait(1)[0].json
    assert shown.keys() == real.keys()
    assert shown["data"].keys() == real["data"].keys()
    assert shown["data"]["change_set"].keys() == real["data"]["change_set"].keys()
    assert shown["data"]["changes"][0].keys() == real["data"]["changes"][0].keys()


def test_the_figures_are_the_programs() -> None:
    waits = "5 seconds, 1 minute, 5 minutes, 30 minutes, 2 hours, 6 hours and 24 hours"
    assert waits in " ".join(PAGE.split())
    assert [int(wait.total_seconds()) for wait in deliver.WAITS] == [5, 60, 300, 1800, 7200, 21600, 86400]
    assert f"within {deliver.SECONDS:g} seconds" in PAGE
    assert f"After {deliver.PATIENCE.days} days" in PAGE
    assert f"at most {enqueue.MOST_CHANGES} changes" in PAGE
    for past in payload.PAST.values():
        assert f".{past}`" in PAGE
