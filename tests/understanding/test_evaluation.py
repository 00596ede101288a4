"""The evaluation of `bench/assistant` in short: every fifth question of each set, over the sales data and the demo."""

from collections.abc import Iterator

import pytest

from bench.assistant.run import Result
from bench.assistant.sets import SETS, Workspaces, workspaces
from tests.outside import DATA, needs_data

_STEP = 5  # every fifth question


@pytest.fixture(scope="module")
def where() -> Iterator[Workspaces]:
    assert DATA is not None
    with workspaces(DATA / "sales") as found:
        yield found


def _asked(where: Workspaces, *names: str) -> list[Result]:
    return [result for one in SETS if one.name in names for result in one.ask(where, _STEP)]


def _shown(results: list[Result], verdict: str) -> str:
    return "\n".join(str(result) for result in results if result.verdict == verdict)


def _share(results: list[Result], verdict: str) -> float:
    return sum(result.verdict == verdict for result in results) / len(results)


@pytest.mark.outside
@pytest.mark.timeout(300)
@needs_data()
def test_nine_in_ten_questions_are_answered_right_and_one_in_a_hundred_wrong(where: Workspaces) -> None:
    tuned = _asked(where, "sales", "demo")
    assert _share(tuned, "wrong") <= 0.01, _shown(tuned, "wrong")
    assert _share(tuned, "right") >= 0.9, _shown(tuned, "abstained")


@pytest.mark.outside
@pytest.mark.timeout(300)
@needs_data()
def test_what_cannot_be_known_is_not_answered(where: Workspaces) -> None:
    hostile = _asked(where, "hostile")
    assert _share(hostile, "wrong") <= 0.01, _shown(hostile, "wrong")


@pytest.mark.outside
@pytest.mark.timeout(300)
@needs_data()
def test_questions_that_tuning_never_sees_fare_little_worse(where: Workspaces) -> None:
    """Of these only the numbers are shown."""
    unseen = _asked(where, "held out", "unseen sales", "unseen demo")
    assert sum(result.verdict == "wrong" for result in unseen) <= 2
    assert _share(unseen, "right") >= 0.8
