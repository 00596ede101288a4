"""What a text must look like to be an e-mail address, a phone number, a web address or a currency."""

import re
import unicodedata
from urllib.parse import urlsplit

from app.shared.characters import seen
from app.shared.money import unusual

SHORT, LONG = 500, 100_000  # characters
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_HOST = re.compile(r"[^\s/?#@:]+\.[^\s/?#@:]{2,}(:\d+)?([/?#]\S*)?")
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED
    VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()
) | frozenset(unusual())


class Refused(ValueError):
    """A value that a field can't take; the message is a plain sentence for the person who gave it."""


def text(value: str, *, long: bool = False) -> str:
    """The text without outer space and unseen characters (a short one), or as written (a long one). Raises Refused."""
    value = value.replace("\r\n", "\n").replace("\r", "\n") if long else seen(value).strip()
    bound = LONG if long else SHORT
    if len(value) > bound:
        raise Refused(f"Use at most {bound:,} characters; this has {len(value):,}.")
    kept = "\n\t" if long else "\t"
    if value.isprintable():
        return value
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in kept for char in value):
        raise Refused("This holds line breaks or control characters." if not long else "This holds control characters.")
    return value


def email(value: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:  # `test_environment` admits example.test and the like, which private networks use
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Refused("This isn't an e-mail address.") from None
    return value


def phone(value: str) -> str:
    """The number as written. What has a country's prefix must be possible there; without one, only the shape counts."""
    import phonenumbers

    international = value.startswith("+")
    try:
        number = phonenumbers.parse(value, None if international else "US")
    except phonenumbers.NumberParseException:
        raise Refused("This can't be a phone number.") from None
    if international and not phonenumbers.is_possible_number(number):
        raise Refused("This can't be a phone number: its length doesn't fit the country's prefix.")
    return value


def url(value: str) -> str:
    """A web address; `https://` is added to a bare host name."""
    if not _SCHEME.match(value) and _HOST.fullmatch(value):
        value = f"https://{value}"
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", value)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise Refused("This isn't a web address: expected http:// or https://.")
    return value


def currency(value: str) -> str:
    code = value.upper()
    if code not in CURRENCIES:
        raise Refused(f"{value!r} isn't a currency: expected an ISO 4217 code, as USD or EUR.")
    return code
