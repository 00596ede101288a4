"""One WebSocket: any number of turns asked, followed, resumed and stopped over it. Closing it stops none of them."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.chatbot.events import Event
from app.chatbot.problem_route import invalid
from app.chatbot.schemas import WsAsk, WsResume, WsStop, WsWatch
from app.chatbot.turns import Turn
from app.shared.contract import Principal
from app.shared.errors import BadRequest, Invalid, ParleyError

if TYPE_CHECKING:
    from app.chatbot.service import Chat

LONGEST_MESSAGE = 64_000  # characters
READERS = 32  # turns followed at once over one socket

log = logging.getLogger(__name__)


class Socket:
    def __init__(self, chat: "Chat", websocket: WebSocket, principal: Principal) -> None:
        self._chat = chat
        self._websocket = websocket
        self._principal = principal
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._watching: int | None = None  # the conversation whose turns are told, whoever asked
        self._beginning: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve the socket until it closes. A message that can't be taken is answered by an `error`."""
        await self._websocket.accept()
        try:
            while True:
                await self._take(await self._websocket.receive())
        except (WebSocketDisconnect, OSError):
            pass
        finally:
            self._unwatch()
            await self._end_readers()

    async def _take(self, received: Any) -> None:
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        body: dict[str, Any] = {}
        try:
            body = _read(received.get("text"))
            await self._do(body)
        except ParleyError as error:
            await self._refuse(error, body)
        except (WebSocketDisconnect, OSError):
            raise
        except Exception:
            log.exception("A message over the WebSocket could not be handled")
            await self._refuse(ParleyError("Something went wrong. It was written to the log."), body)

    async def _do(self, body: dict[str, Any]) -> None:
        message = _checked(body)
        if isinstance(message, WsAsk):
            context = message.context.model_dump(exclude_none=True) if message.context else None
            who, words, where = self._principal, message.question, message.conversation_id
            turn = await self._chat.ask(who, words, where, context, model=message.model)
            await self._follow(turn.message_id, turn.follow(), message.ref)
        elif isinstance(message, WsWatch):
            await self._watch(message.conversation_id)
        elif isinstance(message, WsResume):
            events = await self._chat.resume(self._principal, message.message_id, message.after)
            await self._follow(message.message_id, events)
        else:
            await self._chat.stop_turn(self._principal, message.message_id)

    async def _watch(self, conversation_id: int | None) -> None:
        self._unwatch()
        if conversation_id is not None:
            await self._chat.watch(self._principal, conversation_id, self._begun)
            self._watching = conversation_id

    def _unwatch(self) -> None:
        if self._watching is not None:
            self._chat.unwatch(self._watching, self._begun)
            self._watching = None

    def _begun(self, turn: Turn) -> None:
        """A turn began in the conversation that is watched; one that was asked here is followed already."""
        task = asyncio.create_task(self._follow_other(turn))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _follow_other(self, turn: Turn) -> None:
        await asyncio.sleep(0)  # whoever asked over this very socket follows it first
        if turn.message_id not in self._readers and len(self._readers) < READERS:
            await self._follow(turn.message_id, turn.follow())

    async def _follow(self, message_id: int, events: AsyncGenerator[Event, None], ref: str | None = None) -> None:
        """Send these events as they come. Resuming a turn that is followed here already begins anew."""
        if former := self._readers.pop(message_id, None):
            former.cancel()
            await asyncio.wait([former])
        if len(self._readers) >= READERS:
            raise BadRequest(f"One connection follows at most {READERS} answers at once.")
        reader = asyncio.create_task(self._send_all(events, ref))
        self._readers[message_id] = reader
        reader.add_done_callback(lambda done: self._forget(message_id, done))

    def _forget(self, message_id: int, reader: "asyncio.Task[None]") -> None:
        if self._readers.get(message_id) is reader:
            del self._readers[message_id]

    async def _send_all(self, events: AsyncGenerator[Event, None], ref: str | None) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    own = {"ref": ref} if ref and event.type == "started" else {}
                    await self._send(event.as_json() | own)
        except (WebSocketDisconnect, OSError, RuntimeError):  # the reader has left; the turn runs on
            return

    async def _refuse(self, error: ParleyError, body: dict[str, Any]) -> None:
        """An `error` about a message, not about a turn: its numbers are empty but for the turn that was named."""
        problem = error.problem()
        named = body.get("message_id")
        answer = {
            "type": "error",
            "seq": 0,
            "conversation_id": None,
            "message_id": named if isinstance(named, int) else None,
            "detail": problem["detail"],
            "status": problem["status"],
            "errors": problem.get("errors", []),
        }
        if isinstance(body.get("ref"), str):
            answer["ref"] = body["ref"][:64]
        await self._send(answer)

    async def _send(self, body: dict[str, Any]) -> None:
        async with self._sending:
            await self._websocket.send_text(json.dumps(body, ensure_ascii=False))

    async def _end_readers(self) -> None:
        readers = list(self._readers.values())
        for reader in readers:
            reader.cancel()
        if readers:
            await asyncio.wait(readers)


def _read(text: str | None) -> dict[str, Any]:
    """A message as a JSON object. Raises BadRequest where it is none."""
    if text is None or len(text) > LONGEST_MESSAGE:
        raise BadRequest(f"A message is a JSON text of at most {LONGEST_MESSAGE} characters.")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("The message can't be read as JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("The message must be a JSON object.")
    return body


_KINDS: dict[Any, type[WsAsk] | type[WsResume] | type[WsStop] | type[WsWatch]] = {
    "ask": WsAsk, "resume": WsResume, "stop": WsStop, "watch": WsWatch,
}  # fmt: skip


def _checked(body: dict[str, Any]) -> WsAsk | WsResume | WsStop | WsWatch:
    kind = _KINDS.get(body.get("type")) if isinstance(body.get("type"), str) else None
    if kind is None:
        raise Invalid("The message's type must be ask, stop, resume or watch.")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise invalid(error.errors()) from None
