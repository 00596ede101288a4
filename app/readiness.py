"""What /readyz says: each part `ok`, `degraded` or `down`, and why. The network is asked in the background."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from app import migrations, runtime
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.outgoing import light

State = Literal["ok", "degraded", "down"]
EVERY = 15.0  # seconds between two looks over the network
TIMEOUT = 1.0  # seconds to connect, and again to answer
LOCAL_QDRANT = "http://127.0.0.1:6333"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    state: State
    why: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"status": self.state, "why": self.why, **self.more}


async def ask(url: str, path: str) -> dict[str, Any] | None:
    """The JSON object that a server gives; None where it doesn't answer in time."""
    return await light.ask(url, path, TIMEOUT)


class Probe:
    """Looks at Qdrant and the other half every few seconds, so that nobody else has to wait for them."""

    def __init__(self, settings: Settings, only: runtime.Half | None) -> None:
        self._settings = settings
        self._only = only
        self._task: asyncio.Task[None] | None = None
        waiting = Part("degraded", "Not looked at yet.")
        self.qdrant = waiting if settings.qdrant_url else Part("ok", "The embedded engine is used.")
        self.peer: Part | None = waiting if only else None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("probe failed")
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Look once, at everything together."""
        await asyncio.gather(self._look_at_qdrant(), self._look_at_peer())

    async def _look_at_qdrant(self) -> None:
        url = self._settings.qdrant_url
        found = await ask(url or LOCAL_QDRANT, "/")
        if url and found is None:
            self.qdrant = Part("down", f"No Qdrant answers at {url}: search is by full text alone.")
        elif url:
            self.qdrant = Part("ok", f"Qdrant answers at {url}.")
        elif found and "qdrant" in str(found.get("title", "")).lower():
            why = f"The embedded engine is used. A Qdrant server answers at {LOCAL_QDRANT}: PARLEY_QDRANT_URL uses it."
            self.qdrant = Part("ok", why)
        else:
            self.qdrant = Part("ok", "The embedded engine is used.")

    async def _look_at_peer(self) -> None:
        other = runtime.peer(self._settings.instance, self._only)
        if other is None:
            return
        found = await ask(other.url, "/healthz") if other.url else None
        written = runtime.running(self._settings.instance, other.name)
        same = found is not None and written is not None and found.get("nonce") == written.nonce
        sentence = other.sentence if same or other.is_away else f"{other.sentence} It doesn't answer."
        self.peer = Part("ok" if same else "down", sentence)


def database_parts(database: Database) -> dict[str, Part]:
    """The database, its schema, and the state of its SQLite. Blocks."""
    try:
        with database.read() as connection:
            current = migrations.current(connection)
    except Exception as error:
        log.warning("database unreadable", error=str(error))
        return {"database": Part("down", "The database can't be read."), "schema": Part("down", "Not known.")}
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    parts = {"database": Part("ok", f"{kind} answers."), "schema": _schema(current)}
    if database.sqlite:
        state = database.sqlite
        why = state.degraded or f"SQLite {state.version}, journal mode {state.journal}."
        parts["sqlite"] = Part("degraded" if state.degraded else "ok", why)
    return parts


def _schema(current: str | None) -> Part:
    newest = migrations.head()
    if current == newest:
        return Part("ok", f"Revision {current}.")
    return Part("down", f"Revision {current or 'none'}, this version needs {newest}. Start the server to migrate.")


def index_part(state: Callable[[], Mapping[str, Any]]) -> Part:
    """The index as its own `state()` tells it."""
    try:
        found = dict(state())
    except Exception as error:
        log.warning("index state unreadable", error=str(error))
        return Part("degraded", "The index doesn't tell how it stands: search is by full text alone.")
    status = found.pop("status", "ok")
    why = found.pop("why", None) or "The vectors follow the records."
    return Part("ok" if status == "ok" else "degraded", why, found)


def hooks_part(state: Mapping[str, Any]) -> Part:
    """Durable subscribers and webhooks; they never keep records from being served."""
    found = dict(state)
    status, why = found.pop("status"), found.pop("why")
    return Part("ok" if status == "ok" else "degraded", why, found)


def model_part(url: str, name: str | None, reason: str) -> Part:
    """The model server, as the assistant's last look found it."""
    if not url:
        return Part("ok", "Turned off (PARLEY_OLLAMA_URL is empty): answers are computed without a model.")
    if name:
        return Part("ok", f"Ollama answers at {url}.", {"model": name})
    return Part("down", f"{reason or 'Not looked at yet.'} Answers are computed without a model.")


def overall(parts: Mapping[str, Part]) -> State:
    """`down` where records can't be served; `degraded` where anything else is not as it could be."""
    if any(parts[name].state == "down" for name in ("database", "schema") if name in parts):
        return "down"
    return "ok" if all(part.state == "ok" for part in parts.values()) else "degraded"
