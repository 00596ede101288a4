"""Set-up: what is there is left alone, what is missing is brought, and what can't be had is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.setup import assets, browser, checks, environment
from app.setup.steps import SetupError, run, step
from app.shared.config import ROOT


def stamp(folder: Path, **kinds: str) -> None:
    (folder / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    (folder / ".venv" / "bin" / "python").touch()
    (folder / ".venv" / "parley-stamp.json").write_text(json.dumps({"root": str(folder), **kinds}))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with locks and nothing set up."""
    locks = {"run": tmp_path / "requirements.lock", "test": tmp_path / "requirements-test.lock"}
    for kind, path in locks.items():
        path.write_text(f"{kind}-package==1.0 --hash=sha256:00\n")
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python", "LOCKS": locks,
        "_STAMP": venv / "parley-stamp.json",
    }.items():  # fmt: skip
        monkeypatch.setattr(environment, name, value)
    return tmp_path


def test_an_environment_is_ready_while_its_lock_is_as_it_was(project: Path) -> None:
    assert not environment.is_ready("run")
    stamp(project, run=environment._hash(environment.LOCKS["run"]))
    assert environment.is_ready("run")
    assert not environment.is_ready("test")
    environment.LOCKS["run"].write_text("another-package==2.0\n")
    assert not environment.is_ready("run")


def test_what_the_tests_need_holds_what_serving_needs(project: Path) -> None:
    stamp(project, test=environment._hash(environment.LOCKS["test"]))
    assert environment.is_ready("test")
    assert environment.is_ready("run")


def test_an_environment_that_was_moved_is_made_anew(project: Path) -> None:
    stamp(project, run=environment._hash(environment.LOCKS["run"]))
    moved = json.loads((project / ".venv" / "parley-stamp.json").read_text()) | {"root": "/elsewhere"}
    (project / ".venv" / "parley-stamp.json").write_text(json.dumps(moved))
    assert not environment.is_ready("run")


def test_the_missing_part_of_python_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SetupError, match=r"sudo apt install python3\.\d+-venv"):
        environment.ensure("run")


def test_a_tool_that_fails_shows_its_last_lines(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('what went wrong'); raise SystemExit(1)"]
    with pytest.raises(SetupError) as failed:
        run(command, tmp_path / "log", "It didn't work.")
    assert str(failed.value).startswith("It didn't work.\n  what went wrong\n")
    assert str(tmp_path / "log") in str(failed.value)


def test_a_step_says_what_it_does_and_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with step("Doing it") as progress:
        progress.show("1 of 2")
    assert capsys.readouterr().out == "Doing it ...\n  done in 0 s\n"


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-test.lock", "requirements-node.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    named = {name: item for name, item in packages.items() if name}
    assert named
    assert all(item["integrity"].startswith("sha512-") and "resolved" not in item for item in named.values())


def test_the_assets_are_those_of_the_lock_with_every_icon_that_is_named() -> None:
    assert assets.is_ready("test")
    icons = {path.stem for path in (assets.VENDOR / "icons").glob("*.svg")}
    assert "house" in icons
    assert len(icons) < 400
    assert all((assets.VENDOR / name).stat().st_size > 1000 for name in assets.FILES)


def test_a_chromium_is_found_for_the_tests() -> None:
    found = browser.find()
    assert found is not None
    assert os.access(found, os.X_OK)


def copy_of_the_script(folder: Path) -> Path:
    shutil.copy(ROOT / "run.sh", folder / "run.sh")
    return folder / "run.sh"


def test_a_machine_without_a_suitable_python_is_told_so(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    script = copy_of_the_script(tmp_path)
    found = subprocess.run([script], env={"PATH": str(tools)}, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "Parley needs Python 3.11, 3.12, 3.13 or 3.14" in found.stderr


@pytest.mark.parametrize("word", ["stop", "status"])
def test_nothing_is_set_up_to_say_that_nothing_runs(tmp_path: Path, word: str) -> None:
    shutil.copytree(ROOT / "app" / "setup", tmp_path / "app" / "setup")
    (tmp_path / "app" / "__init__.py").touch()
    found = subprocess.run([copy_of_the_script(tmp_path), word], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, "Parley is not set up here, so it isn't running.\n")
    assert not (tmp_path / ".venv").exists()


def test_run_sh_hands_words_on_to_the_command_line() -> None:
    found = subprocess.run([ROOT / "run.sh", "query", "--help"], capture_output=True, text=True, check=False)
    if not environment.is_ready("run"):
        pytest.skip("NOT TESTED: this checkout was not set up by run.sh")
    assert found.returncode == 0
    assert "query" in found.stdout


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the checks: one that passes and one that fails."""
    for name, code in (("good", 0), ("bad", 1)):
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\nexit {code}\n")
        tool.chmod(0o755)
    monkeypatch.setattr(checks, "_BIN", tmp_path)


def test_every_check_is_run_and_told_in_plain_lines(
    tools: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "CHECKS", (("First", ("bad",)), ("Second", ("good",))))
    assert checks.run_all([]) == 1
    closing = capsys.readouterr().out.splitlines()[-3:]
    assert closing == ["failed  First (0 s)", "passed  Second (0 s)", "1 of 2 checks failed."]


def test_all_well_is_exit_code_0(
    tools: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "CHECKS", (("First", ("good",)),))
    assert checks.run_all([]) == 0
    assert capsys.readouterr().out.endswith("Everything passed.\n")


def test_the_checks_are_those_of_the_project() -> None:
    commands = [command[0] for _, command in checks.CHECKS]
    assert commands == ["ruff", "ruff", "mypy", "bandit", "lint-imports", "pytest", "pytest", "pytest", "pytest"]
    marked = [command[command.index("-m") + 1] for _, command in checks.CHECKS[5:]]
    assert marked == ["not server and not browser", "server and not browser", "browser", "browser"]
    assert checks.CHECKS[-2][1][-2:] == ("--ignore", "tests/chat")
    assert checks.CHECKS[-1][1][-1] == "tests/chat"
    assert "\n./run.sh test\n" in (ROOT / ".ci" / "run").read_text()
