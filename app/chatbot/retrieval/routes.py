"""The index over HTTP: its state, and building it anew with progress. For admins."""

import threading
from typing import Any

from fastapi import APIRouter, Request

from app.chatbot.retrieval.index import Canceled, Index
from app.shared.contract import Principal
from app.shared.errors import Conflict, Forbidden


def _fresh(state: str) -> dict[str, Any]:
    return {"state": state, "done": 0, "total": 0, "embedded": 0, "error": None}


class Reindex:
    """The one reindex that may run at a time."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._thread: threading.Thread | None = None
        self._cancel = threading.Event()
        self._state: dict[str, Any] = _fresh("none")

    def start(self) -> None:
        if self._thread and self._thread.is_alive():
            raise Conflict("A reindex is already running.")
        self._cancel.clear()
        self._state = _fresh("running")
        self._thread = threading.Thread(target=self._run, name="reindex", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        self._cancel.set()

    def state(self) -> dict[str, Any]:
        return dict(self._state)

    def _progress(self, done: int, total: int) -> None:
        self._state |= {"done": done, "total": total}

    def _run(self) -> None:
        try:
            count = self._index.reindex(self._progress, self._cancel.is_set)
            self._state |= {"state": "done", "embedded": count}
        except Canceled:
            self._state["state"] = "canceled"
        except Exception as error:
            self._state |= {"state": "failed", "error": str(error)}


def router(index: Index) -> APIRouter:
    """`GET /chat/index`, `POST /chat/index/rebuild`, `DELETE /chat/index/rebuild`."""
    routes = APIRouter(prefix="/chat/index", tags=["assistant"])
    job = Reindex(index)

    @routes.get("", summary="How the search index stands")
    def state(request: Request) -> dict[str, Any]:
        _admin(request)
        return {**index.state(), "rebuild": job.state()}

    @routes.post("/rebuild", status_code=202, summary="Build the search index anew, beside the one that serves")
    def rebuild(request: Request) -> dict[str, Any]:
        _admin(request)
        job.start()
        return job.state()

    @routes.delete("/rebuild", summary="Stop building; the old index serves on")
    def cancel(request: Request) -> dict[str, Any]:
        _admin(request)
        job.cancel()
        return job.state()

    return routes


def _admin(request: Request) -> Principal:
    principal: Principal | None = request.scope.get("parley.principal")
    if principal is None or not principal.is_admin:
        raise Forbidden("Only an admin may see or rebuild the index.")
    return principal
