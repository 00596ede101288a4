"""Errors that name what was meant: the nearest known names, and every bad field of a query at once."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

from app.shared.db import text_key
from app.shared.errors import FieldError, Invalid

S = TypeVar("S")
T = TypeVar("T")


def near(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three known names that are spelled much like the word, nearest first."""
    by_key = {text_key(name) or "": name for name in known}
    return tuple(by_key[key] for key in get_close_matches(text_key(word) or "", by_key, n=3, cutoff=0.6))


def hint(word: str, known: Iterable[str]) -> str:
    """` Did you mean name or title?`, or nothing."""
    names = near(word, known)
    return f" Did you mean {' or '.join(names)}?" if names else ""


def bad(field: str, message: str, **extra: object) -> Invalid:
    """One bad field."""
    return Invalid(message, [FieldError(field, message, extra or None)])


class Collector:
    """Gathers the errors of several steps, so that one answer names them all."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def run(self, step: Callable[[], T]) -> T | None:
        """The step's result; None where it was refused."""
        try:
            return step()
        except Invalid as error:
            self.errors += error.errors
            return None

    def each(self, step: Callable[[S], T], items: Iterable[S]) -> list[T]:
        """The results of the step for those items that it didn't refuse."""
        results = [(self.run(partial(step, item)),) for item in items]
        return [found for (found,) in results if found is not None]

    def check(self) -> None:
        """Raise what was gathered."""
        if len(self.errors) == 1:
            raise Invalid(self.errors[0].message, self.errors)
        if self.errors:
            raise Invalid(f"{len(self.errors)} parts of the query can't be used.", self.errors)
