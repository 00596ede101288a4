"""Routes whose errors are problem details (RFC 9457), whatever application they are mounted in."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from app.shared.errors import BadRequest, FieldError, Invalid, ParleyError

MOST = 50  # errors that are told: a refusal isn't as large as what it refuses
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ProblemRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_with_problems(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return problem(invalid(error.errors()))
            except ParleyError as error:
                return problem(error)

        return handle_with_problems


def problem(error: ParleyError) -> Response:
    return JSONResponse(error.problem(), status_code=error.status, media_type="application/problem+json")


def invalid(errors: Sequence[Any]) -> ParleyError:
    """What pydantic found, as a domain error that names every bad field at once."""
    if any(error["type"] == "json_invalid" for error in errors):
        return BadRequest("The body can't be read as JSON.")
    fields = tuple(FieldError(_name(error["loc"])[:100], _sentence(error)) for error in errors[:MOST])
    names = ", ".join(dict.fromkeys(item.field for item in fields))
    return Invalid(f"Not accepted: {names}.", fields)


def _name(location: Sequence[Any]) -> str:
    """The field's own name: `question`, `context.id`."""
    inner = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(inner) or "body"


def _sentence(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return message[:1].upper() + message[1:] + "."
