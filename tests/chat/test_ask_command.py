"""`python -m app ask`: the same answers on the command line, beside a running server or without one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.shared.config import ROOT
from tests.processes import Server, environment


@pytest.fixture
def instance(tmp_path: Path, sqlite_template: Path) -> Path:
    shutil.copyfile(sqlite_template, tmp_path / "crm.db")
    return tmp_path


def ask(instance: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", "ask", *arguments],
        cwd=ROOT,
        env=environment(instance),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_a_server_the_question_is_answered_right_here(instance: Path) -> None:
    done = ask(instance, "How many companies are there?", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["mode"], answer["model"]) == ("exact", None)
    assert [figure["value"] for figure in answer["figures"]] == [0]
    assert answer["url"].startswith("/companies")
    plain = ask(instance, "how", "many", "companies", "are", "there")
    assert plain.returncode == 0
    assert answer["url"] in plain.stdout


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001])
def test_a_question_out_of_bounds_is_refused_in_a_sentence(instance: Path, question: str) -> None:
    done = ask(instance, question)
    assert done.returncode == 2
    assert "question" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_user_is_named(instance: Path) -> None:
    done = ask(instance, "How many deals?", "--user", "nobody@example.com")
    assert done.returncode == 2
    assert "There is no user nobody@example.com." in done.stderr


@pytest.mark.server
def test_beside_a_server_the_question_goes_through_it(server: Server) -> None:
    created = server.http.post("/api/v1/companies", json={"name": "Betatech"})
    assert created.status_code == 201, created.text
    done = ask(server.instance, "How many companies are there?", "--user", "anna@example.com")
    assert done.returncode == 0, done.stderr
    assert "1 company" in done.stdout
    assert f"{server.url}/companies" in done.stdout
    listed = server.http.get("/chat/conversations").json()
    assert listed["items"][0]["title"] == "How many companies are there?"
