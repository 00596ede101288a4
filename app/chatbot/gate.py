"""The gate between a model and the reader: whole sentences, and only those whose numbers stand in the result."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.chatbot.numerals import Kind, Stated, of_date, stated
from app.chatbot.types import Answer, Passage

LONGEST_SENTENCE = 600  # characters; prose that doesn't stop for so long isn't prose
# A sentence ends at .!? and white space, or at a line's end; not at "Inc." or an initial.
_END = re.compile(
    r"(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\b[A-Z])[.!?][\"”')\]]*(?:\s*\[\d+\])*\s|\n"
)
_LINK = re.compile(r"https?:|www\.|\]\(|<[a-z/!]|!\[", re.IGNORECASE)
_MARKER = re.compile(r"\s?\[(\d+)\]")
_NAME = re.compile(r"(?=.*\d).*[^\W\d_]", re.DOTALL)  # a digit and a letter
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What prose may state: the numbers of a result, and its names that hold digits, longest first, as they stand."""

    numbers: frozenset[Stated] = frozenset()
    names: tuple[str, ...] = ()

    def covers(self, sentence: str) -> bool:
        for name in self.names:
            sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", sentence)
        return all(number in self.numbers for number in stated(sentence))


@dataclass(slots=True)
class Gate:
    """Takes a model's words in any pieces, gives whole sentences that passed, and counts those that didn't.

    `passages`: where given, each sentence must cite one of them as [n] and share a word with it.
    """

    allowed: Allowed
    passages: tuple[Passage, ...] = ()
    dropped: int = 0
    passed: int = 0
    _buffer: str = field(default="")

    def feed(self, text: str) -> Iterator[str]:
        """The sentences that these words complete, as far as they may be shown."""
        self._buffer += text
        while match := _END.search(self._buffer):
            sentence, self._buffer = self._buffer[: match.end()], self._buffer[match.end() :]
            yield from self._judge(sentence)
        if len(self._buffer) > LONGEST_SENTENCE:
            self._buffer = ""
            self.dropped += 1

    def close(self) -> Iterator[str]:
        """What is left when the stream has ended: shown only where it is a whole sentence."""
        rest, self._buffer = self._buffer, ""
        if rest.rstrip()[-1:] in tuple('.!?"”)]'):
            yield from self._judge(rest)

    def _judge(self, sentence: str) -> Iterator[str]:
        if not sentence.strip():
            if self.passed and "\n" in sentence:
                yield sentence
        elif self._may_pass(sentence):
            self.passed += 1
            yield sentence
        else:
            self.dropped += 1

    def _may_pass(self, sentence: str) -> bool:
        if _LINK.search(sentence):
            return False
        if self.passages and not self._is_cited(sentence):
            return False
        plain = _MARKER.sub("", sentence) if self.passages else sentence
        return self.allowed.covers(plain)

    def _is_cited(self, sentence: str) -> bool:
        """Every marker names a passage that was handed over, and the sentence speaks of what stands there."""
        markers = [int(number) for number in _MARKER.findall(sentence)]
        if not markers or not all(1 <= number <= len(self.passages) for number in markers):
            return False
        said = set(_WORD.findall(_MARKER.sub("", sentence).casefold()))
        return all(said & set(_WORD.findall(_spoken(self.passages[number - 1]).casefold())) for number in markers)


def _spoken(passage: Passage) -> str:
    return f"{passage.text} {passage.ref.label}"


def allowed_by(answer: Answer) -> Allowed:
    """What prose about this answer may state: figures, rows, sentence, chips and quotes."""
    names = sorted({name for row in answer.rows for name in _names(row)}, key=len, reverse=True)
    return Allowed(frozenset(_numbers(answer)), tuple(names))


def _names(value: Any) -> Iterator[str]:
    """The texts with a digit among a row's values; dates are numbers, not names."""
    if isinstance(value, str):
        if _NAME.search(value) and _iso_date(value) is None:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _names(item)


def _numbers(answer: Answer) -> Iterator[Stated]:
    yield from stated(answer.text)
    for chip in answer.chips:
        yield from stated(chip)
    for figure in answer.figures:
        yield from _value(figure.value, "money" if figure.unit and figure.unit != "%" else figure.unit)
    kinds = {str(column.get("name")): column.get("type") for column in answer.columns}
    for row in answer.rows:
        for name, value in row.items():
            if name not in ("id", "version"):
                yield from _value(value, kinds.get(name))
    for passage in answer.passages:
        yield from stated(_spoken(passage))
        if passage.date is not None:
            yield from of_date(passage.date)


def _value(value: Any, kind: str | None) -> Iterator[Stated]:
    """A value of a figure or a row, as prose may tell it: money as money, and to the cent."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float | Decimal):
        yield from _number(Decimal(str(value)), kind)
    elif isinstance(value, date):
        yield from of_date(value)
    elif isinstance(value, str) and (day := _iso_date(value)):
        yield from of_date(day)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _value(item, kind)


def _number(value: Decimal, kind: str | None) -> Iterator[Stated]:
    if value.is_finite():
        told: Kind = "money" if kind == "money" else "percent" if kind in ("%", "percent") else "plain"
        yield Stated(told, value)
        yield Stated(told, round(value, 2))


def _iso_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
