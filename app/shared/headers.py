"""The security headers of every response. A route that sets one of them itself keeps its own."""

from collections.abc import Iterable

RawHeaders = list[tuple[bytes, bytes]]

_FIXED: RawHeaders = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
]
_NOT_STORED = (b"cache-control", b"no-store")
_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")


def content_policy(nonce: str, peers: Iterable[str] = ()) -> str:
    """The content security policy: nothing from elsewhere, no inline script or style without this response's nonce.

    `peers`: the origins of the other half, where the halves run apart; pages may connect to it.
    """
    connect = " ".join(["'self'", *(origin for peer in peers for origin in (peer, "ws" + peer.removeprefix("http")))])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self'",
            "font-src 'self'",
            "frame-src 'self'",  # a file's preview; nothing else here lets itself be framed
            f"connect-src {connect}",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def secured(headers: Iterable[tuple[bytes, bytes]], policy: str, *, secure: bool, store: bool) -> RawHeaders:
    """The headers of a response with what it lacks. `store`: it may be kept by caches as it says itself."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    wanted = [*_FIXED, (b"content-security-policy", policy.encode("latin-1"))]
    if not store:
        wanted.append(_NOT_STORED)
    if secure:
        wanted.append(_TLS_ONLY)
    return given + [item for item in wanted if item[0] not in names]
