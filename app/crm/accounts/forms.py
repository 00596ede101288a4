"""Forms that lose nothing: what was typed comes back with the reason beside its field. Passwords don't come back."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request

from app.crm.accounts.sessions import Device
from app.crm.web import is_secure, nonce, principal_or_none
from app.shared import cookies
from app.shared.errors import ParleyError
from app.shared.limits import Limited

SECRETS = frozenset({"password", "current", "new"})


def typed(*names: str) -> dict[str, str]:
    """The named fields of the form that was sent."""
    return {name: request.form.get(name, "") for name in names}


def page(template: str, values: Mapping[str, Any] | None = None, **context: Any) -> str:
    """A page of accounts; `values` fill its form."""
    return render_template(
        f"accounts/{template}.html",
        values=_shown(values or {}),
        problems=context.pop("problems", []),
        errors=context.pop("errors", {}),
        nonce=nonce(),
        **context,
    )


def refused(template: str, error: ParleyError, values: Mapping[str, Any], **context: Any) -> Response:
    """The form again, with what was wrong and what was typed."""
    problems = [(item.field, item.message) for item in error.errors] or [("", error.detail)]
    by_field = {item.field: item.message for item in error.errors}
    response = make_response(page(template, values, problems=problems, errors=by_field, **context), error.status)
    if isinstance(error, Limited):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "" if name in SECRETS else value for name, value in values.items()}


def device() -> Device:
    return Device(request.headers.get("User-Agent", ""), request.remote_addr or "")


def session_cookie() -> str | None:
    return request.cookies.get(cookies.name(is_secure()))


def own_session() -> str | None:
    """The id of the session in which this is asked; None where a token asks, or a stranger."""
    found = principal_or_none()
    kind, _, id_ = found.credential.partition(":") if found else ("", "", "")
    return id_ if kind == "session" else None


def with_session(response: Response, value: str) -> Response:
    """Hand the browser its session."""
    response.headers.add("Set-Cookie", cookies.handing_over(value, secure=is_secure()))
    return response


def without_session(response: Response) -> Response:
    response.headers.add("Set-Cookie", cookies.taking_back(secure=is_secure()))
    return response
