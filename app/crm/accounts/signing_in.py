"""Signing in with an address and a password: equal words and equal time for whoever there is and isn't."""

from dataclasses import dataclass, field

from app.crm.accounts import passwords, sessions, users
from app.crm.accounts.sessions import Device
from app.shared.db import Database, text_key
from app.shared.errors import FieldError, Invalid
from app.shared.limits import Limited, Limiter, address_key

_REFUSED = "The e-mail address or the password is wrong."


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failed attempts, by address, by account from one address, and by account from everywhere.

    The last is wide, so that a stranger who fails on purpose doesn't lock somebody out soon.
    """

    address: Limiter = field(default_factory=lambda: Limiter(burst=40, per_second=40 / 900))
    account_here: Limiter = field(default_factory=lambda: Limiter(burst=8, per_second=8 / 900))
    account: Limiter = field(default_factory=lambda: Limiter(burst=100, per_second=100 / 3600))

    def _pairs(self, email: str, address: str) -> list[tuple[Limiter, str]]:
        account, here = (text_key(email.strip()) or "")[:320], address_key(address)
        return [(self.address, here), (self.account_here, f"{account} {here}"), (self.account, account)]

    def check(self, email: str, address: str) -> None:
        """Raises Limited where one of them is used up."""
        wait = max(limiter.wait(key) for limiter, key in self._pairs(email, address))
        if wait > 0:
            raise Limited(wait)

    def failed(self, email: str, address: str) -> None:
        for limiter, key in self._pairs(email, address):
            limiter.take(key)

    def succeeded(self, email: str, address: str) -> None:
        for limiter, key in self._pairs(email, address)[1:]:
            limiter.forget(key)


def sign_in(
    database: Database, attempts: Attempts, email: str, password: str, device: Device, *, replaces: str | None = None
) -> str:
    """A new session's secret. Raises Invalid where it isn't them, and Limited after too many failures."""
    attempts.check(email, device.address)
    with database.read() as connection:
        user = users.by_email(connection, email)
    usable = user is not None and user.active
    if not passwords.verify(user.password_hash if user is not None and usable else None, password) or user is None:
        _fail(attempts, email, device.address)
        raise Invalid(_REFUSED, [FieldError("password", _REFUSED)])
    attempts.succeeded(email, device.address)
    renewed = passwords.hash_password(password) if passwords.is_outdated(user.password_hash) else None
    with database.write() as connection:
        if renewed:
            users.rehash(connection, user.id, renewed)
        return sessions.start(connection, user.id, device, replaces=replaces)


def _fail(attempts: Attempts, email: str, address: str) -> None:
    try:
        attempts.failed(email, address)
    except Limited:  # another attempt at the same moment took the last one: this one has failed all the same
        return
