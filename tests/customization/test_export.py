"""CSV export: all that the asking person may see, safe in a spreadsheet, and back again by an import."""

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import select

from app.crm import customization
from app.crm.schema import security_events
from app.crm.transfer import export, sheets
from app.shared.contract import Principal, Ref
from app.shared.db import Database
from tests.changes.helpers import act, create
from tests.conftest import bearer


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.text[:300]
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def test_a_file_has_every_row_of_the_query_in_its_order(client: Any, database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme", annual_revenue=1234.5, industry="steel, and more")
    for number in range(1, 8):
        create(database, admin, "deals", name=f"D{number}", company=acme.id, amount=number * 100, stage="won")
    act(database, admin, "trash", create(database, admin, "deals", name="Gone", company=acme.id))
    answer = client.get(
        "/export/deals.csv?fields=name,company,amount,stage&sort=-amount&amount__gte=200&limit=2&cursor=x"
    )
    found = rows(answer)
    assert found[0] == ["ID", "Name", "Company", "Company ID", "Amount", "Amount currency", "Stage"]
    assert [row[1] for row in found[1:]] == ["D7", "D6", "D5", "D4", "D3", "D2"]
    assert found[1][2:] == ["Acme", str(acme.id), "700.00", "USD", "Won"]
    assert answer.headers["content-disposition"].startswith('attachment; filename="deals-')
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("text/csv; charset=utf-8", "no-store")
    paths = rows(client.get("/export/deals.csv?fields=company.industry,company.annual_revenue,version&name=D1"))
    assert paths[0] == [
        "ID",
        "Company › Industry",
        "Company › Annual revenue",
        "Company › Annual revenue currency",
        "Version",
    ]
    assert paths[1][1:] == ["steel, and more", "1234.50", "USD", "1"]
    assert "Gone" in client.get("/export/deals.csv?trashed=true").text


def test_no_cell_begins_a_formula_and_numbers_stay_numbers(client: Any, database: Database, admin: Principal) -> None:
    with database.write() as connection:
        customization.create_field(connection, "companies", "=Danger", "number", name="danger")
    for start in ("=", "+", "-", "@", "＝"):
        create(database, admin, "companies", name=f"{start}cmd|' /C calc'!A0", danger=-5, tags=[f"{start}1"])
    create(database, admin, "companies", name="Plain", description="\t=1+1\n=2")
    found = rows(client.get("/export/companies.csv?fields=name,danger,tags,description&sort=created_at"))
    assert found[0][2] == "'=Danger"
    assert all(row[1].startswith("'") for row in found[1:6])
    assert all(row[2] == "-5" and row[3].startswith("'") for row in found[1:6])
    assert found[6][4].startswith("'\t")
    raw = rows(client.get("/export/companies.csv?fields=name,danger&raw=true&sort=created_at"))
    assert raw[0] == ["id", "name", "danger"]
    assert raw[1][1] == "=cmd|' /C calc'!A0"


def test_a_mark_says_that_it_is_utf_8_where_a_spreadsheet_reads_it(client: Any) -> None:
    for asked, marked in (("", True), ("?bom=false", False), ("?raw=true", False), ("?raw=true&bom=true", True)):
        assert client.get(f"/export/people.csv{asked}").content.startswith(b"\xef\xbb\xbf") == marked, asked


def test_nobody_exports_what_they_may_not_see(
    client: Any, database: Database, admin: Principal, member: Principal
) -> None:
    with database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")
    create(database, admin, "deals", name="Secret", owner=admin.user_id, amount=7)
    mine = create(database, admin, "deals", name="Mine", owner=member.user_id)
    create(database, admin, "notes", name="Private", body="psst", private=True)
    headers = {"Authorization": f"Bearer {bearer(database, member)}"}
    assert [row[0] for row in rows(client.get("/export/deals.csv", headers=headers))[1:]] == [str(mine.id)]
    assert rows(client.get("/export/notes.csv", headers=headers))[1:] == []
    assert client.get("/export/deals.csv", headers={"Authorization": ""}).status_code == 303
    with database.read() as connection:
        lines = connection.execute(select(security_events).where(security_events.c.kind == "export.made")).all()
    assert [(line.actor, line.detail["records"], line.detail["query"]) for line in lines] == [
        (member.name, 1, "/deals"), (member.name, 0, "/notes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "status", "named"),
    [
        ("deals.csv?nme=x", 422, "nme"),
        ("deals.csv?fields=nme", 422, "nme"),
        ("deals.csv?raw=maybe", 422, "raw"),
        ("deals.csv?group_by=stage", 422, "group_by"),
        ("users.csv", 404, "users"),
        ("nothing.csv", 404, "nothing"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_words(client: Any, address: str, status: int, named: str) -> None:
    answer = client.get(f"/export/{address}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert named in json.dumps(answer.json())


def test_a_raw_file_goes_back_by_an_import(client: Any, database: Database, admin: Principal) -> None:
    from tests.api.test_imports import finished, start

    values = {"employees": 5, "annual_revenue": 12.5, "currency": "EUR", "website": "https://acme.example"}
    values |= {"phone": "+44 20 7946 0000", "tags": ["vip", "a b"], "description": 'Two\nlines, "q"'}
    create(database, admin, "companies", name="=Acme", **values)
    create(database, admin, "companies", name="Betatech", parent=1, owner=admin.user_id)
    fields = "name,employees,annual_revenue,website,phone,tags,description,parent,owner"
    before = client.get(f"/export/companies.csv?raw=true&sort=created_at&fields={fields}").text
    for action in ("trash", "purge"):
        act(database, admin, action, Ref("companies", 2, ""), Ref("companies", 1, ""))
    run = finished(client, start(client, before.encode(), "back.csv", map="name=name", match="name").json()["id"])
    assert (run["report"]["created"], run["report"]["failed"]) == (2, 0), run["report"]["errors"]
    after = client.get(f"/export/companies.csv?raw=true&sort=created_at&fields={fields}").text
    strip = [[row[1:9] for row in csv.reader(io.StringIO(text, newline=""))] for text in (before, after)]
    assert strip[0] == strip[1]


def test_a_file_that_grows_too_large_or_that_nobody_waits_for_is_given_up(
    client: Any, database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(database, admin, "companies", name="Acme")
    create(database, admin, "companies", name="Betatech")
    wanted, options = export.from_params("companies", [])
    with database.read() as connection, pytest.raises(export.Stopped):
        export.write(connection, admin, wanted, options, io.BytesIO(), lambda: False)
    monkeypatch.setattr(export, "MOST_BYTES", 10)
    assert "larger than" in client.get("/export/companies.csv").text
    monkeypatch.setattr(export, "MOST_ROWS", 1)
    assert "more than 1 records" in client.get("/export/companies.csv").text


def test_plain_numbers_have_no_exponent() -> None:
    assert [sheets.raw(value) for value in (1e-7, 10**20, 0.1, -3, True, None, ("a", "b"))] == [
        "0.0000001", "100000000000000000000", "0.1", "-3", "true", "", "a;b",
    ]  # fmt: skip
