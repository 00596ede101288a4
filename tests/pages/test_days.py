"""Days that are written into a field: as the pages show them, by the locale's numbers, or in words."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.crm.pages import days, locale
from app.shared.types import utc_now
from tests.pages.site import Client, Maker

DAY = date(2026, 12, 18)


@pytest.mark.parametrize("name", ["en_US", "en_GB", "de", "fr", "es", "pl", "pt_BR", "nl", "sv", "it", "ja"])
def test_what_the_pages_show_is_read_again(app: Flask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(locale, "locale", lambda: name)
    with app.test_request_context():
        for day in (DAY, date(2024, 2, 29), date(2025, 5, 1), date(2025, 8, 31)):
            assert days.read(days.shown(day.isoformat())) == day.isoformat(), days.shown(day.isoformat())


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("en_US", "12/18/2026", "2026-12-18"),
        ("de", "18.12.2026", "2026-12-18"),
        ("en_US", "18 December 2026", "2026-12-18"),
        ("en_US", "2026-12-18", "2026-12-18"),
        ("en_US", "1/2/26", "1/2/26"),
        ("en_US", "31 February 2026", "31 February 2026"),
        ("en_US", "call Paul tomorrow", "call Paul tomorrow"),
    ],
)
def test_a_day_is_read_or_left_as_it_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str, text: str, wanted: str
) -> None:
    monkeypatch.setattr(locale, "locale", lambda: name)
    with app.test_request_context():
        assert days.read(text) == wanted


def test_the_editor_of_a_date_shows_what_the_cell_shows_and_takes_words(client: Client, make: Maker) -> None:
    deal = make("deals", name="Pilot", close_date=DAY.isoformat())
    path = f"/deals/{deal}/field/close_date"
    form = client.get(path, {"X-Fragment": "1"}).text
    assert 'name="close_date" value="Dec 18, 2026"' in form
    sent: dict[str, Any] = {
        name: unescape(text) for name, text in re.findall(r'name="(_was|_version)" value="([^"]*)"', form)
    }
    taken = client.post(path, sent | {"close_date": "tomorrow"}, {"X-Fragment": "1"})
    assert taken.status_code == 200, taken.text
    page = client.get(f"/deals/{deal}/edit").text
    assert f'value="{utc_now().date() + timedelta(days=1)}"' in page
    refused = client.post(path, sent | {"close_date": "soon"}, {"X-Fragment": "1"})
    assert refused.status_code == 422
    assert 'value="soon"' in refused.text
