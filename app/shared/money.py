"""Minor units of currencies (ISO 4217). Only what the doors need: formatting is Babel's."""

_DIGITS = dict.fromkeys(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
    0,
) | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)


def digits(currency: str) -> int:
    """How many decimal digits the currency's minor unit has: 2 for USD, 0 for JPY, 3 for KWD."""
    return _DIGITS.get(currency, 2)


def unusual() -> dict[str, int]:
    """The currencies whose minor unit is not a hundredth, with their digits."""
    return dict(_DIGITS)
