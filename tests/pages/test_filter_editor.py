"""The filter's editor, without scripts: from the link to the list, and back to a chip that stands."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.pages import site
from tests.pages.site import Client

CASES = [
    ({"_field": "amount", "_op": "gte", "_value": "6000"}, "Amount at least $6,000", 7),
    ({"_field": "amount", "_op": "between", "_value": ["2000", "3000"]}, "", 2),
    ({"_field": "stage", "_op": "in", "_value": ["won", "lost"]}, "Stage is Won or Lost", 4),
    ({"_field": "stage", "_op": "not_in", "_value": ["won"]}, "", 10),
    ({"_field": "close_date", "_op": "period", "_value": "2025-03"}, "Close date in Mar 2025", 1),
    ({"_field": "close_date", "_op": "during", "_value": "this_quarter"}, "Close date is this quarter", 0),
    ({"_field": "created_at", "_op": "last", "_value": ["30", "days"]}, "Created in the last 30 days", 12),
    ({"_field": "close_date", "_op": "ago", "_value": ["2", "weeks"]}, "Close date more than 2 weeks ago", 12),
    ({"_field": "close_date", "_op": "ahead", "_value": ["1", "years"]}, "Close date more than 1 years from now", 0),
    ({"_field": "name", "_op": "in", "_value": "Deal 001\nDeal 002"}, "Name is Deal 001 or Deal 002", 2),
    ({"_field": "amount", "_op": "not_in", "_value": "1000\r\n2000"}, "", 10),
    ({"_field": "owner", "_op": "in", "_value": "me"}, "Owner is me", 12),
    ({"_field": "close_date", "_op": "gte", "_value": "2025-12-01"}, "", 1),
    ({"_field": "company", "_op": "eq", "_text": "acme"}, "Acme", 4),
    ({"_field": "company.industry", "_op": "contains", "_value": "soft"}, "Company › Industry", 4),
    ({"_field": "person", "_op": "filled"}, "", 6),
    ({"_field": "person", "_op": "empty"}, "", 6),
    ({"_field": "name", "_op": "contains", "_value": "001"}, "", 1),
    ({"_field": "name", "_op": "starts_with", "_value": "deal, x"}, "", 0),
    ({"_field": "owner", "_op": "eq", "_value": "me"}, "", 12),
]


@pytest.mark.parametrize(
    ("form", "words", "count"), CASES, ids=[f"{case[0]['_field']} {case[0]['_op']}" for case in CASES]
)
def test_a_filter_is_made_and_edited(client: Client, filled: dict[str, Any], form: Any, words: str, count: int) -> None:
    answer = client.get(f"/deals/filter?{urlencode({**form, '_apply': '1'}, doseq=True)}")
    assert answer.status_code == 302, site.text(answer.text)
    page = client.get(answer.headers["location"]).text
    assert site.total(page) == count
    chip = re.search(r'<span class="chip">.*?</a></span>', page, re.DOTALL)
    assert chip
    assert words in site.text(chip[0])
    edit = next(link for link in site.links(chip[0]) if "_edit=0" in link)
    again = client.get(edit)
    assert again.status_code == 200
    assert f'<option value="{form["_field"]}" selected>' in again.text
    assert f'<option value="{form["_op"]}" selected>' in again.text


def test_a_filter_is_added_to_those_that_stand(client: Client, filled: dict[str, Any]) -> None:
    answer = client.get("/deals/filter?stage=won&sort=-amount&_field=amount&_op=gt&_value=6000&_apply=1")
    assert site.params(answer.headers["location"]) == {"stage": "won", "amount__gt": "6000", "sort": "-amount"}


def test_an_edited_filter_takes_the_place_of_the_old_one(client: Client, filled: dict[str, Any]) -> None:
    answer = client.get("/deals/filter?stage=won&amount__gt=1&_edit=0&_field=stage&_op=in&_value=lost&_apply=1")
    assert site.params(answer.headers["location"]) == {"stage__in": "lost", "amount__gt": "1"}


def test_the_boards_filter_leads_back_to_the_board(client: Client, filled: dict[str, Any]) -> None:
    answer = client.get("/deals/filter?_path=/deals/board&_field=amount&_op=gt&_value=6000&_apply=1")
    assert answer.headers["location"] == "/deals/board?amount__gt=6000"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("_field=amount&_op=gt&_value=", "Choose or type a value."),
        ("_field=amount&_op=between&_value=1&_value=", "Give both ends."),
        ("_field=company&_op=eq&_text=nobody", "No single record is called “nobody”"),
        ("_field=stage&_op=in", "Choose or type a value."),
    ],
)
def test_what_is_missing_is_said_in_the_editor(client: Client, filled: dict[str, Any], form: str, words: str) -> None:
    answer = client.get(f"/deals/filter?{form}&_apply=1")
    assert answer.status_code == 200
    assert words in site.text(answer.text)


def test_every_field_of_every_object_has_an_editor(client: Client, filled: dict[str, Any]) -> None:
    for object in ("companies", "people", "deals", "tasks", "notes", "activities"):
        page = client.get(f"/{object}/filter").text
        fields = re.findall(r'role="option"[^>]*href="[^"]*_field=([^"]+)"', page)
        assert len(fields) > 8
        for field in fields:
            assert client.get(f"/{object}/filter?_field={field}").status_code == 200, field


def test_values_carry_how_many_records_have_them(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals/filter?amount__lte=6000&stage__in=won&_edit=1").text
    assert re.search(r'value="won" checked>.*?<span class="choice-count">1</span>', page, re.DOTALL)
    assert re.search(r'value="lead">.*?<span class="choice-count">1</span>', page, re.DOTALL)


def test_hostile_parameters_are_shown_as_text(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals/filter?name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&_field=name").text
    assert "<script>alert" not in page
