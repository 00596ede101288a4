"""The assistant's addresses: ask as JSON, as server-sent events or over a WebSocket, and the conversations."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response, WebSocket
from fastapi.responses import JSONResponse

from app.chatbot.events import Event
from app.chatbot.problem_route import ProblemRoute
from app.chatbot.schemas import (
    LARGEST,
    Ask,
    Conversation,
    ConversationList,
    ConversationSummary,
    FinishedAnswer,
    ModelState,
    Problem,
    Rating,
    Rename,
    Suggestions,
)
from app.chatbot.socket import Socket
from app.shared.contract import Principal
from app.shared.errors import NotSignedIn

if TYPE_CHECKING:
    from app.chatbot.service import Chat

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in ((404, "Not found, or not yours"), (422, "Invalid input, naming the field"))
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "model": FinishedAnswer,
        "description": "The finished answer; as `text/event-stream` the events started, status, delta, result, done "
        "and error, with `seq` as their id",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
_BUSY: dict[int | str, dict[str, Any]] = {
    429: {"model": Problem, "description": "Too many of your questions are running"}
}
_FAILED: dict[int | str, dict[str, Any]] = {503: {"model": Problem, "description": "The answer could not be finished"}}
_Id = Annotated[int, Path(ge=0, le=LARGEST)]
_After = Annotated[int, Query(ge=0, le=LARGEST, description="The last seq that was read")]


def router(chat: "Chat") -> APIRouter:
    """Every route below `/chat`, over this assistant."""
    routes = APIRouter(prefix="/chat", tags=["Assistant"], route_class=ProblemRoute)
    _add_turns(routes, chat)
    _add_conversations(routes, chat)

    @routes.get("/model")
    async def model(request: Request) -> ModelState:
        """Which model writes prose at this moment, and why there is none."""
        principal_of(request)
        return ModelState(model=chat.model.name, reason=chat.model.reason)

    @routes.get("/suggestions", responses=_PROBLEMS)
    async def suggestions(request: Request, url: Annotated[str | None, Query(max_length=4000)] = None) -> Suggestions:
        """Questions to begin with. `url`: the page in view, as /companies/3."""
        found = await chat.suggestions(principal_of(request), {"url": url} if url else None)
        return Suggestions(questions=list(found))

    return routes


def principal_of(connection: Request | WebSocket) -> Principal:
    """Who asks, as the identity layer found; through the assistant's channel from here on."""
    from dataclasses import replace

    principal: Principal | None = connection.scope.get("parley.principal")
    if principal is None:
        raise NotSignedIn("Sign in, or send a token.")
    return replace(principal, channel="assistant")


def _add_turns(routes: APIRouter, chat: "Chat") -> None:
    @routes.post("/ask", response_model=None, responses=_STREAM | _PROBLEMS | _BUSY | _FAILED)
    async def ask(request: Request, asked: Ask) -> Response:
        """Ask a question. With `Accept: text/event-stream` the answer comes as events while it is made.

        As JSON it comes once the result is computed: a model's prose around it is for those who watch it grow.
        """
        context = asked.context.model_dump(exclude_none=True) if asked.context else None
        streams = "text/event-stream" in request.headers.get("accept", "")
        who, words = principal_of(request), asked.question
        turn = await chat.ask(who, words, asked.conversation_id, context, model=asked.model, prose=streams)
        if streams:
            return event_stream(turn.follow())
        return JSONResponse(await chat.finished(turn))

    @routes.get("/messages/{message_id}/events", response_model=None, responses=_STREAM | _PROBLEMS)
    async def events(
        request: Request, message_id: _Id, after: _After = 0, last_event_id: Annotated[str | None, Header()] = None
    ) -> Response:
        """The events of a turn past `after` (or past `Last-Event-ID`), those to come included."""
        seen = _position(last_event_id, after)
        return event_stream(await chat.resume(principal_of(request), message_id, seen))

    @routes.post("/messages/{message_id}/stop", status_code=204, responses=_PROBLEMS)
    async def stop(request: Request, message_id: _Id) -> None:
        """Stop a turn. What was answered so far is kept."""
        await chat.stop_turn(principal_of(request), message_id)

    @routes.put("/messages/{message_id}/rating", status_code=204, responses=_PROBLEMS)
    async def rate(request: Request, message_id: _Id, body: Rating) -> None:
        """Say what you think of an answer of yours, and why; null takes it back."""
        await chat.rate(principal_of(request), message_id, body.rating, body.reason)

    @routes.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await Socket(chat, websocket, principal_of(websocket)).run()


def _position(last_event_id: str | None, after: int) -> int:
    """What a reader that comes back has seen; a header that holds no such number is as none."""
    given = last_event_id or ""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else after


def event_stream(events: AsyncGenerator[Event, None]) -> Response:
    from json import dumps

    from sse_starlette import EventSourceResponse, ServerSentEvent

    async def written() -> AsyncIterator[ServerSentEvent]:
        async with aclosing(events):
            async for event in events:
                body = event.as_json()
                yield ServerSentEvent(dumps(body, ensure_ascii=False), event=event.type, id=str(event.seq))

    return EventSourceResponse(written(), ping=15, send_timeout=30)


def _add_conversations(routes: APIRouter, chat: "Chat") -> None:
    @routes.get("/conversations", response_model=ConversationList, responses=_PROBLEMS)
    async def conversations(
        request: Request,
        q: Annotated[str, Query(max_length=200, description="Words of a title or of a question")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 30,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Any:
        """Your conversations, the one used last first."""
        return await chat.conversations(principal_of(request), q, limit, cursor)

    @routes.get("/conversations/{id}", response_model=Conversation, responses=_PROBLEMS)
    async def conversation(
        request: Request,
        id: _Id,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[int | None, Query(ge=0, le=LARGEST, description="A message_id: turns before it")] = None,
    ) -> Any:
        """A conversation with its newest turns."""
        return await chat.conversation(principal_of(request), id, limit, before)

    @routes.patch("/conversations/{id}", response_model=ConversationSummary, responses=_PROBLEMS)
    async def rename(request: Request, id: _Id, body: Rename) -> Any:
        """Give a conversation another title."""
        return await chat.rename(principal_of(request), id, body.title)

    @routes.delete("/conversations/{id}", status_code=204, responses=_PROBLEMS)
    async def delete(request: Request, id: _Id) -> None:
        """Delete a conversation for good. What runs in it is stopped."""
        await chat.delete(principal_of(request), id)
