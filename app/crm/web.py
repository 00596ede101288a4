"""What every Flask view may ask for: who is asking, the services, and this response's nonce."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from flask import current_app, request

from app.crm.port import Crm
from app.crm.recent import Recent
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import NotSignedIn

Half = Literal["crm", "chatbot"]


@dataclass(frozen=True, slots=True)
class Assistant:
    """Where the pages find the assistant: `url` is "" on this very server, and None while it is away."""

    url: str | None = ""
    sentence: str = ""  # where it is, or that it is away and how to start it

    @property
    def is_away(self) -> bool:
        return self.url is None


@dataclass(frozen=True, slots=True)
class Services:
    """What the host built, for the views of the CRM half."""

    settings: Settings
    database: Database
    crm: Crm
    assistant: Callable[[], Assistant] = field(default=Assistant)
    recent: Recent = field(default_factory=Recent)


def services() -> Services:
    """The services of the app that answers this request."""
    return cast(Services, current_app.extensions["parley"])


def _scope() -> dict[str, Any]:
    return cast(dict[str, Any], request.environ.get("asgi.scope", {}))


def principal_or_none() -> Principal | None:
    """Who is asking, as the identity layer found; None for a stranger (on the open pages)."""
    return cast(Principal | None, _scope().get("parley.principal"))


def principal() -> Principal:
    """Who is asking. Raises NotSignedIn for a stranger, which the identity layer lets through on open pages alone."""
    found = principal_or_none()
    if found is None:
        raise NotSignedIn("Sign in first.")
    return found


def nonce() -> str:
    """The nonce of this response's content policy, for the rare inline script."""
    return str(_scope().get("parley.nonce", ""))


def is_secure() -> bool:
    """Whether the browser speaks TLS, to us or to the proxy before us."""
    return bool(_scope().get("parley.secure", False))


def request_id() -> str:
    """The id under which this request stands in the log."""
    return str(_scope().get("parley.request_id", ""))
