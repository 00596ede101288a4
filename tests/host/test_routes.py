"""What the host answers where no route does, and how errors look in each half."""

import re
from typing import Any

import pytest

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/chat/nothing", "/chat/conversations/1/nothing", "/api/v1/nothing", "/api/nothing"])
def test_an_unknown_route_of_a_program_s_is_a_problem(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["status"] == 404
    assert answer.json()["instance"] == path


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/chat/ask"), ("PUT", "/chat/conversations/1"), ("PUT", "/api/v1/deals")]
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: Any, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["allow"]


def test_an_unknown_page_is_a_page(client: Any) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/chat/ask", "/chat/nothing", "/api/v1/deals", "/api/v1/nothing"])
def test_a_stranger_is_refused_before_any_route(stranger: Any, path: str) -> None:
    answer = stranger.post(path, json={})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM


def test_a_stranger_is_sent_from_a_page_to_sign_in(stranger: Any) -> None:
    answer = stranger.get("/deals")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_each_answer_has_an_id_of_its_own(client: Any) -> None:
    first, second = (client.get("/api/v1/me").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{16}", first)


@pytest.mark.parametrize("given", ["short", "with space in it", "x" * 65, "line\\nbreak-1"])
def test_an_id_that_is_not_sane_is_replaced(client: Any, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"] != given


def test_an_error_that_nobody_foresaw_is_logged_and_hides_its_cause(
    client: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.crm.query.run", _broken)
    for path in ("/api/v1/deals", "/deals"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "a secret of the program" not in answer.text


def _broken(*_args: Any, **_kwargs: Any) -> None:
    raise RuntimeError("a secret of the program")


def test_flask_sqlalchemy_shares_the_engine_whenever_it_is_asked_for(client: Any) -> None:
    from sqlalchemy import text

    from app.crm import orm

    assert client.get("/api/v1/deals").status_code == 200  # Flask serves already
    parts = client.app.state.parts
    flask = parts.guard._app
    with flask.app_context():
        shell = orm.of(flask)
        assert shell.engine is parts.database.engine
        assert shell.session.scalar(text("SELECT count(*) FROM users")) == 1
    assert orm.of(flask) is shell
    assert parts.database.engine.pool.checkedout() == 0
