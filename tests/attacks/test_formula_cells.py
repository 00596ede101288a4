"""Cells that a spreadsheet would run: in exports of every object, and in the file of rows that were not imported."""

import csv
import io
from typing import Any

import pytest

from app.crm.objects import BUILT_IN, TYPED_OBJECTS
from tests.attacks.office import Office
from tests.attacks.test_bodies import upload

STARTS = ("=", "+", "-", "@", "\t=", "＝", "＋", "－", "＠")
FORMULAS = tuple(f"{start}HYPERLINK(A1,cmd|' /C calc'!A0)" for start in STARTS)
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("object", TYPED_OBJECTS)
def test_no_cell_of_an_export_is_a_formula_in_any_text_field(office: Office, object: str) -> None:
    headers = office.as_token("ben")
    texts = [
        field.name for field in BUILT_IN[object].fields if field.type in ("text", "long_text") and not field.read_only
    ]
    fixed: dict[str, Any] = {"activities": {"kind": "call", "date": "2024-11-05"}}.get(object, {})
    for formula in FORMULAS:
        values = {name: formula for name in texts if name not in ("currency", "timezone")} | fixed
        answer = office.client.post(f"/api/v1/{object}", json=values, headers=headers)
        assert answer.status_code == 201, answer.text
    found = office.client.get(f"/export/{object}.csv", headers=headers)
    assert found.status_code == 200
    assert found.headers["content-disposition"].startswith("attachment")
    cells = [cell for row in table(found.text) for cell in row]
    assert [cell for cell in cells if cell[:1] in RISKY and not cell.lstrip("+-").replace(".", "").isdigit()] == []
    assert sum("HYPERLINK" in cell for cell in cells) >= len(FORMULAS)


@pytest.mark.parametrize(
    "name", ["..%2f..%2fcrm.db", "../companies", "users", "tokens", "companies.csv%00", "Companies"]
)
def test_an_export_has_no_other_name_than_an_objects(office: Office, name: str) -> None:
    answer = office.client.get(f"/export/{name}.csv", headers=office.as_token("anna"))
    assert answer.status_code in (400, 404)
    assert b"SQLite format" not in answer.content


def test_rows_that_were_not_imported_come_back_as_text_and_mended_go_in_as_they_were(office: Office) -> None:
    lines = [["name", "=head()", "employees"], *([formula, f"x{formula}", "many"] for formula in FORMULAS)]
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    body = upload(office, "rows.csv", file.getvalue().encode(), map=["employees=employees", "=head()=industry"])
    assert body["state"] == "done", body
    errors = office.client.get(f"/api/v1/imports/{body['id']}/errors", headers=office.as_token("ben"))
    assert errors.status_code == 200
    rows = table(errors.text)
    assert len(rows) == len(lines)
    assert [cell for row in rows for cell in row if cell[:1] in RISKY] == []
    mended = errors.text.replace("many", "7")
    again = upload(office, "rows.csv", mended.encode(), map=["employees=employees", "=head()=industry"])
    assert again["report"]["created"] == len(FORMULAS), again
    found = office.client.get("/api/v1/companies?employees=7&limit=50", headers=office.as_token("ben")).json()["items"]
    assert {item["name"] for item in found} == {formula.strip() for formula in FORMULAS}
