"""A record's version as an ETag, and as what `If-Match` asks for."""

import re
from typing import Any

from flask import Response, jsonify, request

from app.crm.api import answers
from app.shared.contract import Record
from app.shared.errors import BadRequest

_TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def wanted_version() -> int | None:
    """The version that the change was made on; None where none is named (or any will do). Raises BadRequest."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    matched = _TAG.fullmatch(header.strip())
    if matched is None:
        raise BadRequest(f'If-Match is {header!r}: expected the record\'s version, as "3".')
    return int(matched[1])


def tagged(record: Record, status: int = 200, **headers: str) -> Response:
    """A record as an answer, with its version as the ETag."""
    return with_tag(answers.record(record), record.version, status, **headers)


def with_tag(body: dict[str, Any], version: int, status: int, **headers: str) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers.extend({"ETag": f'"{version}"', **headers})
    return response
