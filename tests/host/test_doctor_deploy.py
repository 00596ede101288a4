"""`doctor --deploy`: a set-up that may be shown to others passes, and each fault in it fails with what to do."""

import os
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlalchemy.engine import make_url

from app import cli, doctor, doctor_deploy
from app.crm.accounts import events, passwords, tokens, users
from app.crm.accounts.demo import EMAIL
from app.crm.schema import security_events
from app.crm.schema import users as user_table
from app.doctor import Finding
from app.shared import instance
from app.shared.config import Settings, load
from app.shared.contract import SYSTEM
from app.shared.db import Database, SqliteState
from app.shared.types import utc_now

GOOD = {
    "PARLEY_ORIGINS": "https://crm.example.com",
    "PARLEY_TRUSTED_PROXIES": "127.0.0.1,::1",
    "PARLEY_OLLAMA_URL": "",
}


@pytest.fixture(autouse=True)
def _temporary_folders_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_deploy, "SHORT_LIVED", ("/nothing/",))


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """An instance as it should be: two admins with passwords, a backup of today, everything for its owner alone."""
    made = tmp_path / "instance"
    settings = load(GOOD, instance=made)
    instance.create(settings)
    made.chmod(0o700)
    shutil.copyfile(sqlite_template, made / "crm.db")
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "crm.db").write_bytes(b"x")
    hashed = passwords.hash_password("tulip river 42")
    with_database(made, lambda connection: [
        users.create(connection, name=name, email=f"{name}@example.com", role="admin", password_hash=hashed)
        for name in ("anna", "ben")
    ])  # fmt: skip
    return made


def with_database(folder: Path, work: Callable[..., object]) -> None:
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    try:
        with database.write() as connection:
            work(connection)
    finally:
        database.close()


def look(folder: Path, **environ: str) -> dict[str, list[Finding]]:
    """What the deployment's checks find, by what they looked at."""
    settings: Settings = load(GOOD | {"PARLEY_BACKUPS": str(folder.parent / "backups")} | environ, instance=folder)
    found: dict[str, list[Finding]] = {}
    for check in doctor_deploy.CHECKS:
        for finding in check(settings):
            found.setdefault(finding.what, []).append(finding)
    return found


def faults(folder: Path, **environ: str) -> dict[str, str]:
    """The faults, and what is said of them."""
    found = look(folder, **environ)
    return {what: item.why for what, items in found.items() for item in items if item.verdict == "fault"}


def test_a_good_set_up_has_no_fault(folder: Path) -> None:
    assert faults(folder) == {}
    assert {"Origins", "Cookies", "Trusted proxies", "Secret key", "File modes", "Backups", "Clock", "Tokens"} <= {
        what for what, items in look(folder).items() if {item.verdict for item in items} == {"ok"}
    }


@pytest.mark.parametrize(
    ("environ", "what", "advice"),
    [
        ({"PARLEY_ENV": "development"}, "Mode", "PARLEY_ENV=production"),
        ({"PARLEY_ORIGINS": ""}, "Origins", "PARLEY_ORIGINS"),
        ({"PARLEY_ORIGINS": "http://crm.example.com"}, "Origins", "in the clear"),
        ({"PARLEY_ORIGINS": "https://crm.example.com,http://127.0.0.1:5050"}, "Cookies", "https addresses alone"),
        ({"PARLEY_TRUSTED_PROXIES": ""}, "Trusted proxies", "PARLEY_TRUSTED_PROXIES"),
        ({"PARLEY_TRUSTED_PROXIES": "10.0.0.0/8"}, "Trusted proxies", "Name the proxies alone"),
        ({"PARLEY_SECRET_KEY": "a" * 40}, "Secret key", "openssl rand"),
        ({"PARLEY_SECRET_KEY": "change-me-please-0123456789-abcdefgh"}, "Secret key", "openssl rand"),
        ({"PARLEY_BACKUPS": ""}, "Backups", "PARLEY_BACKUPS"),
        ({"PARLEY_BACKUPS": "/nowhere/at/all"}, "Backups", "every day"),
    ],
)
def test_each_setting_that_is_wrong_is_a_fault_with_what_to_do(
    folder: Path, environ: dict[str, str], what: str, advice: str
) -> None:
    assert advice in faults(folder, **environ)[what]


def test_loopback_without_tls_is_no_fault_of_its_own(folder: Path) -> None:
    assert "Origins" not in faults(folder, PARLEY_ORIGINS="http://127.0.0.1:5050", PARLEY_TRUSTED_PROXIES="")


