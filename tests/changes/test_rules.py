"""What the program fills in by itself."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.crm import customization
from app.crm.changes import preview, undo
from app.shared.contract import SYSTEM, ChangeSet, Operation, Principal
from app.shared.db import Database
from app.shared.errors import Invalid
from tests.changes.helpers import apply, create, row, update


def _today(principal: Principal) -> date:
    return datetime.now(ZoneInfo(principal.timezone)).date()


def test_a_new_deal_stands_at_the_beginning_of_the_default_pipeline(any_database: Database, admin: Principal) -> None:
    deal = row(any_database, create(any_database, admin, "deals", name="D"))
    assert (deal["pipeline_id"], deal["stage_id"], deal["probability"]) == (1, 1, 10)
    assert deal["stage_changed_at"] == deal["created_at"]
    assert deal["currency"] is None
    assert deal["owner_id"] == admin.user_id


@pytest.mark.parametrize(("words", "stage"), [("won", 5), ("Proposal", 3), ("OPEN", 1), ("lost", 6)])
def test_a_stage_is_found_by_key_label_or_kind(database: Database, admin: Principal, words: str, stage: int) -> None:
    assert row(database, create(database, admin, "deals", name="D", stage=words))["stage_id"] == stage


def test_an_unknown_stage_is_refused_with_the_known_ones(database: Database, admin: Principal) -> None:
    with pytest.raises(Invalid, match="Lead, Qualified, Proposal, Negotiation, Won, Lost"):
        create(database, admin, "deals", name="D", stage="Signed")


def test_a_stage_change_sets_probability_and_time_unless_given(database: Database, admin: Principal) -> None:
    ref = create(database, admin, "deals", name="D")
    before = row(database, ref)
    update(database, admin, ref, stage="proposal")
    after = row(database, ref)
    assert after["probability"] == 50
    assert after["stage_changed_at"] > before["stage_changed_at"]
    update(database, admin, ref, stage="negotiation", probability=60)
    assert row(database, ref)["probability"] == 60
    update(database, admin, ref, name="Renamed")
    assert row(database, ref)["probability"] == 60
    with pytest.raises(Invalid, match="0 to 100"):
        update(database, admin, ref, probability=101)


def test_closing_sets_today_where_no_close_date_is_known(database: Database, admin: Principal) -> None:
    far = replace(admin, timezone="Pacific/Kiritimati")
    deal = create(database, far, "deals", name="D")
    update(database, far, deal, stage="won")
    assert row(database, deal)["close_date"] == _today(far)
    known = create(database, admin, "deals", name="E", close_date="2024-05-01")
    update(database, admin, known, stage="lost")
    assert row(database, known)["close_date"] == date(2024, 5, 1)


@pytest.mark.parametrize("stage", ["won", "lost"])
def test_a_decided_deal_closes_no_later_than_today(database: Database, admin: Principal, stage: str) -> None:
    far = replace(admin, timezone="Pacific/Kiritimati")
    planned = (_today(far) + timedelta(days=40)).isoformat()
    deal = create(database, far, "deals", name="D", close_date=planned)
    stored = update(database, far, deal, stage=stage)
    assert row(database, deal)["close_date"] == _today(far)
    undo(database, far, stored.id)
    assert row(database, deal)["close_date"].isoformat() == planned


def test_a_close_date_that_is_given_with_the_stage_stays(database: Database, admin: Principal) -> None:
    planned = (_today(admin) + timedelta(days=40)).isoformat()
    deal = create(database, admin, "deals", name="D")
    update(database, admin, deal, stage="won", close_date=planned)
    assert row(database, deal)["close_date"].isoformat() == planned
    made = create(database, admin, "deals", name="E", stage="lost", close_date=planned)
    assert row(database, made)["close_date"].isoformat() == planned
    update(database, admin, made, stage="proposal")
    assert row(database, made)["close_date"].isoformat() == planned


def test_a_preview_shows_the_day_on_which_a_deal_closes(database: Database, admin: Principal) -> None:
    planned = (_today(admin) + timedelta(days=40)).isoformat()
    deal = create(database, admin, "deals", name="D", close_date=planned)
    operation = Operation(action="update", object="deals", id=deal.id, values={"stage": "lost"})
    with database.read() as connection:
        seen = preview(connection, admin, ChangeSet(operations=(operation,)))
    assert seen.lines[0].before["close_date"] == planned
    assert seen.lines[0].after["close_date"] == _today(admin).isoformat()


def test_an_import_invents_neither_close_date_nor_owner(database: Database, admin: Principal) -> None:
    deal = create(database, replace(admin, channel="import"), "deals", name="D", stage="won")
    assert row(database, deal)["close_date"] is None
    assert row(database, deal)["owner_id"] is None


def test_another_pipeline_begins_at_its_first_stage(database: Database, admin: Principal) -> None:
    with database.write() as connection:
        other = customization.create_pipeline(connection, "Partners", [("First call", "open"), ("Signed", "won")])
    deal = create(database, admin, "deals", name="D", stage="proposal")
    update(database, admin, deal, pipeline=other)
    changed = row(database, deal)
    assert changed["pipeline_id"] == other
    assert changed["stage_id"] > 6
    with pytest.raises(Invalid, match="First call, Signed"):
        update(database, admin, deal, stage="proposal")
    update(database, admin, deal, pipeline=None)
    assert row(database, deal)["stage_id"] == 1


def test_a_deal_always_stands_in_a_stage(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D", stage=None)
    with pytest.raises(Invalid, match="Stage is needed"):
        update(database, admin, deal, stage=None)


def test_a_done_task_knows_when(any_database: Database, admin: Principal) -> None:
    task = create(any_database, admin, "tasks", name="Call")
    assert row(any_database, task)["done"] is False
    update(any_database, admin, task, done=True)
    assert row(any_database, task)["done_at"] is not None
    update(any_database, admin, task, done=False)
    assert row(any_database, task)["done_at"] is None


def test_a_note_belongs_to_its_author_in_every_channel(database: Database, admin: Principal) -> None:
    note = create(database, replace(admin, channel="import"), "notes", body="Hello")
    assert row(database, note)["owner_id"] == admin.user_id
    assert row(database, note)["private"] is False


def test_only_its_author_can_make_a_note_private(database: Database, admin: Principal, member: Principal) -> None:
    note = create(database, member, "notes", body="Mine")
    with pytest.raises(Invalid, match="author"):
        update(database, admin, note, private=True)
    update(database, member, note, private=True)
    with pytest.raises(Invalid, match="author"):
        create(database, SYSTEM, "notes", body="Nobody's", private=True)


def test_an_owner_that_is_given_wins(database: Database, admin: Principal, member: Principal) -> None:
    assert row(database, create(database, admin, "companies", name="A", owner=member.user_id))["owner_id"] == (
        member.user_id
    )
    assert row(database, create(database, admin, "companies", name="B", owner=None))["owner_id"] is None


def test_odd_values_of_an_import_are_kept_as_written(database: Database, admin: Principal) -> None:
    values = {"name": "Acme", "phone": "call me", "website": "see brochure", "email": "none"}
    done = apply(database, admin, {"action": "create", "object": "companies", "values": values}, lenient=True)
    kept = row(database, done.records[0])
    assert (kept["phone"], kept["website"], kept["email"]) == ("call me", "see brochure", "none")
