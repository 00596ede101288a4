"""Time zones and locales to choose from."""

from functools import cache

# The texts are English: what a locale decides is how dates, numbers and amounts are written.
LOCALES = (
    ("en_US", "United States"),
    ("en_GB", "United Kingdom"),
    ("en_AU", "Australia"),
    ("en_AT", "Austria"),
    ("en_BE", "Belgium"),
    ("en_CA", "Canada"),
    ("en_DK", "Denmark"),
    ("en_150", "Europe"),
    ("en_FI", "Finland"),
    ("en_DE", "Germany"),
    ("en_HK", "Hong Kong"),
    ("en_IN", "India"),
    ("en_IE", "Ireland"),
    ("en_IL", "Israel"),
    ("en_NL", "Netherlands"),
    ("en_NZ", "New Zealand"),
    ("en_SG", "Singapore"),
    ("en_SI", "Slovenia"),
    ("en_ZA", "South Africa"),
    ("en_SE", "Sweden"),
    ("en_CH", "Switzerland"),
)


@cache
def timezones() -> tuple[str, ...]:
    """The zones by which people live, UTC first."""
    from zoneinfo import available_timezones

    places = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
    named = sorted(zone for zone in available_timezones() if zone.startswith((*places, "Pacific/")))
    return ("UTC", *named)
