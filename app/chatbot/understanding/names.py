"""The names and values that the data holds, as one principal may see them: what a question may call by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.chatbot.understanding import english
from app.chatbot.understanding.meanings import EntityWord, Meaning, ValueWord
from app.chatbot.understanding.spellings import SHORTEST, Spellings, allowed_edits, slip
from app.chatbot.understanding.text import compact, words_of

LONGEST = 8  # words of a name that are tried


class Names:
    """Names of records and values of fields, by their compact key; misspelt ones by first letter and length."""

    def __init__(self) -> None:
        self.whole: dict[str, list[Meaning]] = defaultdict(list)
        self.parts: dict[str, list[EntityWord]] = defaultdict(list)
        self.firms: dict[str, list[EntityWord]] = defaultdict(list)  # by the name without its legal form
        self._records: dict[tuple[str, int], list[EntityWord]] = defaultdict(list)  # a record may have several names
        self._valued: set[str] = set()  # the keys of values
        self._initials: dict[str, dict[ValueWord, None]] = defaultdict(dict)  # of values of several words
        self._spellings = Spellings()

    def __len__(self) -> int:
        return len(self._records)

    def add_record(self, object: str, id: int, label: str) -> None:
        meaning = EntityWord(object, id, label)
        self._records[object, id].append(meaning)
        for table, keys in self._places(meaning):
            for key in keys:
                if meaning not in table[key]:
                    table[key].append(meaning)
                if table is not self.firms:
                    self._spellings.add(key)

    def remove_record(self, object: str, id: int) -> None:
        for meaning in self._records.pop((object, id), ()):
            for table, keys in self._places(meaning):
                for key in keys:
                    table[key] = [one for one in table[key] if one != meaning]
                    self._tidy(table, key)

    def _places(self, meaning: EntityWord) -> Iterator[tuple[dict[str, list[Any]], tuple[str, ...]]]:
        """Each table with the keys under which a name stands in it."""
        words = words_of(meaning.label)
        yield self.whole, _variants(meaning.label, words)
        yield self.parts, _parts([key for word in meaning.label.split() if (key := compact(word))])
        firm = "".join(_without_form(words))
        yield self.firms, (firm,) if firm else ()

    def _tidy(self, table: dict[str, list[Any]], key: str) -> None:
        if not table[key]:
            del table[key]
        if key not in self.whole and key not in self.parts:
            self._spellings.remove(key)

    def add_value(self, object: str, field: str, value: str) -> None:
        meaning = ValueWord(object, field, value, value, declared=False)
        key = compact(value)
        if key and meaning not in self.whole[key]:
            self.whole[key].append(meaning)
            self._valued.add(key)
            self._spellings.add(key)
            words = words_of(value)
            if len(words) > 1:
                self._initials["".join(word[0] for word in words)][meaning] = None

    def forget_values(self) -> None:
        """Drops every value, so that those which are gone are not known any more."""
        for key in self._valued:
            self.whole[key] = [one for one in self.whole[key] if isinstance(one, EntityWord)]
            self._tidy(self.whole, key)
        self._valued.clear()
        self._initials.clear()

    def find(self, key: str) -> tuple[Meaning, ...]:
        return tuple(self.whole.get(key, ()))

    def find_part(self, key: str) -> tuple[EntityWord, ...]:
        return tuple(self.parts.get(key, ()))

    def find_initials(self, key: str) -> tuple[ValueWord, ...]:
        """The values of several words that begin with these letters: "UK"."""
        return tuple(self._initials.get(key, ()))

    def find_firm(self, words: list[str]) -> tuple[EntityWord, ...]:
        """The firms that are called so but for the legal form: "Umbrella Corp". The same form in full goes first."""
        form = english.LEGAL_FORMS.get(words[-1])
        if len(words) < 2 or form is None or words[-1] == form == "company":
            return ()
        found = self.firms.get("".join(words[:-1]), ())
        same = [one for one in found if english.LEGAL_FORMS.get(words_of(one.label)[-1]) == form]
        return tuple(same or found)

    def guess(self, key: str) -> tuple[str, tuple[Meaning, ...]] | None:
        """The one name that a misspelt key can stand for: (its key, its meanings)."""
        if len(key) < SHORTEST:
            return self._guess_value(key)
        best = nearest(key, self._spellings.near(key))
        if best is None:
            return None
        return best, self.find(best) or self.find_part(best)

    def _guess_value(self, key: str) -> tuple[str, tuple[Meaning, ...]] | None:
        """The one value from which a letter is left out in a word of four: "itly". A name so short is another name."""
        near = [other for other in self._spellings.longer(key) if slip(key, other) and other in self._valued]
        values = tuple(one for one in self.find(near[0]) if isinstance(one, ValueWord)) if len(near) == 1 else ()
        return (near[0], values) if values else None

    def look_alikes(self, key: str, least: float, most: int) -> list[str]:
        """Labels of names that look like this, the likest first; `least`: of 100."""
        found = process.extract(key, self._spellings.alike(key), scorer=fuzz.ratio, score_cutoff=least, limit=most)
        return [one.label for other, _, _ in found for one in self.find(other)[:1] or self.find_part(other)[:1]]  # type: ignore[union-attr]


def nearest(key: str, choices: Iterable[str], most: int = 3) -> str | None:
    """The only choice within the allowed edits of the key, sharing its first letter or all but one edit; else None."""
    edits = min(allowed_edits(len(key)), most)
    if not edits or key.isdigit():
        return None
    found = process.extract(key, list(choices), scorer=OSA.distance, score_cutoff=edits, limit=4)
    close = sorted(
        (int(distance), choice) for choice, distance, _ in found if distance and _plausible(key, choice, distance)
    )
    if not close or (len(close) > 1 and close[1][0] == close[0][0]):
        return None
    return close[0][1]


def _plausible(key: str, choice: str, distance: float) -> bool:
    """Digits are never a slip: "Area 51" is not "Area 52"."""
    digits = [char for char in key if char.isdigit()] == [char for char in choice if char.isdigit()]
    return digits and distance <= allowed_edits(len(choice)) and (key[0] == choice[0] or distance == 1)


def _variants(label: str, words: list[str]) -> tuple[str, ...]:
    forms = [compact(label), "".join(words)]
    if "&" in label:
        forms.append(compact(label.replace("&", " and ")))
    if words[:1] == ["the"] and len(words) > 1:
        forms.append("".join(words[1:]))
    return tuple(dict.fromkeys(form for form in forms if form))


def _parts(words: list[str]) -> tuple[str, ...]:
    """The beginnings and ends of a name that may stand for it: "Acme", "Umbrella", a first or a last name."""
    if len(words) < 2 or len(words) > 6:
        return ()
    pieces = [words[:stop] for stop in range(1, len(words))] + [words[start:] for start in range(1, len(words))]
    return tuple(dict.fromkeys("".join(piece) for piece in pieces if _telling(piece)))


def _without_form(words: list[str]) -> list[str]:
    return words[:-1] if len(words) > 1 and words[-1] in english.LEGAL_FORMS else words


def _telling(piece: list[str]) -> bool:
    key = "".join(piece)
    return len(key) >= 3 and key not in english.PHRASES and key not in english.CLOSED and not key.isdigit()
