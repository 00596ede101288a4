"""The identity layer: one ASGI application outside both halves, HTTP and WebSocket alike.

It turns a cookie or a bearer token into a `Principal` in the scope (`parley.principal`), refuses whom the table in
`app.shared.access` doesn't admit, refuses what other sites send, bounds sizes and rates, and puts the security headers
on every response, so that no route, new or old, can forget one of them. `parley.nonce` is the nonce of this response's
content policy; `parley.secure` tells whether the browser speaks TLS.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.shared import access, cookies, headers, origin
from app.shared.bodies import Body
from app.shared.contract import Principal
from app.shared.errors import BadRequest, Forbidden, NotSignedIn, ParleyError, Unavailable
from app.shared.limits import Limiter, TooLarge, address_key
from app.shared.live import POLICY_VIOLATION, Connection, Message, Receive, Registry, Send
from app.shared.origin import Incoming, Scope
from app.shared.refusal import Render, as_problem, refuse

App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows of who sends it. A bearer token wins: the cookie beside one is not read."""

    session: str | None = None
    bearer: str | None = None
    is_local: bool = False  # from this machine itself, not through a proxy on it
    established: str | None = None  # the id of a session whose secret was shown when this connection opened


Resolve = Callable[[Credentials], Principal | None]
Renew = Callable[[str], str | None]  # a session's secret -> its new one; None where another request got that


@dataclass(frozen=True, slots=True)
class Rates:
    """Attempts that strangers have, by address; who is known may ask as fast as they can."""

    refused: Limiter  # requests that end for want of a credential
    entrance: Limiter  # forms sent to sign-in, set-up and invitation pages

    @classmethod
    def default(cls) -> "Rates":
        return cls(refused=Limiter(burst=1000, per_second=20), entrance=Limiter(burst=60, per_second=1))


