"""The settings pages of fields, pipelines and tags, without scripts."""

import re
from html import unescape
from typing import Any

import pytest

from app.crm import changes
from app.crm.port import Crm
from app.shared.contract import Principal
from app.shared.errors import Forbidden
from tests.conftest import add_user
from tests.pages import site
from tests.pages.site import Answer, Client, Maker

FIELDS, PIPELINES = "/settings/fields?object=companies", "/settings/pipelines"


def labels(answer: Answer) -> list[str]:
    """The names on a page of rows, in their order."""
    return [unescape(text) for text in re.findall(r'name="(?:label|name)" value="([^"]+)" required', answer.text)]


def add(client: Client, label: str, type: str = "text", **more: str) -> Answer:
    return client.post("/settings/fields/new", data={"object": "companies", "label": label, "type": type, **more})


def test_fields_are_made_renamed_moved_retired_and_brought_back(client: Client, make: Maker, crm: Crm) -> None:
    assert "No fields of your own for companies yet" in client.get(FIELDS).text
    assert add(client, "Segment", "select", options="Small\n\nLarge\n", help="By seats").status_code == 303
    assert add(client, "Code", unique="true").status_code == 303
    assert "By seats" in client.get("/companies/new").text
    first, second = (item.custom_id for item in crm.catalog()["companies"].fields if item.custom_id)
    sent = {"object": "companies", "field": str(second)}
    client.post("/settings/fields", data={**sent, "action": "move", "to": "up"})
    client.post("/settings/fields", data={**sent, "action": "rename", "label": "Customer code"})
    assert labels(client.get(FIELDS)) == ["Customer code", "Segment"]
    refused = client.post("/settings/fields", data={**sent, "action": "rename", "label": " "})
    assert (refused.status_code, f'id="name-{second}-error"' in refused.text) == (422, True)
    make("companies", name="Acme", segment="large")
    asked = client.get(f"/settings/fields/{first}/retire")
    assert "1 record holds a value." in site.text(asked.text)
    assert client.post(f"/settings/fields/{first}/retire").status_code == 303
    assert "Segment" not in site.text(client.get("/companies/new").text)
    assert "1 retired field" in site.text(client.get(FIELDS).text)
    assert "retired" in site.text(client.get("/companies?segment=large").text)  # an old address is told why
    client.post("/settings/fields", data={"object": "companies", "action": "restore", "field": str(first)})
    assert "Large" in client.get("/companies/1").text


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x", "type": "select"}, "options"),
        ({"label": "x", "type": "nonsense"}, "type"),
        ({"label": "x", "type": "boolean", "required": "true"}, "required"),
        ({"label": "x", "type": "money", "unique": "true"}, "unique"),
        ({"label": "x", "help": "y" * 301}, "help"),
    ],
)
def test_what_is_wrong_with_a_new_field_stands_beside_it(client: Client, sent: dict[str, str], field: str) -> None:
    answer = client.post("/settings/fields/new", data={"object": "companies", **sent})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert f'value="{sent["label"]}"' in answer.text  # what was typed is kept


def test_a_field_has_a_page_for_its_rules_and_options(client: Client, make: Maker, crm: Crm) -> None:
    add(client, "Segment", "select", options="Small\nLarge")
    add(client, "Code")
    segment, code = (item.custom_id for item in crm.catalog()["companies"].fields if item.custom_id)
    make("companies", name="Acme", segment="large", code="a")
    make("companies", name="Betatech", code="A")
    page = f"/settings/fields/{segment}"
    for action, more in (
        ("add", {"label": "Huge"}), ("rename", {"key": "small", "label": "Tiny"}),
        ("move", {"key": "huge", "to": "up"}),
        ("retire", {"key": "large"}),
    ):  # fmt: skip
        assert client.post(f"{page}/options", data={"action": action, **more}).status_code == 303, action
    shown = client.get(page)
    assert labels(shown) == ["Tiny", "Huge"]
    assert "1 retired option" in site.text(shown.text)
    assert "Large (retired)" in site.text(client.get("/companies/1").text)
    form = client.get("/companies/1/edit").text
    assert '<option value="large" selected>Large (retired)</option>' in form  # held on to
    assert "Large" not in site.text(client.get("/companies/new").text)  # and not offered
    assert client.post(f"{page}/options", data={"action": "add", "label": "tiny"}).status_code == 422
    refused = client.post(f"/settings/fields/{code}", data={"label": "Key", "help": "", "unique": "true"})
    assert (refused.status_code, "in companies 1 and 2" in refused.text, 'value="Key"' in refused.text) == (
        422,
        True,
        True,
    )
    saved = client.post(f"/settings/fields/{code}", data={"label": "Key", "help": "Ours", "required": "true"})
    assert saved.status_code == 303
    field = crm.catalog()["companies"].field("code")
    assert field is not None
    assert (field.label, field.help, field.required) == ("Key", "Ours", True)


