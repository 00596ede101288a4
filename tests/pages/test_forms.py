"""Creating and editing: what is typed is kept, what is wrong is said in its place, and nobody overwrites blindly."""

from dataclasses import replace
from typing import Any

import pytest

from app.crm import customization
from app.crm.port import Crm
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker


def _new(client: Client, object: str, query: str = "", **values: str) -> Any:
    """Fill in and send the form as a browser without scripts does."""
    page = client.get(f"/{object}/new{query}").text
    return client.post(f"/{object}/new", data=site.with_values(site.inputs(page), **values))


def _edit(client: Client, url: str, page: str | None = None, **values: str) -> Any:
    page = page or client.get(f"{url}/edit").text
    return client.post(f"{url}/edit", data=site.with_values(site.inputs(page), **values))


def test_a_company_is_created_from_the_form(client: Client) -> None:
    answer = _new(client, "companies", name="Acme", employees="1,200", annual_revenue="2,500,000.50", tags="key, north")
    assert answer.status_code == 303
    record = client.get(f"/api/v1{answer.headers['location']}").json()
    assert record["name"] == "Acme"
    assert record["employees"] == 1200
    assert record["annual_revenue"] == 2_500_000.5
    assert record["tags"] == ["key", "north"]
    assert record["owner"]["label"] == "Anna"


@pytest.mark.parametrize("object", ["companies", "people", "deals", "tasks", "notes", "activities"])
def test_every_object_can_be_created_and_edited_without_scripts(client: Client, object: str) -> None:
    values = {"notes": {"body": "Hello"}, "activities": {"kind": "call", "date": "2025-05-01T09:30"}}.get(
        object, {"name": "One"}
    )
    answer = _new(client, object, **values)
    assert answer.status_code == 303, site.text(answer.text)
    url = answer.headers["location"]
    again = _edit(client, url, **({"body": "Hello again"} if object in ("notes", "activities") else {"name": "Two"}))
    assert again.status_code == 303, site.text(again.text)
    assert client.get(f"/api/v1{url}").json()["version"] == 2


def test_every_bad_field_is_named_in_place_and_in_the_summary_and_nothing_typed_is_lost(client: Client) -> None:
    answer = _new(client, "people", name="", email="not an address", title="Buyer", description="Kept")
    assert answer.status_code == 422
    for field in ("name", "email"):
        assert f'id="{field}-error"' in answer.text
        assert f"#{field}" in site.links(answer.text)
        assert 'aria-invalid="true"' in answer.text
    sent = dict(site.inputs(answer.text))
    assert sent["email"] == "not an address"
    assert sent["title"] == "Buyer"
    assert sent["description"] == "Kept"


def test_a_form_that_is_sent_twice_creates_one_record(client: Client) -> None:
    page = client.get("/companies/new").text
    data = site.with_values(site.inputs(page), name="Once")
    first, second = client.post("/companies/new", data=data), client.post("/companies/new", data=data)
    assert first.headers["location"] == second.headers["location"]
    assert client.get("/api/v1/companies").json()["total"] == 1


def test_a_link_is_found_by_its_name_without_scripts(client: Client, filled: dict[str, Any]) -> None:
    answer = _new(client, "deals", name="New", company__text="aCME")
    assert answer.status_code == 303
    assert client.get(f"/api/v1{answer.headers['location']}").json()["company"]["id"] == filled["acme"]


def test_a_name_that_nothing_has_is_refused_with_what_is_near(client: Client, filled: dict[str, Any]) -> None:
    answer = _new(client, "deals", name="New", company__text="Ac")
    assert answer.status_code == 422
    assert "Nothing is called “Ac”" in site.text(answer.text)
    assert "Did you mean “Acme”" in site.text(answer.text)
    assert dict(site.inputs(answer.text))["company__text"] == "Ac"


def test_a_name_that_two_have_asks_which(client: Client, make: Maker) -> None:
    make("companies", name="Twin")
    make("companies", name="twin")
    answer = _new(client, "deals", name="New", company__text="Twin")
    assert answer.status_code == 422
    assert "Several are called “Twin”" in site.text(answer.text)


