"""The numbers and dates that a text states, read in one way for results and for prose, so that the two compare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["plain", "money", "percent", "month", "day"]


@dataclass(frozen=True, slots=True)
class Stated:
    """One number of a text: its value and whether it is money, a percentage, a plain number, a month or a day.

    A month is (year * 100 + month), a day is (year * 10000 + month * 100 + day).
    """

    kind: Kind
    value: Decimal


_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
_SCALES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}
_WORDS = (
    dict(
        zip(
            "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen".split(),
            [0, *range(2, 20)],
            strict=True,
        )
    )
    | dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
    | {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12, "half": Decimal("0.5")}
    | {"twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3, "thrice": 3, "dozens": 12}
    | {"hundreds": 100, "thousands": 1000, "millions": 10**6, "billions": 10**9}
)
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_ISO = re.compile(
    r"\b(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\d-])"
)
_MONTH_FIRST = re.compile(rf"\b({_NAMES})\.?\s+(?:(\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_NAMES})\.?,?\s+(\d{{4}})\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<sign>[-−+]\s?)?(?P<money>[$€£¥]|\b(?:USD|EUR|GBP|CHF|JPY|CAD|AUD)\s?)?\s?(?<![\w.])"
    r"(?P<digits>\d[\d,’ʼ\u00a0\u202f]*(?:\.\d+)?)"
    r"(?:\s?(?P<scale>thousand|million|billion|mio|mn|bn|[kmb])\b)?"
    r"(?:\s?(?P<unit>%|percent\b|per cent\b|[$€£¥]|(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|dollars?|euros?|pounds?|cents?)\b))?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)


def stated(text: str) -> Iterator[Stated]:
    """Every number and date of a text, those in words included (but for "one", which is rarely a count)."""
    found, rest = _dates(text)
    yield from found
    yield from _figures(rest)
    for word in _WORD.findall(_NUMBER.sub(" ", rest)):
        if word.lower() in _WORDS:
            yield Stated("plain", Decimal(_WORDS[word.lower()]))


def _dates(text: str) -> tuple[list[Stated], str]:
    """The dates of a text, and the text without them."""
    found: list[Stated] = []

    def take(year: str, month: int, day: str | None) -> str:
        found.append(of_day(int(year), month, int(day)) if day else of_month(int(year), month))
        return " "

    text = _ISO.sub(lambda match: take(match[1], int(match[2]), match[3]), text)
    text = _DAY_FIRST.sub(lambda match: take(match[3], _MONTH[match[2].lower()], match[1]), text)
    text = _MONTH_FIRST.sub(lambda match: take(match[3], _MONTH[match[1].lower()], match[2]), text)
    return found, text


def without_dates(text: str) -> str:
    """The text with each date as one space."""
    return _dates(text)[1]


def of_month(year: int, month: int) -> Stated:
    return Stated("month", Decimal(year * 100 + month))


def of_day(year: int, month: int, day: int) -> Stated:
    return Stated("day", Decimal(year * 10_000 + month * 100 + day))


def of_date(value: date) -> Iterator[Stated]:
    """A date may be told as its day, its month or its year."""
    yield of_day(value.year, value.month, value.day)
    yield of_month(value.year, value.month)
    yield Stated("plain", Decimal(value.year))


def _figures(text: str) -> Iterator[Stated]:
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[,’ʼ\u00a0\u202f]", "", match["digits"])
        value = Decimal(digits).scaleb(_SCALES.get((match["scale"] or "").lower(), 0))
        if (match["sign"] or "").strip() in ("-", "−") and not _is_range(text, match.start()):
            value = -value
        yield Stated(_kind(match["money"], match["unit"] or ""), value)


def _is_range(text: str, start: int) -> bool:
    """Whether the hyphen at `start` joins two things (10-20, Q4-2024) rather than being a minus."""
    return start > 0 and text[start - 1].isalnum()


def _kind(money: str | None, unit: str) -> Kind:
    if unit == "%" or unit.lower().startswith("per"):
        return "percent"
    return "money" if money or unit else "plain"
