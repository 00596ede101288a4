"""`WS /live?after=SEQ`: news as they come. The first message says where the journal stands; nothing is asked for."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.crm.live.hub import Hub, Listener
from app.shared.contract import Principal

PATH = "/live"
SEND_SECONDS = 10.0  # a page that takes nothing for so long is gone
TRY_AGAIN = 1013  # the close code for "come back later"


def endpoint(hub: Hub) -> Callable[[WebSocket], Awaitable[None]]:
    async def live(websocket: WebSocket) -> None:
        principal: Principal = websocket.scope["parley.principal"]
        await websocket.accept()
        listener = await hub.join(principal, _position(websocket))
        try:
            await _serve(websocket, listener)
        finally:
            await hub.leave(listener)

    return live


def _position(websocket: WebSocket) -> int | None:
    given = websocket.query_params.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


async def _serve(websocket: WebSocket, listener: Listener) -> None:
    """Until the page leaves or reads too slowly."""
    tasks = [
        asyncio.create_task(_send(websocket, listener)),
        asyncio.create_task(_hear(websocket)),
        asyncio.create_task(listener.dropped.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if listener.dropped.is_set():
            await websocket.close(TRY_AGAIN)
    except (RuntimeError, OSError):  # it has closed by itself meanwhile
        pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(websocket: WebSocket, listener: Listener) -> None:
    while True:
        message = await listener.queue.get()
        async with asyncio.timeout(SEND_SECONDS):
            await websocket.send_text(json.dumps(message, ensure_ascii=False))


async def _hear(websocket: WebSocket) -> None:
    """Nothing that a page sends means anything; that it leaves does."""
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return
