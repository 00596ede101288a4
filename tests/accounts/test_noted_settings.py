"""Changes of settings stand in the audit log, with what they were before."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.crm.schema import security_events
from app.shared.contract import Principal
from app.shared.db import Database
from tests.accounts.browsing import Visitor


@pytest.fixture
def anna(stranger: TestClient, database: Database, admin: Principal) -> Visitor:
    return Visitor(stranger.app, database, admin.user_id)


def noted(database: Database) -> list[tuple[str, dict[str, object]]]:
    with database.read() as connection:
        rows = connection.execute(select(security_events).order_by(security_events.c.id))
        return [(row.kind, row.detail) for row in rows]


def test_the_workspace_is_noted_where_it_changes(anna: Visitor, database: Database) -> None:
    anna.post("/settings/workspace", name="Acme", currency="USD")
    anna.post("/settings/workspace", name="Acme", currency="EUR")
    anna.post("/settings/workspace", name="Acme", currency="EUR")
    assert noted(database)[-1] == ("setting.changed", {"setting": "currency", "from": "USD", "to": "EUR"})
    assert [detail["setting"] for _, detail in noted(database)] == ["workspace", "currency", "currency"]


def test_rates_are_noted(anna: Visitor, database: Database) -> None:
    fields = {"currency": "EUR", "day": "2026-11-01"}
    assert anna.post("/settings/currencies", action="add", rate="1.08", **fields).status_code == 303
    assert anna.post("/settings/currencies", action="delete", **fields).status_code == 303
    assert [(kind, detail["rate"]) for kind, detail in noted(database)] == [
        ("currency.rate", "1.08"), ("currency.rate", None),
    ]  # fmt: skip


def test_fields_are_noted(anna: Visitor, database: Database) -> None:
    answer = anna.client.post(
        "/api/v1/fields",
        json={"object": "deals", "label": "Channel", "type": "text"},
        headers={"Origin": "http://127.0.0.1:5050"},
    )
    assert answer.status_code == 201, answer.text
    assert noted(database)[-1][0] == "field.created"
