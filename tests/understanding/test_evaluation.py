"""The evaluation of `bench/assistant` in short: every fourth question of each set, over the sales data."""

from pathlib import Path
from typing import Any

import pytest

from bench.assistant import held_out, questions
from bench.assistant.oracle import Oracle
from bench.assistant.run import Result, evaluate, load, open_port
from tests.outside import DATA, needs_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert DATA is not None
    return load(DATA / "sales", tmp_path_factory.mktemp("sales"))


def _some(asked: dict[str, list[tuple[Any, Any]]]) -> dict[str, list[tuple[Any, Any]]]:
    numbered = [(family, pair) for family, pairs in asked.items() for pair in pairs][::4]
    return {family: [pair for other, pair in numbered if other == family] for family, _ in numbered}


def _shown(results: list[Result], verdict: str) -> str:
    return "\n".join(str(result) for result in results if result.verdict == verdict)


@pytest.mark.outside
@pytest.mark.timeout(300)
@needs_data()
def test_nine_in_ten_questions_are_answered_right_and_one_in_a_hundred_wrong(folder: Path) -> None:
    assert DATA is not None
    oracle = Oracle(DATA / "sales")
    with open_port(folder) as port:
        tuned = evaluate(port, _some(questions.questions(oracle)))
        unseen = evaluate(port, _some(held_out.questions(oracle)))
    assert sum(result.verdict == "wrong" for result in tuned) <= len(tuned) / 100, _shown(tuned, "wrong")
    assert sum(result.verdict == "right" for result in tuned) >= 0.9 * len(tuned), _shown(tuned, "abstained")
    # Of the questions that tuning never sees only the numbers are shown.
    assert sum(result.verdict == "wrong" for result in unseen) <= 1
    assert sum(result.verdict == "right" for result in unseen) >= 0.85 * len(unseen)
