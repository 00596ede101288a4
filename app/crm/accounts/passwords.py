"""Passwords: what is accepted, and how it is kept (argon2id, 19 MiB, 2 passes, 1 lane)."""

import threading
from functools import cache
from typing import TYPE_CHECKING

from app.crm.accounts.common_passwords import is_common
from app.shared.db import text_key
from app.shared.errors import FieldError, Invalid

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MINIMUM = 10
MAXIMUM = 1000  # characters; a bound on the work, not on anybody's taste
_AT_ONCE = threading.BoundedSemaphore(2)  # 19 MiB each, and a core each
# Nobody's: compared with where there is no such user, so that the answer takes as long.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The hash to store. Takes about 50 ms of a core."""
    with _AT_ONCE:
        return _hasher().hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether it is the password. `stored` None: there is no such user, which takes as long to say."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            return _hasher().verify(stored or _NOBODY, password[:MAXIMUM]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def check(password: str, *, name: str = "", email: str = "", field: str = "password") -> None:
    """Raises Invalid, naming `field`, where the password would be guessed soon."""
    reason = _weakness(password, name, email)
    if reason:
        raise Invalid("Choose another password.", [FieldError(field, reason)])


def _weakness(password: str, name: str, email: str) -> str | None:
    if len(password) < MINIMUM:
        return f"Use at least {MINIMUM} characters. A few words together are easy to remember."
    if len(password) > MAXIMUM:
        return f"Use at most {MAXIMUM} characters."
    if is_common(password):
        return "This is one of the first passwords that anybody would try."
    if _is_own_words(password, name, email):
        return "This is made of your name or e-mail address."
    return None


def _is_own_words(password: str, name: str, email: str) -> bool:
    """Whether nothing is left of it without these words, digits and signs."""
    key = rest = text_key(password) or ""
    for word in _own_words(name, email):
        rest = rest.replace(word, "")
    return rest != key and not any(sign.isalpha() for sign in rest)


def _own_words(name: str, email: str) -> list[str]:
    """The words of a name and of an address, longest first, and each of them whole."""
    key = text_key(email) or ""
    local, _, domain = key.partition("@")
    words = [key, local, domain, domain.partition(".")[0], text_key(name) or "", *(text_key(name) or "").split()]
    return sorted({word for word in words if len(word) > 2}, key=len, reverse=True)
