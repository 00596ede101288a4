"""Every route of the whole host, found by walking it, against everybody who might call it.

The table below says what each route asks for. A route that isn't in it fails the first test, and so does one of the
table that is gone. The rest calls all of them as each kind of caller and compares the decision; a refusal must leave
the database as it was.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.chatbot.tables import metadata as chat_metadata
from app.crm.accounts import sessions, tokens
from app.crm.schema import metadata as crm_metadata
from app.crm.schema import sessions as session_table
from app.crm.schema import tokens as token_table
from app.crm.schema import users as user_table
from app.shared import instance
from app.shared.access import is_machine
from app.shared.config import load
from app.shared.db import Database
from app.shared.types import utc_now
from tests.conftest import add_user

HOME = "http://127.0.0.1:5050"
OBJECT = "<any(companies,people,deals,tasks,notes,activities,files):object>"
WRITTEN = "<any(companies,people,deals,tasks,notes,activities,files,deal_contacts,deal_team):object>"
JOIN = "<any(deal_contacts,deal_team):object>"

# What a route asks for:
#   open     nothing
#   look     somebody who is signed in, or a token
#   ask      the same, though it is sent by POST: it changes no record
#   chat     somebody who keeps conversations: a viewer too, a token that may only read not
#   write    a member or an admin; a token that may write
#   own      somebody who is signed in, in person
#   admin    an admin, looking; a token too
#   shape    an admin, changing; a token that may write too
#   people   an admin, in person
EXPECTED: dict[str, str] = {
    "GET /healthz": "open",
    "GET /readyz": "open",
    "GET /metrics": "look",  # strangers on this machine itself aside
    "GET /favicon.ico": "open",
    "GET /openapi.json": "open",
    "GET /docs": "open",
    "GET /static/": "open",
    "GET /create": "write",
    "GET /create/twins": "look",
    f"POST /create/{OBJECT}": "write",
    f"POST /assign/{OBJECT}/<id>": "write",
    "GET /tasks/day": "look",
    "GET /tasks/read": "look",
    "POST /tasks/batch": "write",
    "POST /tasks/add": "write",
    "GET /notifications": "look",
    "GET /notifications/count": "look",
    "POST /notifications/read": "own",
    f"POST /follow/{OBJECT}/<id>": "own",
    "GET /settings/notifications": "look",
    "POST /settings/notifications": "own",
    # accounts
    "GET /sign-in": "open",
    "POST /sign-in": "open",
    "POST /sign-out": "own",
    "GET /setup": "open",
    "GET /setup/<token>": "open",
    "POST /setup/<token>": "open",
    "GET /invitation/<token>": "open",
    "POST /invitation/<token>": "open",
    "GET /settings/profile": "look",
    "POST /settings/profile": "own",
    "GET /settings/profile/example": "look",
    "GET /settings/sessions": "look",
    "POST /settings/profile/password": "own",
    "POST /settings/profile/sessions/<session_id>/end": "own",
    "POST /settings/profile/sessions/end-others": "own",
    "POST /settings/profile/sessions/end-all": "own",
    "GET /settings/tokens": "look",
    "POST /settings/tokens": "own",
    "POST /settings/tokens/<int:token_id>/revoke": "own",
    "GET /settings/users": "admin",
    "POST /settings/users": "people",
    "GET /settings/users/<int:user_id>": "admin",
    "POST /settings/users/<int:user_id>": "people",
    "POST /settings/users/<int:user_id>/link": "people",
    "POST /settings/users/<int:user_id>/deactivate": "people",
    "POST /settings/users/<int:user_id>/reactivate": "people",
    "POST /settings/users/<int:user_id>/sign-out": "people",
    "GET /settings/teams": "admin",
    "POST /settings/teams": "people",
    "GET /settings/teams/<int:team_id>": "admin",
    "POST /settings/teams/<int:team_id>": "people",
    "POST /settings/teams/<int:team_id>/members": "people",
    "POST /settings/teams/<int:team_id>/delete": "people",
    "GET /settings/visibility": "admin",
    "POST /settings/visibility": "people",
    "GET /settings/audit": "admin",
    "GET /settings/currencies": "admin",
    "POST /settings/currencies": "shape",
    # pages
    "GET /": "look",
    "GET /search": "look",
    "GET /search/palette": "look",
    "POST /tasks/<id>/done": "write",
    "GET /assistant": "look",
    "GET /assistant/<int:conversation>": "look",
    "POST /views": "own",
    "POST /views/<id>": "own",
    "POST /views/<id>/delete": "own",
    "POST /views/<id>/restore": "own",
    f"POST /list-settings/{OBJECT}/widths": "own",
    "GET /import": "write",
    "POST /import/columns": "write",
    "GET /import/<id>": "write",
    f"GET /{OBJECT}": "look",
    f"GET /{OBJECT}/filter": "look",
    f"GET /{OBJECT}/board": "look",
    f"GET /{OBJECT}/board/lane": "look",
    f"GET /{OBJECT}/<id>/move": "write",
    f"POST /{OBJECT}/<id>/move": "write",
    f"GET /{OBJECT}/filter/all": "look",
    f"POST /{OBJECT}/bulk": "write",
    f"GET /{OBJECT}/bulk/export": "look",
    "GET /bulk/<id>": "look",
    "POST /bulk/<id>/cancel": "write",
    f"GET /{OBJECT}/new": "write",
    f"POST /{OBJECT}/new": "write",
    "GET /files/new": "write",
    "POST /files/new": "write",
    "GET /files/{id:int}/content": "look",
    "GET /files/{id:int}/preview": "look",
    f"GET /{OBJECT}/<id>": "look",
    f"GET /{OBJECT}/<id>/timeline": "look",
    "POST /notes/<id>/pin": "write",
    "GET /<any(notes,activities):object>/<id>/text": "look",
    "POST /<any(notes,activities):object>/<id>/text": "write",
    "GET /mentions": "look",
    "POST /markdown": "ask",
    f"GET /{OBJECT}/<id>/card": "look",
    f"GET /{OBJECT}/<id>/edit": "write",
    f"POST /{OBJECT}/<id>/edit": "write",
    f"GET /{WRITTEN}/<id>/field/<name>": "write",
    f"POST /{WRITTEN}/<id>/field/<name>": "write",
    f"POST /{OBJECT}/<id>/related/<relation>": "write",
    f"POST /{OBJECT}/<id>/related/<relation>/link": "write",
    f"POST /{OBJECT}/<id>/related/<relation>/unlink": "write",
    f"POST /{OBJECT}/<id>/trash": "write",
    f"POST /{OBJECT}/<id>/restore": "write",
    f"POST /{OBJECT}/<id>/links/<relation>": "write",
    f"POST /{OBJECT}/<id>/links/<relation>/remove": "write",
    f"GET /{JOIN}/<id>": "look",
    "GET /pick/<object>": "look",
    "GET /users/<id>": "look",
    "GET /pipelines/<id>": "look",
    "POST /changes/<id>/undo": "write",
    "GET /settings": "look",
    "POST /settings/theme": "ask",
    "GET /settings/workspace": "admin",
    "POST /settings/workspace": "shape",
    "GET /settings/pipelines": "admin",
    "POST /settings/pipelines": "shape",
    "GET /settings/fields": "admin",
    "POST /settings/fields": "shape",
    "GET /settings/fields/new": "admin",
    "POST /settings/fields/new": "shape",
    "GET /settings/fields/<id>": "admin",
    "POST /settings/fields/<id>": "shape",
    "POST /settings/fields/<id>/options": "shape",
    "GET /settings/fields/<id>/retire": "admin",
    "POST /settings/fields/<id>/retire": "shape",
    "GET /settings/pipelines/<id>/retire": "admin",
    "POST /settings/pipelines/<id>/retire": "shape",
    "GET /settings/pipelines/stages/<id>/retire": "admin",
    "POST /settings/pipelines/stages/<id>/retire": "shape",
    "GET /settings/tags": "admin",
    "POST /settings/tags/<id>": "shape",
    "GET /settings/tags/<id>/delete": "admin",
    "POST /settings/tags/<id>/delete": "shape",
    "GET /export/{object}.csv": "look",  # of what the caller may see
    "GET /settings/webhooks": "admin",
    "POST /settings/webhooks": "shape",
    "GET /settings/webhooks/<id>": "admin",
    "POST /settings/webhooks/<id>": "shape",
    "POST /settings/webhooks/<id>/secret": "shape",
    "POST /settings/webhooks/<id>/test": "shape",
    "POST /settings/webhooks/<id>/delete": "shape",
    "POST /settings/webhooks/<id>/deliveries/<int(max=9007199254740991):delivery>/again": "shape",
    # the assistant
    "POST /chat/ask": "ask",
    "WS /live": "look",
    "PUT /chat/messages/{message_id}/rating": "chat",
    "WS /chat/ws": "look",
    "GET /chat/model": "look",
    "GET /chat/suggestions": "look",
    "GET /chat/conversations": "look",
    "GET /chat/conversations/{id}": "look",
    "PATCH /chat/conversations/{id}": "chat",
    "DELETE /chat/conversations/{id}": "chat",
    "GET /chat/messages/{message_id}/events": "look",
    "POST /chat/messages/{message_id}/stop": "ask",
    "GET /chat/index": "admin",
    "PUT /chat/index/model": "shape",
    "GET /chat/server": "admin",
    "POST /chat/server/probe": "shape",
    "PUT /chat/server/model": "shape",
    "POST /chat/server/load": "shape",
    "POST /chat/server/unload": "shape",
    "DELETE /chat/server/models": "shape",
    "POST /chat/server/pull": "shape",
    "DELETE /chat/server/pull": "shape",
    "POST /chat/index/rebuild": "shape",
    "DELETE /chat/index/rebuild": "shape",
    "GET /chat/{path:path}": "look",  # what is no route of the assistant: 404 or 405
    "POST /chat/{path:path}": "chat",
    "PUT /chat/{path:path}": "chat",
    "PATCH /chat/{path:path}": "chat",
    "DELETE /chat/{path:path}": "chat",
    # REST
    "GET /api/v1/users": "look",
    "GET /api/v1/users/<id>": "look",
    "GET /api/v1/teams": "look",
    "GET /api/v1/teams/<id>": "look",
    "GET /api/v1/fields": "look",
    "POST /api/v1/fields": "shape",
    "GET /api/v1/fields/<id>": "look",
    "PATCH /api/v1/fields/<id>": "shape",
    "GET /api/v1/pipelines": "look",
    "POST /api/v1/pipelines": "shape",
    "GET /api/v1/pipelines/<id>": "look",
    "PATCH /api/v1/pipelines/<id>": "shape",
    "POST /api/v1/stages": "shape",
    "GET /api/v1/stages/<id>": "look",
    "PATCH /api/v1/stages/<id>": "shape",
    "GET /api/v1/synonyms": "look",
    "POST /api/v1/synonyms": "shape",
    "DELETE /api/v1/synonyms/<id>": "shape",
    "POST /guide/demo": "shape",
    "POST /guide/demo/remove": "shape",
    "POST /guide/empty": "shape",
    "POST /guide/dismiss": "shape",
    "POST /guide/resume": "shape",
    "GET /jobs": "look",
    "POST /jobs/<id>/stop": "write",
    "GET /settings/jobs": "admin",
    "GET /settings/assistant": "admin",
    "GET /settings/words": "admin",
    "POST /settings/words": "shape",
    "POST /settings/words/<id>/delete": "shape",
    "GET /api/v1/tags": "look",
    "PATCH /api/v1/tags/<id>": "shape",
    "DELETE /api/v1/tags/<id>": "shape",
    "GET /api/v1/me": "look",
    "GET /api/v1/search": "look",
    "POST /api/v1/query": "ask",
    "GET /api/v1/changes": "look",
    "POST /api/v1/changes": "write",
    "GET /api/v1/changes/<id>": "look",
    "PUT /api/v1/changes/<id>": "write",
    "POST /api/v1/changes/<id>/apply": "write",
    "POST /api/v1/changes/<id>/reject": "write",
    "POST /api/v1/changes/<id>/undo": "write",
    "GET /api/v1/imports": "look",
    "POST /api/v1/imports": "write",
    "GET /api/v1/imports/<id>": "look",
    "POST /api/v1/imports/<id>/cancel": "write",
    "GET /api/v1/imports/<id>/errors": "look",
    "POST /api/v1/files": "write",
    "GET /api/v1/files/{id:int}/content": "look",
    f"GET /api/v1/{WRITTEN}": "look",
    f"POST /api/v1/{WRITTEN}": "write",
    f"GET /api/v1/{WRITTEN}/<id>": "look",
    f"PATCH /api/v1/{WRITTEN}/<id>": "write",
    f"DELETE /api/v1/{WRITTEN}/<id>": "write",
    f"POST /api/v1/{WRITTEN}/<id>/restore": "write",
    "GET /api/v1/webhooks": "admin",
    "POST /api/v1/webhooks": "shape",
    "GET /api/v1/webhooks/<id>": "admin",
    "PATCH /api/v1/webhooks/<id>": "shape",
    "DELETE /api/v1/webhooks/<id>": "shape",
    "POST /api/v1/webhooks/<id>/secret": "shape",
    "POST /api/v1/webhooks/<id>/test": "shape",
    "GET /api/v1/webhooks/<id>/deliveries": "admin",
    "POST /api/v1/webhooks/<id>/deliveries/<int(max=9007199254740991):delivery>/resend": "shape",
}


# --- walking the host -------------------------------------------------------------------------------------------------


def _fastapi_routes(routes: Any) -> Iterator[tuple[str, str]]:
    """(method, path) of what FastAPI serves itself; a mount by its path, with the routers that are included in it."""
    for route in routes:
        if hasattr(route, "original_router"):
            prefix = getattr(getattr(route, "include_context", None), "prefix", "") or ""
            yield from ((method, prefix + path) for method, path in _fastapi_routes(route.original_router.routes))
        elif type(route).__name__ in ("APIWebSocketRoute", "WebSocketRoute"):
            yield "WS", route.path
        elif getattr(route, "methods", None):
            yield from ((method, route.path) for method in sorted(route.methods - {"HEAD", "OPTIONS"}))
        elif route.path:  # the mount of the CRM, at "", is walked by its own map
            yield "GET", f"{route.path}/"


def _flask_routes(app: Any) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        yield from ((method, _plain(rule.rule)) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


def _plain(rule: str) -> str:
    """A rule of Flask without the limits of its numbers and the spaces of its choices."""
    return re.sub(r"<int[^:>]*:id>", "<id>", rule).replace(", ", ",")


def found_routes(host: Any) -> set[str]:
    both = [*_fastapi_routes(host.routes), *_flask_routes(host.state.parts.guard._app)]
    return {f"{method} {path}" for method, path in both}


# --- who calls --------------------------------------------------------------------------------------------------------

CALLERS = (
    "stranger", "deactivated", "expired session", "expired token", "revoked token", "deactivated's token",
    "viewer", "member", "member of another team", "admin", "viewer's token", "reading token", "writing token",
    "admin's token", "admin's reading token",
)  # fmt: skip
UNKNOWN = CALLERS[:6]
LOOKS = frozenset(CALLERS[6:])
IN_PERSON = frozenset({"viewer", "member", "member of another team", "admin"})
WRITES = frozenset({"member", "member of another team", "admin", "writing token", "admin's token"})
MAY: dict[str, frozenset[str]] = {
    "open": frozenset(CALLERS),
    "look": LOOKS,
    "ask": LOOKS,
    "chat": IN_PERSON | {"viewer's token", "writing token", "admin's token"},
    "write": WRITES,
    "own": IN_PERSON,
    "admin": frozenset({"admin", "admin's token", "admin's reading token"}),
    "shape": frozenset({"admin", "admin's token"}),
    "people": frozenset({"admin"}),
}


# These lead to the sign-in page, or on from it, by themselves.
LEAVES = ("POST /sign-out", "POST /settings/profile/sessions/end-all", "GET /setup", "GET /sign-in")


@dataclass
class World:
    """A host over a database with one user of each kind."""

    host: Any
    client: TestClient
    database: Database
    users: dict[str, int]
    address: str = "10.0.0.0"  # that calls come from: what one test is refused must not count against the next

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """The host, as it looks from `address`."""
        if scope["type"] != "lifespan":
            scope["client"] = (self.address, 50000)
        await self.host(scope, receive, send)

    def headers(self, caller: str) -> dict[str, str]:
        """What this caller sends to show who they are: a new session or token, of the kind that they have."""
        if caller == "stranger":
            return {"Origin": HOME}
        role = "other" if "another" in caller else next((one for one in self.users if caller.startswith(one)), "member")
        user_id = self.users[role]
        with self.database.write() as connection:
            if "token" not in caller:
                secret = sessions.start(connection, user_id)
                if caller == "expired session":
                    connection.execute(update(session_table).values(expires_at=utc_now() - timedelta(seconds=1)))
                return {"Cookie": f"parley_session={secret}", "Origin": HOME}
            scopes = "read" if "reading" in caller else "read write"
            token = tokens.create(connection, user_id, caller, scopes)
            if caller == "expired token":
                connection.execute(update(token_table).values(expires_at=utc_now() - timedelta(seconds=1)))
            if caller == "revoked token":
                connection.execute(delete(token_table))
            return {"Authorization": f"Bearer {token}", "Origin": HOME}

    def digest(self) -> str:
        """Of everything that is stored, but for when a credential was last used."""
        digest = hashlib.sha256()
        with self.database.read() as connection:
            for table in (*crm_metadata.sorted_tables, *chat_metadata.sorted_tables):
                columns = [column for column in table.c if column.name not in ("seen_at", "used_at")]
                rows = sorted(map(repr, connection.execute(select(*columns))))
                digest.update("\n".join([table.name, *rows]).encode())
        return digest.hexdigest()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    from app.host import build

    folder = tmp_path_factory.mktemp("routes")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    settings = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)
    instance.create(settings)
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    kinds = (
        ("admin", "admin"), ("member", "member"), ("other", "member"), ("viewer", "viewer"), ("deactivated", "admin"),
    )  # fmt: skip
    users = {kind: add_user(database, kind, role).user_id or 0 for kind, role in kinds}  # type: ignore[arg-type]
    with database.write() as connection:
        connection.execute(update(user_table).values(password_hash="x"))
        connection.execute(update(user_table).where(user_table.c.name == "deactivated").values(active=False))
    host = build(settings)
    made = World(host, None, database, users)  # type: ignore[arg-type]
    quiet = structlog.testing.capture_logs()  # a failing route shows in the decision; drawing its traceback is slow
    made.client = TestClient(made.app, base_url=HOME, follow_redirects=False, raise_server_exceptions=False)
    with quiet, made.client:
        yield made
    database.close()


@pytest.fixture(autouse=True)
def _of_its_own_address(world: World) -> None:
    world.address = str(ip_address(world.address) + 1)


# --- the tests --------------------------------------------------------------------------------------------------------


def test_every_route_of_the_host_stands_in_the_table(world: World) -> None:
    found = found_routes(world.host)
    assert len(found) > 60
    assert sorted(found - EXPECTED.keys()) == [], "a new route: say in the table what it asks for"
    assert sorted(EXPECTED.keys() - found) == [], "a route of the table is gone"


_NOBODYS = {
    "id": "999999",
    "object": "companies",
    "relation": "nothing",
    "token": "nobody",
    "session_id": "nobody",
    "path": "nothing",
}


def _call(world: World, route: str, headers: dict[str, str]) -> Any:
    """Call a route; numbers are those of nothing, so that what is let through meets nothing to change."""
    method, rule = route.split(" ", 1)
    path = re.sub(r"<(?:[^:>]*:)?(\w+)>|\{(\w+)(?::\w+)?\}", lambda hole: _fill(hole[1] or hole[2]), rule)
    if method == "WS":
        try:
            with world.client.websocket_connect(f"ws://127.0.0.1:5050{path}", headers=dict(headers)):
                return 101, ""
        except WebSocketDisconnect:
            return 403, ""
    answer = world.client.request(method, path, headers=headers)
    return answer.status_code, answer.headers.get("location", "")


def _fill(name: str) -> str:
    return _NOBODYS.get(name, "999999")


def _decision(status: int, location: str) -> str:
    if status == 401 or (status == 303 and location.startswith("/sign-in")):
        return "who?"
    return "no" if status == 403 else "yes"


def _expected(route: str, caller: str) -> str:
    if caller in MAY[EXPECTED[route]]:
        return "yes"
    return "who?" if caller in UNKNOWN and not route.startswith("WS ") else "no"


@pytest.mark.parametrize("caller", CALLERS)
def test_the_decision_on_every_route(world: World, caller: str) -> None:
    wrong, refused = [], []
    for route in EXPECTED:
        if _expected(route, caller) != "yes":
            refused.append(route)
            continue
        status, location = _call(world, route, world.headers(caller))
        leaves = route in LEAVES
        if status >= 500 or (_decision(status, location) != "yes" and not leaves):
            wrong.append((route, status, location))
    headers = world.headers(caller)
    before = world.digest()
    for route in refused:
        status, location = _call(world, route, headers)
        if _decision(status, location) != _expected(route, caller):
            wrong.append((route, status, location))
        if caller in UNKNOWN and not route.startswith("WS ") and is_machine(route.split(" ")[1]) != (status == 401):
            wrong.append((route, status, "pages redirect, programs get a problem"))
    assert wrong == []
    assert world.digest() == before


def test_the_digest_sees_a_change(world: World) -> None:
    before = world.digest()
    with world.database.write() as connection:
        statement = insert(user_table).values(name="Zoe", name_key="zoe", created_at=utc_now())
        added = connection.execute(statement.returning(user_table.c.id)).scalar_one()
    changed = world.digest()
    with world.database.write() as connection:
        connection.execute(delete(user_table).where(user_table.c.id == added))
        assert connection.execute(select(user_table.c.id).where(user_table.c.id == added)).all() == []
    assert changed != before


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api/v1/nothing", "/chat/nothing", "/mcp", "/admin", "/static", "/api/v1/deals/1/x"],
)
def test_what_is_no_route_tells_strangers_nothing(world: World, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"):
        answer = world.client.request(method, path)
        assert _decision(answer.status_code, answer.headers.get("location", "")) == "who?"
