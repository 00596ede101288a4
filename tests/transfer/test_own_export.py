"""An export of one's own comes back as what it is: the same records, and no fields made of its own columns."""

from dataclasses import replace
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from app.crm.port import Crm
from app.crm.transfer import export, ownids
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from tests.changes.helpers import act, create
from tests.transfer.conftest import Import, Rows

EVERYTHING = "fields,owners,stages,companies,people"


@pytest.fixture
def companies(database: Database, admin: Principal) -> list[Any]:
    acme = create(database, admin, "companies", name="Acme", annual_revenue=1200.5, currency="EUR", employees=12)
    beta = create(database, admin, "companies", name="Beta", parent=acme.id, annual_revenue=7)
    create(database, admin, "deals", name="Pumps", company=beta.id, amount=31000, close_date="2025-03-01", tags=["a"])
    return [acme, beta]


def _export(database: Database, admin: Principal, object: str, **params: str) -> str:
    wanted, options = export.from_params(object, [("sort", "created_at"), *params.items()])
    target = BytesIO()
    with database.read() as connection:
        export.write(connection, admin, wanted, options, target)
    target.seek(0)
    return TextIOWrapper(target, "utf-8-sig", newline="").read()


@pytest.mark.parametrize("raw", ["false", "true"])
@pytest.mark.parametrize("object", ["companies", "deals"])
def test_an_export_changes_nothing_and_makes_no_fields(
    run: Import, database: Database, admin: Principal, companies: list[Any], object: str, raw: str
) -> None:
    text = _export(database, admin, object, raw=raw)
    report = run(object, text, create=EVERYTHING, principal=replace(admin, channel="import"))
    assert report.errors == []
    assert (report.created, report.updated, report.failed) == (0, 0, 0), report.as_json()
    assert report.made == {}
    assert report.match == "id"


def test_an_export_of_chosen_columns_has_its_currency_beside_the_amount(
    run: Import, rows: Rows, database: Database, admin: Principal, companies: list[Any]
) -> None:
    text = _export(database, admin, "companies", fields="name,annual_revenue,owner,parent")
    assert "Annual revenue currency" in text
    assert "Owner ID" in text
    report = run("companies", text.replace("1200.50", "1300"), create=EVERYTHING)
    assert (report.created, report.updated, report.made) == (0, 1, {})
    assert rows("companies", "annual_revenue")[0]["annual_revenue"].currency == "EUR"
    assert rows("companies", "annual_revenue")[0]["annual_revenue"].minor == 130_000


def test_a_renamed_record_is_found_by_its_id_and_a_row_without_one_is_new(
    run: Import, rows: Rows, companies: list[Any]
) -> None:
    report = run("companies", f"ID,Name\n{companies[0].id},Acme Ltd\n{companies[1].id},Beta\n,Gamma\n")
    assert (report.created, report.updated, report.unchanged) == (1, 1, 1)
    assert [row["name"] for row in rows("companies", "name")] == ["Acme Ltd", "Beta", "Gamma"]


def test_an_id_that_nothing_has_or_that_is_in_the_trash_is_an_error_of_its_row(
    run: Import, database: Database, admin: Principal, companies: list[Any]
) -> None:
    act(database, admin, "trash", companies[1])
    text = f"ID,Name\n{companies[0].id},Acme\n{companies[1].id},Beta\n999,Nobody\n"
    report = run("companies", text)
    assert [error.problem for error in report.errors] == [
        "is the ID of 'Beta', which is in the trash: restore it first",
        "is the id of no company here",
    ]


def test_ids_of_another_system_are_a_column_like_any_other(run: Import, rows: Rows, companies: list[Any]) -> None:
    report = run("companies", "ID,Name\n1,Quill\n2,Verdant\n3,Lumina\n", create="fields")
    assert (report.created, report.match) == (3, None)
    assert len(report.made["fields"]) == 1


def test_ids_count_for_nothing_where_something_else_is_asked_for(run: Import, rows: Rows, companies: list[Any]) -> None:
    text = f"ID,Name,Employees\n{companies[0].id},Acme,13\n{companies[1].id},Beta,7\n"
    assert run("companies", text, match="name", create="fields", dry_run=True).updated == 2
    by_content = run("companies", text, match="", create="fields", dry_run=True)
    assert (by_content.created, by_content.made) == (2, {})


def test_rows_that_would_make_a_second_record_of_a_name_are_counted(run: Import, companies: list[Any]) -> None:
    report = run("companies", "Name,City\nacme,Oslo\nBeta,Rome\nGamma,Bonn\n", dry_run=True)
    assert (report.created, report.twins, report.twin_field) == (3, 2, "name")
    assert "2 rows have the name of a record that exists" in " ".join(report.notes)
    assert run("companies", "Name,City\nacme,Oslo\n", match="name", dry_run=True).twins == 0


def test_a_sheet_is_known_by_one_row_of_it(crm: Crm, admin: Principal, companies: list[Any]) -> None:
    spec = crm.catalog()["companies"]
    with crm.database.read() as connection:
        asked = (connection, admin, spec, ["ID", "Name"])
        assert ownids.is_named_so(*asked, [str(companies[0].id), "Acme"])
        assert not ownids.is_named_so(*asked, [str(companies[0].id), "Quill"])
        assert not ownids.is_named_so(*asked, ["x", "Acme"])


def test_a_record_that_was_renamed_here_is_still_its_row_s(
    run: Import, rows: Rows, database: Database, admin: Principal, crm: Crm, companies: list[Any]
) -> None:
    text = _export(database, admin, "companies")
    change = Operation(action="update", object="companies", id=companies[0].id, values={"name": "Acme Ltd"})
    crm.apply(admin, ChangeSet(operations=(change,)))
    report = run("companies", text, create=EVERYTHING)
    assert (report.created, report.updated, report.made) == (0, 1, {})
    assert rows("companies", "name")[0]["name"] == "Acme"
