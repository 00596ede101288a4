"""What a person sees when something is wrong."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app.crm.pages import reader
from app.shared.contract import Principal
from app.shared.errors import Unavailable
from tests.pages import site
from tests.pages.site import Client


def test_an_unknown_address_is_a_page_with_ways_on(client: Client) -> None:
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert {"/", "/search"} <= set(site.links(site.main(page.text)))
    assert site.text(page.text).count("There is no page at this address.") == 1
    assert "requested URL" not in page.text


def test_what_one_may_not_do_is_said(client: Client, viewer: Principal) -> None:
    page = client.as_user(viewer).get("/settings/workspace")
    assert page.status_code == 403
    assert "Only an admin can change these settings." in site.text(page.text)


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("private detail"), 500), (Unavailable("Too much at once."), 503)],
    ids=["unforeseen", "busy"],
)
def test_a_failure_is_a_page_that_tells_nothing_private(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_args: Any) -> None:
        raise error

    monkeypatch.setattr(reader.catalog, "load", fail)
    page = client.get("/deals")
    assert page.status_code == status
    assert "private detail" not in page.text
    assert "Try again" in site.text(page.text)
    assert "/deals?" in " ".join(site.links(page.text))


def test_a_database_that_is_gone_still_gets_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("disk gone"))

    monkeypatch.setattr("app.shared.db.Database.read", fail)
    page = client.get("/deals")
    assert page.status_code == 500
    assert "disk gone" not in page.text
    assert "Parley" in page.text


def test_a_stranger_gets_a_page_without_the_workspace_inside(client: Client) -> None:
    page = Client(client.app, None).get("/deals")  # type: ignore[arg-type]  # nobody
    assert page.status_code == 401
    assert "sidebar" not in page.text
