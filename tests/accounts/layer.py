"""The identity layer around an application that answers everything, for the tests of what comes through."""

import asyncio
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from app.shared.contract import Principal
from app.shared.identity import Credentials, IdentityLayer

HOME = "http://127.0.0.1:5050"
SOCKET = "ws://127.0.0.1:5050/chat/ws"
PEOPLE = {
    "admin": Principal(1, "Anna", "admin"),
    "member": Principal(2, "Ben", "member"),
    "viewer": Principal(3, "Vera", "viewer"),
    "reader": Principal(2, "Ben", "member", channel="api", scopes=frozenset({"read"})),
    "writer": Principal(2, "Ben", "member", channel="api"),
}


def resolve(credentials: Credentials) -> Principal | None:
    return PEOPLE.get(credentials.bearer or credentials.session or "")


async def echo(request: Request) -> Response:
    found = request.scope["parley.principal"]
    body = await request.body()
    return JSONResponse({"who": found.name if found else None, "size": len(body)})


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.scope["parley.principal"].name)
    await websocket.close()


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
INNER = Starlette(routes=[WebSocketRoute("/chat/ws", socket), Route("/{path:path}", echo, methods=METHODS)])


def layer(**options: Any) -> IdentityLayer:
    return IdentityLayer(INNER, resolve, **options)  # type: ignore[arg-type]  # Starlette's own ASGI types


def client_of(app: IdentityLayer, address: str = "10.0.0.9", base: str = HOME) -> TestClient:
    return TestClient(app, base_url=base, follow_redirects=False, client=(address, 1))


def as_session(name: str) -> dict[str, str]:
    return {"Cookie": f"parley_session={name}"}


def as_token(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


SAME = {"Origin": HOME}


def status_of(
    app: Any, scope: dict[str, Any], sent: list[Any], headers: list[tuple[bytes, bytes]] | None = None
) -> int:
    """The status that the layer answers to a raw scope, as a client library wouldn't send it."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    whole = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "query_string": b"",
        "path": "/",
        "client": ("10.0.0.9", 1),
    }
    whole["headers"] = headers if headers is not None else [(b"host", b"127.0.0.1:5050")]
    asyncio.run(app(whole | scope, receive, send))
    return int(sent[0]["status"])