class IdentityLayer:
    """`resolve` tells who a credential stands for; `renew` replaces the secret of a session whose rights have changed.
    Both block, and run in threads of their own.

    `host` is the address that is listened on, `configured` are further origins of ours, and `peers` gives the origins
    of the other half where the halves run apart. `page` renders a refusal that a person reads.
    """

    def __init__(
        self,
        app: App,
        resolve: Resolve,
        *,
        renew: Renew | None = None,
        host: str = "127.0.0.1",
        origins: Sequence[str] = (),
        peers: Callable[[], Sequence[str]] = tuple,
        rates: Rates | None = None,
        page: Render = as_problem,
    ) -> None:
        self.app = app
        self.origins = origin.Origins(host, origins)
        self.rates = rates or Rates.default()
        self.live = Registry(self._resolve)
        self._blocking = resolve
        self._renewing = renew
        self._peers = peers
        self._page = page
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="identity")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        incoming = origin.read(scope)
        scope["parley.principal"] = None
        scope["parley.nonce"] = secrets.token_urlsafe(16)
        scope["parley.secure"] = self.origins.is_secure(incoming)
        if incoming.kind == "websocket":
            return await self._websocket(scope, incoming, receive, send)
        return await self._http(scope, incoming, receive, self._with_headers(scope, incoming, send))

    async def _resolve(self, credentials: Credentials) -> Principal | None:
        if credentials == Credentials(is_local=credentials.is_local):
            return None
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._blocking, credentials)

    def _with_headers(self, scope: Scope, incoming: Incoming, send: Send) -> Send:
        peers = origin.with_loopback_names(self._peers())
        policy = headers.content_policy(scope["parley.nonce"], peers)
        store = access.classify(incoming.path) == "public"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                message["headers"] = headers.secured(given, policy, secure=scope["parley.secure"], store=store)
            await send(message)

        return send_with_headers

    # --- who is let in ------------------------------------------------------------------------------------------------

    async def _admit(self, scope: Scope, incoming: Incoming) -> Credentials:
        """Put the principal into the scope, or raise why this request goes no further."""
        self._check_form(incoming)
        credentials = read_credentials(incoming, scope["parley.secure"])
        kind = access.classify(incoming.path)
        if kind == "public":
            return credentials
        scope["parley.principal"] = principal = await self._identify(credentials)
        if kind == "entrance":
            self._check_entrance(incoming)
        elif principal is None and not (kind == "local" and incoming.is_local):
            self.rates.refused.take(address_key(incoming.address))
            raise NotSignedIn("Sign in, or send a token that is good: Authorization: Bearer pat_...")
        elif principal is not None:
            self._check_rights(principal, credentials, incoming)
        return credentials

    async def _identify(self, credentials: Credentials) -> Principal | None:
        try:
            return await self._resolve(credentials)
        except ParleyError:
            raise
        except Exception as error:
            raise Unavailable("The accounts can't be read right now.") from error

    def _check_form(self, incoming: Incoming) -> None:
        if not self.origins.knows(incoming):
            raise BadRequest(
                "This server doesn't go by the name that this was sent to. An operator adds names: PARLEY_ORIGINS."
            )
        if "\x00" in incoming.path or "\\" in incoming.path or ".." in incoming.path.split("/"):
            raise BadRequest("The path can't be read.")

    def _check_entrance(self, incoming: Incoming) -> None:
        if incoming.is_safe:
            return
        self.rates.entrance.take(address_key(incoming.address))
        self._check_site(incoming)

    def _check_rights(self, principal: Principal, credentials: Credentials, incoming: Incoming) -> None:
        by_cookie = credentials.bearer is None
        if incoming.kind == "websocket":
            if by_cookie and not self.origins.may_connect(incoming, self._peers()):
                raise Forbidden("This connection comes from another site.")
            return
        if by_cookie and not incoming.is_safe:
            self._check_site(incoming)
        access.check(principal, incoming.method, incoming.path)

    def _check_site(self, incoming: Incoming) -> None:
        if not self.origins.same_site(incoming):
            raise Forbidden("This was sent from another site. Open the page here and send it again.")

    # --- requests -----------------------------------------------------------------------------------------------------

    async def _http(self, scope: Scope, incoming: Incoming, receive: Receive, send: Send) -> None:
        body = Body(incoming, receive)
        try:
            credentials = await self._admit(scope, incoming)
            body.check_announced()
        except ParleyError as error:
            await refuse(incoming, error, send, self._page)
            return
        send = await self._with_renewed_secret(scope, credentials, send)
        response = _Response(self.live, scope["parley.principal"], credentials, receive, send)
        try:
            await self.app(scope, body.receive, body.guard(response.send))
        except TooLarge:
            pass
        finally:
            response.finish()
        if body.refused and not response.started:
            await refuse(incoming, body.refused, send, self._page)

    async def _with_renewed_secret(self, scope: Scope, credentials: Credentials, send: Send) -> Send:
        """Hand the browser a new secret with this answer where the session's rights have changed since the last one."""
        principal: Principal | None = scope["parley.principal"]
        if not (principal and principal.renews and credentials.session and self._renewing):
            return send
        loop, value = asyncio.get_running_loop(), credentials.session
        try:
            fresh = await loop.run_in_executor(self._threads, self._renewing, value)
        except Exception:  # the next answer tries again; the old secret stands meanwhile
            return send
        return cookies.adding(send, fresh, secure=scope["parley.secure"]) if fresh else send

    async def _websocket(self, scope: Scope, incoming: Incoming, receive: Receive, send: Send) -> None:
        try:
            credentials = await self._admit(scope, incoming)
        except ParleyError:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
            return
        principal: Principal | None = scope["parley.principal"]
        if principal is None:
            await self.app(scope, receive, send)
            return
        connection = Connection("websocket", principal, receive, send)
        self.live.add(connection, lasting(credentials, principal))
        try:
            await self.app(scope, self._checked(connection), connection.send)
        finally:
            self.live.remove(connection)

    def _checked(self, connection: Connection) -> Receive:
        """Each message is taken only while the credential is good."""

        async def receive() -> Message:
            message = await connection.receive()
            if message["type"] == "websocket.receive" and not await self.live.is_good(connection):
                await connection.close()
                return await connection.receive()
            return message

        return receive


def read_credentials(incoming: Incoming, secure: bool) -> Credentials:
    scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Credentials(bearer=token.strip(), is_local=incoming.is_local)
    session = origin.cookies(incoming.headers.get("cookie", "")).get(cookies.name(secure))
    return Credentials(session=session, is_local=incoming.is_local)


def lasting(credentials: Credentials, principal: Principal) -> Credentials:
    """By what an open connection is checked again: its session, whose secret may be renewed meanwhile."""
    kind, _, session = principal.credential.partition(":")
    return Credentials(established=session) if kind == "session" and credentials.bearer is None else credentials


class _Response:
    """A response on its way; one that streams events is kept among the live connections until it ends."""

    def __init__(
        self, live: Registry, principal: Principal | None, credentials: Credentials, receive: Receive, send: Send
    ) -> None:
        self.started = False
        self._live = live
        self._principal = principal
        self._credentials = credentials
        self._receive = receive
        self._send = send
        self._connection: Connection | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if self._principal and _is_stream(message):
                self._connection = Connection("http", self._principal, self._receive, self._send)
                self._live.add(self._connection, lasting(self._credentials, self._principal))
        await (self._connection.send if self._connection else self._send)(message)

    def finish(self) -> None:
        if self._connection:
            self._live.remove(self._connection)


def _is_stream(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in message.get("headers", ())
    )