@pytest.mark.parametrize(("path", "mode", "advice"), [(".", 0o755, "chmod 700"), ("secret", 0o640, "chmod 600")])
def test_files_that_others_can_read_are_a_fault(folder: Path, path: str, mode: int, advice: str) -> None:
    (folder / path).chmod(mode)
    assert advice in faults(folder)["File modes"]


def test_a_database_elsewhere_is_looked_at_too(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "crm.db"
    shutil.copyfile(folder / "crm.db", other)
    other.chmod(0o644)
    assert str(other) in faults(folder, PARLEY_DATABASE_URL=f"sqlite:///{other}")["File modes"]


def test_an_old_backup_is_a_fault_and_an_empty_one_is_none(folder: Path) -> None:
    backup = folder.parent / "backups" / "crm.db"
    old = time.time() - 3 * 24 * 3600
    os.utime(backup, (old, old))
    assert "3 days old" in faults(folder)["Backups"]
    backup.write_bytes(b"")
    assert "no file" in faults(folder)["Backups"]
    assert "Backups" not in faults(folder, PARLEY_BACKUPS="elsewhere")


def test_a_release_of_sqlite_with_a_known_fault_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = SqliteState("3.40.1", "delete", "SQLite 3.40.1 has the WAL-reset fault.")
    monkeypatch.setattr(doctor_deploy, "sqlite_state", lambda module: state)
    assert "pysqlite3" in faults(folder)["SQLite release"]


def test_a_database_that_a_restart_takes_away_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_deploy, "SHORT_LIVED", (f"{folder}/",))
    assert "elsewhere" in faults(folder)["Database file"]


def test_too_little_room_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_deploy, "_free", lambda folder: 0.2)
    assert "Make room" in faults(folder)["Room to grow"]


def test_a_clock_behind_what_is_stored_is_a_fault(folder: Path) -> None:
    def later(connection: object) -> None:
        events.record(connection, "setting.changed", actor=SYSTEM)  # type: ignore[arg-type]
        connection.execute(update(security_events).values(at=utc_now() + timedelta(hours=2)))  # type: ignore[attr-defined]

    with_database(folder, later)
    assert "NTP" in faults(folder)["Clock"]


def test_an_open_set_up_is_a_fault(folder: Path) -> None:
    with_database(folder, lambda connection: connection.execute(update(user_table).values(password_hash=None)))
    assert "becomes the admin" in faults(folder)["Set-up"]


def test_admins_that_are_weak_are_faults(folder: Path) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("tulip river 42")
    anna = update(user_table).where(user_table.c.name == "anna")
    with_database(folder, lambda connection: connection.execute(anna.values(password_hash=old)))
    assert "old hash" in faults(folder)["Admins"]
    with_database(folder, lambda connection: connection.execute(anna.values(password_hash=None)))
    assert "no password" in faults(folder)["Admins"]
    with_database(folder, lambda connection: connection.execute(anna.values(active=False)))
    assert [(item.verdict, item.why[:9]) for item in look(folder)["Admins"]] == [("note", "one alone")]


def test_the_demo_user_is_a_fault(folder: Path) -> None:
    with_database(folder, lambda connection: users.create(connection, name="Demo", email=EMAIL, password_hash="x"))
    assert "deactivate it" in faults(folder)["Demo user"]


def test_a_token_without_an_end_is_a_fault(folder: Path) -> None:
    with_database(folder, lambda connection: tokens.create(connection, 1, "nightly job"))
    assert "nightly job" in faults(folder)["Tokens"]


def test_no_fault_tells_a_secret(folder: Path) -> None:
    with_database(folder, lambda connection: tokens.create(connection, 1, "nightly job"))
    said = str(look(folder, PARLEY_SECRET_KEY="b" * 40))
    assert "b" * 40 not in said
    assert (folder / "secret").read_text() not in said


def test_the_command_fails_with_a_fault_and_passes_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", ())
    environ = GOOD | {"PARLEY_BACKUPS": "elsewhere"}
    words = ("doctor", "--deploy", "--instance", str(folder))
    assert CliRunner().invoke(cli.cli, words, env=environ).exit_code == 0
    found = CliRunner().invoke(cli.cli, words, env=environ | {"PARLEY_ORIGINS": "http://crm.example.com"})
    assert found.exit_code == 1
    assert "fault  Origins: http://crm.example.com is not https" in found.output


def test_an_instance_that_does_not_exist_yet_is_not_made(tmp_path: Path) -> None:
    look(tmp_path / "new")
    assert not (tmp_path / "new").exists()
