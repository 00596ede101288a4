"""Changes of many records: asked for, shown beforehand, done as one change set, and undone as one."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.crm import changes
from app.crm.bulk import runs, selection, work
from app.crm.port import Crm
from app.shared.contract import Condition, Measure, Principal, Query
from app.shared.db import Database
from app.shared.jobs import ACTIVE
from tests.conftest import add_user
from tests.pages import site
from tests.pages.site import Client, Maker


def count(crm: Crm, who: Principal, object: str, *where: tuple[str, Any]) -> int:
    asked = Query(object=object, measures=(Measure(),))
    for field, value in where:
        from app.crm import query

        asked = query.with_parts(asked, [*query.parts(asked), Condition(field=field, value=value)])
    return int(crm.query(who, asked).totals[0])  # type: ignore[union-attr]


def hidden(html: str) -> list[tuple[str, str]]:
    """What a step's form carries on to the next."""
    form = html[html.index("data-bulk-step") :]
    return [
        (name, site.unescape(value))
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    ]


def data(pairs: list[tuple[str, str]], **more: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in [*pairs, *more.items()]:
        found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return found


def preview(client: Client, object: str, **form: Any) -> str:
    answer = client.post(f"/{object}/bulk", {"_step": "preview", **form})
    assert answer.status_code == 200, site.text(answer.text)[-600:]
    return answer.text


def apply(client: Client, object: str, shown: str) -> Any:
    return client.post(f"/{object}/bulk", data(hidden(shown), _step="apply"))


def undo_of(client: Client, answer: Any) -> int:
    assert answer.status_code == 303, site.text(answer.text)[-600:]
    page = client.get(answer.headers["location"]).text
    found = re.search(r'action="/changes/(\d+)/undo"', page)
    assert found, site.text(page)
    return int(found[1])


def test_fields_of_some_records_are_edited_as_one_change_and_undone_as_one(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal
) -> None:
    some = filled["deals"][:3]
    form = client.post("/deals/bulk", {"_action": "edit", "_ids": ",".join(map(str, some)), "_f": "probability"})
    assert 'name="probability"' in form.text
    shown = preview(client, "deals", _action="edit", _ids=",".join(map(str, some)), _f="probability", probability="77")
    assert "3 records will change" in site.text(shown)
    assert "77%" in site.text(shown)
    assert count(crm, admin, "deals", ("probability", 77)) == 0  # nothing is written by looking
    change_set = undo_of(client, apply(client, "deals", shown))
    assert count(crm, admin, "deals", ("probability", 77)) == 3
    assert crm.change_set(admin, change_set).count == 3
    crm.undo(admin, change_set)
    assert count(crm, admin, "deals", ("probability", 77)) == 0


def test_all_that_match_but_some_is_kept_as_a_query(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal
) -> None:
    left_out = filled["deals"][1]  # one of the qualified
    shown = preview(
        client, "deals", _action="assign", owner=str(admin.user_id), _all="1", _ids=str(left_out),
        _query="stage=qualified",
    )  # fmt: skip
    assert "1 is so already" in site.text(shown)
    ben = add_user(crm.database, "Ben", "member", "ben@example.com")
    shown = preview(
        client,
        "deals",
        _action="assign",
        owner=str(ben.user_id),
        _all="1",
        _ids=str(left_out),
        _query="stage=qualified",
    )
    assert "1 record will change" in site.text(shown)
    undo_of(client, apply(client, "deals", shown))
    assert count(crm, admin, "deals", ("owner", ben.user_id)) == 1


def test_a_preview_says_from_what_to_what(client: Client, filled: dict[str, Any]) -> None:
    words = site.text(preview(client, "deals", _action="stage", stage="won", _all="1", _query=""))
    assert "10 records will change" in words
    assert "2 are so already" in words
    assert "Lead becomes Won 2" in words
    assert "Deal 0" in words


def test_a_lost_stage_asks_why_and_every_deal_says_it(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal
) -> None:
    form = client.post("/deals/bulk", {"_action": "stage", "_all": "1", "_query": "stage=lead"}).text
    assert "Why were they lost?" in site.text(form)
    shown = preview(client, "deals", _action="stage", stage="lost", lost_reason="Budget", _all="1", _query="stage=lead")
    undo_of(client, apply(client, "deals", shown))
    assert count(crm, admin, "deals", ("lost_reason", "Budget")) == 2


@pytest.mark.parametrize("action", [{"_action": "stage"}, {"_action": "edit", "_f": "stage"}])
def test_a_loss_of_several_is_asked_about_by_whatever_way_and_may_keep_its_reasons(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal, action: dict[str, str]
) -> None:
    sent = {**action, "stage": "lost", "_all": "1", "_query": "stage=lead"}
    asked = client.post("/deals/bulk", {**sent, "_step": "preview"})
    assert asked.status_code == 422
    assert "Say why they were lost" in site.text(asked.text)
    assert "2 records will change" in site.text(preview(client, "deals", **sent, lost_reason="Budget"))
    kept = preview(client, "deals", **sent, _keep_reasons="1")
    assert "2 records will change" in site.text(kept)
    undo_of(client, apply(client, "deals", kept))
    assert count(crm, admin, "deals", ("stage", "lost")) >= 2
    assert count(crm, admin, "deals", ("lost_reason", "Budget")) == 0


def test_tags_are_added_and_removed_beside_those_that_stand(
    client: Client, make: Maker, crm: Crm, admin: Principal
) -> None:
    ids = make.many(
        "companies", [{"name": f"C{place}", "tags": tags} for place, tags in enumerate((["a"], ["A", "b"], []))]
    )
    chosen = ",".join(map(str, ids))
    shown = preview(client, "companies", _action="tags", _add="new, b", _remove="a", _ids=chosen)
    undo_of(client, apply(client, "companies", shown))
    found = crm.get_many(admin, [("companies", id) for id in ids])
    assert [set(found["companies", id].values["tags"]) for id in ids] == [{"b", "new"}] * 3


def test_tasks_are_completed_and_records_go_to_the_trash_and_come_back(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal
) -> None:
    shown = client.post("/tasks/bulk", {"_action": "complete", "_all": "1"}).text
    undo_of(client, apply(client, "tasks", shown))
    assert count(crm, admin, "tasks", ("done", True)) == 2
    shown = client.post("/tasks/bulk", {"_action": "trash", "_all": "1"}).text
    undo_of(client, apply(client, "tasks", shown))
    assert count(crm, admin, "tasks") == 0
    shown = client.post("/tasks/bulk", {"_action": "restore", "_all": "1", "_query": "trashed=true"}).text
    undo_of(client, apply(client, "tasks", shown))
    assert count(crm, admin, "tasks") == 2


def test_what_the_door_refuses_is_left_out_and_named(client: Client, make: Maker, crm: Crm, admin: Principal) -> None:
    make("people", name="Ada", email="ada@example.com")
    others = make.many("people", [{"name": "Bea", "email": "bea@example.com"}, {"name": "Cid"}])
    words = site.text(
        preview(client, "people", _action="edit", _f="email", email="ada@example.com", _ids=",".join(map(str, others)))
    )
    assert "Nothing would change" in words
    assert "There is already a person with this email" in words
    assert 'value="apply"' not in words


def test_one_that_is_refused_does_not_keep_the_others(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal
) -> None:
    ben = add_user(crm.database, "Ben", "member", "ben@example.com")
    mine = Maker(crm, ben)("notes", body="Ben's own")
    chosen = f"{filled['note']},{mine}"
    shown = preview(client.as_user(ben), "notes", _action="edit", _f="private", private="true", _ids=chosen)
    words = site.text(shown)
    assert "1 record will change" in words
    assert "1 can't be changed: Only its author can make a note private." in words
    answer = apply(client.as_user(ben), "notes", shown)
    report = client.as_user(ben).get(answer.headers["location"]).text
    assert "1 record was changed" in site.text(report)
    assert "1 was left as it is: Only its author can make a note private." in site.text(report)
    assert crm.get(ben, "notes", mine).values["private"] is True


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"_action": "edit"}, "Nothing is selected"),
        ({"_action": "edit", "_ids": "1,x"}, "Expected the ids of records"),
        ({"_action": "purge", "_ids": "1"}, "Choose what to do"),
        ({"_action": "stage", "_all": "1", "_step": "preview"}, "Choose a stage"),
        ({"_action": "tags", "_all": "1", "_step": "preview"}, "Type a tag"),
        ({"_action": "edit", "_all": "1", "_step": "preview"}, "Choose a field"),
        ({"_action": "edit", "_all": "1", "_query": "bogus=1"}, "no field 'bogus'"),
        ({"_action": "edit", "_all": "1", "_f": "amount", "amount": "lots", "_step": "preview"}, "can't be read as"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    client: Client, filled: dict[str, Any], form: Any, words: str
) -> None:
    answer = client.post("/deals/bulk", form)
    assert answer.status_code in (200, 422)
    assert words in site.text(answer.text)


