"""The text in a file, for search and quotes: taken out by a process of its own, which can take nothing down.

A hostile file may loop, grow or crash the reader: the process has bounds on time and memory, writes nothing, and where
it fails the file is kept without a text.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

import structlog

from app.shared.config import ROOT

log = structlog.get_logger(__name__)
SECONDS = 20
AT_ONCE = threading.BoundedSemaphore(2)
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH")


def read(reading: str, path: Path) -> str:
    """The text of the file at `path`, read as `pdf`, `docx` or `text`; "" where none can be had. Blocks."""
    if not reading:
        return ""
    command = [sys.executable, "-P", "-m", "app.crm.files.reader", reading, str(path)]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": str(ROOT)}
    with AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - a program of ours, with no part of it chosen by anybody
                command, capture_output=True, timeout=SECONDS, env=environment, cwd=path.parent, check=False
            )
        except subprocess.TimeoutExpired:
            log.warning("The text of a file took too long to read", reading=reading)
            return ""
    if done.returncode:
        log.info("A file has no text that can be read", reading=reading, code=done.returncode)
        return ""
    return done.stdout.decode("utf-8", "replace")
