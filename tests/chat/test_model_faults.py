"""Whatever a model server does, the computed answer stands, the failure is seen in time, and nothing is left open."""

import asyncio
import os
import time
from dataclasses import replace
from typing import Any

import pytest

from app.chatbot.events import Event
from app.chatbot.line import Line
from app.chatbot.models.ollama import OllamaServer
from app.shared.contract import Principal
from tests.chat.conftest import NOT_READ, QUOTES, Bench, events_of, run
from tests.chat.model_server import FakeOllama, FakeOpenAI

FAULTS = {
    "hang": "no first word in 0.4 seconds",
    "hang_midway": "not a word in 0.4 seconds",
    "drip": "not a word in 0.4 seconds",
    "drop": "the connection broke",
    "no_done": "its answer broke off before the end",
    "error": "it reported “llama runner process has terminated”",
    "bad_json": "it sent something unreadable",
    "blank": "it sent something unreadable",
    "bad_utf8": "it sent something unreadable",
    "flood": "it wrote without end",
    "long_line": "the connection broke",
    "busy": "it is busy",
    "missing": "the model isn't there any more",
}
CASES = [(FakeOllama, fault) for fault in FAULTS] + [(FakeOpenAI, fault) for fault in FAULTS if fault != "blank"]


@pytest.mark.parametrize(("protocol", "fault"), CASES)
def test_a_fault_of_the_model_leaves_the_exact_answer_and_says_so(
    bench: Bench, member: Principal, protocol: type[FakeOllama], fault: str
) -> None:
    async def body() -> None:
        fake = protocol()
        async with bench.with_model(fake, first_token=0.4, idle=0.4) as chat:
            fake.fault = fault
            began = time.monotonic()
            seen = await events_of(chat, member)
            assert time.monotonic() - began < 5
            last = seen[-1]
            assert last.type == "done"
            assert last.data["figures"] == [{"label": "Deals", "value": 2, "unit": None}]
            assert last.data["answer"].startswith("Darcel won 2 deals.")
            sentence = f"The model stopped answering: {FAULTS[fault]}. The exact result above stands."
            assert sentence in last.data["notes"]
            told = [event.data for event in seen if event.type == "status"]
            assert told[-1] == {"code": "model_failed", "text": sentence}
            await asyncio.sleep(0.05)
            assert fake.open_streams == 0
            assert chat.model.name is None
            assert FAULTS[fault] in chat.model.reason

    run(body)