def test_the_address_fills_a_new_form(client: Client, filled: dict[str, Any]) -> None:
    page = client.get(f"/deals/new?company={filled['acme']}&stage=proposal").text
    sent = dict(site.inputs(page))
    assert sent["company__text"] == "Acme"
    assert sent["stage"] == "proposal"


def test_an_edit_sends_only_what_was_changed(client: Client, filled: dict[str, Any]) -> None:
    url = f"/companies/{filled['acme']}"
    answer = _edit(client, url, city="Oslo")
    assert answer.status_code == 303
    change = client.get("/api/v1/changes?sort=-created_at&limit=1").json()["items"][0]
    details = client.get(f"/api/v1/changes/{change['id']}").json()
    changed = [set(line["after"]) for line in details["changes"]]
    assert changed == [{"city"}]


def test_an_edit_that_changes_nothing_writes_nothing(client: Client, filled: dict[str, Any]) -> None:
    url = f"/companies/{filled['acme']}"
    answer = _edit(client, url)
    assert answer.status_code == 303
    assert client.get(f"/api/v1{url}").json()["version"] == 1


def test_a_value_can_be_emptied(client: Client, filled: dict[str, Any]) -> None:
    url = f"/companies/{filled['acme']}"
    assert _edit(client, url, industry="", owner="").status_code == 303
    record = client.get(f"/api/v1{url}").json()
    assert record["industry"] is None
    assert record["owner"] is None


