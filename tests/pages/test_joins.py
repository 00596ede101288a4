"""A deal's contacts and team, and a person's deals, on their pages."""

import re
from typing import Any

import pytest

from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client


@pytest.fixture
def deal(filled: dict[str, Any]) -> str:
    return f"/deals/{filled['deals'][0]}"


def _add(client: Client, url: str, relation: str, **values: str) -> Any:
    page = client.get(url).text
    form = page[page.index(f'action="{url}/links/{relation}') :]
    token = re.search(r'name="_token" value="([^"]+)"', form)
    assert token
    return client.post(f"{url}/links/{relation}", data={"_token": token[1], **values})


def _section(client: Client, url: str, relation: str) -> str:
    page = client.get(url).text
    start = page.index(f'id="links-{relation}"')
    return site.text(page[start:].partition("</ul>")[0])


def test_a_contact_is_added_by_name_with_a_role_and_can_be_undone(client: Client, deal: str) -> None:
    answer = _add(client, deal, "contacts", person__text="paula berg", role="economic_buyer")
    assert (answer.status_code, answer.headers["location"]) == (303, deal)
    page = client.get(deal).text
    said = site.text(page)
    assert "Deal contact added" in said
    assert "Contacts 1" in said
    assert "added Paula Berg as Economic buyer" in said
    assert "Paula Berg Economic buyer" in _section(client, deal, "contacts").replace("PB ", "")
    undo = page[page.index('action="/changes/') :].split('"')[1]
    assert client.post(undo).status_code == 303
    assert "Contacts 0" in site.text(client.get(deal).text)
    assert "removed Paula Berg" in site.text(client.get(deal).text)


def test_a_person_shows_its_deals_with_the_role(client: Client, filled: dict[str, Any], deal: str) -> None:
    _add(client, deal, "contacts", person__text="Paula Berg", role="champion")
    person = f"/people/{filled['paula']}"
    said = site.text(client.get(person).text)
    assert "Deal roles 1" in said
    assert "added this person to Deal 000 as Champion" in said
    assert "Deal 000 Champion" in _section(client, person, "deal_roles")
    second = _add(client, person, "deal_roles", deal__text="Deal 001")
    assert second.status_code == 303
    assert "Deal roles 2" in site.text(client.get(person).text)


def test_a_team_member_is_added_and_removed_in_place(client: Client, admin: Principal, deal: str) -> None:
    assert _add(client, deal, "team", user=str(admin.user_id), role="sales_engineer").status_code == 303
    assert "Anna Sales engineer" in _section(client, deal, "team").replace("A Anna", "Anna")
    page = client.get(deal).text
    form = page[page.index(f'action="{deal}/links/team/remove"') :]
    join = re.search(r'name="join" value="(\d+)"', form)
    assert join
    assert client.post(f"{deal}/links/team/remove", data={"join": join[1]}).status_code == 303
    said = site.text(client.get(deal).text)
    assert "Team member removed" in said
    assert "Team 0" in said


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"person__text": "Nobody Here"}, "Nothing is called “Nobody Here”"),
        ({"person__text": ""}, "Choose whom to add."),
        ({"person__text": "Paula Berg", "role": "king"}, "isn't one of its values"),
    ],
)
def test_what_cannot_be_added_is_said_beside_its_form_and_kept(
    client: Client, deal: str, values: dict[str, str], problem: str
) -> None:
    answer = _add(client, deal, "contacts", **values)
    assert answer.status_code == 422
    assert problem in site.text(answer.text)
    assert 'id="link-contacts-error"' in answer.text
    assert 'class="join-add" open>' in answer.text
    if name := values["person__text"]:
        assert f'value="{name}"' in answer.text


def test_a_form_that_is_sent_twice_adds_one_contact(client: Client, deal: str) -> None:
    data = {"_token": "once", "person__text": "Paula Berg"}
    for _ in range(2):
        assert client.post(f"{deal}/links/contacts", data=data).status_code == 303
    assert client.get("/api/v1/deal_contacts").json()["total"] == 1


def test_a_viewer_sees_contacts_and_no_forms(client: Client, viewer: Principal, deal: str) -> None:
    _add(client, deal, "contacts", person__text="Paula Berg")
    page = client.as_user(viewer).get(deal).text
    assert "Paula Berg" in page
    assert "/links/contacts" not in page
    assert client.as_user(viewer).post(f"{deal}/links/contacts", data={"person__text": "Paula Berg"}).status_code == 403


def test_a_connection_has_no_page_of_its_own(client: Client, deal: str) -> None:
    _add(client, deal, "contacts", person__text="Paula Berg")
    assert client.get("/deal_contacts/1").headers["location"] == deal
    assert client.get("/deal_contacts/99").status_code == 404
    for path in ("/deal_contacts", "/deal_team", "/deal_contacts/new", "/deal_contacts/1/edit"):
        assert client.get(path).status_code == 404, path
    for path in ("/search?q=champion", "/import", "/settings/fields", deal):
        said = client.get(path).text.replace("/api/", "").replace('data-edit="/deal_contacts/', "")
        assert "deal_contacts" not in said, path
    assert client.post(f"{deal}/links/tasks", data={"to": "1"}).status_code == 404