def test_stages_are_made_changed_moved_and_retired_with_their_deals(client: Client, make: Maker, crm: Crm) -> None:
    deal = make("deals", name="Pilot order", stage="lead")
    one = {"pipeline": "1", "stage": "1"}
    new = {"action": "add", "pipeline": "1", "label": "Pilot", "kind": "open", "probability": "60 %"}
    for sent in (
        new,
        {"action": "save", **one, "label": "Contact", "kind": "open", "probability": ""},
        {"action": "move", **one, "to": "down"},
    ):
        assert client.post(PIPELINES, data=sent).status_code == 303, sent
    shown = client.get(PIPELINES)
    assert labels(shown)[:4] == ["Sales", "Qualified", "Contact", "Proposal"]
    assert 'data-lane="pilot"' in client.get("/deals/board").text
    for sent in ({**new, "label": ""}, {**new, "label": "Other", "probability": "many"}, new):
        assert client.post(PIPELINES, data=sent).status_code == 422, sent
    asked = client.get("/settings/pipelines/stages/1/retire")
    assert "1 deal stands there. Move it to" in site.text(asked.text)
    refused = client.post("/settings/pipelines/stages/1/retire", data={"move_to": ""})
    assert (refused.status_code, 'id="move_to-error"' in refused.text) == (422, True)
    assert client.post("/settings/pipelines/stages/1/retire", data={"move_to": "2"}).status_code == 303
    assert "Qualified" in site.text(client.get(f"/deals/{deal}").text)
    assert client.post("/changes/2/undo").status_code == 303
    board = client.get("/deals/board")
    assert 'data-lane="lead"' in board.text  # the retired stage shows itself for the deals that stand there again
    assert "Retired" in site.text(board.text)
    client.post(PIPELINES, data={"action": "restore", **one})
    assert labels(client.get(PIPELINES))[2] == "Contact"
    assert "the last stage of its kind" in site.text(client.get("/settings/pipelines/stages/5/retire").text)


def test_a_second_pipeline_has_a_board_and_stands_in_the_form(client: Client, make: Maker, crm: Crm) -> None:
    assert "last pipeline" in site.text(client.get("/settings/pipelines/1/retire").text)
    assert client.post(PIPELINES, data={"action": "add-pipeline", "name": "Renewals"}).status_code == 303
    assert client.post(PIPELINES, data={"action": "add-pipeline", "name": "renewals"}).status_code == 422
    form = client.get("/deals/new?stage=proposal_2").text
    assert '<optgroup label="Renewals">' in form
    assert '<option value="2/proposal_2" selected>Proposal</option>' in form
    made = client.post("/deals/new", data={"name": "Renewal", "stage": "2/proposal_2", "amount": "5"})
    assert made.status_code == 303
    url = made.headers["Location"].partition("?")[0]
    record = crm.get(client.principal, "deals", int(url.rpartition("/")[2]))
    assert (record.values["stage"], record.values["pipeline"].label) == ("proposal_2", "Renewals")
    assert "Renewal" in site.text(client.get("/deals/board?pipeline=Renewals").text)
    edit = client.get(f"{url}/edit").text
    was = re.search(r'name="_was" value="([^"]*)"', edit)
    assert was is not None
    sent = {"_was": unescape(was[1]), "_version": "1", "stage": "1/lead"}
    assert client.post(f"{url}/edit", data=sent).status_code == 303
    record = crm.get(client.principal, "deals", record.id)
    assert (record.values["stage"], record.values["pipeline"].label) == ("lead", "Sales")
    client.post(PIPELINES, data={"action": "rename-pipeline", "pipeline": "2", "name": "Contracts"})
    client.post(PIPELINES, data={"action": "move-pipeline", "pipeline": "2", "to": "up"})
    assert labels(client.get(PIPELINES))[0] == "Contracts"
    assert client.post("/settings/pipelines/2/retire").status_code == 303
    assert "Contracts" not in site.text(client.get("/deals/board").text)


