"""What of the CRM isn't WSGI: downloads, which would hold one of its few threads for as long as they take."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from threading import Event
from typing import IO
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.crm.objects import RECORD_OBJECTS
from app.crm.transfer import export
from app.shared.contract import Principal, Query
from app.shared.db import Database
from app.shared.errors import NotFound, NotSignedIn, ParleyError, Unavailable
from app.shared.types import utc_now

EXPORT = "/export/{object}.csv"
AT_ONCE = 2  # exports that are being made; others wait
PATIENCE = 20.0  # seconds that they wait
_PIECE = 256 * 1024
Endpoint = Callable[[Request], Awaitable[Response]]


class Download(Response):
    """A file on disk that nobody else knows, sent in pieces and then gone."""

    def __init__(self, file: IO[bytes], name: str, media_type: str) -> None:
        size = file.seek(0, 2)
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(size),
            "Cache-Control": "no-store",
        }
        super().__init__(b"", headers=headers, media_type=media_type)
        self.file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await asyncio.to_thread(self.file.seek, 0)
            while piece := await asyncio.to_thread(self.file.read, _PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.file.close()


def exporter(database: Database) -> Endpoint:
    """GET /export/<object>.csv: every record of the address's query that the asking principal may see."""
    places = asyncio.Semaphore(AT_ONCE)

    async def answer(request: Request) -> Response:
        try:
            return await _export(request, database, places)
        except ParleyError as error:
            if _principal(request).channel != "api":
                raise
            body = {**error.problem(), "instance": request.url.path}
            return JSONResponse(body, error.status, media_type="application/problem+json")

    return answer


def _principal(request: Request) -> Principal:
    principal: Principal | None = request.scope.get("parley.principal")
    if principal is None:
        raise NotSignedIn("Sign in first.")
    return principal


async def _export(request: Request, database: Database, places: asyncio.Semaphore) -> Response:
    object, principal = request.path_params["object"], _principal(request)
    if object not in RECORD_OBJECTS:
        raise NotFound(f"There are no records called {object!r}.")
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    wanted, options = export.from_params(object, pairs)
    try:
        await asyncio.wait_for(places.acquire(), PATIENCE)
    except TimeoutError:
        raise Unavailable("Other exports are being made. Try again in a minute.") from None
    try:
        file = await _made(request, database, principal, wanted, options)
    finally:
        places.release()
    return Download(file, f"{object}-{utc_now():%Y-%m-%d}.csv", "text/csv; charset=utf-8")


async def _made(
    request: Request, database: Database, principal: Principal, wanted: Query, options: export.Options
) -> IO[bytes]:
    """The file, made in a thread; called off where the browser goes away."""
    gone = Event()
    work = asyncio.create_task(asyncio.to_thread(_make, database, principal, wanted, options, gone, _device(request)))
    try:
        while not work.done():
            await asyncio.wait([work], timeout=0.5)
            if not work.done() and await request.is_disconnected():
                gone.set()
        return await work
    except asyncio.CancelledError:
        gone.set()
        raise
    except export.Stopped:
        raise Unavailable("The export was called off.") from None


def _device(request: Request) -> tuple[str, str]:
    return request.headers.get("user-agent", ""), request.client.host if request.client else ""


def _make(
    database: Database,
    principal: Principal,
    wanted: Query,
    options: export.Options,
    gone: Event,
    device: tuple[str, str],
) -> IO[bytes]:
    file = tempfile.TemporaryFile(prefix="parley-export-")  # noqa: SIM115 - the answer closes it
    try:
        with database.read() as connection:
            count = export.write(connection, principal, wanted, options, file, lambda: not gone.is_set())
        _note(database, principal, wanted, options, count, device)
    except BaseException:
        file.close()
        raise
    return file


def _note(
    database: Database,
    principal: Principal,
    wanted: Query,
    options: export.Options,
    count: int,
    device: tuple[str, str],
) -> None:
    """A line of the audit log: who took what away."""
    from app.crm import query
    from app.crm.accounts.events import record
    from app.crm.accounts.sessions import Device

    detail = {"object": wanted.object, "query": query.url(wanted), "records": count, "raw": options.raw}
    with database.write() as connection:
        record(connection, "export.made", actor=principal, device=Device(*device), detail=detail)
