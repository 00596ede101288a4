"""A turn is a job of the server: its events are stored, numbered, resumed, stopped and survive their readers."""

import asyncio

import pytest
from sqlalchemy import select

from app.chatbot import conversations
from app.chatbot.tables import events, messages
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import NotFound, TooMany, Unavailable
from tests.chat.conftest import Bench, events_of, run
from tests.chat.model_server import FakeOllama


def test_an_exact_answer_comes_as_numbered_events_that_are_stored(
    bench: Bench, any_database: Database, member: Principal
) -> None:
    async def body() -> None:
        async with bench.chat() as chat:
            seen = await events_of(chat, member, "How many deals did Darcel win?")
            assert [event.type for event in seen] == ["started", "result", "delta", "done"]
            assert [event.seq for event in seen] == [1, 2, 3, 4]
            assert seen[-1].data["answer"] == "Darcel won 2 deals."
            assert seen[-1].data["mode"] == "exact"
            with any_database.read() as connection:
                rows = connection.execute(select(events).order_by(events.c.seq)).all()
            assert [(row.seq, row.type, row.data) for row in rows] == [(e.seq, e.type, dict(e.data)) for e in seen]

    run(body)


def test_the_words_sent_are_the_words_of_the_finished_answer(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.03)) as chat:
            seen = await events_of(chat, member)
            said = "".join(event.data["text"] for event in seen if event.type == "delta")
            assert said == seen[-1].data["answer"] == "Darcel won 2 deals.\n\nDarcel won 2 deals. Well done."
            assert seen[-1].data["model"] == "tiny"
            assert seen[-1].data["mode"] == "exact"

    run(body)


@pytest.mark.parametrize("after", range(6))
def test_a_reader_that_comes_back_gets_each_event_once(bench: Bench, member: Principal, after: int) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.02)) as chat:
            turn = await chat.ask(member, "How many?")
            first = []
            async for event in turn.follow():
                first.append(event)
                if event.seq == after:
                    break
            resumed = [event async for event in await chat.resume(member, turn.message_id, after)]
            stored = [event async for event in await chat.resume(member, turn.message_id, after)]
            assert [event.seq for event in resumed] == list(range(after + 1, resumed[-1].seq + 1))
            assert resumed == stored
            assert [event.seq for event in first + resumed if event.seq <= after] == list(
                range(1, min(after, len(first)) + 1)
            )

    run(body)


def test_two_readers_see_the_same(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.02)) as chat:
            turn = await chat.ask(member, "How many?")

            async def read() -> list[int]:
                return [event.seq async for event in await chat.resume(member, turn.message_id, 0)]

            one, two = await asyncio.gather(read(), read())
            assert one == two == list(range(1, len(one) + 1))

    run(body)


def test_a_turn_runs_on_without_any_reader(bench: Bench, any_database: Database, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.02)) as chat:
            turn = await chat.ask(member, "How many?")
            while chat.running:
                await asyncio.sleep(0.01)
            with any_database.read() as connection:
                row = connection.execute(select(messages).where(messages.c.id == turn.message_id)).one()
            assert row.state == "done"
            assert row.answer["answer"].startswith("Darcel won 2 deals.")
            assert row.finished_at is not None

    run(body)


def test_stop_keeps_what_was_said_and_closes_the_models_stream(
    bench: Bench, database: Database, member: Principal
) -> None:
    async def body() -> None:
        fake = FakeOllama(words=["Darcel won 2 deals. ", *["And so on. "] * 500], pause=0.02)
        async with bench.with_model(fake) as chat:
            turn = await chat.ask(member, "How many?")
            async for event in turn.follow():
                if event.type == "delta" and "Darcel won 2 deals. " in event.data["text"]:
                    break
            assert fake.open_streams == 1
            await chat.stop_turn(member, turn.message_id)
            last = turn.events[-1]
            assert last.type == "done"
            assert last.data["answer"].startswith("Darcel won 2 deals.")
            assert "You stopped this answer." in last.data["notes"]
            await asyncio.sleep(0.1)
            assert fake.open_streams == 0
            with database.read() as connection:
                assert connection.execute(select(messages.c.state)).scalar_one() == "stopped"
            await chat.stop_turn(member, turn.message_id)  # again: nothing happens

    run(body)


