"""Where files come in: a form of the pages, and REST. Both on the ASGI side, so that no thread waits for a sender."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.crm import query
from app.crm.api import answers
from app.crm.api.idempotency import Claim
from app.crm.changes.beside import beside
from app.crm.files import kinds, texts
from app.crm.files.forms import Upload, upload
from app.crm.files.store import Incoming, Received, Store
from app.crm.objects.file import FILE
from app.shared.contract import ChangeSet, Operation, Principal, StoredChangeSet
from app.shared.errors import FieldError, Forbidden, Invalid, NotSignedIn, ParleyError

NEW = "/files/new"
COLLECTION = "/api/v1/files"
_WRITABLE = tuple(field.name for field in FILE.fields if not field.read_only)
_OF_THE_PAGE = ("_next", "_token", "_has.file")
Endpoint = Callable[[Request], Awaitable[Response]]


class Gone(ParleyError):
    """Nobody waits for this answer any more."""

    status = 499
    title = "Called off"


def who(request: Request) -> Principal:
    """Who is asking, as the identity layer found."""
    found: Principal | None = request.scope.get("parley.principal")
    if found is None:
        raise NotSignedIn("Sign in first.")
    return found


def _writer(request: Request) -> Principal:
    principal = who(request)
    if not principal.can_write:
        raise Forbidden("You can look at records, but not add files to them.")
    return principal


# --- REST -------------------------------------------------------------------------------------------------------------


def collection(store: Store) -> Endpoint:
    """POST /api/v1/files: one file, as the part named file, with the record's values beside it."""

    async def answer(request: Request) -> Response:
        return await _leaving(request, _rest(request, store, _writer(request)))

    return answer


async def _rest(request: Request, store: Store, principal: Principal) -> Response:
    async with upload(request, store) as found:
        _check(found, (), most=1)
        key = request.headers.get("idempotency-key")
        if key is None:
            return await _created(request, store, principal, found)
        return await _once(request, store, principal, found, key)


async def _created(request: Request, store: Store, principal: Principal, found: Upload) -> Response:
    stored = await _keep(request, store, principal, found)
    return await asyncio.to_thread(_described, store, principal, stored)


async def _once(request: Request, store: Store, principal: Principal, found: Upload, key: str) -> Response:
    """As `app.crm.api.idempotency` does it for Flask's routes."""
    claim = Claim(key, principal, store.database, _digest(found))
    before = await asyncio.to_thread(claim.take)
    if before is not None:
        return Response(before.body, before.status, before.headers)
    try:
        with beside(claim.note):  # the context goes along into the thread that writes
            response = await _created(request, store, principal, found)
    except BaseException:
        await asyncio.to_thread(claim.free)
        raise
    kept = {name: response.headers[name] for name in ("Content-Type", "Location", "ETag")}
    await asyncio.to_thread(claim.store, response.status_code, kept, bytes(response.body).decode())
    return response


def _digest(found: Upload) -> str:
    said = [COLLECTION, sorted(found.texts.items()), [(item.name, item.sha256) for item in found.files]]
    return sha256(json.dumps(said).encode()).hexdigest()


def _described(store: Store, principal: Principal, stored: StoredChangeSet) -> Response:
    made = stored.records[0]
    headers = {"Location": f"{COLLECTION}/{made.id}", "ETag": '"1"'}
    with store.database.read() as connection:
        record = query.fetch(connection, principal, "files", [made.id]).get(made.id)
    body = {"id": made.id, "object": "files", "label": made.label, "url": made.url, "version": 1}
    return JSONResponse(answers.record(record) if record else body, 201, headers)


# --- pages ------------------------------------------------------------------------------------------------------------


def form(store: Store) -> Endpoint:
    """POST /files/new: some files, from a form or from a script that asks for JSON."""

    async def answer(request: Request) -> Response:
        scripted = "application/json" in request.headers.get("accept", "")
        try:
            return await _leaving(request, _from_page(request, store, _writer(request), scripted))
        except ParleyError as error:
            if not scripted:
                raise
            return JSONResponse(error.problem(), error.status, media_type="application/problem+json")

    return answer


async def _from_page(request: Request, store: Store, principal: Principal, scripted: bool) -> Response:
    async with upload(request, store) as found:
        _check(found, _OF_THE_PAGE)
        stored = await _keep(request, store, principal, found)
    if scripted:
        made = [{"id": ref.id, "label": ref.label, "url": ref.url} for ref in stored.records]
        return JSONResponse({"change_set": stored.id, "files": made}, 201)
    target = _local(found.text("_next")) or stored.records[0].url
    response = RedirectResponse(target, 303)
    said = json.dumps({"what": "created:files", "undo": stored.id, "bad": False})
    secure = bool(request.scope.get("parley.secure"))
    response.set_cookie("parley_toast", said, 60, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def _local(target: str) -> str:
    parts = urlsplit(target)
    good = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if good and not parts.netloc and not parts.scheme else ""


# --- both -------------------------------------------------------------------------------------------------------------


async def _leaving(request: Request, work: Awaitable[Response]) -> Response:
    try:
        return await work
    except ClientDisconnect:
        return Response(status_code=Gone.status)


def _check(found: Upload, beside: tuple[str, ...], most: int = 0) -> None:
    unknown = [name for name in found.texts if name not in (*_WRITABLE, *beside)]
    if unknown:
        errors = [FieldError(name, "There is no such field here.") for name in unknown]
        raise Invalid(f"Unknown: {', '.join(unknown)[:200]}. Known: file, {', '.join(_WRITABLE)}.", errors)
    if not found.files:
        raise Invalid("Choose a file.", [FieldError("file", "A file is needed, as the part named file.")])
    if most and len(found.files) > most:
        raise Invalid("Send one file at a time.", [FieldError("file", "Send one file at a time.")])


async def _keep(request: Request, store: Store, principal: Principal, found: Upload) -> StoredChangeSet:
    """The records of the files; nothing where the sender has left meanwhile."""
    received = [await asyncio.to_thread(_received, item) for item in found.files]
    if await request.is_disconnected():
        raise ClientDisconnect
    wanted = ChangeSet(operations=tuple(_operation(found, item) for item in found.files))
    return await asyncio.to_thread(store.keep, principal, wanted, received)


def _received(incoming: Incoming) -> Received:
    found = kinds.kind(incoming.name, incoming.head)
    return Received(incoming, found, texts.read(found.reading, incoming.path))


def _operation(found: Upload, incoming: Incoming) -> Operation:
    values: dict[str, Any] = {name: given for name in found.texts if name in _WRITABLE and (given := found.text(name))}
    if "tags" in found.texts:
        values["tags"] = [tag.strip() for text in found.texts["tags"] for tag in text.split(",") if tag.strip()]
    return Operation(action="create", object="files", values={"name": incoming.name} | values)
