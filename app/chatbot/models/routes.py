"""The model server over HTTP, for admins: how it is, what it has, which model is used, fetching, loading, deleting."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from app.chatbot.models import ModelFailed
from app.chatbot.problem_route import ProblemRoute
from app.chatbot.retrieval.routes import admin
from app.chatbot.schemas import Closed
from app.shared.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from app.chatbot.models.pulling import Pull
    from app.chatbot.models.shelf import Shelf
    from app.chatbot.service import Chat

_NAME = r"^[A-Za-z0-9][\w./:-]*$"


class Named(Closed):
    name: str = Field(max_length=200, pattern=_NAME, description="A model, as qwen3:8b")


class Choice(Closed):
    name: str | None = Field(None, max_length=200, pattern=_NAME, description="null: the first that can chat")


def router(chat: "Chat", qdrant: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """Every route below `/chat/server`. `qdrant` tells what the host's probe found."""
    routes = APIRouter(prefix="/chat/server", tags=["assistant"], route_class=ProblemRoute)
    _add_state(routes, chat, qdrant)
    _add_shelf(routes, chat)
    return routes


def _add_state(routes: APIRouter, chat: "Chat", qdrant: Callable[[], Mapping[str, Any]]) -> None:
    @routes.get("", summary="How the model server is, and what it has")
    async def state(request: Request) -> dict[str, Any]:
        admin(request)
        pull = _told(chat.pull.work) if chat.pull and chat.pull.work else None
        return {**chat.server_facts(), "qdrant": qdrant(), "pull": pull, **await _models(chat)}

    @routes.post("/probe", summary="Look for the model server now")
    async def probe(request: Request) -> dict[str, Any]:
        admin(request)
        await chat.server.probe()
        return chat.server_facts()

    @routes.put("/model", summary="Choose the model to use; the environment goes before it")
    async def choose(request: Request, body: Choice) -> dict[str, Any]:
        admin(request)
        await chat.choose_model(body.name or "")
        return chat.server_facts()


async def _models(chat: "Chat") -> dict[str, Any]:
    """The installed models, or why they can't be told."""
    if chat.shelf is None:
        return {"models": [{"name": name} for name in chat.server.names], "models_error": None}
    try:
        return {"models": [asdict(model) for model in await chat.shelf.models()], "models_error": None}
    except ModelFailed as failure:
        return {"models": [], "models_error": failure.reason}


def _add_shelf(routes: APIRouter, chat: "Chat") -> None:
    @routes.post("/load", status_code=204, summary="Bring a model into memory")
    async def load(request: Request, body: Named) -> None:
        admin(request)
        await _done(_shelf(chat).load(body.name))

    @routes.post("/unload", status_code=204, summary="Take a model out of memory")
    async def unload(request: Request, body: Named) -> None:
        admin(request)
        await _done(_shelf(chat).unload(body.name))

    @routes.delete("/models", status_code=204, summary="Delete a model from the server's disk")
    async def delete(request: Request, name: str = Query(max_length=200, pattern=_NAME)) -> None:
        admin(request)
        await _done(_shelf(chat).delete(name))
        await chat.server.probe()

    @routes.post("/pull", status_code=202, summary="Fetch a model; one at a time")
    async def pull(request: Request, body: Named) -> dict[str, Any]:
        admin(request)
        return _told(_pull(chat).start(body.name))

    @routes.delete("/pull", status_code=204, summary="Stop fetching")
    async def stop(request: Request) -> None:
        admin(request)
        _pull(chat).stop()


def _shelf(chat: "Chat") -> "Shelf":
    if chat.shelf is None:
        raise Conflict("Models are kept by Ollama alone; this server has its own way.")
    return chat.shelf


def _pull(chat: "Chat") -> "Pull":
    if chat.pull is None:
        raise Conflict("Models are kept by Ollama alone; this server has its own way.")
    return chat.pull


def _told(work: Any) -> dict[str, Any]:
    from app.shared.values import as_json

    return {name: as_json(value) for name, value in asdict(work).items()}


async def _done(step: Any) -> None:
    try:
        await step
    except ModelFailed as failure:
        reason = failure.reason
        raise Unavailable(f"That did not work: {reason}.") from None
