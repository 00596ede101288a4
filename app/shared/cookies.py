"""The session's cookie: its name, its attributes, and how an answer hands it over."""

from app.shared.live import Message, Send

PLAIN = "parley_session"
PREFIXED = "__Host-parley_session"  # browsers take it over TLS alone, for this very host; no other host can set it
LIFETIME = 90 * 24 * 3600  # seconds; the session itself may end before


def name(secure: bool) -> str:
    """The cookie's name; `secure`: the browser speaks TLS."""
    return PREFIXED if secure else PLAIN


def handing_over(value: str, *, secure: bool) -> str:
    """The Set-Cookie header that gives the browser its session."""
    return _header(value, LIFETIME, secure)


def taking_back(*, secure: bool) -> str:
    """The Set-Cookie header that makes the browser forget its session."""
    return _header("", 0, secure)


def _header(value: str, age: int, secure: bool) -> str:
    head = f"{name(secure)}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax"
    return f"{head}; Secure" if secure else head


def adding(send: Send, value: str, *, secure: bool) -> Send:
    """A `send` which hands the session over with the answer, unless the answer sets that cookie itself."""

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            if not any(_sets_session(name_, value_) for name_, value_ in given):
                given.append((b"set-cookie", handing_over(value, secure=secure).encode("latin-1")))
            message["headers"] = given
        await send(message)

    return send_with_cookie


def _sets_session(header: bytes, value: bytes) -> bool:
    return header.lower() == b"set-cookie" and value.startswith((PLAIN.encode() + b"=", PREFIXED.encode() + b"="))
