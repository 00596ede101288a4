"""Where a page ended: the sort values and the id of its last record, as an opaque text.

A cursor is tied to the object and the sort that it was made for. It holds values rather than a count of rows, so pages
stay right while records come and go. It grants nothing: the next page is narrowed like the first one.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import OperationalError, StatementError

from app.shared.errors import BadRequest

_CHECK = 8  # bytes
_ANOTHER = "The cursor is damaged or belongs to another list: start again without it."


def encode(fingerprint: str, position: Sequence[Any]) -> str:
    """A cursor after the record with these sort values, the id last."""
    body = json.dumps([_pack(value) for value in position], separators=(",", ":"), ensure_ascii=True).encode()
    return base64.urlsafe_b64encode(_check(fingerprint, body) + body).rstrip(b"=").decode()


def decode(fingerprint: str, cursor: str, length: int) -> list[Any]:
    """The sort values and the id. Raises BadRequest for one that is damaged or belongs to another list."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, body = raw[:_CHECK], raw[_CHECK:]
        if check != _check(fingerprint, body):
            raise ValueError("another list's")
        position = [_unpack(value) for value in json.loads(body)]
    except (ValueError, TypeError, KeyError, ArithmeticError, binascii.Error, RecursionError):
        raise BadRequest(_ANOTHER) from None
    if len(position) != length:
        raise BadRequest("The cursor belongs to another list: start again without it.")
    return position


@contextmanager
def followed(position: Sequence[Any] | None) -> Iterator[None]:
    """Reading on from a position. Values that don't fit their columns are the cursor's fault: it was made by hand."""
    try:
        yield
    except (StatementError, OverflowError, UnicodeError, ValueError, ArithmeticError) as error:
        if position is None or isinstance(error, OperationalError):
            raise
        raise BadRequest(_ANOTHER) from error


_UNPACK: dict[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "n": Decimal}


def _check(fingerprint: str, body: bytes) -> bytes:
    return hashlib.sha256(fingerprint.encode() + b"\x00" + body).digest()[:_CHECK]


def _pack(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    return value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, packed)] = value.items()
    return _UNPACK[kind](packed)
