"""Random secrets, and the hash under which they are kept."""

import hashlib
import secrets


def new(prefix: str = "") -> str:
    """A secret of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def name() -> str:
    """A random name for something that has a secret; it opens nothing."""
    return secrets.token_hex(12)


def digest(secret: str) -> str:
    """SHA-256: enough for what is random already, and the look-up is by this hash alone."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
