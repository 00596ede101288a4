"""What `doctor --deploy` checks besides: whether an instance may be shown to others. Each fault says what to do."""

import ipaddress
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, inspect, select

from app.doctor import GIGABYTE, Check, Finding
from app.shared.config import ROOT, Settings
from app.shared.db import Database, sqlite_module, sqlite_state
from app.shared.origin import LOOPBACK_NAMES, host_name

T = TypeVar("T")
BACKUP_AGE = timedelta(days=2)
AHEAD = timedelta(minutes=5)  # by which what is stored may be ahead of the clock
WIDEST = 2**16  # addresses of a trusted network; a larger one is hardly a row of proxies
SHORT_LIVED = ("/tmp/", "/run/", "/dev/shm/")  # noqa: S108 - compared with
LEAST_SPACE = 1.0  # GB


def mode(settings: Settings) -> Iterator[Finding]:
    if settings.development:
        yield Finding("fault", "Mode", "development: set PARLEY_ENV=production.")
    else:
        yield Finding("ok", "Mode", "production.")


def origins(settings: Settings) -> Iterator[Finding]:
    if not settings.origins:
        yield Finding("fault", "Origins", "none: name the address that people use in PARLEY_ORIGINS.")
    for origin in settings.origins:
        parts = urlsplit(origin)
        if parts.scheme == "https":
            yield Finding("ok", "Origins", origin)
        elif host_name(parts.netloc.lower()) in LOOPBACK_NAMES:
            yield Finding("ok", "Origins", f"{origin}, on this machine alone.")
        else:
            yield Finding("fault", "Origins", f"{origin} is not https: passwords would pass in the clear.")


def cookies(settings: Settings) -> Iterator[Finding]:
    """The session's cookie is Secure and bound to its host exactly where an origin is https."""
    plain = [origin for origin in settings.origins if not origin.startswith("https://")]
    if not settings.origins or plain:
        where = ", ".join(plain) or "every address"
        yield Finding(
            "fault", "Cookies", f"not Secure at {where}: name https addresses alone in PARLEY_ORIGINS, behind a proxy."
        )
    else:
        yield Finding("ok", "Cookies", "Secure, HttpOnly, SameSite=Lax, with the prefix __Host-.")


def proxies(settings: Settings) -> Iterator[Finding]:
    """Parley speaks no TLS itself: behind an https address stands a proxy, whose word on addresses is needed."""
    if any(origin.startswith("https://") for origin in settings.origins) and not settings.trusted_proxies:
        why = "none, and every visitor counts as the proxy: name its address in PARLEY_TRUSTED_PROXIES, as 127.0.0.1."
        yield Finding("fault", "Trusted proxies", why)
    for item in settings.trusted_proxies:
        wide = ipaddress.ip_network(item).num_addresses > WIDEST
        why = f"{item} is wide: whoever is in it can say who they are. Name the proxies alone." if wide else item
        yield Finding("fault" if wide else "ok", "Trusted proxies", why)


def secret(settings: Settings) -> Iterator[Finding]:
    path = settings.instance / "secret"
    value = settings.secret_key or (path.read_text().strip() if path.is_file() else "")
    if not value:
        yield Finding("note", "Secret key", "none yet; the first start makes one.")
    elif len(value) < 32 or len(set(value)) < 10 or _is_phrase(value):
        why = "would be guessed: leave PARLEY_SECRET_KEY out, or make one with `openssl rand -hex 32`."
        yield Finding("fault", "Secret key", why)
    else:
        yield Finding("ok", "Secret key", "long and random enough.")


def _is_phrase(value: str) -> bool:
    return any(word in value.casefold() for word in ("secret", "change", "password", "example", "parley", "default"))


def file_modes(settings: Settings) -> Iterator[Finding]:
    """The instance's folder is closed to others, or else each file in it is. A database elsewhere is looked at too."""
    wanted = [settings.instance, settings.instance / "secret"]
    if settings.database.get_backend_name() == "sqlite" and settings.database.database:
        database = Path(settings.database.database)
        wanted += [database] if database.parent != settings.instance else []
    found = [path for path in wanted if path.exists()]
    for path in found:
        bits = stat.S_IMODE(path.stat().st_mode)
        if bits & 0o077:
            right = "700" if path.is_dir() else "600"
            yield Finding("fault", "File modes", f"{path} is open to others (mode {bits:o}): chmod {right} {path}")
    if found and not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in found):
        yield Finding("ok", "File modes", "for their owner alone.")


def user(_settings: Settings) -> Iterator[Finding]:
    root = os.geteuid() == 0
    why = "root: give Parley a user of its own, as the unit in docs/deploying.md does." if root else "not root."
    yield Finding("note" if root else "ok", "User", why)


def sqlite_release(settings: Settings) -> Iterator[Finding]:
    if settings.database.get_backend_name() != "sqlite":
        return
    yield Finding("note", "Scale", "SQLite: one process on one machine. PostgreSQL allows several.")
    if (settings.database.database or "").startswith(SHORT_LIVED):
        why = f"{settings.database.database} doesn't outlive a restart: put the instance elsewhere."
        yield Finding("fault", "Database file", why)
    state = sqlite_state(sqlite_module())
    if state.degraded:
        why = f"{state.degraded} Run ./run.sh, which installs pysqlite3 with a newer one, or use PostgreSQL."
        yield Finding("fault", "SQLite release", why)
    else:
        yield Finding("ok", "SQLite release", state.version)


