"""What a person sends tells them nothing of records that they may not see; and nothing comes of it.

The two workspaces of `hidden`, as in `test_visibility_matrix`; these are changed, so this module has its own.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog.testing

from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from tests.query.hidden import MARK, Two, Workspace, set_rule, shown


def _attempts(workspace: Workspace, who: str) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """(method, path, body, headers): everything that names a record of Olga's and could tell that it is there."""
    for name in RECORD_OBJECTS:
        spec = BUILT_IN[name]
        mine = workspace.own[who][name][0]
        for id in workspace.hers[name]:
            path = f"/api/v1/{name}/{id}"
            for headers in ({}, {"If-Match": '"1"'}, {"If-Match": '"999"'}):
                yield "PATCH", path, {spec.label_field: "x"}, headers
                yield "DELETE", path, None, headers
            yield "POST", f"{path}/restore", None, {}
            yield "POST", f"/{name}/{id}/edit", None, {}
            for action in ("update", "trash", "restore", "purge"):
                operation = {"action": action, "object": name, "id": id, "version": 1}
                yield "POST", "/api/v1/changes", {"operations": [operation], "propose": True}, {}
            merged = {"action": "merge", "object": name, "id": mine, "twins": [id]}
            yield "POST", "/api/v1/changes", {"operations": [merged], "propose": True}, {}
        for field in spec.fields:
            if field.type == "link" and field.target in workspace.hers:
                values = {field.name: workspace.hers[field.target][0]}
                mine_again = {field.name: workspace.own[who][field.target][0]}
                yield "PATCH", f"/api/v1/{name}/{mine}", mine_again, {"If-Match": '"1"'}
                expecting = _on(name, mine, mine_again) | {"expect": mine_again}
                yield "POST", "/api/v1/changes", {"operations": [expecting]}, {}
                yield "POST", "/api/v1/changes", {"operations": [_on(name, mine, values)], "propose": True}, {}
                yield "PATCH", f"/api/v1/{name}/{mine}", values, {}
                yield "PATCH", f"/api/v1/{name}/{mine}", values, {"If-Match": '"1"'}
                seen = _on(name, mine, {spec.label_field: "x"}) | {"expect": values}
                yield "POST", "/api/v1/changes", {"operations": [seen], "propose": True}, {}
                taken_off = {"action": "unlink", "object": name, "id": mine, "relation": field.name}
                off = taken_off | {"to": values[field.name]}
                yield "POST", "/api/v1/changes", {"operations": [off], "propose": True}, {}
                linked = {"action": "link", "object": name, "id": mine, "relation": field.name}
                to = {"to": workspace.hers[field.target][0]}
                yield "POST", "/api/v1/changes", {"operations": [linked | to], "propose": True}, {}
    for number in range(1, 60, 7):
        yield "GET", f"/api/v1/changes/{number}", None, {}


def _on(name: str, id: int, values: dict[str, Any]) -> dict[str, Any]:
    return {"action": "update", "object": name, "id": id, "values": values}


@pytest.mark.parametrize(("rule", "who"), [("team", "other"), ("owner", "mate")])
def test_no_attempt_to_change_them_tells_that_they_are_there(both: Two, rule: str, who: str) -> None:
    set_rule(both, rule)
    found: dict[str, Any] = {}
    with structlog.testing.capture_logs():
        for method, path, body, headers in _attempts(both[0], who):
            here, there = (
                workspace.client.request(method, path, json=body, headers=workspace.headers(who) | headers)
                for workspace in both
            )
            if shown(here) != shown(there) or MARK in here.text:
                found[f"{method} {path} {body} {headers}"] = here.status_code, here.text, there.text
    assert found == {}


def test_a_value_that_must_be_unique_is_refused_without_a_word_on_who_has_it(both: Two) -> None:
    set_rule(both, "owner")
    workspace = both[0]
    taken = {"name": "Twin", "email": f"{MARK}@example.com"}
    answer = workspace.client.post("/api/v1/people", json=taken, headers=workspace.headers("mate"))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "email"
    assert "existing" not in error
    assert "trash" not in answer.text
    assert MARK not in answer.text


def test_anothers_idempotency_key_and_cursor_open_nothing(both: Two) -> None:
    set_rule(both, "owner")
    key = {"Idempotency-Key": "one and the same"}
    for workspace in both:  # in both, so that they stay the same
        first, again = (
            workspace.client.post("/api/v1/companies", json={"name": "Told"}, headers=workspace.headers(who) | key)
            for who in ("olga", "mate")
        )
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] != again.json()["id"]
    page = both[0].get("olga", "/api/v1/companies?limit=1&sort=-id").json()
    following = both[0].get("mate", f"/api/v1/companies?limit=1000&sort=-id&cursor={page['next_cursor']}").json()
    seen = {item["id"] for item in both[0].get("mate", "/api/v1/companies?limit=1000").json()["items"]}
    assert {item["id"] for item in following["items"]} <= seen
