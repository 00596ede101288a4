"""Saved views: a name for how a list is shown. The address stays the state, and a view gives no rights."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from app.crm import customfields, savedviews
from app.crm.schema import favourite_views, list_settings, saved_views
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Forbidden, Invalid, NotFound
from app.shared.types import utc_now
from tests.conftest import add_user
from tests.pages import site
from tests.pages.site import Client, Maker


def saved(client: Client, state: str, name: str = "Mine", object: str = "deals", **more: str) -> str:
    """Save a view by its form; gives the address of the list that it opens."""
    answer = client.post("/views", {"object": object, "name": name, "state": state, "layout": "table", **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def name_of(url: str) -> str:
    return site.params(url)["view"]


def shown_name(page: str) -> str:
    found = re.search(r'<summary class="button button-quiet" aria-label="View: ([^"]*)"', page)
    assert found, page[:200]
    return found[1]


def test_a_saved_view_opens_the_same_rows_by_a_short_address(client: Client, filled: dict[str, Any]) -> None:
    url = saved(client, "stage=won&sort=-amount&fields=name,amount", "Won, largest first")
    assert url == f"/deals?view={name_of(url)}"
    page = client.get(url).text
    assert site.rows(page) == site.rows(client.get("/deals?stage=won&sort=-amount&fields=name,amount").text)
    assert shown_name(page) == "Won, largest first"
    assert "Edited" not in site.text(page)


def test_what_the_address_gives_overrides_the_view_part_by_part(client: Client, filled: dict[str, Any]) -> None:
    url = saved(client, "stage=won&sort=-amount&fields=name,amount")
    page = client.get(f"{url}&sort=amount").text
    assert site.rows(page) == site.rows(client.get("/deals?stage=won&sort=amount&fields=name,amount").text)
    assert "Edited" in site.text(page)
    assert site.total(client.get(f"{url}&stage=lost&amount__gt=7000").text) == 1
    assert site.total(client.get(f"{url}&without=where").text) == 12
    assert site.total(client.get(f"{url}&where=").text) == 12


def test_every_link_of_a_list_keeps_its_view(client: Client, filled: dict[str, Any]) -> None:
    url = saved(client, "stage=won&amount__gt=1000&sort=-amount")
    view = name_of(url)
    page = client.get(url).text
    found = site.links(site.main(page))
    assert f"/deals?view={view}&sort=amount" in found
    assert f"/deals?view={view}&amount__gt=1000" in found
    without = client.get(f"/deals?view={view}&amount__gt=1000").text
    assert "Edited" in site.text(without)
    assert f"/deals?view={view}&without=where" in site.links(without)
    assert f"/deals?view={view}" in site.links(without), "Discard leads back"


def test_the_filter_s_editor_works_in_a_view(client: Client, filled: dict[str, Any]) -> None:
    view = name_of(saved(client, "stage=won&sort=-amount"))
    answer = client.get(f"/deals/filter?view={view}&_field=amount&_op=gte&_value=6000&_apply=1")
    assert site.params(answer.headers["location"]) == {"view": view, "stage": "won", "amount__gte": "6000"}
    assert site.total(client.get(answer.headers["location"]).text) == 1


def test_an_edited_view_is_saved_and_a_changed_one_can_be_saved_as_another(
    client: Client, filled: dict[str, Any]
) -> None:
    view = name_of(saved(client, "stage=won"))
    page = client.get(f"/deals?view={view}&stage=lost").text
    state = re.findall(r'name="state" value="([^"]*)"', page)[0]
    answer = client.post(f"/views/{view}", {"do": "save", "state": state, "layout": "table", "object": "deals"})
    assert answer.headers["location"] == f"/deals?view={view}"
    again = client.get(f"/deals?view={view}").text
    assert "Stage is Lost" in site.text(again)
    assert "Edited" not in site.text(again)
    other = saved(client, "stage=open", "Another")
    assert name_of(other) != view


def test_a_list_without_a_view_offers_to_save_what_was_changed(client: Client, filled: dict[str, Any]) -> None:
    assert "Save view" not in site.text(client.get("/deals").text)
    page = client.get("/deals?stage=won").text
    assert shown_name(page) == "All deals"
    assert "Save view" in site.text(page)


def test_a_bare_list_opens_with_the_default_view_and_all_is_one_step_away(
    client: Client, filled: dict[str, Any]
) -> None:
    view = name_of(saved(client, "stage=won"))
    client.post(f"/views/{view}", {"do": "default"})
    assert client.get("/deals").headers["location"] == f"/deals?view={view}"
    page = client.get(f"/deals?view={view}").text
    assert "/deals?view=all" in site.links(page)
    assert site.total(client.get("/deals?view=all").text) == 12
    assert client.get("/companies").status_code == 200
    client.post(f"/views/{view}", {"do": "no-default"})
    assert client.get("/deals").status_code == 200


def test_links_that_mean_all_records_do_not_open_the_default_view(client: Client, filled: dict[str, Any]) -> None:
    view = name_of(saved(client, "stage=won"))
    client.post(f"/views/{view}", {"do": "default"})
    page = client.get("/deals?stage=lost").text
    remove = [link for link in site.links(site.main(page)) if link == "/deals?view=all"]
    assert remove, "taking the last chip away shows all deals"


def test_favourites_stand_in_the_sidebar_of_every_page_in_the_order_that_was_chosen(
    client: Client, filled: dict[str, Any]
) -> None:
    views = [name_of(saved(client, f"stage={stage}", stage.title())) for stage in ("won", "lost", "lead")]
    for view in views:
        client.post(f"/views/{view}", {"do": "favour"})
    assert _favourites(client) == ["Won", "Lost", "Lead"]
    client.post(f"/views/{views[2]}", {"do": "up"})
    assert _favourites(client) == ["Won", "Lead", "Lost"]
    client.post(f"/views/{views[0]}", {"do": "unfavour"})
    assert _favourites(client) == ["Lead", "Lost"]


def _favourites(client: Client) -> list[str]:
    page = client.get("/companies").text
    body = re.search(r'<ul class="nav-views".*?</ul>', page, re.DOTALL)
    return re.findall(r'<a class="nav-link"[^>]*title="([^"]*)"', body[0]) if body else []


def test_a_view_is_renamed_duplicated_and_deleted(client: Client, filled: dict[str, Any]) -> None:
    view = name_of(saved(client, "stage=won", "Old"))
    client.post(f"/views/{view}", {"do": "rename", "name": "  New   name "})
    assert shown_name(client.get(f"/deals?view={view}").text) == "New name"
    copy = client.post(f"/views/{view}", {"do": "duplicate"}).headers["location"]
    assert shown_name(client.get(copy).text) == "Copy of New name"
    client.post(f"/views/{view}", {"do": "favour"})
    client.post(f"/views/{view}", {"do": "default"})
    assert client.post(f"/views/{view}/delete").headers["location"] == "/deals?view=all"
    page = client.get(f"/deals?view={view}&sort=name")
    assert "This view is gone" in site.text(page.text)
    assert site.total(page.text) == 12
    assert _favourites(client) == []
    assert client.get("/deals").status_code == 200


def test_a_deleted_view_is_taken_back_as_it_was(client: Client, member: Principal, filled: dict[str, Any]) -> None:
    view = name_of(saved(client, "stage=won", "Ours", shared="true"))
    ben = client.as_user(member)
    ben.post(f"/views/{view}", {"do": "favour"})
    gone = client.post(f"/views/{view}/delete", headers={"X-Fragment": "1"}).text
    assert "View deleted" in site.text(gone)
    assert f'action="/views/{view}/restore"' in gone
    assert ben.post(f"/views/{view}/restore").status_code == 403
    assert _favourites(ben) == []
    back = client.post(f"/views/{view}/restore")
    assert back.headers["location"] == f"/deals?view={view}"
    assert shown_name(client.get(f"/deals?view={view}").text) == "Ours"
    assert _favourites(ben) == ["Ours"], "in everybody's sidebar again"
    assert client.post(f"/views/{view}/restore").status_code == 404


def test_a_view_deleted_long_ago_goes_for_good(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    old, other = (name_of(saved(client, "stage=won", name)) for name in ("Old", "Other"))
    client.post(f"/views/{old}/delete")
    with make.crm.database.write() as connection:
        connection.execute(update(saved_views).values(deleted_at=utc_now() - timedelta(days=2)).where(
            saved_views.c.id == int(old)))  # fmt: skip
    client.post(f"/views/{other}/delete")
    assert client.post(f"/views/{old}/restore").status_code == 404
    assert client.post(f"/views/{other}/restore").status_code == 303


def test_a_view_of_a_board_opens_the_board(client: Client, filled: dict[str, Any]) -> None:
    url = saved(client, "owner=me&fields=name,amount", "My board", layout="board")
    assert url.startswith("/deals/board?view=")
    page = client.get(url).text
    assert shown_name(page) == "My board"
    assert "Edited" not in site.text(page)
    as_table = [link for link in site.links(page) if link == f"/deals?view={name_of(url)}"]
    assert as_table, "the table of the same view"
    assert "Edited" in site.text(client.get(as_table[0]).text)


def test_a_view_that_names_a_retired_field_opens_with_a_notice(
    client: Client, make: Maker, filled: dict[str, Any], admin: Principal
) -> None:
    with make.crm.database.write() as connection:
        field = customfields.create_field(connection, "deals", "Region", "text", actor=admin)
    url = saved(client, "region=North&stage=won&sort=-amount")
    with make.crm.database.write() as connection:
        customfields.retire(connection, field.custom_id or 0)
    page = client.get(url)
    assert page.status_code == 200
    assert "region" in site.text(page.text)
    assert site.total(page.text) == 2, "the rest of the view holds"


# --- whose ------------------------------------------------------------------------------------------------------------


def test_a_view_is_its_maker_s_until_it_is_shared(client: Client, member: Principal, filled: dict[str, Any]) -> None:
    view = name_of(saved(client, "stage=won", "Won deals"))
    ben = client.as_user(member)
    assert "Won deals" not in ben.get("/deals").text
    assert "This view is gone" in site.text(ben.get(f"/deals?view={view}").text)
    assert ben.post(f"/views/{view}", {"do": "favour"}).status_code == 404
    client.post(f"/views/{view}", {"do": "share"})
    assert "Won deals" in ben.get("/deals").text
    assert site.total(ben.get(f"/deals?view={view}").text) == 2
    assert ben.post(f"/views/{view}", {"do": "rename", "name": "Mine now"}).status_code == 403
    assert ben.post(f"/views/{view}/delete").status_code == 403
    copy = ben.post(f"/views/{view}", {"do": "duplicate"})
    assert copy.status_code == 303


def test_an_admin_changes_what_a_member_shares(client: Client, member: Principal, filled: dict[str, Any]) -> None:
    view = name_of(saved(client.as_user(member), "stage=won", "Ben's", shared="true"))
    assert client.post(f"/views/{view}", {"do": "rename", "name": "Everybody's"}).status_code == 303
    assert shown_name(client.as_user(member).get(f"/deals?view={view}").text) == "Everybody&#39;s"


def test_a_viewer_keeps_views_and_shares_none(client: Client, viewer: Principal, filled: dict[str, Any]) -> None:
    vera = client.as_user(viewer)
    view = name_of(saved(vera, "stage=won", "Vera's"))
    assert vera.post(f"/views/{view}", {"do": "share"}).status_code == 403
    refused = vera.post("/views", {"object": "deals", "name": "x", "state": "", "shared": "true"})
    assert refused.status_code == 403
    assert "Share with everybody" not in vera.get(f"/deals?view={view}").text


def test_taking_a_shared_view_back_takes_it_from_others_sidebars(
    client: Client, member: Principal, filled: dict[str, Any]
) -> None:
    view = name_of(saved(client, "stage=won", "Won deals", shared="true"))
    ben = client.as_user(member)
    ben.post(f"/views/{view}", {"do": "favour"})
    ben.post(f"/views/{view}", {"do": "default"})
    assert _favourites(ben) == ["Won deals"]
    client.post(f"/views/{view}", {"do": "unshare"})
    assert _favourites(ben) == []
    assert ben.get("/deals").status_code == 200


def test_a_view_shows_each_reader_what_they_may_see(client: Client, make: Maker, member: Principal) -> None:
    make("notes", body="For everybody")
    make("notes", body="Between us", private=True)
    view = name_of(saved(client, "sort=-created_at", "Notes", object="notes", shared="true"))
    assert site.total(client.get(f"/notes?view={view}").text) == 2
    assert site.total(client.as_user(member).get(f"/notes?view={view}").text) == 1


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"state": "q=" + "x" * 5000}, "too many filters"),
        ({"state": "limit=abc"}, "limit"),
        ({"layout": "cloud"}, "no such list"),
    ],
)
def test_what_is_no_view_is_refused_with_a_reason(
    client: Client, database: Database, sent: dict[str, str], reason: str
) -> None:
    answer = client.post("/views", {"object": "deals", "name": "One", "state": "", "layout": "table", **sent})
    assert answer.status_code == 422
    assert reason in site.text(answer.text)
    with database.read() as connection:
        assert connection.execute(select(saved_views.c.id)).all() == []


def test_an_unknown_step_and_an_unknown_view_are_refused(client: Client) -> None:
    assert client.post("/views/1", {"do": "save"}).status_code == 404
    assert client.post("/views", {"object": "users", "name": "x", "state": ""}).status_code == 422
    view = name_of(saved(client, "stage=won"))
    assert client.post(f"/views/{view}", {"do": "explode"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "view=999",
        "view=abc",
        "view=all&without=sort",
        "without=where,sort,nonsense",
        "view=1&view=2",
        "view=&sort=name",
    ],
)
def test_no_address_of_a_view_breaks_a_list(client: Client, filled: dict[str, Any], query: str) -> None:
    assert client.get(f"/deals?{query}").status_code == 200


# --- on both engines --------------------------------------------------------------------------------------------------


def test_views_are_kept_on_both_engines(
    any_database: Database, admin: Principal, member: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with any_database.write() as connection:
        id = savedviews.create(connection, admin, "deals", "Won", urlencode({"stage": "won"}), widths={"name": 320})
        view = savedviews.find(connection, admin, id)
        savedviews.favour(connection, admin, view, True)
        savedviews.settle(connection, admin, "deals", default_view_id=id)
        savedviews.resize(connection, admin, "deals", "", {"name": 9999, "amount": 1})
    with any_database.write() as connection:
        found = savedviews.find(connection, admin, id)
        assert (found.name, found.state, found.widths, found.place, found.is_default) == (
            "Won", "stage=won", {"name": 320}, 1, True,
        )  # fmt: skip
        assert savedviews.widths(connection, admin, "deals") == {"": {"name": 900, "amount": 64}}
        with pytest.raises(NotFound):
            savedviews.find(connection, member, id)
        savedviews.share(connection, admin, found, True)
        shared = savedviews.find(connection, member, id)
        assert (shared.place, shared.is_default) == (None, False)
        with pytest.raises(Forbidden):
            savedviews.remove(connection, member, shared)
        savedviews.remove(connection, admin, found)
        assert savedviews.restore(connection, admin, id).place == 1
        savedviews.remove(connection, admin, found)
        monkeypatch.setattr(savedviews, "TAKEN_BACK_WITHIN", timedelta(0))
        other = savedviews.create(connection, admin, "deals", "Other", "")
        savedviews.remove(connection, admin, savedviews.find(connection, admin, other))
        assert connection.execute(select(favourite_views)).all() == []
        assert connection.scalar(select(list_settings.c.default_view_id)) is None


def test_nobody_keeps_views_without_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(savedviews, "MOST_VIEWS", 2)
    who = add_user(database, "Ann", "member")
    with database.write() as connection:
        for name in ("a", "b"):
            savedviews.create(connection, who, "deals", name, "")
        with pytest.raises(Invalid, match="2 views"):
            savedviews.create(connection, who, "deals", "c", "")