def test_a_forged_selection_reaches_no_further_than_its_users_rights(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal
) -> None:
    ben = add_user(crm.database, "Ben", "member", "ben@example.com")
    private = Maker(crm, ben)("notes", body="Mine alone", private=True)
    shown = client.post("/notes/bulk", {"_action": "trash", "_ids": f"{private},999999"}).text
    assert "Nothing would change" in site.text(shown)
    answer = client.post("/notes/bulk", {"_action": "trash", "_ids": str(private), "_step": "apply", "_seal": "1"})
    assert "Nothing would change" in site.text(answer.text)
    assert crm.get(ben, "notes", private).trashed_at is None
    viewer = client.as_user(add_user(crm.database, "Vic", "viewer", "vic@example.com"))
    answer = viewer.post("/deals/bulk", {"_action": "trash", "_all": "1"})
    assert answer.status_code == 403
    run = runs.start(crm.database, ben, selection.read("deals", "", [], is_all=True), work.Work("trash"), 10)
    with pytest.raises(Exception, match="no bulk change"):
        runs.read(crm.database, admin, run)


def test_a_selection_that_has_grown_since_the_preview_is_shown_again(
    client: Client, filled: dict[str, Any], make: Maker, crm: Crm, admin: Principal
) -> None:
    shown = client.post("/deals/bulk", {"_action": "trash", "_all": "1"}).text
    make("deals", name="Late")
    answer = apply(client, "deals", shown)
    assert "The selection has changed" in site.text(answer.text)
    assert "13 records will change" in site.text(answer.text)
    assert count(crm, admin, "deals") == 13


