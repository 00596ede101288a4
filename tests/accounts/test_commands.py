"""`user` and `token`, on a new instance and beside its records, in this process."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.crm.accounts import passwords, users
from app.crm.accounts.resolver import Resolver
from app.shared import instance
from app.shared.config import load
from app.shared.db import Database
from app.shared.identity import Credentials

ANNA = ("user", "add", "anna@acme.example", "--role", "admin", "--name", "Anna", "--password-stdin")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new"


def run(folder: Path, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, [*arguments, "--instance", str(folder)], input=stdin)


def opened(folder: Path) -> Database:
    return Database(load({}, instance=folder).database)


def test_a_user_is_added_before_the_first_start(folder: Path) -> None:
    assert run(folder, *ANNA, stdin="tulip river 42\n").exit_code == 0
    database = opened(folder)
    with database.read() as connection:
        user = users.by_email(connection, "anna@acme.example")
    database.close()
    assert user is not None
    assert (user.name, user.role) == ("Anna", "admin")
    assert passwords.verify(user.password_hash, "tulip river 42")


def test_without_a_password_a_link_is_printed(folder: Path) -> None:
    result = run(folder, "user", "add", "ben@acme.example", "--team", "North")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("/invitation/")


@pytest.mark.parametrize(
    ("arguments", "stdin", "sentence"),
    [(ANNA, "short\n", "at least 10 characters"), (("user", "add", "anna"), "", "name@example.com"),
     (("token", "create", "--user", "x@y.example", "--name", "ci"), "", "no active user x@y.example")],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(
    folder: Path, arguments: tuple[str, ...], stdin: str, sentence: str
) -> None:
    result = run(folder, *arguments, stdin=stdin)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_a_user_is_not_added_twice(folder: Path) -> None:
    run(folder, *ANNA, stdin="tulip river 42\n")
    assert run(folder, *ANNA, stdin="stone harbour 7\n").exit_code == 2
    listed = run(folder, "user", "list").stdout
    assert listed.count("anna@acme.example") == 1
    assert "active" in listed


@pytest.mark.parametrize(("arguments", "can_write"), [((), True), (("--scope", "read"), False)])
def test_a_token_stands_alone_on_the_last_line_and_works(
    folder: Path, arguments: tuple[str, ...], can_write: bool
) -> None:
    run(folder, *ANNA, stdin="tulip river 42\n")
    result = run(folder, "token", "create", "--user", "Anna@acme.example", "--name", "ci", *arguments)
    token = result.stdout.splitlines()[-1]
    settings, database = load({}, instance=folder), opened(folder)
    instance.create(settings)
    found = Resolver(database, settings)(Credentials(bearer=token))
    assert found is not None
    assert (found.email, found.can_write) == ("anna@acme.example", can_write)
    database.close()
