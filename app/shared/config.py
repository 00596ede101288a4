"""One frozen settings object, from the environment, checked once. An unknown or malformed value stops the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

Env = Literal["production", "development"]
ROOT = Path(__file__).resolve().parents[2]  # the project's root, where run.sh stands


class SettingsError(Exception):
    """A setting that can't be used; the message names it and says what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    instance: Path
    database_url: str
    ollama_url: str  # "": off
    ollama_model: str  # "": the first one that the server has
    embed_model: str  # "": the embedded model
    qdrant_url: str  # "": the embedded engine
    env: Env
    secret_key: str  # "": instance/secret
    origins: tuple[str, ...]  # further origins that pages may come from, as https://crm.example.com
    trusted_proxies: tuple[str, ...]  # networks whose forwarded headers are believed, as 10.0.0.0/24
    backups: str  # the folder where backups are put; "elsewhere": taken by other means; "": nobody has said
    first_token_timeout: float  # seconds to a model's first token
    idle_timeout: float  # seconds between two tokens
    model_rest: float = 20.0  # seconds that a model rests after a failure
    outgoing_allow: tuple[str, ...] = ()  # inner hosts and networks that webhooks may be sent to
    openai_url: str = ""  # a server that speaks OpenAI's protocol, used in place of Ollama
    openai_model: str = ""  # "": the first one that the server has
    openai_key: str = field(default="", repr=False)
    upload_limit: int = 100 * 1024**2  # bytes of one attached file

    @property
    def database(self) -> URL:
        return make_url(self.database_url)

    @property
    def development(self) -> bool:
        return self.env == "development"


def _http_url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise SettingsError(f"{name} is {value!r}: expected an http:// or https:// address, or nothing to turn it off.")
    return value.rstrip("/")


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:
        raise SettingsError(f"{name} is {value!r}: expected a number of seconds from 0 (exclusive) to 3600.")
    return seconds


