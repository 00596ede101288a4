"""A question as tokens. Names, labels and questions are all compared by the same compact key."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_QUESTION = 1000  # characters that are read; longer questions are refused, not cut

_SHORT_FORMS = (
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\b(\w+)n't\b"), r"\1 not"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"\b(what|who|where|when|how|it|that|there|here|which|he|she)'s\b"), r"\1 is"),
    (re.compile(r"\b(\w+)'re\b"), r"\1 are"),
    (re.compile(r"\b(i|we|you|they)'ve\b"), r"\1 have"),
    (re.compile(r"\b(i|we|you|they|he|she|it)'(?:d)\b"), r"\1 would"),
    (re.compile(r"\b(i|we|you|they|he|she|it|that)'ll\b"), r"\1 will"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"\b(what|who|where|how|when)s\b"), r"\1 is"),
)
_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]+)"
    | (?P<iso>\d{4}-\d{2}-\d{2}|\d{4}-\d{2}(?!\d)|\d{4}-?q[1-4]\b|\d{1,2}[/.]\d{1,2}[/.]\d{4})
    | (?P<short_year>['’]\d\d\b)
    | (?P<number>[$€£¥]?\s?\d+(?:,\d{3})+(?:\.\d+)?[a-z]*|[$€£¥]?\d+(?:\.\d+)?[a-z]*)
    | (?P<word>[^\W\d_]\w*(?:['’](?!s\b)\w+)*)
    | (?P<possessive>['’]s\b|(?<=s)['’](?=\s|$))
    | (?P<sign>>=|<=|≥|≤|!=|<>|>|<|=|&|%|\+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_NO_PRONOUN = ("us", "it")  # after "the"
_NOT_ALNUM = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign: as written, and folded."""

    text: str
    key: str
    kind: str  # quoted, iso, number, word, possessive, sign
    capital: bool = False
    opens: bool = False  # the first of the question, where a capital says nothing
    lead: str = ""  # what stands between it and the token before
    capitals: bool = False  # "UK": written in capitals where the rest of the question isn't


def fold(text: str) -> str:
    """Text as it is compared: NFKC, straight quotes, accents dropped, lower case."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    bare = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return bare.casefold()


def compact(text: str) -> str:
    """The key by which names meet: letters and digits only, so that "GTX Pro", "gtx-pro" and "GTXPro" are one."""
    return _NOT_ALNUM.sub("", fold(text))


def words_of(text: str) -> list[str]:
    """The folded words of a label."""
    return [word for word in re.split(r"[\W_]+", fold(text).replace("'", "")) if word]


def _expand(text: str) -> str:
    """Short forms written out; the rest keeps its case."""
    for pattern, plain in _SHORT_FORMS:
        text = re.sub(pattern.pattern, plain, text, flags=re.IGNORECASE)
    return text


def _straight(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return plain.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"})


def _undotted(text: str) -> str:
    """ "U.K." is "UK"."""
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), text)


def tokens(question: str) -> list[Token]:
    """The tokens of a question; punctuation that carries no meaning is dropped."""
    found: list[Token] = []
    text_of, ended = _expand(_undotted(_straight(question))), 0
    shouted = not any(char.islower() for char in text_of)
    for match in _TOKEN.finditer(text_of):
        kind = match.lastgroup or "word"
        text = match.group(kind).strip()
        if kind == "short_year":
            kind, text = "number", f"20{text[1:]}"
        lead, ended = text_of[ended : match.start()], match.end()
        named = bool(found) and found[-1].key == "the" and text.lower() in _NO_PRONOUN
        capitals = kind == "word" and ((len(text) > 1 and text.isupper() and not shouted) or named)
        found.append(Token(text, _key(text, kind), kind, text[:1].isupper(), not found, lead, capitals))
    return found


def _key(text: str, kind: str) -> str:
    if kind == "quoted":
        return fold(text)
    return fold(text).replace("'" if kind == "word" else " ", "")


def singulars(word: str) -> tuple[str, ...]:
    """What the singular of an English noun may be, the word itself first."""
    forms = [word]
    if len(word) > 4 and word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if len(word) > 4 and word.endswith(("ses", "xes", "zes", "ches", "shes")):
        forms.append(word[:-2])
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
    return tuple(forms)


def plural(word: str) -> str:
    """The regular English plural of a word or phrase."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def stem(word: str) -> str:
    """A rough stem by which "engage", "engaged" and "engaging" meet."""
    for ending in ("ments", "ment", "ings", "ing", "ers", "ed", "es", "er", "e", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