def test_a_selection_is_exported_with_the_lists_columns(client: Client, filled: dict[str, Any]) -> None:
    answer = client.get("/deals/bulk/export?_ids=1,2&_query=stage%3Dlead&_shape=sort%3D-amount%26fields%3Dname,amount")
    assert answer.status_code == 302
    assert site.params(answer.headers["location"]) == {"id__in": "1,2", "sort": "-amount", "fields": "name,amount"}
    answer = client.get("/deals/bulk/export?_all=1&_ids=1&_query=stage%3Dlead")
    assert urlsplit(answer.headers["location"]).path == "/export/deals.csv"
    assert site.params(answer.headers["location"]) == {"stage": "lead", "id__not_in": "1"}


def test_ten_thousand_records_are_changed_as_one(any_database: Database) -> None:
    crm = Crm(any_database)
    anna = add_user(any_database, "Anna", "admin", "anna@example.com")
    Maker(crm, anna).many("deals", [{"name": f"Deal {place}", "amount": place} for place in range(10_000)])
    everything = selection.read("deals", "amount__gte=0", [], is_all=True)
    to = work.Work("update", {"probability": 42}, add=("many",))
    with any_database.read() as connection:
        from app.crm import catalog

        seen = work.preview(connection, anna, everything, to, catalog.load(connection)["deals"])
    assert (seen.found, seen.changing, seen.refused) == (10_000, 10_000, ())
    id = runs.start(any_database, anna, everything, to, 120)
    run = runs.read(any_database, anna, id)
    assert (run["state"], run["report"]["changed"]) == ("done", 10_000), run
    assert count(crm, anna, "deals", ("probability", 42), ("tags", "many")) == 10_000
    crm.undo(anna, run["report"]["change_set"])
    assert count(crm, anna, "deals", ("probability", 42)) == 0
    assert count(crm, anna, "deals", ("tags", "many")) == 0