def _megabytes(name: str, value: str) -> int:
    """A size in bytes. The largest is what an INTEGER column holds."""
    if not value.isdecimal() or not 1 <= int(value) <= 2047:
        raise SettingsError(f"{name} is {value!r}: expected whole megabytes, from 1 to 2047.")
    return int(value) * 1024**2


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError:
        raise SettingsError(
            "PARLEY_DATABASE_URL can't be read: expected sqlite:////path/crm.db or postgresql://user@host/name."
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingsError(f"PARLEY_DATABASE_URL names {url.get_backend_name()!r}: expected sqlite or postgresql.")
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise SettingsError(f"PARLEY_ORIGINS holds {value!r}: expected addresses like https://crm.example.com.")
    return f"{parts.scheme}://{parts.netloc}"


def _backups(value: str) -> str:
    if value and value != "elsewhere" and not Path(value).expanduser().is_absolute():
        raise SettingsError(f"PARLEY_BACKUPS is {value!r}: expected a folder, as /var/backups/parley, or 'elsewhere'.")
    return value


def _proxy(value: str) -> str:
    import ipaddress

    try:
        network = ipaddress.ip_network(value.strip())
    except ValueError:
        raise SettingsError(
            f"PARLEY_TRUSTED_PROXIES holds {value.strip()!r}: expected addresses or networks, as 10.0.0.0/24."
        ) from None
    if network.prefixlen == 0:
        raise SettingsError(f"PARLEY_TRUSTED_PROXIES holds {value.strip()!r}, which is everybody: name the proxies.")
    return str(network)


def _outgoing(value: str) -> tuple[str, ...]:
    from app.shared.outgoing import Allowed

    entries = tuple(item.strip() for item in value.split(",") if item.strip())
    try:
        Allowed.read(entries)
    except ValueError as error:
        raise SettingsError(
            f"PARLEY_OUTGOING_ALLOW holds {str(error)!r}: "
            "expected hosts or networks, each with a port or without, as hooks.lan:8080, 10.1.0.0/16."
        ) from None
    return entries


_DEFAULTS = {
    "PARLEY_INSTANCE": "",
    "PARLEY_DATABASE_URL": "",
    "PARLEY_OLLAMA_URL": "http://127.0.0.1:11434",
    "PARLEY_OLLAMA_MODEL": "",
    "PARLEY_OPENAI_URL": "",
    "PARLEY_OPENAI_MODEL": "",
    "PARLEY_OPENAI_KEY": "",
    "PARLEY_EMBED_MODEL": "",
    "PARLEY_QDRANT_URL": "",
    "PARLEY_ENV": "production",
    "PARLEY_SECRET_KEY": "",
    "PARLEY_ORIGINS": "",
    "PARLEY_TRUSTED_PROXIES": "",
    "PARLEY_BACKUPS": "",
    "PARLEY_OUTGOING_ALLOW": "",
    "PARLEY_FIRST_TOKEN_TIMEOUT": "60",
    "PARLEY_IDLE_TIMEOUT": "30",
    "PARLEY_MODEL_REST": "20",
    "PARLEY_UPLOAD_LIMIT": "100",
}


def load(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> Settings:
    """Read the settings. `instance` (from the command line) wins over PARLEY_INSTANCE.

    Raises SettingsError, naming the variable, where one is unknown or malformed.
    """
    environ = os.environ if environ is None else environ
    unknown = sorted(name for name in environ if name.startswith("PARLEY_") and name not in _DEFAULTS)
    if unknown:
        raise SettingsError(f"{unknown[0]} is not a setting of Parley. Known: {', '.join(_DEFAULTS)}.")
    raw = {name: environ.get(name, default).strip() for name, default in _DEFAULTS.items()}
    if raw["PARLEY_ENV"] not in get_args(Env):
        raise SettingsError(f"PARLEY_ENV is {raw['PARLEY_ENV']!r}: expected production or development.")
    if raw["PARLEY_SECRET_KEY"] and len(raw["PARLEY_SECRET_KEY"]) < 32:
        raise SettingsError("PARLEY_SECRET_KEY is too short: expected at least 32 characters, or nothing.")
    folder = (instance or Path(raw["PARLEY_INSTANCE"] or ROOT / "instance")).expanduser().resolve()
    return Settings(
        instance=folder,
        database_url=_database_url(raw["PARLEY_DATABASE_URL"] or f"sqlite:///{folder / 'crm.db'}"),
        ollama_url=_http_url("PARLEY_OLLAMA_URL", raw["PARLEY_OLLAMA_URL"]),
        ollama_model=raw["PARLEY_OLLAMA_MODEL"],
        openai_url=_http_url("PARLEY_OPENAI_URL", raw["PARLEY_OPENAI_URL"]),
        openai_model=raw["PARLEY_OPENAI_MODEL"],
        openai_key=raw["PARLEY_OPENAI_KEY"],
        embed_model=raw["PARLEY_EMBED_MODEL"],
        qdrant_url=_http_url("PARLEY_QDRANT_URL", raw["PARLEY_QDRANT_URL"]),
        env=raw["PARLEY_ENV"],  # type: ignore[arg-type]  # checked above
        secret_key=raw["PARLEY_SECRET_KEY"],
        origins=tuple(_origin(item) for item in raw["PARLEY_ORIGINS"].split(",") if item.strip()),
        backups=_backups(raw["PARLEY_BACKUPS"]),
        trusted_proxies=tuple(_proxy(item) for item in raw["PARLEY_TRUSTED_PROXIES"].split(",") if item.strip()),
        first_token_timeout=_seconds("PARLEY_FIRST_TOKEN_TIMEOUT", raw["PARLEY_FIRST_TOKEN_TIMEOUT"]),
        idle_timeout=_seconds("PARLEY_IDLE_TIMEOUT", raw["PARLEY_IDLE_TIMEOUT"]),
        model_rest=_seconds("PARLEY_MODEL_REST", raw["PARLEY_MODEL_REST"]),
        outgoing_allow=_outgoing(raw["PARLEY_OUTGOING_ALLOW"]),
        upload_limit=_megabytes("PARLEY_UPLOAD_LIMIT", raw["PARLEY_UPLOAD_LIMIT"]),
    )
