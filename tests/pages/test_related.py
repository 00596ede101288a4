"""What links to a record is shown on its page, added there in place, and existing records are linked and unlinked."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app.crm.pages import locale
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker

FRAGMENT = {"X-Fragment": "1"}


def get(client: Client, path: str) -> Any:
    return client.get(f"/api/v1{path}").json()


@pytest.fixture
def acme(make: Maker) -> str:
    return f"/companies/{make('companies', name='Acme')}"


@pytest.mark.parametrize(
    ("relation", "sent", "object", "label"),
    [
        ("people", {"name": "Paula Berg", "title": "Buyer", "email": "p@acme.test"}, "people", "Person"),
        ("deals", {"name": "Pilot", "amount": "12k", "close_date": "2026-05-01"}, "deals", "Deal"),
        ("tasks", {"name": "Call", "due_date": "2026-05-01"}, "tasks", "Task"),
        ("subsidiaries", {"name": "Acme North", "industry": "Robots"}, "companies", "Company"),
    ],
)
def test_a_related_record_is_added_in_place(
    client: Client, acme: str, relation: str, sent: dict[str, str], object: str, label: str
) -> None:
    answer = client.post(f"{acme}/related/{relation}", sent, FRAGMENT)
    assert answer.status_code == 200, answer.text
    assert f"{label} created" in answer.text
    assert sent["name"] in answer.text[answer.text.index("data-section") :]
    link = "parent" if relation == "subsidiaries" else "company"
    made = next(item for item in get(client, f"/{object}?sort=-created_at")["items"] if item["name"] == sent["name"])
    assert made[link]["label"] == "Acme"
    if relation == "deals":
        assert (made["amount"], made["stage"], made["owner"]["label"]) == (12000, "lead", "Anna")


def test_a_task_of_a_deal_belongs_to_its_company_too(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")
    deal = make("deals", name="Pilot", company=acme)
    assert client.post(f"/deals/{deal}/related/tasks", {"name": "Call"}, FRAGMENT).status_code == 200
    made = get(client, "/tasks")["items"][0]
    assert (made["deal"]["id"], made["company"]["id"]) == (deal, acme)
    assert "Next step" in site.text(site.main(client.get(f"/deals/{deal}").text))


def test_what_cannot_be_added_is_said_in_the_small_form_and_kept(client: Client, acme: str) -> None:
    answer = client.post(f"{acme}/related/people", {"name": "Paula", "email": "nonsense"}, FRAGMENT)
    assert answer.status_code == 422
    assert "e-mail address" in site.text(answer.text)
    assert 'value="nonsense"' in answer.text
    assert 'value="Paula"' in answer.text
    assert re.search(r"class=\"join-add\" open>", answer.text)
    nameless = client.post(f"{acme}/related/people", {"name": ""}, FRAGMENT)
    assert nameless.status_code == 422
    assert get(client, "/people")["total"] == 0


def test_without_a_script_it_goes_back_to_the_page_or_shows_the_whole_form(client: Client, acme: str) -> None:
    added = client.post(f"{acme}/related/people", {"name": "Paula"})
    assert (added.status_code, added.headers["location"]) == (303, f"{acme}#related-people")
    refused = client.post(f"{acme}/related/people", {"name": "Paula", "email": "nonsense"})
    assert refused.status_code == 422
    assert '<form class="form record-form"' in refused.text
    assert 'value="Acme"' in refused.text


def test_a_form_that_is_sent_twice_makes_one(client: Client, acme: str) -> None:
    for _ in range(2):
        assert client.post(f"{acme}/related/people", {"name": "Paula", "_token": "once"}, FRAGMENT).status_code == 200
    assert get(client, "/people")["total"] == 1


def test_an_existing_record_is_linked_and_unlinked_with_undo(client: Client, make: Maker, acme: str) -> None:
    paula = make("people", name="Paula Berg")
    linked = client.post(f"{acme}/related/people/link", {"to__text": "paula berg"}, FRAGMENT)
    assert linked.status_code == 200, linked.text
    assert "Person linked" in linked.text
    assert get(client, f"/people/{paula}")["company"]["label"] == "Acme"
    taken = client.post(f"{acme}/related/people/unlink", {"to": str(paula)}, FRAGMENT)
    assert "Person unlinked" in taken.text
    assert get(client, f"/people/{paula}")["company"] is None
    undo = re.search(r"/changes/\d+/undo", taken.text)
    assert undo
    assert client.post(undo[0], {}, FRAGMENT).status_code == 200
    assert get(client, f"/people/{paula}")["company"]["label"] == "Acme"


def test_who_is_linked_from_elsewhere_is_said_to_have_moved(client: Client, make: Maker, acme: str) -> None:
    other = make("companies", name="Other Inc")
    make("people", name="Paula Berg", company=other)
    moved = client.post(f"{acme}/related/people/link", {"to__text": "paula berg"}, FRAGMENT).text
    assert "Person moved here, and no longer at Other Inc" in site.text(moved)
    again = client.post(f"{acme}/related/people/link", {"to__text": "paula berg"}, FRAGMENT).text
    assert "Other Inc" not in site.text(again)


@pytest.mark.parametrize(("name", "why"), [("", "Choose what to link"), ("Nobody", "Nothing is called")])
def test_what_cannot_be_linked_is_said(client: Client, acme: str, name: str, why: str) -> None:
    answer = client.post(f"{acme}/related/people/link", {"to__text": name}, FRAGMENT)
    assert answer.status_code == 422
    assert why in site.text(answer.text)


def test_only_relations_of_records_can_be_added_to(client: Client, make: Maker, acme: str) -> None:
    deal = make("deals", name="Pilot")
    for path in (f"{acme}/related/nothing", f"{acme}/related/industry", f"/deals/{deal}/related/contacts"):
        assert client.post(path, {"name": "X"}, FRAGMENT).status_code == 404, path
    assert client.post("/companies/999/related/people", {"name": "X"}, FRAGMENT).status_code == 404


def test_a_viewer_sees_what_is_related_and_no_forms(client: Client, viewer: Principal, make: Maker, acme: str) -> None:
    make("people", name="Paula Berg", company=int(acme.rpartition("/")[2]))
    other = client.as_user(viewer)
    page = other.get(acme).text
    assert "Paula Berg" in page
    assert "/related/" not in page
    for path in ("related/people", "related/people/link", "related/people/unlink"):
        assert other.post(f"{acme}/{path}", {"name": "X", "to": "1"}, FRAGMENT).status_code == 403, path


# --- MEDDPICC ---------------------------------------------------------------------------------------------------------


def test_the_coverage_says_who_is_known_and_who_is_missing(client: Client, make: Maker) -> None:
    deal, paula = f"/deals/{make('deals', name='Pilot')}", make("people", name="Paula Berg")
    empty = site.text(client.get(deal).text)
    assert "0 of 5 MEDDPICC roles have a person" in empty
    assert "Champion : missing" in empty
    for role in ("champion", "procurement", "legal", "coach"):
        sent = {"person": str(paula), "person__text": "Paula Berg", "person__label": "Paula Berg", "role": role}
        answer = client.post(f"{deal}/links/contacts", sent, FRAGMENT)
        assert answer.status_code == 200, answer.text
    said = site.text(answer.text)
    assert "2 of 5 MEDDPICC roles have a person" in said  # legal and procurement are one part, a coach is none
    assert "Champion : Paula Berg" in said
    assert "Economic buyer : missing" in said


def test_a_contacts_role_is_changed_in_place(client: Client, make: Maker) -> None:
    deal, paula = make("deals", name="Pilot"), make("people", name="Paula Berg")
    client.post(f"/deals/{deal}/links/contacts", {"person": str(paula), "role": "user"}, FRAGMENT)
    path = f"/deal_contacts/{get(client, '/deal_contacts')['items'][0]['id']}/field/role"
    opened = re.findall(r'name="(_was|_version)" value="([^"]*)"', client.get(path, FRAGMENT).text)
    sent = {name: text.replace("&#34;", '"') for name, text in opened} | {"role": "champion"}
    answer = client.post(path, sent, FRAGMENT)
    assert answer.status_code == 200, answer.text
    assert "Champion" in answer.text
    assert get(client, "/deal_contacts")["items"][0]["role"] == "champion"


# --- the head ---------------------------------------------------------------------------------------------------------


def test_the_head_has_the_key_facts_and_the_next_step(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme", industry="Robots", country="Norway")
    deal = make("deals", name="Pilot", amount=5000, company=acme)
    make("tasks", name="Later", due_date="2030-05-01", deal=deal)
    make("tasks", name="Sooner", due_date="2030-01-01", deal=deal)
    make("tasks", name="Over", due_date="2020-01-01", deal=deal, done=True)
    page = client.get(f"/deals/{deal}").text
    head = site.text(page[page.index('class="record-head"') : page.index('<div class="record">')])
    assert "Amount $5,000" in head
    assert "Next step" in head
    assert "Sooner" in head
    assert "Later" not in head
    assert "Robots" in site.text(page[page.index('class="related glance"') :])
    facts = page[page.index('class="record-facts"') : page.index('class="record-main"')]
    assert "Amount" not in site.text(facts), "what stands in the head isn't said once more"
    assert f'href="/deals/{deal}/edit#amount"' in page, "and is changed there"


def test_a_task_that_is_added_in_place_says_its_day_in_words(client: Client, acme: str) -> None:
    def added(**sent: str) -> Any:
        answer = client.post(f"{acme}/related/tasks", sent, FRAGMENT)
        assert answer.status_code == 200, answer.text
        return max(get(client, "/tasks")["items"], key=lambda item: item["id"])

    tomorrow = locale.today() + timedelta(days=1)
    first = added(name="Call Paula tomorrow !high #pilot")
    assert (first["name"], first["due_date"]) == ("Call Paula", tomorrow.isoformat())
    assert (first["priority"], first["tags"]) == ("high", ["pilot"])
    assert added(name="Send it tomorrow", due_date="2026-05-01")["due_date"] == "2026-05-01"
    refused = client.post(f"{acme}/related/tasks", {"name": "Call @nobody"}, FRAGMENT)
    assert refused.status_code == 422
    assert "is called “nobody”" in site.text(refused.text)
    assert 'id="related-tasks-name-error"' in refused.text


def test_files_are_added_from_the_list_that_shows_them(
    client: Client, make: Maker, acme: str, viewer: Principal
) -> None:
    deal = make("deals", name="Pilot")
    for page in (acme, f"/deals/{deal}"):
        key = page.strip("/").replace("companies/", "company=").replace("deals/", "deal=")
        assert f'href="/files/new?{key}' in client.get(page).text.split('id="related-files"')[1]
    assert "/files/new" not in client.as_user(viewer).get(acme).text