def test_a_server_that_went_away_is_told_within_seconds(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        fake = FakeOllama()
        async with bench.with_model(fake) as chat:
            await fake.end()
            began = time.monotonic()
            seen = await events_of(chat, member)
            assert time.monotonic() - began < 3
            told = " ".join([*seen[-1].data["notes"], chat.model.reason or ""])  # its watcher may see it before us
            assert "can't be reached" in told or "connection broke" in told
            again = await events_of(chat, member)  # the model rests: the next question doesn't wait for it
            assert [event.type for event in again] == ["started", "result", "delta", "done"]

    run(body)


def test_a_server_killed_in_mid_stream_is_told_at_once(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        fake = FakeOllama(words=["Darcel won 2 deals. "] * 500, pause=0.02)
        async with bench.with_model(fake, first_token=5, idle=5) as chat:
            turn = await chat.ask(member, "How many?")
            async for event in turn.follow():
                if event.type == "delta" and "\n\n" in event.data["text"]:
                    break
            began = time.monotonic()
            await fake.end()
            rest = [event async for event in turn.follow(turn.events[-1].seq)]
            assert time.monotonic() - began < 2
            assert "The model stopped answering: the connection broke." in rest[-1].data["notes"][-1]

    run(body)


def test_a_first_word_that_takes_long_is_told(bench: Bench, member: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.chatbot.agent.SLOW_SECONDS", 0.05)

    async def body() -> None:
        fake = FakeOllama()
        async with bench.with_model(fake, first_token=0.3) as chat:
            quick = await events_of(chat, member)
            assert "slow" not in [event.data.get("code") for event in quick]
            fake.fault = "hang"
            seen = await events_of(chat, member)
            codes = [event.data["code"] for event in seen if event.type == "status"]
            assert codes == ["writing", "slow", "model_failed"]

    run(body)


@pytest.mark.parametrize("protocol", [FakeOllama, FakeOpenAI])
def test_a_server_that_is_busy_for_a_moment_is_asked_once_more(
    bench: Bench, member: Principal, protocol: type[FakeOllama], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chatbot.models.serving.AGAIN_SECONDS", 0.01)

    async def body() -> None:
        fake = protocol(busy_for=1)
        async with bench.with_model(fake) as chat:
            assert (await events_of(chat, member))[-1].data["model"]
            assert len(fake.requests) == 2
            fake.busy_for = 2
            assert "it is busy" in (await events_of(chat, member))[-1].data["notes"][0]
            assert len(fake.requests) == 4

    run(body)


def test_what_broke_off_in_mid_answer_is_not_asked_again(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        fake = FakeOllama()
        async with bench.with_model(fake) as chat:
            fake.fault = "drop"
            await events_of(chat, member)
            assert len(fake.requests) == 1

    run(body)


def test_quotes_stand_where_the_model_fails_to_sum_them_up(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        bench.exact.gives = QUOTES
        async with bench.with_model(FakeOllama(fault="error")) as chat:
            seen = await events_of(chat, member)
            assert seen[-1].data["passages"][0]["text"] == "Jane asked about the integration with Slack."
            assert seen[-1].data["notes"][0].endswith("The quotes above stand.")

    run(body)


@pytest.mark.parametrize("fault", ["hang", "error", "drop", "busy"])
def test_an_abstention_stands_where_the_model_fails_to_read_the_question(
    bench: Bench, member: Principal, fault: str
) -> None:
    async def body() -> None:
        bench.exact.gives = NOT_READ
        async with bench.with_model(FakeOllama(fault=fault), first_token=0.4) as chat:
            seen = await events_of(chat, member)
            assert seen[-1].data["mode"] == "none"
            assert seen[-1].data["unread"] == ["frobnicate"]
            assert seen[-1].data["figures"] == seen[-1].data["rows"] == []
            assert seen[-1].data["notes"][0].startswith("The model stopped answering: ")

    run(body)


def test_the_model_comes_back_by_itself(bench: Bench, member: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.chatbot.models.serving.REST_SECONDS", 0.1)
    monkeypatch.setattr("app.chatbot.models.watch.ABSENT_SECONDS", 0.05)
    monkeypatch.setattr("app.chatbot.models.watch.PRESENT_SECONDS", 0.05)

    async def body() -> None:
        fake = FakeOllama()
        async with bench.with_model(fake) as chat:
            fake.fault = "error"
            failed = await events_of(chat, member)
            assert failed[-1].data["notes"][-1].startswith("The model stopped answering")
            fake.fault = ""
            while chat.model.name is None:
                await asyncio.sleep(0.02)
            assert (await events_of(chat, member))[-1].data["model"] == "tiny"

    run(body)


def test_faults_leave_no_descriptor_open(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        fake = FakeOllama()
        async with bench.with_model(fake, first_token=0.1, idle=0.1) as chat:
            for fault in FAULTS:
                fake.fault = fault
                await events_of(chat, member)
                chat.server.state = replace(chat.server.state, name="tiny", context=2048)  # type: ignore[misc]
            await asyncio.sleep(0.1)
            before = len(os.listdir("/proc/self/fd"))
            for fault in FAULTS:
                fake.fault = fault
                await events_of(chat, member)
                chat.server.state = replace(chat.server.state, name="tiny", context=2048)  # type: ignore[misc]
            await asyncio.sleep(0.1)
            assert len(os.listdir("/proc/self/fd")) <= before

    run(body, 40)


def test_a_full_queue_answers_without_the_model_and_leaves_it_well(
    bench: Bench, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chatbot.service.Line", lambda: Line(at_once=1, longest=2))

    async def body() -> None:
        people = [replace(admin, user_id=1000 + number) for number in range(5)]
        async with bench.with_model(FakeOllama(pause=0.1), first_token=5, idle=5) as chat:
            turns = [await chat.ask(person, "How many?") for person in people]
            ends = [await _last(turn.follow()) for turn in turns]
            skipped = [note for end in ends for note in end.data["notes"] if "The model was not asked" in note]
            assert len(skipped) == 2
            assert all(end.data["answer"].startswith("Darcel won 2 deals.") for end in ends)
            waited = [event for turn in turns for event in turn.events if event.data.get("code") == "waiting"]
            assert len(waited) == 2
            assert chat.model.name == "tiny"

    run(body)


async def _last(following: Any) -> Event:
    return [event async for event in following][-1]


# --- finding a model ---


@pytest.mark.parametrize(
    ("fake", "wanted", "name", "reason"),
    [
        (FakeOllama(), "", "tiny", ""),
        (FakeOllama(), "tiny", "tiny", ""),
        (FakeOllama(), "other", None, "it has no model 'other'"),
        (FakeOllama(capabilities=("embedding",)), "", None, "it has no model that can chat"),
        (FakeOllama(models=()), "", None, "it has no model that can chat"),
    ],
)
def test_the_model_in_use_is_the_named_one_or_the_first_that_chats(
    fake: FakeOllama, wanted: str, name: str | None, reason: str
) -> None:
    async def body() -> None:
        async with fake:
            server = OllamaServer(fake.url, wanted, first_token=1, idle=1)
            state = await server.probe()
            await server.close()
            assert state.name == name
            assert reason in state.reason
            assert name is None or state.context == 2048

    run(body)


def test_where_nobody_listens_the_client_is_never_imported(bench: Bench, tmp_path: object) -> None:
    import subprocess
    import sys

    code = (
        "import asyncio, sys\n"
        "from app.chatbot.models.ollama import OllamaServer\n"
        "server = OllamaServer('http://127.0.0.1:9', '', first_token=1, idle=1)\n"
        "state = asyncio.run(server.probe())\n"
        "assert state.name is None and 'No model server answers' in state.reason, state\n"
        "assert 'ollama' not in sys.modules and 'httpx' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_the_load_of_a_model_is_told(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(loaded=False)) as chat:
            seen = await events_of(chat, member)
            assert {"code": "loading", "text": "Loading model tiny …"} in [event.data for event in seen]

    run(body)


def test_a_busy_server_may_be_slow_to_say_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that writes an answer is slow at everything else: that is no reason to give its model up."""

    async def body() -> None:
        async with FakeOllama() as fake:
            server = OllamaServer(fake.url, "", first_token=1, idle=1)
            assert (await server.probe()).name == "tiny"
            monkeypatch.setattr("app.chatbot.models.serving.PROBE_SECONDS", 0.3)
            fake.slow = 5.0
            assert (await server.probe()).name == "tiny"
            assert (await server.probe()).name == "tiny"
            assert (await server.probe()).name is None
            monkeypatch.undo()
            fake.slow = 0.0
            assert (await server.probe()).name == "tiny"
            await server.close()

    run(body)