def test_tags_are_renamed_joined_after_asking_and_deleted(client: Client, make: Maker, crm: Crm) -> None:
    assert "No tags yet" in client.get("/settings/tags").text
    first = make("companies", name="Acme", tags=["vip", "fair"])
    second = make("deals", name="Order", tags=["VIP customer"])
    shown = client.get("/settings/tags")
    assert labels(shown) == ["fair", "vip", "VIP customer"]
    assert "/companies?tags=vip" in shown.text
    ids = {name: id for id, name in re.findall(r'id="tag-(\d+)" name="name" value="([^"]+)"', shown.text)}
    assert client.post(f"/settings/tags/{ids['fair']}", data={"name": "Trade fair"}).status_code == 303
    asked = client.post(f"/settings/tags/{ids['vip']}", data={"name": "vip CUSTOMER"})
    assert (asked.status_code, "Join both" in asked.text) == (200, True)
    joined = client.post(f"/settings/tags/{ids['vip']}", data={"name": "VIP customer", "merge": "true"})
    assert joined.status_code == 303
    assert crm.get(client.principal, "companies", first).values["tags"] == ("Trade fair", "VIP customer")
    assert "2 records lose it" in site.text(client.get(f"/settings/tags/{ids['VIP customer']}/delete").text)
    assert client.post(f"/settings/tags/{ids['VIP customer']}/delete").status_code == 303
    assert crm.get(client.principal, "deals", second).values["tags"] == ()
    assert labels(client.get("/settings/tags")) == ["Trade fair"]
    client.post("/changes/4/undo")  # of the deletion: the tag comes back with its records
    assert crm.get(client.principal, "deals", second).values["tags"] == ("VIP customer",)
    assert client.post(f"/settings/tags/{ids['fair']}", data={"name": "a,b"}).status_code == 422


def test_only_admins_come_here(client: Client, member: Principal, viewer: Principal) -> None:
    for principal in (member, viewer):
        other = client.as_user(principal)
        for path in (FIELDS, "/settings/fields/new", PIPELINES, "/settings/pipelines/1/retire", "/settings/tags"):
            assert other.get(path).status_code == Forbidden.status, path
        assert other.post(PIPELINES, data={"action": "add", "pipeline": "1", "label": "x"}).status_code == 403


def test_a_list_offers_its_rows_as_a_file(client: Client, filled: dict[str, Any]) -> None:
    page = unescape(client.get("/deals?stage=open&sort=-amount&fields=name,amount").text)
    assert '/export/deals.csv?stage=open&sort=-amount&fields=name,amount"' in page
    assert '/export/deals.csv?stage=open&sort=-amount&raw=true"' in page


def test_the_deals_of_a_retired_stage_are_moved_back_from_the_timeline_of_any(
    client: Client, make: Maker, crm: Crm
) -> None:
    deals = make.many("deals", [{"name": name, "stage": "lead"} for name in "ABC"])
    client.post("/settings/pipelines/stages/1/retire", data={"move_to": "2"})
    page = client.get(f"/deals/{deals[1]}").text
    assert "Undo all 3" in site.text(page)
    member = client.as_user(add_user(crm.database, "Mia Holt", "member", "mia@example.com"))
    assert "Undo all" not in site.text(member.get(f"/deals/{deals[1]}").text)  # nothing tells how many there are
    undo = re.findall(r'action="(/changes/\d+/undo)" data-undo', page)[0]
    make.change("deals", deals[0], stage="proposal")
    assert "Undo all" not in site.text(client.get(f"/deals/{deals[0]}").text)  # a later move stands in the way
    refused = client.post(undo, headers={"X-Fragment": "1"})
    assert (refused.status_code, "Later changes stand in the way: A." in site.text(refused.text)) == (409, True)
    make.change("deals", deals[0], stage="qualified")
    assert client.post(undo).status_code == 303
    for id in deals:
        with crm.database.read() as connection:
            assert changes.history(connection, make.principal, "deals", id, 1)[0].after["stage"]["key"] == "lead"
