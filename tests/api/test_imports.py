"""Imports over REST: a job that is watched, called off, and survives its server."""

import time
from typing import Any

import pytest

from app.crm.schema import import_runs
from app.crm.transfer import engine, jobs
from app.shared.db import Database

CSV = b"account_id,account,employees\n1,Acme,12\n2,Betatech,many\n3,Codehow,7\n"
FORM = {"object": "companies", "map": "account=name", "match": "account_id"}


def start(client: Any, content: bytes = CSV, name: str = "accounts.csv", **fields: Any) -> Any:
    return client.post("/api/v1/imports", data=FORM | fields, files={"file": (name, content, "text/csv")})


def finished(client: Any, id: int) -> dict[str, Any]:
    for _ in range(400):
        body: dict[str, Any] = client.get(f"/api/v1/imports/{id}").json()
        if body["state"] not in ("queued", "running"):
            return body
        time.sleep(0.05)
    raise AssertionError(body)


def test_a_file_is_imported_and_the_run_can_be_read(client: Any) -> None:
    answer = start(client)
    made = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/imports/{made['id']}")
    assert made["state"] in ("queued", "running", "done")
    run = finished(client, made["id"])
    assert (run["state"], run["report"]["created"], run["report"]["failed"]) == ("done", 2, 1)
    assert run["report"]["errors"][0] == {"row": 3, "column": "employees", "value": "many", "problem": "is no number"}
    assert (run["object"], run["file_name"], run["options"]["match"]) == ("companies", "accounts.csv", "account_id")
    assert [item["name"] for item in client.get("/api/v1/companies?sort=name").json()["items"]] == ["Acme", "Codehow"]
    rows = client.get(run["errors_url"])
    assert (rows.headers["Content-Type"].partition(";")[0], b"2,Betatech,many,3," in rows.content) == ("text/csv", True)
    sets = client.get("/api/v1/changes").json()["items"]
    assert (sets[0]["id"], sets[0]["channel"], sets[0]["author"]) == (run["report"]["change_set"], "import", "Anna")
    assert client.get("/api/v1/imports").json()["total"] == 1


def test_a_dry_run_reports_and_writes_nothing(client: Any) -> None:
    run = finished(client, start(client, dry_run="true").json()["id"])
    assert (run["state"], run["report"]["created"], run["report"]["change_set"]) == ("done", 2, None)
    assert client.get("/api/v1/companies").json()["total"] == 0


def test_the_map_may_be_json(client: Any) -> None:
    run = finished(client, start(client, map='{"account": "name", "employees": "employees"}').json()["id"])
    assert run["report"]["created"] == 2


def test_an_upload_leaves_no_file_behind(client: Any, settings: Any) -> None:
    id = start(client, CSV.replace(b"many", b"5")).json()["id"]
    finished(client, id)
    jobs.wait(client.app.state.parts.database, id)
    assert list((settings.instance / "imports").iterdir()) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"object": "products"}, "object"),
        ({"object": "users"}, "object"),
        ({"map": "account"}, "map"),
        ({"map": "{"}, "map"),
        ({"create": "products"}, "create"),
        ({"date_order": "year-first"}, "date_order"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_at_once(quiet: Any, fields: dict[str, str], field: str) -> None:
    answer = start(quiet, **fields)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text


def test_a_form_without_a_file_is_refused(quiet: Any) -> None:
    answer = quiet.post("/api/v1/imports", files={"object": (None, "companies")})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")


@pytest.mark.parametrize(
    ("content", "fields", "words"),
    [(b"", {}, "empty"), (CSV, {"map": "acount=name"}, "no column 'acount'"), (CSV, {"match": "nothing"}, "nothing")],
)
def test_a_file_that_can_t_be_imported_ends_as_failed_with_the_reason(
    client: Any, content: bytes, fields: dict[str, str], words: str
) -> None:
    run = finished(client, start(client, content, **fields).json()["id"])
    assert (run["state"], words in run["report"]["error"]) == ("failed", True), run


def test_an_import_can_be_called_off(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = engine.planner.make

    def slow(*given: Any) -> Any:
        for _ in range(200):
            given[-1]("Checking rows", 1, 2)
            time.sleep(0.02)
        return plan(*given)

    monkeypatch.setattr(engine.planner, "make", slow)
    id = start(client).json()["id"]
    for _ in range(100):
        if client.get(f"/api/v1/imports/{id}").json()["progress"]["what"] == "Checking rows":
            break
        time.sleep(0.02)
    assert client.get(f"/api/v1/imports/{id}").json()["progress"] == {"what": "Checking rows", "done": 1, "total": 2}
    assert client.post(f"/api/v1/imports/{id}/cancel").status_code == 200
    assert finished(client, id)["state"] == "canceled"
    assert client.get("/api/v1/companies").json()["total"] == 0
    assert client.post(f"/api/v1/imports/{id}/cancel").status_code == 409


def test_a_run_that_a_stopped_server_left_behind_has_failed(client: Any, database: Database) -> None:
    id = start(client).json()["id"]
    finished(client, id)
    with database.write() as connection:
        options = connection.execute(import_runs.select()).one().options
        process = options["process"].split(":")
        process[1] = "999999999"
        lost = options | {"process": ":".join(process)}
        connection.execute(import_runs.update().values(state="running", report=None, options=lost))
    run = client.get(f"/api/v1/imports/{id}").json()
    assert (run["state"], "stopped" in run["report"]["error"]) == ("failed", True)


def test_a_member_sees_their_own_imports_alone(client: Any, database: Database, member: Any) -> None:
    from tests.conftest import bearer

    mine = {"Authorization": f"Bearer {bearer(database, member)}"}
    theirs = start(client).json()["id"]
    assert client.get(f"/api/v1/imports/{theirs}", headers=mine).status_code == 404
    assert client.get("/api/v1/imports", headers=mine).json()["total"] == 0
    finished(client, theirs)


def test_the_same_upload_with_the_same_key_is_imported_once(client: Any) -> None:
    def send() -> Any:
        files = {"file": ("accounts.csv", CSV, "text/csv")}
        return client.post("/api/v1/imports", data=FORM, files=files, headers={"Idempotency-Key": "one"})

    first, second = send(), send()
    assert first.json()["id"] == second.json()["id"]
    finished(client, first.json()["id"])
    assert client.get("/api/v1/imports").json()["total"] == 1
