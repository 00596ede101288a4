"""The instance folder: everything a backup must hold."""

import os
import secrets
from pathlib import Path

from app.shared.config import Settings


def create(settings: Settings) -> None:
    """Make the folder and its secret where they are missing; both for the owner's eyes alone."""
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.secret_key:
        _create_secret(settings.instance / "secret")


def _create_secret(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())


def secret(settings: Settings) -> str:
    """The instance's secret: from the environment, else from its file."""
    return settings.secret_key or (settings.instance / "secret").read_text()
