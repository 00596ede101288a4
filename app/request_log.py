"""The outermost layer: a request's id, its log line, its place in the metrics, and the last resort for errors."""

import asyncio
import re
import secrets
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import Metrics
from app.problems import send_problem
from app.shared import headers
from app.shared.errors import ParleyError, Unavailable
from app.shared.paths import shown

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_CUT_OFF = "timeout graceful shutdown exceeded"  # by which the server ends what still runs when it stops itself
_QUIET = ("/static/", "/healthz", "/readyz", "/metrics", "/favicon.ico")
log = structlog.get_logger("app.requests")


class RequestLog:
    """An `X-Request-ID` of 8 to 64 letters, digits, `.`, `_` and `-` is taken over, else one is made."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        request_id = scope["parley.request_id"] = _request_id(scope)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "http":
                return await self._http(scope, receive, send)
            return await self._websocket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", scope["parley.request_id"].encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except asyncio.CancelledError as cancelled:
            if _CUT_OFF not in str(cancelled):
                raise
            if not status:
                await self._answer(scope, send_with_id, Unavailable("Parley is stopping. Try again in a moment."))
        except Exception:
            log.exception("failed", method=scope["method"], path=shown(scope["path"]))
            if status:
                raise  # the answer is half sent: only a broken connection tells so
            error = ParleyError("Something went wrong here. It has been written to the log.")
            await self._answer(scope, send_with_id, error)
        finally:
            self._done(scope, status, time.perf_counter() - started)

    @staticmethod
    async def _answer(scope: Scope, send: Send, error: ParleyError) -> None:
        """What no layer further in has answered, with the headers that the identity layer would have put on it."""
        policy = headers.content_policy(scope.get("parley.nonce") or secrets.token_urlsafe(16))
        secure = bool(scope.get("parley.secure")) or scope.get("scheme") == "https"
        await send_problem(scope, send, error, headers.secured([], policy, secure=secure, store=False))

    def _done(self, scope: Scope, status: int, seconds: float) -> None:
        self.metrics.request(scope["method"], scope["path"], status, seconds)
        level = "debug" if scope["path"].startswith(_QUIET) and status < 500 else "info"
        ms = round(seconds * 1000, 1)
        getattr(log, level)(
            "request", method=scope["method"], path=shown(scope["path"]), status=status, ms=ms, client=_client(scope)
        )

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.metrics.websockets += 1
        log.info("websocket opened", path=shown(scope["path"]), client=_client(scope))
        try:
            await self.app(scope, receive, send)
        except Exception:
            log.exception("failed", path=shown(scope["path"]))
            raise
        finally:
            self.metrics.websockets -= 1
            log.info("websocket closed", path=shown(scope["path"]))


def _client(scope: Scope) -> str:
    """The client's address, as far as trusted proxies tell it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _request_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"")
    return given.decode() if _SANE_ID.fullmatch(given) else secrets.token_hex(8)
