"""Fields, pipelines, stages and tags over REST: read by everybody, changed by admins."""

from typing import Any

from app.shared.contract import Principal
from app.shared.db import Database
from tests.changes.helpers import create
from tests.conftest import bearer


def test_a_field_lives_over_rest(client: Any, database: Database, admin: Principal) -> None:
    sent = {"object": "companies", "label": "Level", "type": "select", "options": ["Gold", "Silver"], "help": "By year"}
    made = client.post("/api/v1/fields", json=sent, headers={"Idempotency-Key": "k"})
    again = client.post("/api/v1/fields", json=sent, headers={"Idempotency-Key": "k"})
    assert (made.status_code, again.json()) == (201, made.json())
    path = f"/api/v1/fields/{made.json()['id']}"
    assert made.headers["Location"] == path
    assert (made.json()["name"], made.json()["help"], made.json()["retired"]) == ("level", "By year", False)
    options = [
        {"label": "Bronze"},
        {"key": "gold", "label": "Gold+", "position": 3},
        {"key": "silver", "retired": True},
    ]
    changed = client.patch(path, json={"label": "Rank", "required": True, "options": options})
    assert changed.status_code == 200, changed.text[:300]
    assert [(item["key"], item["label"], item["retired"]) for item in changed.json()["options"]] == [
        ("bronze", "Bronze", False), ("gold", "Gold+", False), ("silver", "Silver", True),
    ]  # fmt: skip
    create(database, admin, "companies", name="Acme", level="gold")
    assert client.patch(path, json={"retired": True}).json()["retired"] is True
    gone = client.get("/api/v1/companies?level=gold")
    assert (gone.status_code, "retired" in gone.json()["detail"]) == (422, True)
    assert "level" not in client.get("/openapi.json").json()["components"]["schemas"]["Company"]["properties"]
    assert client.patch(path, json={"retired": False}).status_code == 200
    assert client.get("/api/v1/companies?level=gold").json()["total"] == 1
    listed = client.get("/api/v1/fields?object=companies").json()
    assert (listed["total"], listed["items"][0]["label"]) == (1, "Rank")
    for bad in ({"colour": 1}, {"label": ""}, {"unique": True}, {"options": [{"key": "none", "label": "x"}]}):
        assert client.patch(path, json=bad).status_code in (404, 422), bad
    assert client.get("/api/v1/fields/999").status_code == 404
    assert client.get("/api/v1/fields?object=users").status_code == 422


def test_pipelines_and_stages_live_over_rest(client: Any, database: Database, admin: Principal) -> None:
    stages = [
        {"label": "Due", "probability": 40},
        {"label": "Renewed", "kind": "won"},
        {"label": "Gone", "kind": "lost"},
    ]
    made = client.post("/api/v1/pipelines", json={"name": "Renewals", "stages": stages}).json()
    assert [(item["label"], item["kind"], item["probability"]) for item in made["stages"]] == [
        ("Due", "open", 40), ("Renewed", "won", 100), ("Gone", "lost", 0),
    ]  # fmt: skip
    extra = client.post("/api/v1/stages", json={"label": "Late", "pipeline": made["id"]})
    assert (extra.status_code, extra.json()["key"]) == (201, "late")
    path = f"/api/v1/stages/{made['stages'][0]['id']}"
    assert client.patch(path, json={"label": "Open", "position": 2, "probability": None}).json()["probability"] is None
    deal = create(database, admin, "deals", name="D", pipeline=made["id"], stage="due")
    refused = client.patch(path, json={"retired": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "move_to")
    retired = client.patch(path, json={"retired": True, "move_to": extra.json()["id"]}).json()
    assert retired["retired"] is True
    assert client.get(f"/api/v1/deals/{deal.id}").json()["stage"] == "late"
    assert client.post(f"/api/v1/changes/{retired['change_set']}/undo").status_code == 200
    assert client.get(f"/api/v1/deals/{deal.id}").json()["stage"] == "due"
    assert client.patch(path, json={"retired": False}).json()["retired"] is False
    home = f"/api/v1/pipelines/{made['id']}"
    assert client.patch(home, json={"name": "Contracts", "position": 1}).json()["name"] == "Contracts"
    assert [item["name"] for item in client.get("/api/v1/pipelines").json()["items"]] == ["Contracts", "Sales"]
    assert client.patch(home, json={"retired": True, "move_to": 1}).json()["retired"] is True
    assert client.get(home).json()["retired"] is True


def test_tags_are_tidied_over_rest(client: Any, database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme", tags=["vip", "fair"])
    ids = {item["name"]: item["id"] for item in client.get("/api/v1/tags").json()["items"]}
    refused = client.patch(f"/api/v1/tags/{ids['fair']}", json={"name": "VIP"})
    assert (refused.status_code, refused.json()["errors"][0]["existing"]) == (422, ids["vip"])
    joined = client.patch(f"/api/v1/tags/{ids['fair']}", json={"name": "VIP", "merge": True}).json()
    assert (joined["id"], "change_set" in joined) == (ids["vip"], True)
    assert client.get(f"/api/v1/companies/{acme.id}").json()["tags"] == ["vip"]
    assert client.delete(f"/api/v1/tags/{ids['vip']}").status_code == 204
    assert client.get("/api/v1/tags").json()["items"] == []


def test_members_read_and_change_nothing(client: Any, database: Database, member: Principal) -> None:
    headers = {"Authorization": f"Bearer {bearer(database, member)}"}
    for path in ("fields", "pipelines", "tags"):
        assert client.get(f"/api/v1/{path}", headers=headers).status_code == 200
    refused = client.post("/api/v1/fields", json={"object": "deals", "label": "x"}, headers=headers)
    assert (refused.status_code, client.get("/api/v1/fields").json()["total"]) == (403, 0)
    assert client.patch("/api/v1/stages/1", json={"label": "x"}, headers=headers).status_code == 403
