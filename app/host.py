"""The host: builds both halves into one ASGI app, puts the identity layer before them, and owns their lives."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

from app import __version__, host_routes, migrations, runtime
from app.crm.accounts.resolver import Resolver
from app.crm.port import Crm
from app.metrics import Metrics
from app.problems import problem_handlers, render
from app.readiness import Probe
from app.request_log import RequestLog
from app.runtime import Half
from app.shared import assets, instance
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.identity import IdentityLayer
from app.shared.proxies import ForwardedHeaders
from app.static_files import StaticFiles
from app.wsgi_guard import WsgiGuard

if TYPE_CHECKING:
    from app.chatbot.retrieval.index import Index
    from app.chatbot.service import Chat
    from app.crm.files.store import Store
    from app.crm.hooks.follower import Hooks
    from app.crm.live import Hub
    from app.crm.recent import Recent
    from app.shared.jobs import Jobs

log = structlog.get_logger(__name__)
SWITCH_INTERVAL = 0.0005  # seconds: halves the latency of WebSockets while pages are made, for 0-3% of throughput


@dataclass(slots=True)
class Parts:
    """What the host built and takes care of; `app.state.parts`."""

    settings: Settings
    database: Database
    crm: Crm
    only: Half | None
    metrics: Metrics
    probe: Probe
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))
    guard: WsgiGuard | None = None
    index: "Index | None" = None
    chat: "Chat | None" = None
    hooks: "Hooks | None" = None
    live: "Hub | None" = None
    recent: "Recent | None" = None
    files: "Store | None" = None
    jobs: "list[Jobs]" = field(default_factory=list)  # long work of either half

    def peer(self) -> runtime.Peer | None:
        """The other half, where the halves run apart."""
        return runtime.peer(self.settings.instance, self.only)

    def peer_origins(self) -> list[str]:
        other = self.peer()
        return [other.url] if other and other.url else []


def build(
    settings: Settings, *, only: Half | None = None, host: str = "127.0.0.1", nonce: str | None = None
) -> FastAPI:
    """Both halves, or one, as one ASGI app. `host` is the address that is listened on; `nonce` is told at /healthz.

    The database is opened and migrated when the app starts, not here.
    """
    instance.create(settings)
    assets.configure(live=settings.development)
    database = Database(settings.database)
    parts = Parts(settings, database, Crm(database), only, Metrics(), Probe(settings, only))
    parts.nonce = nonce or parts.nonce
    resolver = Resolver(database, settings)
    app = _fastapi(parts, resolver, host)
    app.state.parts = parts
    host_routes.add(app, parts)
    app.mount("/static", StaticFiles())
    if only != "crm":
        _add_chatbot(app, parts)
    host_routes.add_fallbacks(app, parts)
    if only != "chatbot":
        _add_crm(app, parts)
    return app


def _fastapi(parts: Parts, resolver: Resolver, host: str) -> FastAPI:
    identity = Middleware(
        IdentityLayer,
        resolve=resolver,
        renew=resolver.renew,
        host=host,
        origins=parts.settings.origins,
        peers=parts.peer_origins,
        page=render,
    )
    return FastAPI(
        title="Parley",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        lifespan=partial(_lifespan, parts, resolver),
        middleware=[
            Middleware(ForwardedHeaders, trusted=parts.settings.trusted_proxies),
            Middleware(RequestLog, metrics=parts.metrics),
            identity,
        ],
        exception_handlers=problem_handlers(),
    )


def _add_chatbot(app: FastAPI, parts: Parts) -> None:
    from app.chatbot import routes
    from app.chatbot.choices import Choices
    from app.chatbot.jobs import ChatJobs
    from app.chatbot.models import routes as model_routes
    from app.chatbot.retrieval import routes as index_routes
    from app.chatbot.retrieval.index import Index
    from app.chatbot.retrieval.reindex import Reindex
    from app.chatbot.service import Chat

    parts.index = Index(parts.settings, parts.crm, choices=Choices(parts.database))
    parts.chat = Chat(parts.settings, parts.database, parts.crm, parts.index)
    reindex = Reindex(parts.index)

    def qdrant() -> dict[str, Any]:
        return parts.probe.qdrant.as_json()  # as the last look found it

    parts.jobs.append(ChatJobs(reindex, parts.chat.pull))
    app.include_router(index_routes.router(parts.index, reindex))
    app.include_router(model_routes.router(parts.chat, qdrant))
    app.include_router(routes.router(parts.chat))


def _add_crm(app: FastAPI, parts: Parts) -> None:
    from app.crm import asgi as crm_asgi
    from app.crm import live
    from app.crm.app import create_app
    from app.crm.bulk.tray import BulkJobs
    from app.crm.files.routes import routes as file_routes
    from app.crm.files.store import Store
    from app.crm.hooks.follower import Hooks
    from app.crm.notifications import reminders, subscriber
    from app.crm.transfer.tray import ImportJobs
    from app.crm.web import Assistant

    def assistant() -> Assistant:
        other = parts.peer()
        return Assistant(other.url, other.sentence) if other else Assistant()

    app.add_api_route(crm_asgi.EXPORT, crm_asgi.exporter(parts.database), methods=["GET"], include_in_schema=False)
    parts.files = Store(parts.settings.instance, parts.database, parts.settings.upload_limit)
    for path, endpoint, method in file_routes(parts.files):
        app.add_api_route(path, endpoint, methods=[method], include_in_schema=False)
    parts.live = live.Hub(parts.database)
    app.add_api_websocket_route(live.PATH, live.endpoint(parts.live))
    flask = create_app(parts.settings, parts.database, parts.crm, assistant=assistant)
    flask.config["PARLEY_ASSISTANT"] = parts.only is None
    parts.jobs[:0] = [ImportJobs(parts.database), BulkJobs(parts.database)]
    flask.extensions["parley.jobs"] = parts.jobs
    timer = reminders.Timer(parts.database)
    told = (subscriber.subscriber(parts.database, timer),)
    parts.hooks = flask.extensions["parley.hooks"] = Hooks(parts.settings, parts.database, told, {"reminders": timer})
    parts.recent = flask.extensions["parley"].recent
    parts.guard = WsgiGuard(flask)
    app.mount("/", parts.guard)


# --- life -------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _lifespan(parts: Parts, resolver: Resolver, _app: FastAPI) -> AsyncIterator[None]:
    sys.setswitchinterval(SWITCH_INTERVAL)
    async with AsyncExitStack() as ends:
        ends.callback(parts.database.close)
        await asyncio.to_thread(migrations.upgrade, parts.database)
        ends.callback(resolver.close)
        if parts.guard:
            ends.callback(parts.guard.close)
        if parts.hooks:
            parts.hooks.start()
            ends.push_async_callback(asyncio.to_thread, parts.hooks.stop)
        if parts.recent:
            parts.recent.start(parts.database)
            ends.push_async_callback(asyncio.to_thread, parts.recent.stop)
        if parts.files:
            parts.files.start()
            ends.push_async_callback(asyncio.to_thread, parts.files.stop)
        if parts.live:
            ends.push_async_callback(parts.live.stop)
        if parts.index:
            await asyncio.to_thread(parts.index.start)
            ends.push_async_callback(asyncio.to_thread, parts.index.stop)
            ends.callback(_notify_of_changes(parts.index.notify))
        if parts.chat:
            await parts.chat.start()
            ends.push_async_callback(parts.chat.stop)
        parts.probe.start()
        ends.push_async_callback(parts.probe.stop)
        if parts.only != "chatbot":
            indexing = asyncio.create_task(asyncio.to_thread(_index_custom_fields, parts.database))
            ends.push_async_callback(asyncio.wait, [indexing], timeout=3)
        yield


def _index_custom_fields(database: Database) -> None:
    """Build the indexes of custom fields that are still missing, beside the first requests."""
    from app.crm import customization

    try:
        customization.build_indexes(database)
    except Exception:
        log.exception("The indexes of custom fields could not be built; the next start tries again")


def _notify_of_changes(notify: Callable[[], None]) -> Callable[[], None]:
    """Wake the index after each commit of this process; gives what ends that."""
    from app.crm import changes

    return changes.subscribe(lambda _change_set: notify())
