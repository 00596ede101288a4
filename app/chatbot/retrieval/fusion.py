"""One ranking from two: weighted reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""

import re
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Weigh = Callable[[str, bool], tuple[float, float]]  # a question, and whether it is narrowed -> the weights
Key = TypeVar("Key", bound=Hashable)
RANK_CONSTANT = 60  # the paper's
_EXACT = re.compile(r"\d|@|\"|://")  # numbers, addresses and quotes are found by their letters, not by their meaning


def weights(text: str, named: bool) -> tuple[float, float]:
    """The weights of full text and of vectors for a question; `named`: it is narrowed to named records."""
    if _EXACT.search(text):
        return 1.0, 0.2
    return (1.0, 1.0) if named else (0.8, 1.0)


def fuse(rankings: Sequence[tuple[float, Sequence[Key]]]) -> dict[Key, float]:
    """The score of each key in weighted rankings, best first."""
    scores: dict[Key, float] = {}
    for weight, ranking in rankings:
        for rank, item in enumerate(dict.fromkeys(ranking)):
            scores[item] = scores.get(item, 0.0) + weight / (RANK_CONSTANT + rank + 1)
    return dict(sorted(scores.items(), key=lambda pair: -pair[1]))
