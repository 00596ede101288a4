"""Where files go out: as downloads, and, where a browser can show them without danger, as previews.

Whoever sends a file here may be anybody's contact. So nothing of it is ever a page of this site: a download is bytes
with a name; a preview is a raster image or a PDF by its own first bytes, under a policy that lets nothing run.
"""

import asyncio

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app.crm import query
from app.crm.files import kinds
from app.crm.files.kinds import Kind
from app.crm.files.store import Store
from app.crm.files.uploads import Endpoint, who
from app.shared.contract import Principal, Record
from app.shared.errors import NotFound

log = structlog.get_logger(__name__)
CONTENT = "/files/{id:int}/content"
PREVIEW = "/files/{id:int}/preview"
REST_CONTENT = "/api/v1/files/{id:int}/content"
_KEPT = ("name", "media_type", "sha256")
_NOTHING = "default-src 'none'; sandbox; frame-ancestors 'none'"
# A browser's own PDF viewer doesn't work in a sandbox; it runs apart from this site's pages and scripts anyway.
_VIEWER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def content(store: Store) -> Endpoint:
    """GET /files/<id>/content: the file as a download."""

    async def answer(request: Request) -> Response:
        record = await asyncio.to_thread(_record, store, who(request), request.path_params["id"])
        kind = kinds.kind_of(record.values.get("media_type"))
        headers = {"Content-Security-Policy": _NOTHING}
        return await _sent(request, store, record, kind.media_type, headers, "attachment")

    return answer


def preview(store: Store) -> Endpoint:
    """GET /files/<id>/preview: an image or a PDF for the browser to show; there is none of anything else."""

    async def answer(request: Request) -> Response:
        record = await asyncio.to_thread(_record, store, who(request), request.path_params["id"])
        kind = await asyncio.to_thread(_true_kind, store, record)
        if not kind.is_shown:
            raise NotFound("There is no preview of this file. It can be downloaded.")
        headers = {"Content-Security-Policy": _NOTHING if kind.is_image else _VIEWER}
        if not kind.is_image:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        return await _sent(request, store, record, kind.media_type, headers, "inline")

    return answer


def _record(store: Store, principal: Principal, id: int) -> Record:
    with store.database.read() as connection:
        found = query.fetch(connection, principal, "files", [id], trashed=True, columns=_KEPT).get(id)
    if found is None:
        raise NotFound(f"There is no file {id}, or you can't see it.")
    return found


def _true_kind(store: Store, record: Record) -> Kind:
    """What the bytes are, whatever the record says."""
    try:
        with store.path(record.values["sha256"]).open("rb") as file:
            return kinds.kind(record.label, file.read(4096))
    except FileNotFoundError:
        return Kind(kinds.PLAIN)


async def _sent(
    request: Request, store: Store, record: Record, media_type: str, headers: dict[str, str], disposition: str
) -> Response:
    tag = f'"{record.values["sha256"]}"'
    kept = {"ETag": tag, "Cache-Control": "private, no-cache", **headers}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=kept)
    path = store.path(record.values["sha256"])
    if not await asyncio.to_thread(path.exists):
        log.error("The bytes of a file are missing", file=record.id, path=str(path))
        raise NotFound("The bytes of this file are missing on the server. An admin may find them in a backup.")
    name = kinds.plain_name(record.label)
    return FileResponse(path, headers=kept, media_type=media_type, filename=name, content_disposition_type=disposition)
