"""`Idempotency-Key`: a POST that is sent again is answered again, and done once.

The key is claimed before the work begins, in a transaction of its own; the answer is stored once it stands. A request
that failed changed nothing, so its key is free again. The same key with another body is a 409, and so is a key whose
first request still runs; keys are kept for a day, for each credential apart.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, ParamSpec

from flask import Response, make_response, request
from sqlalchemy import Connection, and_, delete, insert, select, update

from app.crm import web
from app.crm.schema import idempotency_keys as keys
from app.shared.contract import Principal
from app.shared.errors import BadRequest, Conflict
from app.shared.types import utc_now

KEPT = timedelta(hours=24)
LONGEST = 255  # characters of a key
_HEADERS = ("Content-Type", "Location", "ETag")
P = ParamSpec("P")


def idempotent(view: Callable[P, Any]) -> Callable[P, Response]:
    """Let a POST view honour the header; without it, nothing changes."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return make_response(view(*args, **kwargs))
        claim = Claim(key, web.principal())
        stored = claim.take()
        if stored is not None:
            return stored
        try:
            response = make_response(view(*args, **kwargs))
        except BaseException:
            claim.free()
            raise
        claim.store(response)
        return response

    return wrapped


class Claim:
    """One key of one credential, for one request."""

    def __init__(self, key: str, principal: Principal) -> None:
        if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
            raise BadRequest(f"Idempotency-Key takes 1 to {LONGEST} printable ASCII characters.")
        self.key = key
        self.credential = principal.credential or f"user:{principal.user_id}"
        self.hash = _digest()
        self.mine = and_(keys.c.credential == self.credential, keys.c.key == key)

    def take(self) -> Response | None:
        """The stored answer; None where this request is the first, which has the key now. Raises Conflict."""
        with web.services().database.write() as connection:
            connection.execute(delete(keys).where(keys.c.created_at < utc_now() - KEPT))
            row = connection.execute(select(keys).where(self.mine)).one_or_none()
            if row is None:
                self._insert(connection)
                return None
        if row.request_hash != self.hash:
            raise Conflict("This Idempotency-Key was used for another request. Take a new key for a new request.")
        if row.status is None:
            raise Conflict(
                f"The first request with this Idempotency-Key began at {row.created_at:%H:%M:%S} UTC and has no answer "
                "yet. Ask again in a moment; if the server was stopped meanwhile, look whether it was done."
            )
        return _restored(row.status, row.body)

    def _insert(self, connection: Connection) -> None:
        row = {"credential": self.credential, "key": self.key, "request_hash": self.hash, "created_at": utc_now()}
        connection.execute(insert(keys).values(**row))

    def store(self, response: Response) -> None:
        """Keep the answer of a request that was done; a refused one frees the key."""
        if response.status_code >= 400:
            return self.free()
        headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
        body = json.dumps({"headers": headers, "body": response.get_data(as_text=True)})
        with web.services().database.write() as connection:
            connection.execute(update(keys).where(self.mine).values(status=response.status_code, body=body))
        return None

    def free(self) -> None:
        with web.services().database.write() as connection:
            connection.execute(delete(keys).where(self.mine))


def _digest() -> str:
    """What makes two requests the same: method, address and body (a form's by its fields and its files' content)."""
    digest = sha256(f"{request.method} {request.full_path}\n".encode())
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


def _restored(status: int, body: str) -> Response:
    stored = json.loads(body)
    response = Response(stored["body"], status=status, headers=stored["headers"])
    response.headers["Idempotency-Replayed"] = "true"
    return response
