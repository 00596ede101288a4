"""The model is told the result and nothing else, cut by the program to what its context holds."""

import pytest

from app.chatbot import prompts
from app.chatbot.gate import Gate, allowed_by
from app.chatbot.types import Answer, Figure, Passage
from app.shared.contract import Group, Query, Ref

COLUMNS = ({"name": "owner", "label": "Owner", "type": "link"}, {"name": "sum", "label": "Total", "type": "money"})


def groups(count: int) -> Answer:
    rows = tuple({"owner": {"label": f"Owner {n}"}, "sum": 1000 + n, "currency": "EUR"} for n in range(count))
    query = Query(object="deals", group_by=(Group(field="owner"),))
    return Answer("By owner.", "exact", (Figure("Total", 5),), rows, COLUMNS, query=query)


def test_every_row_stands_in_the_prompt_as_prose_should_repeat_it() -> None:
    prompt = prompts.about("Who sold most?", groups(3), 4096)
    assert "- Owner: Owner 1; Total: 1,001 EUR" in prompt.messages[1].content
    assert prompt.left_out == ""
    gate = Gate(allowed_by(groups(3)))
    assert list(gate.feed("Owner 1 sold 1,001 EUR. ")) == ["Owner 1 sold 1,001 EUR. "]


def test_rows_that_are_left_out_are_told() -> None:
    prompt = prompts.about("Who sold most?", groups(50), 4096)
    assert prompt.left_out == "The model's words rest on 10 of the 50 rows."


@pytest.mark.parametrize("context", [1024, 2048, 4096])
def test_a_prompt_never_outgrows_its_context(context: int) -> None:
    long = "“Straße” 12345 " * 400
    passages = tuple(Passage(Ref("notes", n, "Note"), long, 0.5) for n in range(8))
    prompt = prompts.about("What was said?", Answer("Found 8.", "search", passages=passages), context)
    size = sum(len(message.content.encode()) for message in prompt.messages)
    assert size <= prompts.room(context)
    assert "of the 8 quotes" in prompt.left_out or context == 4096
    assert prompt.messages[1].content.endswith("Question: What was said?")


def test_quotes_are_numbered_with_who_said_them() -> None:
    passage = Passage(Ref("notes", 1, "Call"), "Integration is key.", 0.5, author="Anna")
    prompt = prompts.about("What was said?", Answer("Found 1.", "search", passages=(passage,)), 4096)
    assert "[1] (Anna, Call) Integration is key." in prompt.messages[1].content
