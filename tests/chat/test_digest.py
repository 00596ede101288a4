"""A model that reads a question is told the whole conversation before it, in full, in short, or in numbers."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.chatbot.digest import digest
from app.chatbot.types import Answer, Suggestion, Turn
from app.shared.contract import Principal
from tests.chat.conftest import TWO_DEALS, Bench, events_of, run
from tests.chat.model_server import FakeOllama


def turns(count: int) -> list[Turn]:
    kinds = ("deals", "companies")
    return [
        Turn(f"Question {number}?", {"answer": f"Answer {number}.", "query": {"object": kinds[number % 2]}})
        for number in range(count)
    ]


def test_the_newest_turns_come_with_their_answers_and_older_ones_without() -> None:
    told = digest(turns(6), 10_000)
    assert told.shortened == 0
    assert told.text.splitlines() == [
        "Question 0?",
        "Question 1?",
        *(f"Question {number}? -> Answer {number}." for number in range(2, 6)),
    ]


def test_what_has_no_room_is_counted_by_its_kind() -> None:
    told = digest(turns(40), 400)
    first, *rest = told.text.splitlines()
    kinds = sorted(first.removeprefix(f"{told.shortened} earlier questions: ").split(", "))
    assert sorted(kind.split(" about ")[1] for kind in kinds) == ["companies", "deals"]
    assert sum(int(kind.split(" about ")[0]) for kind in kinds) == told.shortened
    assert rest[-1] == "Question 39? -> Answer 39."
    assert told.shortened + len(rest) == 40


@given(st.lists(st.text(max_size=400), max_size=30), st.integers(-100, 3000))
def test_it_never_outgrows_its_room(questions: list[str], room: int) -> None:
    found = digest([Turn(question, {"answer": question}) for question in questions], room)
    assert len(found.text.encode()) <= max(0, room)


def test_a_question_that_leans_on_another_may_take_its_values(
    bench: Bench, admin: Principal, member: Principal
) -> None:
    """The model is told what was asked before, and a name from there may stand in its query."""

    async def body() -> None:
        reply = {"object": "deals", "filters": [{"field": "company.name", "op": "eq", "value": "Betatech"}]}
        fake = FakeOllama(replies=[json.dumps(reply)] * 2, context=8192)
        async with bench.with_model(fake) as chat:
            bench.exact.gives = TWO_DEALS
            first = await events_of(chat, member, "How many deals with Betatech?")
            bench.exact.gives = Answer("?", "none", readings=(Suggestion("How many?"),), unread=("thingies",))
            asked = len(fake.requests)
            await events_of(chat, member, "and the thingies", conversation_id=first[0].conversation_id)
            prompt = fake.requests[asked]["messages"][1]["content"]
            assert "The conversation so far" in prompt
            assert "How many deals with Betatech? -> Darcel won 2 deals." in prompt

    run(body)


def test_a_context_without_room_for_the_conversation_is_said(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOllama(context=2048)) as chat:
            first = await events_of(chat, member, "How many deals with Betatech?")
            bench.exact.gives = Answer("?", "none", readings=(Suggestion("How many?"),), unread=("thingies",))
            seen = await events_of(chat, member, "and the thingies", conversation_id=first[0].conversation_id)
            assert "The model was not told what was asked before: its context is too small." in seen[-1].data["notes"]

    run(body)
