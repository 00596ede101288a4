"""A Chromium for the tests: the machine's own, Debian's package, or Playwright's download."""

import os
import shutil
from pathlib import Path

from app.setup import environment
from app.setup.steps import SetupError, run, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed() -> str | None:
    """The Chromium in the PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def downloaded() -> str | None:
    """The Chromium that Playwright has downloaded."""
    root = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(root)] if root else [Path.home() / ".cache", Path.home() / "Library" / "Caches"]
    found = [path for folder in folders for path in folder.glob("**/chromium-*/chrome-linux*/chrome")]
    found += [path for folder in folders for path in folder.glob("**/chromium-*/chrome-mac*/*.app/Contents/MacOS/*")]
    return str(max(found)) if found else None


def find() -> str | None:
    """A Chromium for Playwright's `executable_path`; None where there is none."""
    return installed() or downloaded()


def ensure() -> None:
    """Get one where there is none. Raises SetupError."""
    if find():
        return
    with step("Getting Chromium for the tests"):
        if not (_from_debian() or _from_playwright()):
            raise SetupError("No Chromium could be had for the tests. Install one that is in the PATH as `chromium`.")


def _from_debian() -> bool:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    return _tries(["apt-get", "update"], quiet) and _tries(command, quiet) and installed() is not None


def _from_playwright() -> bool:
    command = [str(environment.PYTHON), "-m", "playwright", "install", "chromium"]
    return _tries(command, dict(os.environ)) and downloaded() is not None


def _tries(command: list[str], environ: dict[str, str]) -> bool:
    try:
        run(command, environment.VENV / "browser.log", f"{command[0]} failed.", environ=environ)
    except SetupError:
        return False
    return True
