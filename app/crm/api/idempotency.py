"""`Idempotency-Key`: a request that changes something and is sent again is answered again, and done once.

The key is claimed before the work begins, in a transaction of its own; the answer is stored once it stands. In between,
the transaction that writes a change set notes it with the key, so that work and key agree whatever happens then. Where
nothing was written, the key of a failed request is free again, and that of one that was cut off after `LEASE`. Where
something was, it is never done twice; if its answer was lost, a 409 names the set. The same key with another body is a
409, and so is a key whose first request still runs. Keys are kept for a day, for each credential apart.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, ParamSpec

from flask import Response, make_response, request
from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from app.crm import web
from app.crm.changes.beside import beside
from app.crm.schema import idempotency_keys as keys
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import BadRequest, Conflict
from app.shared.types import utc_now

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=10)  # longer than any request; one that takes longer still can write nothing any more
LONGEST = 255  # characters of a key
HEADERS = ("Content-Type", "Location", "ETag")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is given again."""

    status: int
    body: str
    headers: dict[str, str]


def idempotent(view: Callable[P, Any]) -> Callable[P, Response]:
    """Let a view honour the header; without it, nothing changes."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return make_response(view(*args, **kwargs))
        claim = Claim(key, web.principal(), web.services().database, _digest())
        stored = claim.take()
        if stored is not None:
            return Response(stored.body, stored.status, stored.headers)
        try:
            with beside(claim.note):
                response = make_response(view(*args, **kwargs))
        except BaseException:
            claim.free()
            raise
        kept = {name: response.headers[name] for name in HEADERS if name in response.headers}
        claim.store(response.status_code, kept, response.get_data(as_text=True))
        return response

    return wrapped


class Claim:
    """One key of one credential, for one request."""

    def __init__(self, key: str, principal: Principal, database: Database, digest: str) -> None:
        if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
            raise BadRequest(f"Idempotency-Key takes 1 to {LONGEST} printable ASCII characters.")
        self.key = key
        self.credential = principal.credential or f"user:{principal.user_id}"
        self.database, self.hash, self.since = database, digest, utc_now()
        self.named = and_(keys.c.credential == self.credential, keys.c.key == key)
        self.mine = and_(self.named, keys.c.created_at == self.since)  # as long as no later request took it over

    def take(self) -> Answer | None:
        """The stored answer; None where this request is the first, which has the key now. Raises Conflict."""
        with self.database.write() as connection:
            connection.execute(delete(keys).where(keys.c.created_at < utc_now() - KEPT))
            row = connection.execute(select(keys).where(self.named)).one_or_none()
            if row is None:
                self._insert(connection)
                return None
            if row.request_hash != self.hash:
                raise Conflict("This Idempotency-Key was used for another request. Take a new key for a new request.")
            if _is_abandoned(row):
                connection.execute(update(keys).where(self.named).values(created_at=self.since))
                return None
        if row.status is None:
            raise Conflict(_lost(row) if row.body else _running(row))
        return _restored(row.status, row.body)

    def _insert(self, connection: Connection) -> None:
        row = {"credential": self.credential, "key": self.key, "request_hash": self.hash, "created_at": self.since}
        connection.execute(insert(keys).values(**row))

    def note(self, connection: Connection, change_set: int) -> None:
        """Note, in the transaction that writes a set, that this request has written it. Raises Conflict where the key
        was taken over meanwhile: then nothing is written.
        """
        said = update(keys).where(self.mine).values(body=json.dumps({"change_set": change_set}))
        if connection.execute(said).rowcount == 0:
            raise Conflict("This request took so long that another one with its Idempotency-Key has taken its place.")

    def store(self, status: int, headers: Mapping[str, str], text: str) -> None:
        """Keep the answer of a request that was done; a refused one frees the key."""
        if status >= 400:
            return self.free()
        body = json.dumps({"headers": dict(headers), "body": text})
        with self.database.write() as connection:
            connection.execute(update(keys).where(self.mine).values(status=status, body=body))
        return None

    def free(self) -> None:
        """Forget the key, unless something was written."""
        with self.database.write() as connection:
            connection.execute(delete(keys).where(self.mine, keys.c.body.is_(None)))


def _is_abandoned(row: Row[Any]) -> bool:
    """Whether the request that has the key was cut off, say by the end of its server, before it wrote anything."""
    return row.status is None and row.body is None and row.created_at < utc_now() - LEASE


def _running(row: Row[Any]) -> str:
    return (
        f"The first request with this Idempotency-Key began at {row.created_at:%H:%M:%S} UTC and has no answer yet. "
        "Ask again in a moment."
    )


def _lost(row: Row[Any]) -> str:
    number = json.loads(row.body)["change_set"]
    return (
        f"The first request with this Idempotency-Key was done, as change set {number}, but has no answer to repeat. "
        f"See /api/v1/changes/{number}."
    )


def _digest() -> str:
    """What makes two requests the same: method, address, version and body (a form's: fields and files' content)."""
    digest = sha256(f"{request.method} {request.full_path} {request.headers.get('If-Match', '')}\n".encode())
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data(cache=True))
        return digest.hexdigest()
    digest.update(json.dumps(sorted(request.form.items(multi=True))).encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(f"{name} {file.filename}\n".encode())
        while chunk := file.stream.read(1 << 20):
            digest.update(chunk)
        file.stream.seek(0)
    return digest.hexdigest()


def _restored(status: int, body: str) -> Answer:
    stored = json.loads(body)
    return Answer(status, stored["body"], {**stored["headers"], "Idempotency-Replayed": "true"})
