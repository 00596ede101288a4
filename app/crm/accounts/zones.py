"""Time zones and locales to choose from."""

from functools import cache

LOCALES = (
    ("en_US", "English (United States)"),
    ("en_GB", "English (United Kingdom)"),
    ("en_AU", "English (Australia)"),
    ("en_CA", "English (Canada)"),
    ("en_IN", "English (India)"),
    ("en_IE", "English (Ireland)"),
)


@cache
def timezones() -> tuple[str, ...]:
    """The zones by which people live, UTC first."""
    from zoneinfo import available_timezones

    places = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
    named = sorted(zone for zone in available_timezones() if zone.startswith((*places, "Pacific/")))
    return ("UTC", *named)
