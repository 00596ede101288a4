"""The host's own routes: health, metrics, the description of every route, and what is no route."""

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Match

from app import __version__, api_docs, api_page, metrics, readiness
from app.problems import MethodNotAllowed, problem
from app.readiness import Part
from app.shared.access import is_machine
from app.shared.assets import static_url
from app.shared.errors import NotFound, ParleyError, Unavailable

if TYPE_CHECKING:
    from app.host import Parts

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def add(app: FastAPI, parts: "Parts") -> None:
    """Health, metrics, documentation."""

    def describe() -> dict[str, Any]:
        return api_docs.document(app, parts.crm, parts.only)

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", tags=["host"], summary="Alive")
    async def healthz() -> dict[str, Any]:
        return {"status": "ok", "nonce": parts.nonce, "version": __version__}

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", tags=["host"], summary="Each part: ok, degraded or down")
    async def readyz() -> JSONResponse:
        found = await asyncio.to_thread(_parts, parts)
        state = readiness.overall(found)
        told = {name: part.as_json() for name, part in found.items()}
        return JSONResponse({"status": state, "version": __version__, "parts": told}, 503 if state == "down" else 200)

    @app.get(
        "/metrics",
        tags=["host"],
        summary="Prometheus text; to this machine, or with a token",
        response_class=PlainTextResponse,
    )
    async def metrics_() -> Response:
        _set_gauges(parts)
        text = await asyncio.to_thread(metrics.render, parts.metrics)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> RedirectResponse:
        return RedirectResponse(static_url("icons/parley.svg"), 302)  # for what doesn't read the pages' own link

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(describe))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(await asyncio.to_thread(lambda: api_page.page(describe())))


def _parts(parts: "Parts") -> dict[str, Part]:
    found = readiness.database_parts(parts.database)
    if parts.index:
        found["index"] = readiness.index_part(parts.index.state)
        found["qdrant"] = parts.probe.qdrant
    if parts.hooks:
        found["hooks"] = readiness.hooks_part(parts.hooks.state())
    if parts.chat:
        model = parts.chat.model
        found["ollama"] = readiness.model_part(parts.settings.ollama_url, model.name, model.reason)
    if parts.probe.peer:
        found["peer"] = parts.probe.peer
    return found


def _set_gauges(parts: "Parts") -> None:
    if parts.guard:
        gauges = parts.metrics.gauges
        gauges["parley_workers"] = ("Threads that make pages", parts.guard.threads)
        gauges["parley_workers_busy"] = ("Threads that make a page now", parts.guard.busy)
        gauges["parley_workers_refused"] = ("Requests refused since no thread was free", parts.guard.refused)
    if parts.hooks:
        parts.metrics.gauges.update(parts.hooks.gauges())


def add_fallbacks(app: FastAPI, parts: "Parts") -> None:
    """What is no route of the assistant is refused as JSON, before Flask, which is mounted at / last, can see it."""

    @app.api_route("/chat/{path:path}", methods=_METHODS, include_in_schema=False)
    async def no_such_chat_route(path: str, request: Request) -> Response:
        if parts.only == "crm":
            raise _not_here(parts)
        allowed = _allowed(app, request)
        if not allowed:
            raise NotFound("There is no such route.")
        error = MethodNotAllowed(f"{request.method} doesn't work here. These do: {', '.join(allowed)}.")
        return problem(request, error, {"Allow": ", ".join(allowed)})

    if parts.only == "chatbot":

        @app.api_route("/{path:path}", methods=_METHODS, include_in_schema=False)
        async def elsewhere(path: str, request: Request) -> Response:
            return _to_the_crm(parts, request)


def _allowed(app: FastAPI, request: Request) -> list[str]:
    """The methods that the assistant's routes at this address do answer."""
    chat = [route for route in app.router.routes if getattr(route, "path", None) is None]  # the included routers
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    return [name for name, scope in scopes.items() if any(route.matches(scope)[0] == Match.FULL for route in chat)]


def _not_here(parts: "Parts") -> ParleyError:
    """What the other half would answer: where it is, or that it is away and how to start it."""
    other = parts.peer()
    if other is None or other.is_away:
        return Unavailable(other.sentence if other else "This is not served here.")
    return NotFound(f"This is not served here. {other.sentence}")


def _to_the_crm(parts: "Parts", request: Request) -> Response:
    other = parts.peer()
    if request.method in ("GET", "HEAD") and other and other.url and not is_machine(request.url.path):
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{other.url}{request.url.path}{query}", 307)
    raise _not_here(parts)
