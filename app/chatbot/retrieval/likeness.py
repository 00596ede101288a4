"""Passages that say the same in nearly the same words: copies of a mail, a template filled in twice alike.

Broder, "On the resemblance and containment of documents", 1997: the share of the runs of three words that two texts
have in common. Two texts with different numbers say different things, however alike they look.
"""

import re

ALIKE = 0.7  # of the runs of words of both
_RUN = 3
_WORD = re.compile(r"\w+")


class Likeness:
    """Remembers texts and tells which come again."""

    def __init__(self) -> None:
        self._seen: list[tuple[frozenset[tuple[str, ...]], frozenset[str]]] = []

    def before(self, text: str) -> bool:
        """Whether one like this was there before; if not, it is remembered."""
        words = _WORD.findall(text.casefold())
        runs = frozenset(tuple(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1)))
        numbers = frozenset(word for word in words if any(letter.isdigit() for letter in word))
        if any(numbers == others and _resemblance(runs, known) >= ALIKE for known, others in self._seen):
            return True
        self._seen.append((runs, numbers))
        return False


def _resemblance(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)
