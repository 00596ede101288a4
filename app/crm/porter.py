"""Porter's stemmer: the forms of an English word become one. "integrations", "integrating", "integrated": "integr".

M. F. Porter, An algorithm for suffix stripping, Program 14 (1980), with the two later changes of its author (`bli`,
`logi`). Words of other languages and names mostly stay as they are; what matters is that both sides are cut alike.
"""

import re

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al",
    "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al",
    "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
)  # fmt: skip


def _longest_first(endings: object) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(endings, key=len, reverse=True)) + ")$")  # type: ignore[call-overload]


_ENDS_2, _ENDS_3, _ENDS_4 = _longest_first(_STEP_2), _longest_first(_STEP_3), _longest_first(_STEP_4)
_CONSONANT = "(?:[^aeiouy]|(?<=[aeiou])y|^y)"  # y is a consonant at the start and after a vowel
_VOWEL = "(?:[aeiou]|(?<![aeiou])(?<!^)y)"
_HAS_VOWEL = re.compile(_VOWEL)
_CLUSTER = re.compile(f"{_VOWEL}+{_CONSONANT}")
_CVC = re.compile(f"{_CONSONANT}{_VOWEL}[^aeiouwxy]$")
_DOUBLED = re.compile(r"([^aeiouylsz])\1$")


def stem(word: str) -> str:
    """The stem of a word in small letters. Short words, and words that aren't of a-z alone, are their own stems."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    word = _plural(word)
    word = _past(word)
    if word.endswith("y") and _HAS_VOWEL.search(word, 0, len(word) - 1):
        word = word[:-1] + "i"
    word = _replaced(word, _ENDS_2, _STEP_2)
    word = _replaced(word, _ENDS_3, _STEP_3)
    return _tidied(_cut(word))


def _measure(stem_: str) -> int:
    """How often vowels are followed by consonants: 0 in "tree", 1 in "trouble", 2 in "private"."""
    return len(_CLUSTER.findall(stem_))


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word:
            return _mended(rest) if _HAS_VOWEL.search(rest) else word
    return word


def _mended(rest: str) -> str:
    """What is left without "ed" or "ing": "conflat" is "conflate", "hopp" is "hop", "fil" is "file"."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if _DOUBLED.search(rest):
        return rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _CVC.search(rest) else rest


def _replaced(word: str, endings: re.Pattern[str], by: dict[str, str]) -> str:
    found = endings.search(word)
    if found is None or not _measure(word[: found.start()]):
        return word
    return word[: found.start()] + by[found[0]]


def _cut(word: str) -> str:
    found = _ENDS_4.search(word)
    if found is None:
        return word
    rest = word[: found.start()]
    if _measure(rest) < 2 or (found[0] == "ion" and not rest.endswith(("s", "t"))):
        return word
    return rest


def _tidied(word: str) -> str:
    """Without a last "e" or a doubled "l"."""
    if word.endswith("e"):
        rest = word[:-1]
        measure = _measure(rest)
        if measure > 1 or (measure == 1 and not _CVC.search(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
