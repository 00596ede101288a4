"""How the identity layer says no: a redirect to sign-in for a page, problem details for a program."""

import json
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

from app.shared import access, origin
from app.shared.errors import NotSignedIn, ParleyError
from app.shared.limits import Limited
from app.shared.live import Send
from app.shared.origin import Incoming

Render = Callable[[str, ParleyError], tuple[str, bytes]]  # (path, error) -> (content type, body)


def as_problem(path: str, error: ParleyError) -> tuple[str, bytes]:
    """The error as problem details (RFC 9457)."""
    return "application/problem+json", json.dumps({**error.problem(), "instance": path}).encode()


async def refuse(incoming: Incoming, error: ParleyError, send: Send, page: Render = as_problem) -> None:
    """Answer with the error. `page` renders what a person is shown; a program gets problem details."""
    is_call = access.is_machine(incoming.path) or incoming.headers.get("sec-fetch-dest") == "empty"
    head = _head(incoming, error, is_call)
    if isinstance(error, NotSignedIn) and not is_call:
        await _answer(send, 303, ("text/plain; charset=utf-8", b"Sign in first.\n"), head)
    else:
        await _answer(send, error.status, (as_problem if is_call else page)(incoming.path, error), head)


def _head(incoming: Incoming, error: ParleyError, is_call: bool) -> list[tuple[str, str]]:
    if isinstance(error, Limited):
        return [("retry-after", str(error.retry_after))]
    if not isinstance(error, NotSignedIn):
        return []
    head = [("www-authenticate", "Bearer")] if is_call else [("location", _sign_in(incoming))]
    return [*head, ("hx-redirect", _sign_in(incoming))] if "hx-request" in incoming.headers else head


def _sign_in(incoming: Incoming) -> str:
    """The sign-in page, which leads back to the page that was asked for (a form's: to the page that it stands on)."""
    target = incoming.path + (f"?{incoming.query}" if incoming.query else "")
    shown_on = incoming.headers.get("hx-current-url") or (
        "" if incoming.is_safe else incoming.headers.get("referer", "")
    )
    if shown_on or not incoming.is_safe:
        parts = urlsplit(shown_on)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    target = origin.local_path(target)
    return "/sign-in" if target == "/" else f"/sign-in?next={quote(target, safe='/')}"


async def _answer(send: Send, status: int, content: tuple[str, bytes], head: Sequence[tuple[str, str]]) -> None:
    kind, body = content
    raw = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    raw += [(name.encode(), value.encode("latin-1")) for name, value in head]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
