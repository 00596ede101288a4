"""The index over HTTP: its state, its embedding model, and building it anew with progress. For admins."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from app.chatbot.problem_route import ProblemRoute
from app.chatbot.retrieval.index import Index
from app.chatbot.retrieval.reindex import Reindex
from app.chatbot.schemas import Closed
from app.shared.contract import Principal
from app.shared.errors import Forbidden


class Embedding(Closed):
    """The embedding model to use from the next rebuild on; "" is the built-in one."""

    name: str = Field(max_length=200, pattern=r"^[\w./:-]*$")


def router(index: Index, job: Reindex) -> APIRouter:
    """`GET /chat/index`, `PUT /chat/index/model`, `POST` and `DELETE /chat/index/rebuild`."""
    routes = APIRouter(prefix="/chat/index", tags=["assistant"], route_class=ProblemRoute)

    @routes.get("", summary="How the search index stands")
    async def state(request: Request) -> dict[str, Any]:
        admin(request)
        return {**index.state(), "passages": await asyncio.to_thread(index.count), "rebuild": job.state()}

    @routes.put("/model", summary="Choose the embedding model for the next rebuild")
    async def choose(request: Request, body: Embedding) -> dict[str, Any]:
        admin(request)
        await asyncio.to_thread(index.choose, body.name)
        return index.state()

    @routes.post("/rebuild", status_code=202, summary="Build the search index anew, beside the one that serves")
    def rebuild(request: Request) -> dict[str, Any]:
        admin(request)
        job.start()
        return job.state()

    @routes.delete("/rebuild", summary="Stop building; the old index serves on")
    def cancel(request: Request) -> dict[str, Any]:
        admin(request)
        job.stop()
        return job.state()

    return routes


def admin(request: Request) -> Principal:
    """Who asks, an admin; the identity layer has refused everybody else already."""
    principal: Principal | None = request.scope.get("parley.principal")
    if principal is None or not principal.is_admin:
        raise Forbidden("Only an admin may see and change this.")
    return principal