def test_a_run_is_called_off_and_leaves_nothing(crm: Crm, admin: Principal) -> None:
    Maker(crm, admin).many("deals", [{"name": f"Deal {place}"} for place in range(3_000)])
    everything = selection.read("deals", "", [], is_all=True)
    with runs._turn:  # another one is before it
        id = runs.start(crm.database, admin, everything, work.Work("update", {"probability": 5}))
        assert runs.cancel(crm.database, admin, id)["state"] == "queued"
    assert ended(crm, admin, id)["state"] == "canceled"
    assert count(crm, admin, "deals", ("probability", 5)) == 0


def ended(crm: Crm, who: Principal, id: int) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := runs.read(crm.database, who, id))["state"] in ACTIVE and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture
def two_moved(filled: dict[str, Any], crm: Crm, admin: Principal, monkeypatch: pytest.MonkeyPatch) -> int:
    """The change set of a change that is large enough to be undone beside the requests."""
    monkeypatch.setattr(runs, "LARGE", 2)
    monkeypatch.setattr("app.crm.pages.undo.PATIENCE", 0.2)
    chosen = selection.read("deals", "", [str(id) for id in filled["deals"][:2]], is_all=False)
    id = runs.start(crm.database, admin, chosen, work.Work("update", {"probability": 77}), 10)
    return int(runs.read(crm.database, admin, id)["report"]["change_set"])


def test_a_large_change_is_undone_beside_the_requests_with_its_progress(
    client: Client, crm: Crm, admin: Principal, two_moved: int
) -> None:
    with runs._turn:  # another one holds it up
        answer = client.post(f"/changes/{two_moved}/undo")
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/bulk/")
        path = answer.headers["location"]
        assert "Taking back a change" in site.text(client.get(path).text)
    run = ended(crm, admin, int(path.rpartition("/")[2]))
    assert (run["state"], run["action"], run["report"]["changed"]) == ("done", "undo", 2)
    assert count(crm, admin, "deals", ("probability", 77)) == 0
    shown = client.get(path).text
    assert "2 records are as they were before." in site.text(shown)
    assert f'action="/changes/{run["report"]["change_set"]}/undo"' in shown  # and again


def test_a_quick_one_answers_as_any_other(client: Client, crm: Crm, admin: Principal, two_moved: int) -> None:
    answer = client.post(f"/changes/{two_moved}/undo", headers={"X-Fragment": "1"})
    assert "Change undone" in site.text(answer.text)
    redo = re.search(r'action="(/changes/\d+/undo)"', answer.text)
    assert redo
    assert "Change done again" in site.text(client.post(redo[1], headers={"X-Fragment": "1"}).text)
    assert count(crm, admin, "deals", ("probability", 77)) == 2


def test_what_stands_in_the_way_of_a_large_one_is_named(
    client: Client, filled: dict[str, Any], crm: Crm, admin: Principal, two_moved: int
) -> None:
    first = crm.get(admin, "deals", filled["deals"][0])
    Maker(crm, admin).change("deals", first.id, probability=12)
    answer = client.post(f"/changes/{two_moved}/undo", headers={"X-Fragment": "1"})
    assert answer.status_code == 409
    assert first.label in site.text(answer.text)
    assert count(crm, admin, "deals", ("probability", 77)) == 1


def test_an_undo_is_called_off_and_leaves_nothing(client: Client, crm: Crm, admin: Principal, two_moved: int) -> None:
    with runs._turn:
        path = client.post(f"/changes/{two_moved}/undo").headers["location"]
        client.post(f"{path}/cancel")
    assert ended(crm, admin, int(path.rpartition("/")[2]))["state"] == "canceled"
    assert count(crm, admin, "deals", ("probability", 77)) == 2


def test_a_bulk_change_is_called_by_what_it_changed(client: Client, crm: Crm, admin: Principal, make: Maker) -> None:
    ids = [make("deals", name=f"D{at}", stage="proposal" if at else "won") for at in range(3)]
    form = {"_action": "stage", "_ids": ",".join(map(str, ids)), "stage": "won"}
    client.post("/deals/bulk", form | {"_step": "apply", "_seal": "3"})
    with crm.database.read() as connection:
        newest = changes.listing(connection, admin, limit=1)[0]
    assert newest.title == "Stage of 2 deals"
