"""Generic English: the words that mean the same over any data. No field, no object and no value is named here."""

from __future__ import annotations

from app.chatbot.understanding import words
from app.chatbot.understanding.common import CLOSED, COMMON
from app.chatbot.understanding.meanings import KindWord, Meaning, Word
from app.chatbot.understanding.text import compact
from app.chatbot.understanding.words import ABBREVIATIONS, TALK_PHRASES, VERB_NOUNS


def _entries() -> dict[str, tuple[Meaning, ...]]:
    """Every phrase by its compact key, with the words that it may be."""
    found: dict[str, list[Meaning]] = {}
    for (tag, value), phrases in words.TABLE.items():
        for phrase in phrases.split("|"):
            found.setdefault(_key(phrase), []).append(Word(tag, value))
    for kinds, phrases in words.KINDS.items():
        for phrase in phrases.split("|"):
            found.setdefault(_key(phrase), []).append(KindWord(kinds))
    for phrase in [*words.FILLER, *words.FILLER_PHRASES.split("|")]:
        found.setdefault(_key(phrase), []).append(Word("filler"))
    return {key: tuple(meanings) for key, meanings in found.items() if key}


def _key(phrase: str) -> str:
    return "".join(compact(word) or word for word in phrase.split())


PHRASES = _entries()
LONGEST = 5  # words in the longest phrase above

# Small words that in capitals are short for something: "US", "IT".
PRONOUNS = frozenset(("us", "it"))

# Words that leave something out: what they name together is left out together.
EXCLUSIVE = frozenset("excluding|except|except for|other than|apart from|but not|outside|outside of|minus".split("|"))

# Verbs that tell of what has taken place.
PAST = frozenset(
    "did made had sent held took done met called phoned rang emailed mailed spoke spoken talked contacted heard".split()
)

# Options by which a meeting or call is said not to take place.
CALLED_OFF = frozenset("canceled cancelled calledoff noshow declined missed rejected".split())

# Endings of a firm's name that say its legal form; those of one group are the same form.
LEGAL_FORMS = {
    word: group[0]
    for group in (
        ("corporation", "corp"),
        ("incorporated", "inc"),
        ("limited", "ltd"),
        ("company", "co"),
        ("llc",),
        ("gmbh",),
        ("plc",),
    )
    for word in group
}

__all__ = [
    "ABBREVIATIONS",
    "CALLED_OFF",
    "CLOSED",
    "COMMON",
    "EXCLUSIVE",
    "LEGAL_FORMS",
    "LONGEST",
    "PAST",
    "PHRASES",
    "PRONOUNS",
    "TALK_PHRASES",
    "VERB_NOUNS",
]
