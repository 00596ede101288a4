"""Values that look wrong: misspelt, run together, written in two ways. They are reported and never changed.

The methods are general: other values of the column, names that the CRM already has, the countries of the world (Babel)
and common words for industries.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.crm.transfer.columns import Column
from app.shared.db import text_key

_TEXTUAL = frozenset({"text", "link", "stage", "tags"})
_MAX_DISTINCT = 1000  # beyond it, names are too many to compare each with each
_WORD = re.compile(r"[^\W_]+")
_COUNTRY = re.compile(r"country|location|nation|land$|territory", re.I)
_INDUSTRY = re.compile(r"industry|sector|branch|vertical|line_of_business", re.I)
_INDUSTRIES = (
    "accounting", "advertising", "aerospace", "agriculture", "airlines", "apparel", "architecture", "automotive",
    "aviation", "banking", "biotechnology", "broadcasting", "chemicals", "construction", "consulting", "cosmetics",
    "defense", "design", "distribution", "education", "electronics", "employment", "energy", "engineering",
    "entertainment", "environment", "fashion", "finance", "financial", "fitness", "food", "furniture", "gaming",
    "government", "hardware", "healthcare", "hospitality", "hotels", "insurance", "internet", "investment", "legal",
    "leisure", "logistics", "machinery", "manufacturing", "maritime", "marketing", "media", "medical", "mining",
    "music", "nonprofit", "pharmaceutical", "pharmaceuticals", "photography", "plastics", "printing", "publishing",
    "railway", "recreation", "recruiting", "recruitment", "renewables", "research", "restaurants", "retail",
    "security", "semiconductors", "services", "shipping", "software", "sports", "staffing", "technology",
    "telecommunications", "textiles", "tourism", "trading", "transport", "transportation", "travel", "utilities",
    "veterinary", "warehousing", "wholesale",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suspect:
    """A value that may be a slip, how often it occurs, and what it may have been meant to be."""

    column: str
    value: str
    count: int
    meant: tuple[str, ...]
    why: str

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "value": self.value,
            "count": self.count,
            "meant": list(self.meant),
            "why": self.why,
        }

    def sentence(self) -> str:
        times = "once" if self.count == 1 else f"{self.count:,} times"
        meant = f", perhaps {' or '.join(self.meant)}" if self.meant else ""
        return f"{self.column} {self.value!r} ({times}){meant}: {self.why}"


def find(column: Column, values: Counter[str], known: Collection[str] = ()) -> list[Suspect]:
    """What looks wrong in one column. `known`: names that the CRM has for this field's values."""
    if column.field is None or column.field.type not in _TEXTUAL or column.how == "external key":
        return []
    found: dict[str, Suspect] = {}
    for value, meant, why in _doubts(column, values, known):
        found.setdefault(value, Suspect(column.name, value, values[value], meant, why))
    return sorted(found.values(), key=lambda suspect: (-suspect.count, suspect.value))