def test_two_people_who_edit_different_fields_both_succeed(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    url = f"/companies/{filled['acme']}"
    page = client.get(f"{url}/edit").text
    make.change("companies", filled["acme"], industry="energy")
    assert _edit(client, url, page, city="Oslo").status_code == 303
    record = client.get(f"/api/v1{url}").json()
    assert (record["industry"], record["city"]) == ("energy", "Oslo")


def _conflict(client: Client, make: Maker, filled: dict[str, Any]) -> Any:
    url = f"/companies/{filled['acme']}"
    page = client.get(f"{url}/edit").text
    make.change("companies", filled["acme"], industry="energy")
    return _edit(client, url, page, industry="biology", city="Oslo")


def test_a_stale_edit_shows_both_values_and_keeps_what_was_typed(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    answer = _conflict(client, make, filled)
    assert answer.status_code == 409
    assert "Someone else changed this meanwhile" in site.text(answer.text)
    assert "Take theirs: energy" in site.text(answer.text)
    sent = dict(site.inputs(answer.text))
    assert (sent["industry"], sent["city"]) == ("biology", "Oslo")
    record = client.get(f"/api/v1/companies/{filled['acme']}").json()
    assert (record["industry"], record["city"]) == ("energy", None)


@pytest.mark.parametrize(("keep", "industry"), [("mine", "biology"), ("theirs", "energy")])
def test_a_conflict_is_settled_by_choosing(
    client: Client, make: Maker, filled: dict[str, Any], keep: str, industry: str
) -> None:
    page = _conflict(client, make, filled).text
    url = f"/companies/{filled['acme']}"
    answer = _edit(client, url, page, **{"_keep.industry": keep})
    assert answer.status_code == 303, site.text(answer.text)
    record = client.get(f"/api/v1{url}").json()
    assert (record["industry"], record["city"]) == (industry, "Oslo")


def test_neither_value_of_a_conflict_is_chosen_for_the_user(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    page = _conflict(client, make, filled).text
    assert "Keep mine, as above: biology" in site.text(page)
    url = f"/companies/{filled['acme']}"
    again = _edit(client, url, page)
    assert again.status_code == 422
    assert "Choose which value to keep." in site.text(again.text)
    assert client.get(f"/api/v1{url}").json()["industry"] == "energy"
    bad = _edit(client, url, again.text, **{"_keep.industry": "theirs", "email": "nonsense"})
    assert bad.status_code == 422
    assert "Take theirs: energy" in site.text(bad.text)
    assert _edit(client, url, bad.text, email="").status_code == 303
    record = client.get(f"/api/v1{url}").json()
    assert (record["industry"], record["city"]) == ("energy", "Oslo")


def test_a_conflict_over_money_a_stage_and_a_link_is_shown_in_words(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    deal = filled["deals"][0]
    page = client.get(f"/deals/{deal}/edit").text
    make.change("deals", deal, amount=7777, stage="won", company=filled["long"])
    answer = _edit(client, f"/deals/{deal}", page, amount="5", stage="lost", company__text="", company="")
    assert answer.status_code == 409
    said = site.text(answer.text)
    assert "Take theirs: $7,777" in said
    assert "Take theirs: Won" in said
    assert f"Take theirs: {site.LONG}" in said


def test_custom_fields_stand_in_the_form_and_on_the_record(client: Client, crm: Crm) -> None:
    with crm.database.write() as connection:
        customization.create_field(connection, "companies", "Segment", "select", options=["Small", "Large"])
        customization.create_field(connection, "companies", "Since", "date")
        customization.create_field(connection, "companies", "Partner", "boolean")
        customization.create_field(connection, "companies", "Markets", "multi_select", options=["North", "South"])
    answer = _new(
        client, "companies", name="Acme", segment="large", since="2024-02-29", partner="true", markets="south"
    )
    assert answer.status_code == 303, site.text(answer.text)
    said = site.text(client.get(answer.headers["location"]).text)
    for words in ("Segment Large", "Since Feb 29, 2024", "Partner Yes", "Markets South"):
        assert words in said
    page = client.get(f"{answer.headers['location']}/edit").text
    data = [pair for pair in site.inputs(page) if pair[0] not in ("partner", "markets")]
    assert client.post(f"{answer.headers['location']}/edit", data=site.with_values(data)).status_code == 303
    record = client.get(f"/api/v1{answer.headers['location']}").json()
    assert (record["partner"], record["markets"]) == (False, [])


def test_a_moment_is_shown_and_read_in_the_users_time_zone(client: Client, admin: Principal, make: Maker) -> None:
    client = client.as_user(replace(admin, timezone="America/New_York"))
    id = make("activities", kind="call", date="2025-07-01T12:00:00Z")
    page = client.get(f"/activities/{id}/edit").text
    assert dict(site.inputs(page))["date"] == "2025-07-01T08:00"
    assert _edit(client, f"/activities/{id}", page, date="2025-07-01T09:00").status_code == 303
    assert client.get(f"/api/v1/activities/{id}").json()["date"] == "2025-07-01T13:00:00Z"


def test_numbers_and_dates_follow_the_users_locale(client: Client, admin: Principal, filled: dict[str, Any]) -> None:
    client = client.as_user(replace(admin, locale="de_DE"))
    said = site.text(client.get(f"/deals/{filled['deals'][4]}").text)
    assert "5.000 $" in said.replace("\xa0", " ")
    assert "15.05.2025" in said
    answer = _edit(client, f"/deals/{filled['deals'][4]}", amount="1.234,50")
    assert answer.status_code == 303, site.text(answer.text)
    assert client.get(f"/api/v1/deals/{filled['deals'][4]}").json()["amount"] == 1234.5


def test_a_form_never_leads_to_another_site(client: Client) -> None:
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        page = client.get("/notes/new").text
        data = site.with_values(site.inputs(page), body="x", _next=target)
        assert client.post("/notes/new", data=data).headers["location"].startswith("/notes/")


def test_who_has_a_unique_value_already_can_be_opened_and_its_twin_in_the_trash_restored(
    client: Client, make: Maker
) -> None:
    """Restored without the value that now belongs to another."""
    old = make("people", name="Old Ada", email="ada@example.com", city="Ulm")
    client.post(f"/people/{old}/trash")
    new = make("people", name="New Ada", email="ada@example.com")
    answer = _new(client, "people", name="Third Ada", email="ADA@example.com")
    assert answer.status_code == 422
    assert f"/people/{new}" in site.links(answer.text)
    assert "Old Ada, in the trash, has the same email" in site.text(answer.text)
    assert f'action="/people/{old}/restore"' in answer.text
    assert client.post(f"/people/{old}/restore").status_code == 422
    restored = client.post(f"/people/{old}/restore", data={"_without": "email"})
    assert (restored.status_code, restored.headers["location"]) == (303, f"/people/{old}")
    record = client.get(f"/api/v1/people/{old}").json()
    assert (record["email"], record["city"]) == (None, "Ulm")
    edited = _edit(client, f"/people/{old}", email="ada@example.com")
    assert (edited.status_code, f"/people/{new}" in site.links(edited.text)) == (422, True)