def backups(settings: Settings) -> Iterator[Finding]:
    if not settings.backups:
        why = "nobody says where they are: name their folder in PARLEY_BACKUPS, or set it to elsewhere."
        yield Finding("fault", "Backups", why)
        return
    if settings.backups == "elsewhere":
        yield Finding("note", "Backups", "taken elsewhere, as PARLEY_BACKUPS says; they aren't looked at from here.")
        return
    newest = _newest(Path(settings.backups).expanduser())
    if newest is None:
        yield Finding("fault", "Backups", f"no file in {settings.backups}: take one, every day.")
    elif (age := datetime.now(UTC) - newest) > BACKUP_AGE:
        yield Finding("fault", "Backups", f"the newest is {age.days} days old: see why none is taken any more.")
    else:
        yield Finding("ok", "Backups", f"the newest is of {newest:%Y-%m-%d %H:%M} UTC. Restore one now and then.")


def _newest(folder: Path) -> datetime | None:
    """When the youngest file that isn't empty was written, two levels deep."""
    if not folder.is_dir():
        return None
    files = (path for pattern in ("*", "*/*") for path in folder.glob(pattern) if path.is_file())
    times = [status.st_mtime for path in files if (status := path.stat()).st_size > 0]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for the log of writes, for a vacuum, and for a backup beside it."""
    if not settings.instance.exists():
        return
    free = _free(settings.instance)
    database = settings.instance / "crm.db"
    size = database.stat().st_size / GIGABYTE if database.exists() else 0.0
    needed = max(LEAST_SPACE, 2 * size)
    why = f"{free:.1f} GB free."
    if free < needed:
        yield Finding("fault", "Room to grow", f"{why} Make room for at least {needed:.1f} GB.")
    else:
        yield Finding("ok", "Room to grow", why)


def _free(folder: Path) -> float:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize / GIGABYTE


def clock(settings: Settings) -> Iterator[Finding]:
    """Sessions, links and tokens end by the clock: it can't be behind the program's files or what is stored."""
    now = datetime.fromtimestamp(time.time(), UTC)
    latest = datetime.fromtimestamp(Path(ROOT / "pyproject.toml").stat().st_mtime, UTC)
    stored = _asked(settings, _latest) or latest
    if max(latest, stored) > now + AHEAD:
        why = f"{now:%Y-%m-%d %H:%M} UTC is behind what was already written: set it, and let NTP keep it."
        yield Finding("fault", "Clock", why)
    else:
        yield Finding("ok", "Clock", f"{now:%Y-%m-%d %H:%M} UTC.")


def _latest(connection: Connection) -> datetime | None:
    from app.crm.schema import change_sets, security_events

    columns = (change_sets.c.applied_at, security_events.c.at)
    moments = [connection.scalar(select(func.max(column))) for column in columns]
    return max((moment for moment in moments if moment), default=None)


# --- who can come in -------------------------------------------------------------------------------------------------


def accounts(settings: Settings) -> Iterator[Finding]:
    """Nothing is said of an instance that has no database yet."""
    yield from _asked(settings, _accounts) or ()


def _accounts(connection: Connection) -> list[Finding]:
    return [*_set_up(connection), *_admins(connection), *_demo(connection), *_tokens(connection)]


def _set_up(connection: Connection) -> Iterator[Finding]:
    from app.crm.accounts import users

    if not users.anybody_can_sign_in(connection):
        why = "open: whoever has the set-up link becomes the admin. Open it yourself before others can reach Parley."
        yield Finding("fault", "Set-up", why)
    else:
        yield Finding("ok", "Set-up", "done; its link works no more.")


def _admins(connection: Connection) -> Iterator[Finding]:
    from app.crm.accounts import passwords, users

    admins = [user for user in users.listing(connection) if user.role == "admin" and user.active]
    able = [user for user in admins if users.state(user) == "active"]
    for user in able:
        if passwords.is_outdated(user.password_hash):
            why = f"{user.email}'s password is kept under an old hash: let them sign in again, or choose a new one."
            yield Finding("fault", "Admins", why)
    for user in admins:
        if user not in able:
            why = f"{user.name} is one and has no password: send the invitation again, or make them a member."
            yield Finding("fault", "Admins", why)
    if len(able) == 1:
        yield Finding("note", "Admins", "one alone: a second can let the first back in.")
    elif len(able) > 1:
        yield Finding("ok", "Admins", f"{len(able)}.")


def _demo(connection: Connection) -> Iterator[Finding]:
    from app.crm.accounts import users
    from app.crm.accounts.demo import EMAIL

    found = users.by_email(connection, EMAIL)
    if found is not None and found.active:
        yield Finding("fault", "Demo user", f"{EMAIL} can sign in: deactivate it under Settings, Users.")


def _tokens(connection: Connection) -> Iterator[Finding]:
    from app.crm.schema import tokens, users

    columns = (tokens.c.prefix, tokens.c.name, users.c.name.label("owner"))
    living = select(*columns).join(users, users.c.id == tokens.c.user_id).where(users.c.active)
    endless = connection.execute(living.where(tokens.c.expires_at.is_(None))).all()
    for row in endless:
        why = f"{row.prefix}… ({row.name}, of {row.owner}) has no end: make another with one, then revoke it."
        yield Finding("fault", "Tokens", why)
    if not endless:
        yield Finding("ok", "Tokens", "each has an end.")


def _asked(settings: Settings, question: Callable[[Connection], T]) -> T | None:
    """What the database answers; None where there is none, or one of an older schema (`Schema` tells of that)."""
    path = Path(settings.database.database or "")
    if settings.database.get_backend_name() == "sqlite" and not path.exists():
        return None
    try:
        with closing(Database(settings.database)) as database, database.read() as connection:
            return question(connection) if inspect(connection).has_table("security_events") else None
    except Exception:  # `Database` tells why
        return None


CHECKS: tuple[Check, ...] = (
    mode, origins, cookies, proxies, secret, file_modes, user, sqlite_release, backups, disk, clock, accounts,
)  # fmt: skip
