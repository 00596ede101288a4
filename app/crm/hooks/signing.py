"""Secrets and signatures after the Standard Webhooks specification.

A webhook's secret is HMAC-SHA256 of its random salt under the instance's secret: the database alone, or a backup of it
without the instance's folder, signs nothing. A new salt is a new secret; so is a changed instance secret, for all.
"""

import base64
import hashlib
import hmac
import secrets

from app.shared import instance
from app.shared.config import Settings

PREFIX = "whsec_"


def new_salt() -> str:
    """256 random bits."""
    return secrets.token_hex(32)


def key(settings: Settings, salt: str) -> bytes:
    """The 32 bytes that sign. The words before the salt keep this use of the instance's secret apart from others."""
    return hmac.digest(instance.secret(settings).encode(), b"parley webhook " + salt.encode(), hashlib.sha256)


def secret(settings: Settings, salt: str) -> str:
    """The key as it is shown, once, to whoever sets the receiver up."""
    return PREFIX + base64.b64encode(key(settings, salt)).decode()


def headers(key_: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of the specification. `timestamp`: of this attempt, in Unix seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key_, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
