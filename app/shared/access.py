"""Which requests need whom: the one table by which the identity layer decides, before any route runs.

Deny by default: a path that stands nowhere here needs somebody who is signed in, and to change anything somebody who
may write. What a person may see or change beyond that is decided by the doors.
"""

from typing import Literal

from app.shared.contract import Principal
from app.shared.errors import Forbidden
from app.shared.origin import SAFE_METHODS

# Open to everybody; no credential is even read.
PUBLIC = frozenset({"/healthz", "/readyz", "/openapi.json", "/docs", "/favicon.ico"})
PUBLIC_TREES = ("/static/", "/docs/")
# Open to everybody, and told who is signed in.
ENTRANCES = frozenset({"/sign-in", "/setup"})
ENTRANCE_TREES = ("/setup/", "/invitation/")
# Open to this machine itself, else for somebody with a credential.
LOCAL = frozenset({"/metrics"})

# Answered by JSON where refused; everything else is a page.
MACHINE_TREES = ("/api", "/chat", "/mcp", "/metrics")
# Unsafe methods that change no record: for everybody who may read.
READS = frozenset({"/api/v1/query", "/markdown", "/settings/theme"})
# What each person settles alone, a viewer too.
OWN = (
    "/sign-out", "/settings/profile", "/settings/tokens", "/settings/notifications", "/notifications", "/follow",
    "/views", "/list-settings",
)  # fmt: skip
# For admins alone, reading too.
ADMIN = (
    "/settings/users", "/settings/teams", "/settings/visibility", "/settings/audit", "/settings/workspace",
    "/settings/pipelines", "/settings/fields", "/settings/tags", "/settings/currencies",
    "/settings/webhooks", "/settings/words", "/settings/assistant", "/settings/jobs", "/guide",
    "/api/v1/webhooks", "/chat/index", "/chat/server",
)  # fmt: skip
# Read by everybody, changed by admins alone: how the workspace is shaped.
SHAPE = ("/api/v1/fields", "/api/v1/pipelines", "/api/v1/stages", "/api/v1/tags", "/api/v1/synonyms")
# Changed by a person who is signed in: a leaked token can't give itself a longer life.
IN_PERSON = (*OWN, "/settings/users", "/settings/teams", "/settings/visibility")

Class = Literal["public", "entrance", "local", "closed"]


def within(path: str, trees: tuple[str, ...]) -> bool:
    return any(path == tree or path.startswith(tree + "/") for tree in trees)


def classify(path: str) -> Class:
    if path in PUBLIC or path.startswith(PUBLIC_TREES):
        return "public"
    if path in ENTRANCES or path.startswith(ENTRANCE_TREES):
        return "entrance"
    return "local" if path in LOCAL else "closed"


def is_machine(path: str) -> bool:
    return within(path, MACHINE_TREES)


def check(principal: Principal, method: str, path: str) -> None:
    """Raises Forbidden where this principal may not do this here, whatever the record."""
    if within(path, ADMIN) and not principal.is_admin:
        raise Forbidden("Only an admin can see and change this.")
    if method in SAFE_METHODS:
        return
    if within(path, SHAPE) and not principal.is_admin:
        raise Forbidden("Only an admin can change this.")
    if within(path, IN_PERSON):
        if principal.channel != "page":
            raise Forbidden("An account is changed by a person who is signed in, not with a token.")
        return
    if not principal.can_write and not _reads(principal, method, path):
        raise Forbidden(_why(principal))


def _reads(principal: Principal, method: str, path: str) -> bool:
    """A viewer keeps conversations with the assistant; a token that may only read asks, and changes nothing there."""
    if within(path, ("/chat",)):
        return "write" in principal.scopes or (method == "POST" and _is_turn(path))
    return path in READS


def _is_turn(path: str) -> bool:
    return path == "/chat/ask" or (path.startswith("/chat/messages/") and path.endswith("/stop"))


def _why(principal: Principal) -> str:
    if "write" not in principal.scopes:
        return "This token may read, not change anything."
    return "You may look at everything here, not change it. Ask an admin for the member role."
