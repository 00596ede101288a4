"""The command line itself: its list, its errors, the doctor, and commands beside a server."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from app import __version__, cli
from app.commands import common
from app.shared.config import ROOT
from app.shared.errors import FieldError, Invalid
from tests.processes import Server, environment


def invoke(*words: str, environ: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli.cli, words, env=environ)


def test_every_command_is_there_and_explains_itself() -> None:
    listed = invoke("--help").output
    for name in cli.COMMANDS:
        assert name in listed
        found = invoke(name, "--help")
        assert found.exit_code == 0, found.output
        assert "Usage:" in found.output


def test_the_list_of_commands_loads_none_of_them() -> None:
    program = "import sys; from app.cli import cli; cli(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "'app.commands" not in found.stdout
    assert "'sqlalchemy'" not in found.stdout


def test_the_version_is_told() -> None:
    assert __version__ in invoke("--version").output


def test_a_word_that_is_no_command_is_refused() -> None:
    assert invoke("frobnicate").exit_code == 2


def test_errors_are_a_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    @common.tells_errors
    def refuse() -> None:
        raise Invalid("Some of this can't be taken.", [FieldError("name", "It is missing.")])

    with pytest.raises(SystemExit) as left:
        refuse()
    assert left.value.code == 2
    assert capsys.readouterr().err == "Some of this can't be taken.\n  name: It is missing.\n"


@pytest.mark.parametrize("command", [("status",), ("stop",), ("doctor",)])
def test_a_wrong_setting_is_named(tmp_path: Path, command: Sequence[str]) -> None:
    found = invoke(*command, "--instance", str(tmp_path), environ={"PARLEY_ENV": "staging"})
    assert found.exit_code == 2
    assert "PARLEY_ENV" in found.output + found.stderr


# --- the doctor -------------------------------------------------------------------------------------------------------


def doctor(instance: Path, *words: str, **environ: str) -> tuple[int, dict[str, str]]:
    """The exit code, and the verdict for each thing that was looked at (the worst, where there are several)."""
    found = invoke("doctor", "--instance", str(instance), *words, environ={"PARLEY_OLLAMA_URL": "", **environ})
    verdicts: dict[str, str] = {}
    for line in found.output.splitlines()[:-1]:
        verdict, rest = line.split(maxsplit=1)
        what = rest.split(":")[0]
        verdicts[what] = max(verdict, verdicts.get(what, ""), key=["", "ok", "note", "fault"].index)
    return found.exit_code, verdicts


def test_the_doctor_finds_a_good_instance_well(tmp_path: Path) -> None:
    common.open_instance(tmp_path / "good")[1].close()
    code, verdicts = doctor(tmp_path / "good")
    assert code == 0
    assert {verdicts[name] for name in ("Python", "Packages", "Database", "Database pages", "Schema", "Secret")} == {
        "ok"
    }
    assert verdicts["Server"] == "note"


def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    assert doctor(tmp_path / "none")[0] == 0
    assert not (tmp_path / "none").exists()


def test_the_doctor_finds_a_readable_secret(tmp_path: Path) -> None:
    common.open_instance(tmp_path / "open")[1].close()
    (tmp_path / "open" / "secret").chmod(0o644)
    code, verdicts = doctor(tmp_path / "open")
    assert (code, verdicts["Secret"]) == (1, "fault")


def test_the_doctor_finds_a_broken_database(tmp_path: Path) -> None:
    common.open_instance(tmp_path / "broken")[1].close()
    for path in (tmp_path / "broken").glob("crm.db-*"):
        path.unlink()
    database = tmp_path / "broken" / "crm.db"
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 40] = os.urandom(4096 * 37)
    database.write_bytes(content)
    code, verdicts = doctor(tmp_path / "broken")
    assert code == 1
    assert "fault" in (verdicts.get("Database pages"), verdicts.get("Database"))


@pytest.mark.server
def test_commands_work_beside_a_server(server: Server) -> None:
    environ = environment(server.instance)

    def said(*words: str) -> str:
        command = [sys.executable, "-m", "app", *words]
        found = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert found.returncode == 0, found.stderr
        return found.stdout

    said("user", "add", "ben@example.com", "--name", "Ben", "--role", "member")
    token = said("token", "create", "--user", "ben@example.com", "--name", "test").splitlines()[-1]
    me = httpx.get(f"{server.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["email"] == "ben@example.com"
    assert server.url in said("doctor")
    assert json.loads(said("query", json.dumps({"object": "companies"})))["total"] == 0
