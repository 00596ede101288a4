"""A file is as hidden as what it hangs on, over every way."""

import pytest

from app.crm import customization
from app.shared.contract import Condition, Query, Related, Text
from tests.files.conftest import Desk

WORD = "zeppelin"


def _ways(desk: Desk, id: int, who: str) -> dict[str, bool]:
    """Whether somebody meets the file on each way to it."""
    principal = desk.people[who]
    content = desk.get(f"/files/{id}/content", who)
    return {
        "record": ("files", id) in desk.crm.get_many(principal, [("files", id)]),
        "page": desk.get(f"/files/{id}", who).status_code == 200,
        "rest": desk.get(f"/api/v1/files/{id}", who).status_code == 200,
        "list": bool(desk.crm.query(principal, Query(object="files")).total),  # type: ignore[union-attr]
        "text": bool(desk.crm.query(principal, Query(object="files", text=WORD)).total),  # type: ignore[union-attr]
        "search": bool(desk.crm.search(principal, WORD)),
        "label": id in [found for found, _ in desk.crm.labels(principal, "files")],
        "download": content.status_code == 200,
        "preview": desk.get(f"/files/{id}/preview", who).status_code == 200,
        "rest content": desk.get(f"/api/v1/files/{id}/content", who).status_code == 200,
        "change": desk.client.patch(f"/api/v1/files/{id}", json={}, headers=desk.headers(who)).status_code == 200,
    }


def _pdf() -> bytes:
    from tests.files.samples import pdf

    return pdf(WORD)


def test_a_file_at_a_private_note_is_its_authors_alone(desk: Desk) -> None:
    company = desk.make()("companies", name="Acme")
    note = desk.make()("notes", body="Between us", private=True, company=company)
    id = desk.add(f"{WORD}.pdf", _pdf(), note=note)
    assert all(_ways(desk, id, "mia").values())
    for who in ("otto", "anna"):
        assert not any(_ways(desk, id, who).values()), who
    assert desk.get(f"/files/{id}/content", "vera").status_code == 404


@pytest.mark.parametrize("rule", ["owner", "team"])
def test_a_file_at_a_record_that_others_may_not_see(desk: Desk, rule: str) -> None:
    with desk.database.write() as connection:
        customization.set_setting(connection, "visibility.deals", rule)
    deal = desk.make()("deals", name="Secret deal")
    id = desk.add(f"{WORD}.pdf", _pdf(), deal=deal)
    assert all(_ways(desk, id, "mia").values())
    assert all(_ways(desk, id, "anna").values())
    assert not any(_ways(desk, id, "otto").values())
    asked = Query(object="companies", where=Related(relation="files", where=Text(text=WORD)))
    assert not desk.crm.query(desk.people["otto"], asked).total  # type: ignore[union-attr]
    asked = Query(object="files", where=Condition(field="deal.name", value="Secret deal"))
    assert not desk.crm.query(desk.people["otto"], asked).total  # type: ignore[union-attr]


def test_it_is_seen_by_who_sees_everything_that_it_hangs_on(desk: Desk) -> None:
    with desk.database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")
    company, deal = desk.make()("companies", name="Acme"), desk.make()("deals", name="Secret deal")
    id = desk.add(f"{WORD}.pdf", _pdf(), company=company, deal=deal)
    assert not any(_ways(desk, id, "otto").values())
    assert desk.get(f"/api/v1/files?company={company}", "otto").json()["total"] == 0


def test_nothing_comes_to_light_when_what_it_hung_on_is_deleted_for_good(desk: Desk) -> None:
    """The file goes with it, for it would be everybody's then; also where it hangs on something else beside."""
    company = desk.make()("companies", name="Acme")
    note = desk.make("anna")("notes", body="Between us", private=True)
    id = desk.add(f"{WORD}.pdf", _pdf(), "anna", note=note, company=company)
    desk.change("anna", ("trash", "notes", note))
    assert not any(_ways(desk, id, "otto").values())
    desk.change("anna", ("purge", "notes", note))
    for who in ("mia", "otto", "anna"):
        assert not any(_ways(desk, id, who).values()), who
    desk.store.tidy()
    assert desk.on_disk() == []


def test_nobody_hangs_a_file_on_what_they_cannot_see(desk: Desk) -> None:
    note = desk.make()("notes", body="Between us", private=True)
    answer = desk.send("a.txt", b"x", "otto", note=note)
    assert answer.status_code == 422
    assert desk.on_disk() == []
    id = desk.add("a.txt", b"x", "otto")
    moved = desk.client.patch(f"/api/v1/files/{id}", json={"note": note}, headers=desk.headers("otto"))
    assert moved.status_code == 422
