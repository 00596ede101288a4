"""The doctor's checks. Each looks at one thing, changes nothing, and tells it in a line."""

import asyncio
import importlib.util
import os
import platform
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app import migrations, readiness, runtime
from app.crm.files.store import held
from app.shared.assets import FOLDER
from app.shared.config import Settings
from app.shared.db import Database, sqlite_module, sqlite_state

Verdict = Literal["ok", "note", "fault"]
GIGABYTE = 1024**3
LEAST_SPACE = 0.5  # GB


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. A fault keeps Parley from working as it should; a note is good to know."""

    verdict: Verdict
    what: str
    why: str


Check = Callable[[Settings], Iterator[Finding]]


def python(_settings: Settings) -> Iterator[Finding]:
    good = (3, 11) <= sys.version_info[:2] <= (3, 14)
    yield Finding("ok" if good else "fault", "Python", f"{platform.python_version()} ({sys.executable})")


def packages(_settings: Settings) -> Iterator[Finding]:
    wanted = ("fastapi", "uvicorn", "a2wsgi", "flask", "flask_sqlalchemy", "sqlalchemy", "alembic", "pydantic")
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        yield Finding("fault", "Packages", f"{', '.join(missing)} missing: ./run.sh installs what the lock names.")
    else:
        yield Finding("ok", "Packages", "those of the host are installed.")
    engines = {"qdrant_edge": "the embedded vector engine", "onnxruntime": "the embedding model's runtime"}
    for name, title in engines.items():
        if importlib.util.find_spec(name) is None:
            yield Finding("note", "Packages", f"{title} isn't there on this platform: search is by full text alone.")


def assets(_settings: Settings) -> Iterator[Finding]:
    found = (FOLDER / "vendor" / "Sortable.min.js").exists() and any((FOLDER / "vendor" / "icons").glob("*.svg"))
    why = "in place." if found else "missing: ./run.sh brings them. Pages work without scripts meanwhile."
    yield Finding("ok" if found else "fault", "Front-end assets", why)


def sqlite(settings: Settings) -> Iterator[Finding]:
    if settings.database.get_backend_name() != "sqlite":
        return
    state = sqlite_state(sqlite_module())
    why = state.degraded or f"{state.version}, journal mode {state.journal}."
    yield Finding("note" if state.degraded else "ok", "SQLite", why)


def folder(settings: Settings) -> Iterator[Finding]:
    path = settings.instance
    if not path.exists():
        yield Finding("note", "Instance", f"{path} doesn't exist yet; the first start makes it.")
        return
    if not os.access(path, os.W_OK | os.X_OK):
        yield Finding("fault", "Instance", f"{path} can't be written by this user.")
        return
    yield Finding("ok", "Instance", str(path))
    yield from _private(path / "secret", "Secret")
    yield from _private(path / "crm.db", "Database file")
    status = os.statvfs(path)
    free = status.f_bavail * status.f_frsize / GIGABYTE
    yield Finding("ok" if free > LEAST_SPACE else "fault", "Disk", f"{free:.1f} GB free.")


def _private(path: Path, title: str) -> Iterator[Finding]:
    if not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if path.name == "secret" and mode & 0o077:
        yield Finding("fault", title, f"{path} is readable by others (mode {mode:o}): chmod 600 {path}")
    elif path.name == "secret":
        yield Finding("ok", title, "for its owner's eyes alone.")


def database(settings: Settings) -> Iterator[Finding]:
    shown = settings.database.render_as_string(hide_password=True)
    if settings.database.get_backend_name() == "sqlite" and not Path(settings.database.database or "").exists():
        yield Finding("note", "Database", f"{shown} doesn't exist yet; the first start makes it.")
        return
    try:
        with closing(Database(settings.database)) as found, found.read() as connection:
            revision = migrations.current(connection)
            kept = held(connection) if revision == migrations.head() else None
            whole = _is_whole(connection) if found.is_sqlite else None
    except Exception as error:
        yield Finding("fault", "Database", f"{shown} can't be read: {str(error).splitlines()[0]}")
        return
    yield Finding("ok", "Database", shown)
    if whole is not None:
        yield Finding("ok" if whole == "ok" else "fault", "Database pages", "whole." if whole == "ok" else whole)
    yield from _files(settings.instance / "files", kept)
    newest = migrations.head()
    why = (
        f"revision {revision}." if revision == newest else f"revision {revision}; the next start brings it to {newest}."
    )
    yield Finding("ok" if revision == newest else "note", "Schema", why)


def _files(folder: Path, kept: tuple[int, int] | None) -> Iterator[Finding]:
    """The bytes of attached files, beside what the database knows of."""
    if kept is None or not (kept[0] or folder.exists()):
        return
    there = sum(1 for path in folder.glob("??/*") if path.is_file())
    size = f"{kept[1] / 1024**2:.1f} MB in {kept[0]} file{'' if kept[0] == 1 else 's'}"
    if there < kept[0]:
        yield Finding("fault", "Files", f"{size}, of which {kept[0] - there} are missing in {folder}: see a backup.")
    elif there > kept[0]:
        yield Finding("note", "Files", f"{size}; {there - kept[0]} more in {folder} belong to no record.")
    else:
        yield Finding("ok", "Files", f"{size}.")


def _is_whole(connection: Any) -> str:
    return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())


def server(settings: Settings) -> Iterator[Finding]:
    found = runtime.servers(settings.instance)
    for half, running in found:
        part = f"the {half} half " if half else ""
        if runtime.answers(running):
            yield Finding("ok", "Server", f"{part}runs at {running.url} (pid {running.pid}).")
        else:
            yield Finding("fault", "Server", f"{part}holds this instance (pid {running.pid}) and doesn't answer.")
    if not found:
        yield Finding("note", "Server", "not running.")


def model(settings: Settings) -> Iterator[Finding]:
    if not settings.ollama_url:
        yield Finding("note", "Ollama", "turned off; answers are computed without a model.")
        return
    found = asyncio.run(readiness.ask(settings.ollama_url, "/api/tags"))
    if found is None:
        yield Finding("note", "Ollama", f"none answers at {settings.ollama_url}; answers are computed without a model.")
        return
    names = [str(item.get("name")) for item in found.get("models", [])]
    wanted = settings.ollama_model
    if wanted and not any(name in (wanted, f"{wanted}:latest") for name in names):
        yield Finding("fault", "Ollama", f"has no model {wanted}: ollama pull {wanted}")
    else:
        yield Finding("ok" if names else "note", "Ollama", f"models: {', '.join(names) or 'none; pull one to use it'}")


def vectors(settings: Settings) -> Iterator[Finding]:
    if not settings.qdrant_url:
        yield Finding("ok", "Vectors", "the embedded engine.")
        return
    found = asyncio.run(readiness.ask(settings.qdrant_url, "/"))
    why = f"a Qdrant server {'answers' if found is not None else 'does not answer'} at {settings.qdrant_url}."
    yield Finding("ok" if found is not None else "fault", "Vectors", why)


CHECKS: tuple[Check, ...] = (python, packages, assets, sqlite, folder, database, server, model, vectors)
