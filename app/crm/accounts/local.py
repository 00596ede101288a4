"""The command line's own credential: a short-lived bearer token made from the instance's secret.

Whoever can read the instance's folder is trusted with everything in it, so this opens nothing that isn't open to them.
"""

import base64
import binascii
import hashlib
import hmac
import time

from app.shared import instance
from app.shared.config import Settings

PREFIX = "local_"
LIFETIME = 600  # seconds


def local_token(settings: Settings, user_id: int | None = None) -> str:
    """A bearer token for the running server, as this user, or as the system (None; from this machine alone)."""
    body = f"{user_id if user_id is not None else '-'}:{int(time.time()) + LIFETIME}"
    packed = base64.urlsafe_b64encode(body.encode()).decode()
    return f"{PREFIX}{packed}.{_signature(_key(settings), packed)}"


def read(settings: Settings, token: str) -> tuple[bool, int | None]:
    """(whether it is good, whose it is: None for the system's)."""
    packed, _, signature = token.removeprefix(PREFIX).partition(".")
    if not hmac.compare_digest(_signature(_key(settings), packed).encode(), signature.encode()):
        return False, None
    try:
        user, _, expires = base64.urlsafe_b64decode(packed).decode().partition(":")
        return time.time() < int(expires), None if user == "-" else int(user)
    except (binascii.Error, ValueError):
        return False, None


def _key(settings: Settings) -> bytes:
    """A key of its own, so that no other use of the secret can make one of these."""
    return hmac.digest(instance.secret(settings).encode(), b"parley local token", hashlib.sha256)


def _signature(key: bytes, packed: str) -> str:
    return hmac.new(key, packed.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
