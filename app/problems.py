"""Errors as answers on the ASGI side: problem details (RFC 9457) for programs, a plain page for people."""

import json
from collections.abc import Callable, Coroutine, Mapping
from html import escape
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope, Send

from app.shared.access import is_machine
from app.shared.assets import static_url
from app.shared.errors import FieldError, Invalid, ParleyError

Headers = list[tuple[bytes, bytes]]
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Parley</title>
{styles}
<main class="alone"><h1>{title}</h1><p>{detail}</p><p><a href="/">Go to the start page</a></p></main>
</html>
"""


class MethodNotAllowed(ParleyError):
    status = 405
    title = "Method not allowed"


def _styles() -> str:
    names = ("tokens", "base", "plain")
    return "\n".join(f'<link rel="stylesheet" href="{static_url(f"css/{name}.css")}">' for name in names)


def render(path: str, error: ParleyError) -> tuple[str, bytes]:
    """(content type, body) for whoever asked for this path."""
    if is_machine(path):
        return "application/problem+json", json.dumps({**error.problem(), "instance": path}).encode()
    page = _PAGE.format(title=escape(error.title), detail=escape(error.detail), styles=_styles())
    return "text/html; charset=utf-8", page.encode()


async def send_problem(scope: Scope, send: Send, error: ParleyError, headers: Headers | None = None) -> None:
    """Answer the request with this error, whole, where there is no framework."""
    kind, body = render(scope["path"], error)
    head = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": error.status, "headers": head + (headers or [])})
    await send({"type": "http.response.body", "body": body})


def problem(request: Request, error: ParleyError, headers: Mapping[str, str] | None = None) -> Response:
    """The error as a response of FastAPI."""
    kind, body = render(request.url.path, error)
    return Response(body, error.status, headers, kind)


# --- FastAPI's handlers ----------------------------------------------------------------------------------------------

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


async def _ours(request: Request, error: ParleyError) -> Response:
    return problem(request, error)


async def _of_the_framework(request: Request, error: HTTPException) -> Response:
    found = ParleyError(str(error.detail))
    found.status, found.title = error.status_code, str(error.detail)
    return problem(request, found, error.headers)


async def _unreadable(request: Request, error: RequestValidationError) -> Response:
    """What FastAPI refused of the input, each field by its path."""
    fields = [FieldError(_path(item["loc"]), str(item["msg"])) for item in error.errors()]
    return problem(request, Invalid("Some of this can't be taken as it is.", fields))


def _path(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc if part != "body") or "body"


def problem_handlers() -> dict[Any, Handler]:
    return {ParleyError: _ours, HTTPException: _of_the_framework, RequestValidationError: _unreadable}
