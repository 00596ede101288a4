"""The words of a question that its subject is made of."""

import re
from collections.abc import Iterable

_STOP = frozenset(
    "a about above after again all also am an and any anyone anything are as at be because been before being between"
    " both but by can could did do does doing done down each ever every for from further get give gave had has have"
    " having he her here hers him his how i if in into is it its just know let like many me mention mentioned more"
    " most much my near no nor not note notes of off on once one only or other our out over own please quote said"
    " same say says saying see she should show so some somebody someone something such talk talked talking tell than"
    " that the their them then there these they thing think this those through to told too under until up us very"
    " was we were what when where which while who whom why will with wish write written wrote would you your".split()
)
_WORD = re.compile(r"\w[\w'’.-]*\w|\w", re.UNICODE)


def content_words(text: str) -> list[str]:
    """Lower-case words without those that every question has."""
    return [text[start:end].lower() for start, end in content_spans(text)]


def content_spans(text: str) -> list[tuple[int, int]]:
    """Where they stand."""
    return [match.span() for match in _WORD.finditer(text) if match.group().lower() not in _STOP]


def without(text: str, names: Iterable[str]) -> str:
    """The text without the words of these names: what is asked about who bears them. Left alone where nothing stays."""
    taken = {match.group().lower() for name in names for match in _WORD.finditer(name)}
    kept = [part for part in text.split() if not _bears(part, taken)]
    return " ".join(kept) if content_words(" ".join(kept)) else text


def _bears(part: str, taken: set[str]) -> bool:
    found = [re.sub(r"['’]s?$", "", match.group().lower()) for match in _WORD.finditer(part)]
    return bool(found) and all(word in taken for word in found)


def stem(word: str) -> str:
    """A rough English stem, enough to see that `integrates` and `integration` may speak of the same."""
    for ending in ("ations", "ation", "ings", "ing", "ities", "ity", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