def _doubts(column: Column, values: Counter[str], known: Collection[str]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    field = column.field
    words = f"{column.name} {field.name if field else ''}"
    if _COUNTRY.search(words):
        yield from _countries(values)
    if _INDUSTRY.search(words):
        yield from _industries(values)
    yield from _two_ways(values)
    if len(values) <= _MAX_DISTINCT:
        yield from _run_together(values)
        yield from _near_spellings(values, known)


def _countries(values: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    names = _country_names()
    for value in values:
        key = text_key(value) or ""
        if key in names or len(key) < 4 or key.upper() in _country_codes():
            continue
        if meant := _misspelt(key, names.keys()):
            yield value, (names[meant],), "it is spelt almost like a country"
        elif parts := [name for word, name in names.items() if key in word.split()]:
            yield value, tuple(sorted(parts)[:3]), "it is part of the names of several countries"


def _industries(values: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for value in values:
        for word in _WORD.findall(text_key(value) or ""):
            if word not in _INDUSTRIES and (meant := _misspelt(word, _INDUSTRIES)):
                yield value, (meant,), "it is spelt almost like a common word for an industry"


def _two_ways(values: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The same words in other capitals or with other spaces."""
    forms: dict[str, list[str]] = {}
    for value in values:
        forms.setdefault(" ".join((text_key(value) or "").split()), []).append(value)
    for same in forms.values():
        best = max(same, key=lambda value: values[value])
        yield from ((value, (best,), "the same words are written in another way") for value in same if value != best)


def _run_together(values: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """A word that is two words of the column's other values without the space between."""
    owners: dict[str, set[str]] = {}
    spelling: dict[str, str] = {}
    for value in values:
        for word in _WORD.findall(value):
            owners.setdefault(word.casefold(), set()).add(value)
            spelling.setdefault(word.casefold(), word)
    for value in values:
        for word in _WORD.findall(value):
            if halves := _halves(word, owners, value):
                meant = value.replace(word, " ".join(spelling[half] for half in halves))
                yield value, (meant,), "two words of this column's values are run together"


def _halves(word: str, owners: Mapping[str, set[str]], value: str) -> tuple[str, str] | None:
    """Two words which other values have, and that make up this one; capitals in mid-word settle short ones."""
    key = word.casefold()
    for cut in range(2, len(key) - 1):
        left, right = key[:cut], key[cut:]
        if all(owners.get(half, set()) - {value} for half in (left, right)):
            humped = len(word) == len(key) and word[cut].isupper() and not word.isupper()
            if humped or (len(left) >= 4 and len(right) >= 4):
                return left, right
    return None


def _near_spellings(values: Counter[str], known: Collection[str]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """A value a slip away from one that is more frequent, or from a name that the CRM has and this isn't."""
    there = {text_key(name) or "": name for name in known}
    ranked = sorted(values, key=lambda value: (-values[value], value))
    frequent: dict[str, str] = {}
    for value in ranked:
        key = text_key(value) or ""
        if key not in there:
            if meant := _misspelt(key, there.keys()):
                yield value, (there[meant],), "the CRM has a name that is spelt almost like it"
            elif meant := _misspelt(key, frequent.keys()):
                yield value, (frequent[meant],), "another value of the column is spelt almost like it"
        frequent[key] = value


def _misspelt(key: str, words: Iterable[str]) -> str | None:
    """The word that this one is a slip away from: one letter from five, two from twelve."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    if len(key) < 5:
        return None
    slips = 1 if len(key) < 12 else 2
    scorer: Any = DamerauLevenshtein.distance
    close = process.extract(key, words, scorer=scorer, processor=None, score_cutoff=slips, limit=5)
    good = [word for word, distance, _ in close if distance and _is_slip(key, word)]
    squashed = [word for word, distance, _ in close if distance and _letters(key) == _letters(word)]
    return next(iter([*squashed, *good]), None)


def _is_slip(left: str, right: str) -> bool:
    """Two spellings of one thing: digits and initials make it another thing."""
    if re.findall(r"\d+", left) != re.findall(r"\d+", right) or len(right) < 5:
        return False
    short = [word for word in _WORD.findall(left) if len(word) < 4]
    return short == [word for word in _WORD.findall(right) if len(word) < 4]


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text))


@cache
def _country_names() -> dict[str, str]:
    """Key -> name of every territory in English, with the names that people use beside them."""
    from babel import Locale

    names = {
        text_key(name) or "": str(name)
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ")
    }
    more = ("USA", "United States of America", "UK", "Great Britain", "England", "Scotland", "Wales", "Holland", "UAE")
    return names | {text_key(name) or "": name for name in (*more, "Czech Republic", "Turkey", "Ivory Coast")}


@cache
def _country_codes() -> frozenset[str]:
    from babel import Locale

    return frozenset(str(code) for code in Locale("en").territories if len(str(code)) == 2)
