"""One field of a record, edited where it stands: what the control is, what is written, and what is refused."""

import re
from html import unescape
from typing import Any

import pytest

from app.crm.port import Crm
from app.shared.contract import Principal
from tests.conftest import add_user
from tests.pages import site
from tests.pages.site import Client, Maker

FRAGMENT = {"X-Fragment": "1"}


def control(client: Client, path: str) -> str:
    answer = client.get(path, FRAGMENT)
    assert answer.status_code == 200, answer.text
    return answer.text


def hidden(html: str) -> dict[str, str]:
    """What the editor remembers: the value that it was made from, and the record's version."""
    found = re.findall(r'<input type="hidden" name="(_was|_version)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


def edit(client: Client, path: str, **values: str) -> Any:
    """Open the editor and save other values, as the page's script does."""
    return client.post(path, hidden(control(client, path)) | values, FRAGMENT)


def value(client: Client, path: str) -> Any:
    object, id, name = re.match(r"/(\w+)/(\d+)/field/(\w+)", path).groups()  # type: ignore[union-attr]
    return client.get(f"/api/v1/{object}/{id}").json()[name]


TYPES = {
    "text": ("companies", "industry", {"industry": "Space"}, "Space"),
    "long text": ("companies", "description", {"description": "Two\r\nlines"}, "Two\nlines"),
    "number": ("companies", "employees", {"employees": "1,250"}, 1250),
    "money": ("companies", "annual_revenue", {"annual_revenue": "$2.5m"}, 2500000),
    "url": ("companies", "website", {"website": "https://acme.test"}, "https://acme.test"),
    "email": ("companies", "email", {"email": "sales@acme.test"}, "sales@acme.test"),
    "phone": ("companies", "phone", {"phone": "+47 22 33 44 55"}, "+47 22 33 44 55"),
    "tags": ("companies", "tags", {"tags": "vip, north"}, ["north", "vip"]),
    "date": ("deals", "close_date", {"close_date": "2026-03-04"}, "2026-03-04"),
    "stage": ("deals", "stage", {"stage": "won"}, "won"),
    "boolean": ("tasks", "done", {"_has.done": "1", "done": "true"}, True),
    "select": ("tasks", "priority", {"priority": "high"}, "high"),
    "datetime": ("activities", "date", {"date": "2026-03-04T09:30"}, "2026-03-04T09:30:00Z"),
}


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_of_field_is_edited_in_place(client: Client, make: Maker, kind: str) -> None:
    object, name, sent, expected = TYPES[kind]
    required = {"activities": {"name": "Call", "kind": "call", "date": "2026-01-01T08:00:00Z"}}
    path = f"/{object}/{make(object, **required.get(object, {'name': 'One'}))}/field/{name}"
    answer = edit(client, path, **sent)
    assert answer.status_code == 200, answer.text
    assert value(client, path) == expected
    assert 'data-as="cell"' in answer.text
    assert "/undo" in answer.text


def test_a_link_is_found_by_its_name_and_an_owner_is_chosen(client: Client, make: Maker, admin: Principal) -> None:
    acme, deal = make("companies", name="Acme"), make("deals", name="One")
    path = f"/deals/{deal}/field/company"
    assert edit(client, path, company__text="acme", company="").status_code == 200
    assert value(client, path)["id"] == acme
    assert edit(client, f"/deals/{deal}/field/owner", owner=str(admin.user_id)).status_code == 200
    assert value(client, f"/deals/{deal}/field/owner")["id"] == admin.user_id
    nobody = edit(client, path, company__text="Nobody at all", company="")
    assert nobody.status_code == 422
    assert "Nothing is called" in nobody.text
    assert edit(client, path, company__text="", company="").status_code == 200
    assert value(client, path) is None


def shape(client: Client, path: str, **body: Any) -> Any:
    """What an admin does over the API to shape the workspace."""
    made = client._client.post(f"/api/v1/{path}", json=body, environ_base=client._environ())
    assert made.status_code == 201, made.get_data(as_text=True)
    return made.get_json()


@pytest.mark.parametrize(
    ("type", "options", "sent", "expected"),
    [("multi_select", ["Red", "Blue"], ["blue", "red"], ["red", "blue"]), ("number", [], "12.5", 12.5)],
)
def test_custom_fields_are_edited_like_the_built_in_ones(
    client: Client, make: Maker, type: str, options: list[str], sent: Any, expected: Any
) -> None:
    name = shape(client, "fields", object="companies", label="Colours", type=type, options=options)["name"]
    path = f"/companies/{make('companies', name='Acme')}/field/{name}"
    assert edit(client, path, **{f"_has.{name}": "1", name: sent}).status_code == 200
    found = value(client, path)
    assert (sorted(found) if options else found) == (sorted(expected) if options else expected)


def test_the_answer_holds_the_value_as_a_list_and_as_the_facts_show_it(client: Client, make: Maker) -> None:
    answer = edit(client, f"/deals/{make('deals', name='One', amount=5)}/field/amount", amount="1234.5")
    parts = dict(re.findall(r'<template data-as="(\w+)">(.*?)</template>', answer.text, re.DOTALL))
    assert parts == {"cell": "1,234.50", "fact": "$1,234.50", "name": "One"}


def test_a_change_says_undo_and_one_that_changes_nothing_writes_nothing(client: Client, make: Maker) -> None:
    path = f"/companies/{make('companies', name='Acme', city='Oslo')}/field/city"
    before = client.get("/api/v1/changes").json()["total"]
    same = edit(client, path, city="Oslo")
    assert same.status_code == 200
    assert "toast" not in same.text
    assert client.get("/api/v1/changes").json()["total"] == before
    undo = re.search(r"/changes/\d+/undo", edit(client, path, city="Bergen").text)
    assert undo
    undone = client.post(undo[0], {}, FRAGMENT)
    assert "Change undone" in undone.text
    assert value(client, path) == "Oslo"
    redo = re.search(r"/changes/\d+/undo", undone.text)
    assert redo
    assert "Change done again" in client.post(redo[0], {}, FRAGMENT).text
    assert value(client, path) == "Bergen"


def test_what_is_refused_stands_at_the_field_as_it_was_typed(client: Client, make: Maker) -> None:
    make("people", name="Ada", email="ada@x.test")
    path = f"/people/{make('people', name='Ben', email='ben@x.test')}/field/email"
    for typed, why in (("not an address", "an e-mail address"), ("ADA@x.test", "already a person with this email")):
        answer = edit(client, path, email=typed)
        assert answer.status_code == 422
        assert why in site.text(answer.text)
        assert f'value="{typed}"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert value(client, path) == "ben@x.test"
    assert edit(client, path.replace("email", "name"), name="").status_code == 422


def test_another_change_of_the_same_field_is_a_conflict_with_both_values(client: Client, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    path = f"/deals/{deal}/field/amount"
    opened = hidden(control(client, path))
    make.change("deals", deal, amount=300)
    answer = client.post(path, opened | {"amount": "500"}, FRAGMENT)
    assert answer.status_code == 409
    assert "$300" in answer.text
    assert 'value="500"' in answer.text
    assert value(client, path) == 300
    # sent again without a choice, it is still in dispute
    both = hidden(answer.text) | {"amount": "500", "_disputed": "amount", "_theirs.amount": "$300"}
    assert client.post(path, both, FRAGMENT).status_code == 422
    assert value(client, path) == 300
    theirs = client.post(path, both | {"_keep.amount": "theirs"}, FRAGMENT)
    assert (theirs.status_code, value(client, path)) == (200, 300)
    mine = client.post(path, both | {"_keep.amount": "mine"}, FRAGMENT)
    assert (mine.status_code, value(client, path)) == (200, 500)


def test_a_change_of_another_field_meanwhile_is_no_conflict(client: Client, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    path = f"/deals/{deal}/field/amount"
    opened = hidden(control(client, path))
    make.change("deals", deal, name="Renamed", stage="won")
    assert client.post(path, opened | {"amount": "500"}, FRAGMENT).status_code == 200
    assert client.get(f"/api/v1/deals/{deal}").json()["name"] == "Renamed"


def test_the_same_value_sent_twice_is_written_once(client: Client, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    path = f"/deals/{deal}/field/amount"
    sent = hidden(control(client, path)) | {"amount": "500"}
    before = client.get("/api/v1/changes").json()["total"]
    assert [client.post(path, sent, FRAGMENT).status_code for _ in range(2)] == [200, 200]
    assert client.get("/api/v1/changes").json()["total"] == before + 1


def test_while_it_is_edited_the_editor_says_who_has_changed_the_field(client: Client, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    page = control(client, f"/deals/{deal}/field/amount?by=Ben%20%3Cb%3E")
    assert "Ben &lt;b&gt; has changed this meanwhile, to <strong>$100</strong>" in re.sub(r"</?span>", "", page)
    assert page.count("_keep.amount") == 2


def test_with_several_pipelines_the_stage_says_both(client: Client, make: Maker) -> None:
    home = shape(client, "pipelines", name="Partners")["id"]
    shape(client, "stages", pipeline=home, label="Talks", kind="open", probability=20)
    path = f"/deals/{make('deals', name='One')}/field/stage"
    assert "optgroup" in control(client, path)
    assert edit(client, path, stage=f"{home}/talks").status_code == 200
    assert value(client, path) == "talks"


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_viewer_is_given_no_editors_and_is_refused(client: Client, viewer: Principal, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    other = client.as_user(viewer)
    for page in ("/deals", f"/deals/{deal}"):
        assert "data-field" in client.get(page).text
        shown = other.get(page).text
        assert "data-field" not in shown
        assert "edit-mark" not in shown
        assert "grid.js" not in shown
    path = f"/deals/{deal}/field/amount"
    assert other.get(path, FRAGMENT).status_code == 403
    assert other.post(path, {"amount": "1"}, FRAGMENT).status_code == 403
    assert value(client, path) == 100


def test_what_cannot_be_seen_or_is_no_field_is_not_found(client: Client, crm: Crm, make: Maker) -> None:
    note = make("notes", body="Mine alone", private=True)
    deal = make("deals", name="One")
    other = client.as_user(add_user(crm.database, "Other", "member"))
    for path in (f"/notes/{note}/field/body", "/deals/999/field/amount", f"/deals/{deal}/field/nothing"):
        assert other.get(path, FRAGMENT).status_code == 404, path
        assert other.post(path, {"body": "x"}, FRAGMENT).status_code == 404, path
    for name in ("created_at", "stage_changed_at", "pipeline"):
        assert client.get(f"/deals/{deal}/field/{name}", FRAGMENT).status_code == 404, name


def test_a_record_in_the_trash_is_not_edited(client: Client, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    path = f"/deals/{deal}/field/amount"
    opened = hidden(control(client, path))
    client.post(f"/deals/{deal}/trash")
    assert client.get(path, FRAGMENT).status_code == 409
    answer = client.post(path, opened | {"amount": "5"}, FRAGMENT)
    assert answer.status_code == 409
    assert "in the trash" in answer.text
    assert "data-field" not in client.get(f"/deals/{deal}").text
    assert "data-field" not in client.get("/deals?trashed=true").text


def test_without_a_script_the_marks_lead_to_the_form_and_a_sent_field_is_saved(client: Client, make: Maker) -> None:
    deal = make("deals", name="One", amount=100)
    assert f"/deals/{deal}/edit#amount" in site.links(client.get(f"/deals/{deal}").text)
    path = f"/deals/{deal}/field/amount"
    opened = hidden(control(client, path))
    bad = client.post(path, opened | {"amount": "much"})
    assert bad.status_code == 422
    assert "can&#39;t be read as a number" in bad.text
    good = client.post(path, opened | {"amount": "200"})
    assert (good.status_code, good.headers["location"]) == (303, f"/deals/{deal}")


def test_empty_fields_are_there_to_be_filled(client: Client, make: Maker) -> None:
    page = client.get(f"/companies/{make('companies', name='Acme')}").text
    assert 'data-field="website"' in page
    assert 'data-field="description"' in page
