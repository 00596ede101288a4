"""A POST that is sent again is answered again, and done once."""

import threading
from datetime import timedelta
from typing import Any

from app.crm.schema import idempotency_keys
from app.shared.db import Database
from app.shared.errors import Unavailable
from app.shared.types import utc_now

PATH = "/api/v1/companies"


def post(client: Any, key: str, path: str = PATH, **rest: Any) -> Any:
    rest = rest or {"json": {"name": "Betatech"}}
    return client.post(path, headers={"Idempotency-Key": key}, **rest)


def test_the_same_request_is_answered_the_same_and_done_once(client: Any) -> None:
    first, second = post(client, "k1"), post(client, "k1")
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotency-Replayed"] == "true"
    for name in ("Location", "ETag", "Content-Type"):
        assert first.headers[name] == second.headers[name]
    assert client.get(PATH).json()["total"] == 1


def test_a_key_of_another_request_is_a_conflict(client: Any) -> None:
    post(client, "k1")
    assert post(client, "k1", json={"name": "Other"}).status_code == 409
    assert post(client, "k1", path="/api/v1/people").status_code == 409
    assert client.get(PATH).json()["total"] == 1


def test_a_change_and_a_deletion_that_are_sent_again_are_done_once(client: Any) -> None:
    path = f"{PATH}/{post(client, 'k1').json()['id']}"
    changed = [client.patch(path, json={"city": "Bonn"}, headers={"Idempotency-Key": "k2"}) for _ in range(2)]
    assert [answer.json()["version"] for answer in changed] == [2, 2]
    assert changed[1].headers["Idempotency-Replayed"] == "true"
    assert client.patch(path, json={"city": "Kiel"}, headers={"Idempotency-Key": "k2"}).status_code == 409
    gone = [client.delete(path, headers={"Idempotency-Key": "k3"}) for _ in range(2)]
    assert [answer.status_code for answer in gone] == [204, 204]


def test_a_key_counts_for_its_own_credential(client: Any, database: Database, member: Any) -> None:
    from tests.conftest import bearer

    post(client, "k1")
    other = {"Authorization": f"Bearer {bearer(database, member)}", "Idempotency-Key": "k1"}
    assert client.post(PATH, json={"name": "Betatech"}, headers=other).status_code == 201
    assert client.get(PATH).json()["total"] == 2


def test_a_request_that_failed_frees_its_key(client: Any, database: Database) -> None:
    assert post(client, "k1", json={"name": ""}).status_code == 422
    assert post(client, "k1").status_code == 201


def test_a_key_whose_first_request_still_runs_is_a_conflict(client: Any, database: Database) -> None:
    post(client, "k1")
    with database.write() as connection:
        connection.execute(idempotency_keys.update().values(status=None, body=None))
    answer = post(client, "k1")
    assert (answer.status_code, "no answer yet" in answer.json()["detail"]) == (409, True)


def test_of_many_at_once_one_is_done(any_database: Database, client: Any) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(post(client, "k1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert client.get(PATH).json()["total"] == 1


def test_of_many_at_once_with_different_bodies_one_is_done(any_database: Database, client: Any) -> None:
    answers: list[Any] = []
    bodies = [{"name": f"Betatech {number}"} for number in range(6)]
    threads = [threading.Thread(target=lambda b=body: answers.append(post(client, "k1", json=b))) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert client.get(PATH).json()["total"] == 1


def test_an_answer_outlives_its_server(any_database: Database, client: Any, settings: Any) -> None:
    from starlette.testclient import TestClient

    from app.host import build

    first = post(client, "k1")
    with TestClient(build(settings), base_url="http://127.0.0.1:5050", headers=dict(client.headers)) as next_server:
        again = post(next_server, "k1")
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["Idempotency-Replayed"] == "true"
        assert post(next_server, "k1", json={"name": "Other"}).status_code == 409
    assert client.get(PATH).json()["total"] == 1


def test_what_was_written_is_not_done_again_when_its_answer_was_lost(
    any_database: Database, client: Any, monkeypatch: Any
) -> None:
    """The change stands, then the answer fails: the key stays taken, and says where to look."""
    from app.crm.api import records

    def fail(*_: Any) -> Any:
        raise Unavailable("The database has gone away.")

    with monkeypatch.context() as broken:
        broken.setattr(records, "_get", fail)
        assert post(client, "k1").status_code == 503
    again = post(client, "k1")
    assert (again.status_code, "was done, as change set 1" in again.json()["detail"]) == (409, True)
    assert client.get(PATH).json()["total"] == 1
    assert client.get("/api/v1/changes/1").json()["records"][0]["label"] == "Betatech"


def _cut_off(database: Database, minutes: int) -> None:
    """As a server leaves a key that is killed before it has written anything."""
    with database.write() as connection:
        connection.execute(
            idempotency_keys.update().values(status=None, body=None, created_at=utc_now() - timedelta(minutes=minutes))
        )


def test_a_key_that_was_cut_off_is_free_after_a_while(any_database: Database, client: Any) -> None:
    assert post(client, "k1").status_code == 201
    _cut_off(any_database, 9)
    assert post(client, "k1").status_code == 409
    _cut_off(any_database, 11)
    assert post(client, "k1").status_code == 201
    assert client.get(PATH).json()["total"] == 2


def test_who_comes_back_after_that_writes_nothing(any_database: Database, client: Any, monkeypatch: Any) -> None:
    """A request that slept longer than its key was kept for it: another one has the key by now, and alone may write."""
    from app.crm.port import Crm

    apply, slept = Crm.apply, []

    def sleepy(self: Crm, *given: Any) -> Any:
        if not slept:
            slept.append(True)
            _cut_off(any_database, 11)
            assert post(client, "k1").status_code == 201
        return apply(self, *given)

    monkeypatch.setattr(Crm, "apply", sleepy)
    late = post(client, "k1")
    assert (late.status_code, "taken its place" in late.json()["detail"]) == (409, True)
    assert client.get(PATH).json()["total"] == 1
    assert post(client, "k1").headers["Idempotency-Replayed"] == "true"


def test_old_keys_are_forgotten(client: Any, database: Database) -> None:
    post(client, "k1")
    with database.write() as connection:
        connection.execute(idempotency_keys.update().values(created_at=utc_now() - timedelta(hours=25)))
    assert "Idempotency-Replayed" not in post(client, "k1").headers
    assert client.get(PATH).json()["total"] == 2


def test_every_post_honours_it(client: Any) -> None:
    company = post(client, "c").json()["id"]
    operation = {"action": "update", "object": "companies", "id": company, "values": {"city": "Ulm"}}
    made = post(client, "s", "/api/v1/changes", json={"operations": [operation]}).json()["id"]
    assert post(client, "s", "/api/v1/changes", json={"operations": [operation]}).json()["id"] == made
    for key, path, body in (
        ("q", "/api/v1/query", {"object": "companies"}),
        ("u", f"/api/v1/changes/{made}/undo", {}),
        ("r", f"{PATH}/{company}/restore", {}),
    ):
        first = post(client, key, path, json=body)
        assert first.status_code == 200, first.text
        again = post(client, key, path, json=body)
        assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (200, "true"), path
        assert again.json() == first.json()


def test_a_key_that_can_t_be_one_is_refused(client: Any) -> None:
    assert post(client, "x" * 256).status_code == 400
    assert post(client, " ").status_code in (400, 201)
