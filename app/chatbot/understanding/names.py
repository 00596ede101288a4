"""The names and values that the data holds, as one principal may see them: what a question may call by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.chatbot.understanding import english
from app.chatbot.understanding.meanings import EntityWord, Meaning, ValueWord
from app.chatbot.understanding.text import compact, words_of

LONGEST = 8  # words of a name that are tried
_SHORTEST_GUESS = 5  # letters: shorter names need exactness


def allowed_edits(length: int) -> int:
    """How many slips of the pen a name of so many letters forgives."""
    return 0 if length < _SHORTEST_GUESS else 1 if length < 8 else 2 if length < 14 else 3


class Names:
    """Names of records and values of fields, by their compact key."""

    def __init__(self) -> None:
        self.whole: dict[str, list[Meaning]] = defaultdict(list)
        self.parts: dict[str, list[EntityWord]] = defaultdict(list)
        self.firms: dict[str, list[EntityWord]] = defaultdict(list)  # by the name without its legal form
        self._keys: list[str] | None = None

    def add_record(self, object: str, id: int, label: str) -> None:
        meaning = EntityWord(object, id, label)
        for key in _variants(label):
            if meaning not in self.whole[key]:
                self.whole[key].append(meaning)
        for key in _parts(label):
            if meaning not in self.parts[key]:
                self.parts[key].append(meaning)
        firm = "".join(_without_form(words_of(label)))
        if firm and meaning not in self.firms[firm]:
            self.firms[firm].append(meaning)
        self._keys = None

    def remove_record(self, object: str, id: int) -> None:
        for key, meanings in self.whole.items():
            self.whole[key] = [one for one in meanings if not _is(one, object, id)]
        for key, entities in self.parts.items():
            self.parts[key] = [one for one in entities if not _is(one, object, id)]
        for key, entities in self.firms.items():
            self.firms[key] = [one for one in entities if not _is(one, object, id)]
        self._keys = None

    def add_value(self, object: str, field: str, value: str) -> None:
        meaning = ValueWord(object, field, value, value, declared=False)
        key = compact(value)
        if key and meaning not in self.whole[key]:
            self.whole[key].append(meaning)
            self._keys = None

    def find(self, key: str) -> tuple[Meaning, ...]:
        return tuple(self.whole.get(key, ()))

    def find_part(self, key: str) -> tuple[EntityWord, ...]:
        return tuple(self.parts.get(key, ()))

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
        if self._keys is None:
            self._keys = [
                key for table in (self.whole, self.parts) for key, found in table.items() if found and len(key) >= 5
            ]
        best = nearest(key, self._keys)
        if best is None:
            return None
        return best, self.find(best) or self.find_part(best)


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


def _variants(label: str) -> tuple[str, ...]:
    words = words_of(label)
    forms = [compact(label), "".join(words)]
    if "&" in label:
        forms.append(compact(label.replace("&", " and ")))
    if words[:1] == ["the"] and len(words) > 1:
        forms.append("".join(words[1:]))
    return tuple(dict.fromkeys(form for form in forms if form))


def _parts(label: str) -> tuple[str, ...]:
    """The beginnings and ends of a name that may stand for it: "Acme", "Umbrella", a first or a last name."""
    words = words_of(label)
    if len(words) < 2 or len(words) > 6:
        return ()
    pieces = [words[:stop] for stop in range(1, len(words))] + [words[start:] for start in range(1, len(words))]
    return tuple(dict.fromkeys("".join(piece) for piece in pieces if _telling(piece)))


def _without_form(words: list[str]) -> list[str]:
    return words[:-1] if len(words) > 1 and words[-1] in english.LEGAL_FORMS else words


def _telling(piece: list[str]) -> bool:
    key = "".join(piece)
    return len(key) >= 3 and key not in english.PHRASES and key not in english.CLOSED and not key.isdigit()


def _is(meaning: Meaning, object: str, id: int) -> bool:
    return isinstance(meaning, EntityWord) and (meaning.object, meaning.id) == (object, id)
