"""The jobs tray without a browser: what it tells, of whom, and how a job is stopped. Jobs are given by stand-ins."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.shared.contract import Principal
from app.shared.jobs import Work
from app.shared.types import utc_now
from tests.pages import site
from tests.pages.site import Client

FRAGMENT = {"X-Fragment": "1"}


class Stand:
    """One job of one person."""

    def __init__(self, work: Work, owner: Principal) -> None:
        self.work, self.owner, self.stopped = work, owner, False

    def is_busy(self, principal: Principal) -> bool:
        return principal == self.owner

    def listing(self, principal: Principal) -> Sequence[Work]:
        return (self.work,) if principal == self.owner else ()

    def stop(self, principal: Principal, id: str) -> bool:
        self.stopped = principal == self.owner and id == self.work.id and self.work.is_active
        return self.stopped


@pytest.fixture
def stand(app: Flask, admin: Principal, monkeypatch: pytest.MonkeyPatch) -> Stand:
    started = utc_now() - timedelta(seconds=10)
    made = Stand(Work("import-7", "import", "a <b>.csv", "running", started, done=2_000, total=6_000), admin)
    monkeypatch.setitem(app.extensions, "parley.jobs", [made])
    return made


def test_a_job_is_told_with_how_far_how_fast_and_how_long(client: Client, stand: Stand) -> None:
    said = site.text(client.get("/jobs", headers=FRAGMENT).text)
    assert "Import: a <b>.csv" in said
    assert re.search(r"2,000 of 6,000 (1\d\d|200) a second, [23]\d seconds left", said)
    assert "data-jobs" in client.get("/companies").text


def test_bytes_are_told_as_such(client: Client, stand: Stand) -> None:
    stand.work = replace(stand.work, kind="pull", unit="bytes", done=1_500_000_000, total=4_000_000_000)
    said = site.text(client.get("/jobs", headers=FRAGMENT).text)
    assert re.search(r"1\.5 GB of 4 GB 1\d\d MB a second, [12]\d seconds left", said)


def test_how_it_ended_is_told_and_why(client: Client, stand: Stand) -> None:
    stand.work = replace(stand.work, state="failed", error="The file is gone.", finished_at=utc_now())
    said = site.text(client.get("/jobs", headers=FRAGMENT).text)
    assert "Failed The file is gone." in said
    assert "Stop" not in said


def test_a_job_is_stopped_by_whose_it_is(client: Client, stand: Stand, member: Principal) -> None:
    assert client.as_user(member).post("/jobs/import-7/stop").status_code == 404
    assert client.post("/jobs/import-8/stop").status_code == 404
    assert client.post("/jobs/import-7/stop", headers=FRAGMENT).status_code == 200
    assert stand.stopped


def test_pages_of_somebody_without_jobs_have_no_tray(client: Client, stand: Stand, member: Principal) -> None:
    theirs = client.as_user(member)
    assert "data-jobs" not in theirs.get("/companies").text
    assert "Nothing runs" in site.text(theirs.get("/jobs").text)


def test_admins_see_every_import_on_a_page(client: Client, stand: Stand) -> None:
    said = site.text(client.get("/settings/jobs").text)
    assert "Import: a <b>.csv" in said
    assert "Nobody has imported a file yet." in said


def test_what_has_ended_does_not_stand_under_running_now(client: Client, stand: Stand) -> None:
    stand.work = replace(stand.work, state="done", finished_at=utc_now())
    assert "Import: a <b>.csv" not in site.text(client.get("/settings/jobs").text)
    assert "Import: a <b>.csv" not in site.text(client.get("/jobs?active=1", headers=FRAGMENT).text)
    assert "Import: a <b>.csv" in site.text(client.get("/jobs", headers=FRAGMENT).text)
