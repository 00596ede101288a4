"""The gate between a model and the reader: whole sentences, and only those whose numbers stand in the result."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from app.chatbot.numerals import Kind, Stated, of_date, stated, without_dates
from app.chatbot.types import Answer, Passage

LONGEST_SENTENCE = 600  # characters; prose that doesn't stop for so long isn't prose
# A sentence ends at .!? and white space, or at a line's end; not at "Inc." or an initial.
_END = re.compile(
    r"(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\b[A-Z])[.!?][\"”')\]]*(?:\s*\[\d+\])*\s|\n"
)
_LINK = re.compile(
    r"https?:|www\.|//\w|\]\(|\]:|<[a-z/!]|!\[|\b(?:javascript|vbscript|data|file|mailto):\S", re.IGNORECASE
)
_MARKER = re.compile(r"\s?\[(\d+)\]")
_NAME = re.compile(r"(?=.*\d).*[^\W\d_]", re.DOTALL)  # a digit and a letter
_WORD = re.compile(r"\w{4,}")
_ANY_WORD = re.compile(r"\w+")
_CAPITALISED = re.compile(r"(?<!\w)[^\W\d_a-z]\w+")
_ORDINARY = frozenset("USD EUR GBP CHF JPY CAD AUD CRM".split())


@dataclass(frozen=True, slots=True)
class Row:
    """What may be stated about one row, in a sentence that calls it by its name."""

    name: str
    numbers: frozenset[Stated]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What prose may state.

    `numbers` are those of the whole result, `names` its texts that hold digits, longest first, `words` every word of
    result and question (casefolded): a capitalised word that isn't among them is a name that somebody made up. None
    leaves words unchecked.
    """

    numbers: frozenset[Stated] = frozenset()
    names: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    words: frozenset[str] | None = None

    def covers(self, sentence: str) -> bool:
        if self.words is not None and not all(word.casefold() in self.words for word in _capitalised(sentence)):
            return False
        told = self.numbers.union(*(row.numbers for row in self.rows if _stands_in(row.name, sentence)))
        for name in self.names:
            sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", sentence)
        return all(number in told for number in stated(sentence))


def _stands_in(name: str, sentence: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence, re.IGNORECASE) is not None


def _capitalised(sentence: str) -> Iterator[str]:
    """The capitalised words but for the one that opens the sentence and for dates, which are checked as such."""
    for match in _CAPITALISED.finditer(without_dates(sentence).strip()):
        if match.start() > 0 and match.group() not in _ORDINARY:
            yield match.group()


@dataclass(slots=True)
class Gate:
    """Takes a model's words in any pieces, gives whole sentences that passed, and counts those that didn't.

    `passages`: where given, each sentence must cite one of them as [n] and share a word with it.
    """

    allowed: Allowed
    passages: tuple[Passage, ...] = ()
    dropped: int = 0
    passed: int = 0
    _said: set[str] = field(default_factory=set)
    _gap: str = ""  # a blank line, shown only where a sentence follows
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
            self._gap = "\n" if self.passed and "\n" in sentence else self._gap
        elif self._may_pass(sentence):
            key = " ".join(sentence.casefold().split())
            if key not in self._said:  # small models go round in circles
                self._said.add(key)
                self.passed += 1
                yield self._gap + sentence
                self._gap = ""
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


def allowed_by(answer: Answer, question: str = "") -> Allowed:
    """What prose about this answer may state. The question lends its words, but none of its numbers."""
    names = sorted({name for row in answer.rows for name in _names(row)}, key=len, reverse=True)
    told = {word.casefold() for text in (question, *_texts(answer)) for word in _ANY_WORD.findall(text)}
    return Allowed(frozenset(_numbers(answer, names)), tuple(names), tuple(_rows(answer)), frozenset(told))


def _texts(answer: Answer) -> Iterator[str]:
    """Every text of the answer, the names of its figures and columns included."""
    yield answer.text
    yield from answer.chips
    yield from (figure.label for figure in answer.figures)
    yield from (str(column.get("label", "")) for column in answer.columns)
    for column in answer.columns:
        yield from (str(option["label"]) for option in column.get("options", ()))
    for row in answer.rows:
        yield from _strings(row)
    for passage in answer.passages:
        yield from (_spoken(passage), passage.author or "", *(link.label for link in passage.links))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _rows(answer: Answer) -> Iterator[Row]:
    kinds = {str(column.get("name")): column.get("type") for column in answer.columns}
    for row in answer.rows:
        values = [(name, value) for name, value in row.items() if name not in ("id", "version")]
        numbers = frozenset(number for name, value in values for number in _value(value, kinds.get(name)))
        yield from (Row(name, numbers) for name in dict.fromkeys(_called(row, answer)) if name)


def _called(row: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    """What a row goes by: its label, or its first column's value where it has none."""
    if row.get("label"):
        yield str(row["label"])
    elif answer.columns:
        yield from list(_strings(row.get(str(answer.columns[0].get("name")))))[:1]


def _names(row: Any) -> Iterator[str]:
    """The texts with a digit among a row's values; dates are numbers, not names."""
    return (text for text in _strings(row) if _NAME.search(text) and _iso_date(text) is None)


def _numbers(answer: Answer, names: Sequence[str]) -> Iterator[Stated]:
    """The numbers of the result. Those in a name that the sentence tells are that name's, whoever chose it."""
    yield from stated(reduce(lambda text, name: text.replace(name, " "), names, answer.text))
    for chip in answer.chips:
        yield from stated(chip)
    for figure in answer.figures:
        yield from _value(figure.value, "money" if figure.unit and figure.unit != "%" else figure.unit)
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
    elif isinstance(value, Mapping) and "amount" in value:
        yield from _value(value["amount"], "money")


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
