"""The first run: three ways to begin, steps that are counted, and demo data that goes in one change set."""

from typing import Any

from app.crm import demo
from app.crm.accounts import setup, users
from app.crm.port import Crm
from app.shared.config import Settings
from app.shared.contract import SYSTEM, Condition, Principal, Query
from tests.conftest import add_user
from tests.pages import site
from tests.pages.site import Client, Maker


def forms(page: str) -> set[str]:
    import re

    return set(re.findall(r'<form method="post" action="(/guide[^"]*)"', page))


def count(crm: Crm, admin: Principal, object: str) -> int:
    found: Any = crm.query(admin, Query(object=object, limit=1))
    return int(found.total)


def test_the_ways_to_begin_are_those_that_one_may_go(client: Client, member: Principal, viewer: Principal) -> None:
    page = client.get("/").text
    assert forms(page) == {"/guide/demo", "/guide/empty"}
    assert "/import" in site.links(page)
    theirs = client.as_user(member).get("/").text
    assert forms(theirs) == set()
    assert {"/import", "/companies/new"} <= set(site.links(theirs))
    assert "Someone who may change records" in client.as_user(viewer).get("/").text


def test_the_demo_comes_and_goes_in_one_change_set_each(client: Client, crm: Crm, admin: Principal) -> None:
    assert client.post("/guide/demo").status_code == 303
    page = client.get("/").text
    assert forms(page) == {"/guide/dismiss", "/guide/demo/remove"}
    companies = count(crm, admin, "companies")
    assert companies == len(demo.data.COMPANIES)
    own = Maker(crm, admin)("companies", name="Ours")
    crm.apply(admin, crm.propose(admin, _trash_one(crm, admin)).id)  # one has gone already
    assert client.post("/guide/demo/remove").status_code == 303
    assert [count(crm, admin, name) for name in ("companies", "people", "deals", "tasks", "notes", "activities")] == [
        1, 0, 0, 0, 0, 0,
    ]  # fmt: skip
    assert crm.get(admin, "companies", own).trashed_at is None
    with crm.database.read() as connection:
        assert {users.state(row) for row in users.listing(connection) if row.name in demo.data.USERS} == {"deactivated"}
    page = client.get("/").text
    assert "Demo data removed" in site.text(page) or "undo" in page
    assert "/guide/demo/remove" not in forms(page)
    assert client.post("/guide/demo").status_code == 303  # the trash holds records: it is refused, and said
    assert count(crm, admin, "companies") == 1


def _trash_one(crm: Crm, admin: Principal) -> Any:
    from app.shared.contract import ChangeSet, Operation

    where = Condition(field="name", value=demo.data.COMPANIES[-1][0])
    found: Any = crm.query(admin, Query(object="companies", where=where))
    return ChangeSet(operations=(Operation(action="trash", object="companies", id=found.records[0].id),))


def test_removing_the_demo_can_be_undone(client: Client, crm: Crm, admin: Principal) -> None:
    client.post("/guide/demo")
    before = count(crm, admin, "deals")
    answer = client.post("/guide/demo/remove", headers={"X-Fragment": "1"})
    set_id = int(answer.text.split('action="/changes/')[1].split("/")[0])
    assert count(crm, admin, "deals") == 0
    crm.undo(admin, set_id)
    assert count(crm, admin, "deals") == before


def test_the_guide_is_counted_put_away_and_taken_up_again(client: Client, crm: Crm, make: Maker) -> None:
    assert client.post("/guide/empty").status_code == 303
    said = site.text(client.get("/").text)
    assert "Getting started" in said
    assert "No open deals" in said
    assert client.get("/").text.count("is-done") == 0
    make("companies", name="Acme")
    assert client.get("/").text.count("is-done") == 1
    add_user(crm.database, "Cara", "member", "cara@example.com", password_hash="x")
    add_user(crm.database, "Dora", "member", "dora@example.com", password_hash="x")
    page = client.get("/").text
    assert page.count("is-done") == 2
    assert "2 people can sign in." in site.text(page)
    client.post("/guide/dismiss")
    assert "Getting started" not in client.get("/").text
    assert "/guide/resume" in forms(client.get("/settings/workspace").text)
    client.post("/guide/resume")
    assert "Getting started" in client.get("/").text


def test_members_see_no_guide_and_settle_nothing(client: Client, member: Principal, make: Maker) -> None:
    client.post("/guide/empty")
    make("companies", name="Acme")
    theirs = client.as_user(member)
    assert "Getting started" not in theirs.get("/").text
    for step in ("demo", "demo/remove", "empty", "dismiss", "resume"):
        assert theirs.post(f"/guide/{step}").status_code == 403


def test_setting_up_opens_the_guide(client: Client, crm: Crm, settings: Settings, admin: Principal) -> None:
    token = str(setup.link(crm.database, settings)).removeprefix("/setup/")
    setup.complete(crm.database, token, setup.FirstAdmin("Ours", "Root", "root@example.com", "stone harbour 7"))
    Maker(crm, admin)("companies", name="Acme")
    assert "Getting started" in client.get("/").text


def test_every_empty_list_teaches_with_a_sentence_an_action_and_an_example(client: Client) -> None:
    for name in ("companies", "people", "deals", "tasks", "notes", "activities"):
        page = client.get(f"/{name}").text
        assert "For example: " in site.text(page), name
        assert f"/{name}/new" in site.links(page), name


def test_a_demo_that_came_with_the_start_is_removed_the_same_way(client: Client, crm: Crm, settings: Settings) -> None:
    demo.load(crm.database, SYSTEM)
    for page in ("/", "/settings/workspace"):
        assert "Remove the demo data" in client.get(page).text
    client.post("/guide/demo/remove")
    assert client.get("/api/v1/companies").json()["total"] == 0
    assert "Remove the demo data" not in client.get("/settings/workspace").text
