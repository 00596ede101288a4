"""The domain errors: a small family, each with an HTTP status, rendered by one handler as a page or as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One reason why one field of the input was refused."""

    field: str
    message: str
    extra: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "message": self.message, **(self.extra or {})}


class ParleyError(Exception):
    """Base of every error that a person may read. `detail` is a plain sentence."""

    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)

    def problem(self) -> dict[str, Any]:
        """The error as problem details (RFC 9457)."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        return body


class BadRequest(ParleyError):
    """The request could not be read (malformed JSON, a bad cursor)."""

    status = 400
    title = "Bad request"


class NotSignedIn(ParleyError):
    status = 401
    title = "Sign in first"


class Forbidden(ParleyError):
    status = 403
    title = "Not allowed"


class NotFound(ParleyError):
    """The record doesn't exist, or this principal may not know that it does."""

    status = 404
    title = "Not found"


class Invalid(ParleyError):
    """The input was read and refused; `errors` names every bad field at once."""

    status = 422
    title = "Invalid input"


class Conflict(ParleyError):
    """The record has changed since it was read; `errors` holds yours and theirs for each field."""

    status = 409
    title = "Conflict"


class TooMany(ParleyError):
    status = 429
    title = "Too many requests"


class Unavailable(ParleyError):
    status = 503
    title = "Not available right now"
