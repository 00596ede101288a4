"""Numbers and amounts as people write them: thousands separators, currency signs, brackets for negatives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Mark = Literal[".", ","]

# Signs that name one currency. "$" and "kr" name several: they are taken as the workspace's own.
_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₪": "ILS", "฿": "THB",
    "₫": "VND", "₦": "NGN", "₱": "PHP", "R$": "BRL", "US$": "USD", "A$": "AUD", "C$": "CAD", "zł": "PLN", "Kč": "CZK",
}  # fmt: skip
_OPEN_SIGNS = ("$", "¥", "kr", "kr.", "Fr.", "R")
_BY_LENGTH = sorted((*_SIGNS, *_OPEN_SIGNS), key=len, reverse=True)
_BARE = re.compile(r"^[\d.,+-]*$")
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"))
_WRAPPED = re.compile(r"^\((.*)\)$")
_CODE = re.compile(r"^([A-Z]{3})?\s*(.*?)\s*([A-Z]{3})?$", re.DOTALL)
_PLAIN = re.compile(r"^\d+(\.\d+)?([eE][+-]?\d{1,3})?$|^\.\d+$")
_GROUPED = {
    ".": re.compile(r"^\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$"),
    ",": re.compile(r"^\d{1,3}(\.\d{2,3})*\.\d{3}(,\d+)?$"),
}
_APOSTROPHES = re.compile(r"^\d{1,3}('\d{3}|’\d{3})+([.,]\d+)?$")
_LIMIT = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, with the currency that its sign or code names, if any."""

    number: Decimal
    currency: str | None = None
    signed: bool = False  # a currency sign or code stands beside it


def decimal_mark(values: Iterable[str]) -> Mark:
    """Which mark a column's values use for decimals: a comma only where some value can't be read otherwise."""
    comma = point = False
    for value in values:
        if "," not in value and "." not in value:
            continue
        body = _body(value)[0]
        as_point, as_comma = _digits(body, "."), _digits(body, ",")
        comma |= as_comma is not None and as_point is None
        point |= as_point is not None and as_comma is None
    return "," if comma and not point else "."


def number(text: str, mark: Mark = ".") -> Decimal | None:
    """A plain number, or None where the text is none. A percent sign is passed over: 45 % is 45."""
    found = amount(text.strip().removesuffix("%").rstrip(), mark)
    return found.number if found and not found.signed else None


def amount(text: str, mark: Mark = ".") -> Amount | None:
    """An amount of money or a plain number, or None where the text is none."""
    body, currency, signed = _body(text)
    negative = False
    if wrapped := _WRAPPED.match(body):
        body, currency_inside, signed_inside = _body(wrapped.group(1))
        currency, signed, negative = currency or currency_inside, signed or signed_inside, True
    for sign in ("-", "−", "+"):
        if body.startswith(sign) or body.endswith(sign):
            negative ^= sign != "+"
            body = body.removeprefix(sign) if body.startswith(sign) else body.removesuffix(sign)
            break
    body, more, also = _body(body)  # "-$5" and "$-5" alike
    value = _digits(body, mark)
    if value is None or value >= _LIMIT:
        return None
    return Amount(-value if negative else value, currency or more, signed or also)


def _body(text: str) -> tuple[str, str | None, bool]:
    """The digits without a currency sign or code, the currency that it names, and whether there was one."""
    text = text.strip()
    if _BARE.match(text):
        return text, None, False
    for sign in _BY_LENGTH:
        for cut in (text.removeprefix(sign), text.removesuffix(sign)):
            if cut != text and not cut[:1].isalpha() and not cut[-1:].isalpha():
                return cut.strip(), _SIGNS.get(sign), True
    if matched := _CODE.match(text):
        before, body, after = matched.groups()
        if (code := before or after) and not (before and after):
            return body.strip(), code, True
    return text, None, False


def _digits(body: str, mark: Mark) -> Decimal | None:
    body = body.translate(_SPACES) if re.match(r"^\d{1,3}([ \u00a0\u202f\u2009]\d{3})+([.,]\d+)?$", body) else body
    if _APOSTROPHES.match(body):
        body = body.replace("'", "").replace("’", "")
    if _GROUPED[mark].match(body):
        body = body.replace("," if mark == "." else ".", "")
    if mark == ",":
        if "." in body:
            return None
        body = body.replace(",", ".")
    if not (_PLAIN.match(body) and body.isascii()):
        return None
    try:
        return Decimal(body)
    except InvalidOperation:
        return None