def test_stopping_at_any_moment_leaves_one_end_and_no_gap(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.005)) as chat:
            for moment in range(12):
                turn = await chat.ask(member, "How many?")
                await asyncio.sleep(moment * 0.006)
                await chat.stop_turn(member, turn.message_id)
                stored = [event async for event in await chat.resume(member, turn.message_id, 0)]
                assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
                assert [event.type for event in stored].count("done") == 1
                assert stored == turn.events

    run(body)


def test_nobody_reads_or_stops_anothers_turn(bench: Bench, member: Principal, viewer: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.05)) as chat:
            turn = await chat.ask(member, "How many?")
            with pytest.raises(NotFound):
                await chat.resume(viewer, turn.message_id, 0)
            with pytest.raises(NotFound):
                await chat.stop_turn(viewer, turn.message_id)
            with pytest.raises(NotFound):
                await chat.ask(viewer, "And mine?", turn.conversation_id)
            assert chat.running == 1

    run(body)


def test_a_user_runs_only_so_many_turns_at_once(bench: Bench, member: Principal, viewer: Principal) -> None:
    async def body() -> None:
        bench.exact.seconds = 0.2
        async with bench.chat() as chat:
            for _ in range(4):
                await chat.ask(member, "How many?")
            with pytest.raises(TooMany):
                await chat.ask(member, "One more?")
            await chat.ask(viewer, "Somebody else?")

    run(body)


def test_what_a_stopped_process_left_running_is_marked_failed(
    bench: Bench, any_database: Database, member: Principal
) -> None:
    with any_database.write() as connection:
        started = conversations.open_turn(connection, member.user_id, None, "How many?", None)

    async def body() -> None:
        async with bench.chat() as chat:
            seen = [event async for event in await chat.resume(member, started.message_id, 0)]
            assert [(event.seq, event.type) for event in seen] == [(1, "started"), (2, "error")]
            assert "restarted" in seen[-1].data["detail"]
            found = await chat.conversation(member, started.conversation_id, 50, None)
            assert found["messages"][0]["state"] == "failed"

    run(body)


def test_an_orderly_stop_tells_the_readers(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=1.0), idle=5) as chat:
            turn = await chat.ask(member, "How many?")
            reading = asyncio.create_task(_types(turn.follow()))
            await asyncio.sleep(0.1)
            await chat.stop()
            assert (await reading)[-1] == "error"
            with pytest.raises(Unavailable):
                await chat.ask(member, "Still there?")

    run(body)


async def _types(following: object) -> list[str]:
    return [event.type async for event in following]  # type: ignore[attr-defined]


def test_a_fault_of_the_exact_part_is_a_clear_error(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        bench.exact.gives = RuntimeError("boom")
        async with bench.chat() as chat:
            seen = await events_of(chat, member)
            assert [event.type for event in seen] == ["started", "error"]
            assert "boom" not in seen[-1].data["detail"]
            assert seen[-1].data["status"] == 500

    run(body)


def test_a_follow_up_gets_the_turns_before_it(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.chat() as chat:
            first = await events_of(chat, member, "How many deals did Darcel win?")
            await events_of(chat, member, "and lost?", conversation_id=first[0].conversation_id)
            question, context = bench.exact.asked[-1]
            assert question == "and lost?"
            assert [turn.question for turn in context.history] == ["How many deals did Darcel win?"]
            assert context.history[0].answer["answer"] == "Darcel won 2 deals."

    run(body)


def test_a_deleted_conversation_stops_what_runs_in_it(bench: Bench, any_database: Database, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.1), idle=5) as chat:
            turn = await chat.ask(member, "How many?")
            await asyncio.sleep(0.05)
            await chat.delete(member, turn.conversation_id)
            assert chat.running == 0
            with any_database.read() as connection:
                assert connection.execute(select(messages)).all() == []
                assert connection.execute(select(events)).all() == []

    run(body)


def test_many_turns_share_transactions_and_lose_nothing(
    bench: Bench, member: Principal, admin: Principal, viewer: Principal
) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(pause=0.005)) as chat:
            people = [member, admin, viewer] * 4
            turns = await asyncio.gather(*(events_of(chat, person) for person in people))
            for seen in turns:
                assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
                assert seen[-1].type == "done"

    run(body)
