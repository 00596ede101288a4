"""What a model thinks before it writes is kept apart from the answer, however its server hands it on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chatbot.models import Piece
from app.chatbot.models.thoughts import Thoughts
from app.shared.contract import Principal
from tests.chat.conftest import Bench, events_of, run
from tests.chat.model_server import FakeOllama, FakeOpenAI

WORDS = ["Darcel won ", "2 deals. ", "Well done."]


def told(chunks: list[str]) -> tuple[str, str]:
    splitter = Thoughts()
    pieces = [splitter.split(Piece(text)) for text in chunks] + [splitter.split(Piece(done=True))]
    return "".join(piece.thoughts for piece in pieces), "".join(piece.text for piece in pieces)


@given(st.data())
def test_marks_may_be_cut_anywhere(data: st.DataObject) -> None:
    whole = "<think>Two of them < 3, I <thi think.</think>\n\nDarcel won 2 deals."
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    thoughts, text = told(chunks)
    assert thoughts == "Two of them < 3, I <thi think."
    assert text.lstrip() == "Darcel won 2 deals."


@pytest.mark.parametrize("whole", ["Darcel won 2 deals.", "<b>2</b> deals", "A <think> in the middle", "<thin ice"])
def test_an_answer_without_thoughts_stays_as_it_is(whole: str) -> None:
    assert told(list(whole)) == ("", whole)


def test_thoughts_that_never_end_are_no_answer() -> None:
    assert told(["<think>on and ", "on </thi"]) == ("on and on </thi", "")


@pytest.mark.parametrize("fake", [
    FakeOllama(words=WORDS, thoughts=("There are ", "two.")),
    FakeOpenAI(words=WORDS, thoughts=("There are ", "two.")),
    FakeOpenAI(words=["<think>There ", "are two.</th", "ink>\n", *WORDS]),
])  # fmt: skip
def test_thoughts_come_as_status_events_and_are_kept_beside_the_answer(
    bench: Bench, member: Principal, fake: FakeOllama
) -> None:
    async def body() -> None:
        async with bench.with_model(fake) as chat:
            seen = await events_of(chat, member)
            thoughts = [event.data["text"] for event in seen if event.data.get("code") == "thinking"]
            assert "".join(thoughts) == seen[-1].data["thoughts"] == "There are two."
            assert seen[-1].data["answer"].endswith("Well done.")
            assert "There are" not in seen[-1].data["answer"]
            assert "".join(event.data["text"] for event in seen if event.type == "delta") == seen[-1].data["answer"]

    run(body)
