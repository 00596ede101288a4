"""No number of a model reaches the reader unless it stands in the result; quotes are cited or left out."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chatbot.gate import Allowed, Gate, allowed_by
from app.chatbot.types import Answer, Figure, Passage
from app.shared.contract import Ref

RESULT = Answer(
    text="Anna won 49 deals, $1,234.50 in total.",
    mode="exact",
    figures=(Figure("Deals", 49), Figure("Amount", 1234.5, "USD"), Figure("Win rate", 63.157894, "%")),
    rows=(
        {
            "id": 77,
            "label": "Big 12",
            "name": "Big 12",
            "amount": 900,
            "date": "2024-11-05",
            "n": 3,
            "owner": {"label": "Anna 7"},
        },
    ),
    columns=({"name": "amount", "type": "money"}, {"name": "n", "type": "number"}),
    chips=("Close date is November 2024", "Amount over $5,000"),
)


def shown(text: str, answer: Answer = RESULT, passages: tuple[Passage, ...] = ()) -> str:
    gate = Gate(allowed_by(answer), passages)
    return "".join([*gate.feed(text), *gate.close()])


@pytest.mark.parametrize(
    "sentence",
    [
        "Anna won 49 deals.",
        "Anna won $1,234.50 in total.",
        "That is 1,234.50 USD.",
        "The win rate is 63.16%.",
        "The win rate is 63.16 percent.",
        "Big 12 was closed on November 5, 2024.",
        "Big 12 was closed on 5 Nov 2024.",
        "Big 12 closed on 2024-11-05.",
        "It closed in November 2024.",
        "Big 12 was worth $900.",
        "Anna 7 has Big 12 with three of them.",
        "She did well.",
        "The deal Big 12 closed on November 5, 2024 for $900.",
    ],
)
def test_a_sentence_whose_numbers_stand_in_the_result_is_shown(sentence: str) -> None:
    assert shown(sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The year was 2024.",
        "Anna was worth $900.",
        "It closed on November 5, 2024.",
        "Anna has three of them.",
        "Big 12 was worth $901.",
        "The seller Annabella won 49 deals.",
        "Won by Anna and Bertram.",
        "Anna won 50 deals.",
        "Anna won 490 deals.",
        "Anna won -49 deals.",
        "Anna won 49k deals.",
        "Anna won 49%.",
        "Anna won $49.",
        "Anna won forty deals.",
        "Anna won twice as much.",
        "Anna won half of them.",
        "Anna won a dozen.",
        "Anna won 900 deals.",
        "Anna won 5,000 deals.",
        "Anna won 77 deals.",
        "Anna won 12 deals.",
        "Anna won 7 deals.",
        "Anna won 1,234.5 deals.",
        "It closed on November 6, 2024.",
        "It closed in December 2024.",
        "It closed on 2024-12-05.",
        "There were 5 of them.",
        "There were 11 of them.",
        "The rate is 64%.",
        "Sales rose to $1.2 million.",
        "See https://evil.example/49 for more.",
        "See [this](/deals) for more.",
        "![x](http://evil.example/49) is nice.",
    ],
)
def test_a_sentence_with_any_other_number_or_a_link_is_left_out(sentence: str) -> None:
    gate = Gate(allowed_by(RESULT))
    assert "".join([*gate.feed(sentence), *gate.close()]) == ""
    assert gate.dropped == 1


def test_a_good_sentence_survives_beside_a_bad_one() -> None:
    assert shown("Anna won 49 deals. She lost 3,000 of them! Good work. ") == "Anna won 49 deals. Good work. "


def test_a_sentence_said_twice_is_shown_once() -> None:
    assert shown("She did well. She  did well. Good work. ") == "She did well. Good work. "


def test_a_group_s_number_is_told_only_of_that_group() -> None:
    rows = ({"label": "Anna", "sum": 100, "currency": "USD"}, {"label": "Bo", "sum": 200, "currency": "USD"})
    answer = Answer("By owner.", "exact", rows=rows, columns=({"name": "sum", "label": "Total", "type": "money"},))
    assert shown("Anna has $100. Bo has $100. Total of Bo: $200. ", answer) == "Anna has $100. Total of Bo: $200. "


def test_the_question_lends_words_but_no_numbers() -> None:
    allowed = allowed_by(RESULT, "Did Zork win 300 deals?")
    assert allowed.covers("It was not Zork.")
    assert not allowed.covers("It was 300.")


def test_an_unfinished_sentence_is_not_shown() -> None:
    assert shown("Anna won 49 deals. She has 1") == "Anna won 49 deals. "


def test_numbers_are_not_cut_at_their_points() -> None:
    assert shown("It came to $1,234.50 in all. ") == "It came to $1,234.50 in all. "


def test_prose_without_an_end_is_not_kept_for_ever() -> None:
    gate = Gate(Allowed())
    for _ in range(1000):
        assert list(gate.feed("and on ")) == []
    assert gate.dropped > 5


@given(st.text(alphabet="Anna won 4950.,$%! kK\n-[1]", max_size=120), st.lists(st.integers(1, 20), max_size=10))
def test_the_gate_gives_the_same_however_the_words_are_cut(text: str, cuts: list[int]) -> None:
    def pieces() -> Iterator[str]:
        rest = text
        for cut in cuts:
            yield rest[:cut]
            rest = rest[cut:]
        yield rest

    whole, cut = Gate(allowed_by(RESULT)), Gate(allowed_by(RESULT))
    one = [*whole.feed(text), *whole.close()]
    two = [sentence for piece in pieces() for sentence in cut.feed(piece)] + list(cut.close())
    assert one == two


@given(st.text(max_size=200))
def test_whatever_passes_states_only_allowed_by_the_result(text: str) -> None:
    allowed = allowed_by(RESULT)
    for sentence in Gate(allowed).feed(text + ". "):
        assert allowed.covers(sentence)


# --- quotes ---

QUOTES = (
    Passage(Ref("notes", 7, "Call with Jane"), "Jane asked about the integration with Slack.", 0.9, date(2024, 5, 3)),
    Passage(Ref("notes", 8, "Mail"), "The budget of 2,000 was approved.", 0.5),
)
FOUND = Answer(text="Found 2 passages.", mode="search", passages=QUOTES)


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("Jane asked about the integration [1].", True),
        ("The integration matters. [1] ", True),
        ("The budget of 2,000 was approved [2].", True),
        ("Jane asked about the integration.", False),
        ("Jane asked about the integration [3].", False),
        ("Jane asked about the integration [0].", False),
        ("Jane asked about the integration [2].", False),
        ("The budget of 3,000 was approved [2].", False),
        ("Jane wrote on May 3, 2024 about the integration [1].", True),
    ],
)
def test_a_summary_cites_a_quote_that_speaks_of_it_in_every_sentence(sentence: str, passes: bool) -> None:
    assert shown(sentence, FOUND, QUOTES).strip() == (sentence.strip() if passes else "")
