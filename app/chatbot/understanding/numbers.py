"""Numbers and money as people write them: 5,000; 10k; $1.5m; two hundred; 40%."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.chatbot.understanding.meanings import NumberWord
from app.chatbot.understanding.text import Token

_NUMBER = re.compile(r"^(?P<sign>[$€£¥]?)(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<suffix>[a-z]*)$")
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mm": 1_000_000, "mn": 1_000_000, "mio": 1_000_000,
           "mil": 1_000_000, "million": 1_000_000, "millions": 1_000_000, "b": 10**9, "bn": 10**9, "billion": 10**9,
           "hundred": 100}  # fmt: skip
_ORDINALS = {"st", "nd", "rd", "th"}
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_CURRENCY_WORDS = {"usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "eur": "EUR", "euro": "EUR",
                   "euros": "EUR", "gbp": "GBP", "pounds": "GBP", "chf": "CHF", "jpy": "JPY", "yen": "JPY"}  # fmt: skip
_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12}
_WORDS = {word: number for number, word in enumerate(_COUNTED.split())} | _TENS


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value


def ordinal(token: Token) -> int | None:
    """The day or rank that "1st" or "23rd" names."""
    match = _NUMBER.match(token.key)
    if match and match["suffix"] in _ORDINALS and not match["sign"] and "." not in match["digits"]:
        return int(match["digits"].replace(",", ""))
    return None


def _digits(token: Token) -> tuple[float, str | None] | None:
    match = _NUMBER.match(token.key)
    if not match or (match["suffix"] and match["suffix"] not in _SCALES):
        return None
    value = float(match["digits"].replace(",", "")) * _SCALES.get(match["suffix"], 1)
    return round(value, 6), _CURRENCIES.get(match["sign"])


def _spoken(key: str, following: str) -> float | None:
    if key in _WORDS:
        return float(_WORDS[key])
    return 1.0 if key == "a" and following in ("hundred", "thousand", "million", "billion") else None


def match(tokens: Sequence[Token], at: int) -> tuple[int, NumberWord] | None:
    """The number that starts at this token, and how many tokens it takes."""
    token = tokens[at]
    following = tokens[at + 1].key if at + 1 < len(tokens) else ""
    found = _digits(token) if token.kind == "number" else None
    value, currency = found if found else (_spoken(token.key, following), None)
    if value is None:
        return None
    end = at + 1
    while end < len(tokens) and tokens[end].key in _SCALES and len(tokens[end].key) > 1:
        value, end = value * _SCALES[tokens[end].key], end + 1
    return _unit(tokens, at, end, value, currency)


def _unit(tokens: Sequence[Token], at: int, end: int, value: float, currency: str | None) -> tuple[int, NumberWord]:
    """The number with the currency or percent sign that follows it."""
    key = tokens[end].key if end < len(tokens) else ""
    if currency is None and key in _CURRENCY_WORDS:
        currency, end = _CURRENCY_WORDS[key], end + 1
    percent = key in ("%", "percent", "pct")
    return (end - at + percent), NumberWord(_plain(value), currency, percent)


def scaled_range(found: re.Match[str]) -> str:
    """ "between 2 and 3 thousand": what follows the second number holds for the first one too."""
    return f"{found[1]} {_low(found)} {found[4]} {found['high']}{(found['scale'] or '').strip()}"


def dashed_range(found: re.Match[str]) -> str:
    """ "500-1000" and "10-15k"; "2024-11" and "2023-2024" are days and years."""
    years = all(re.fullmatch(r"(?:19|20)\d\d", found[name]) for name in ("low", "high")) and not found["scale"]
    high = _major(found["high"]) * _scale(found["scale"])
    if years or _major(found["low"]) * _scale(found["small"]) >= high or found["low"].startswith("0"):
        return found[0]
    if found["high"].startswith("0") or (re.fullmatch(r"(?:19|20)\d\d", found["low"]) and high < 100):
        return found[0]
    return f"between {_low(found)} and {found['high']}{(found['scale'] or '').strip()}"


def _low(found: re.Match[str]) -> str:
    """The first number, in the scale of the second where it has none of its own and is lower than that by itself."""
    small, scale = (found["small"] or "").strip(), (found["scale"] or "").strip()
    shared = scale and not small and _major(found["low"]) < _major(found["high"])
    return f"{found['low']}{scale if shared else small}"


def _major(text: str) -> float:
    return float(text.lstrip("$€£¥").replace(",", ""))


def _scale(text: str | None) -> int:
    return _SCALES.get((text or "").strip().lower(), 1)
