"""What tests may find beside the project. Each is None where it is absent; its tests then skip and say so."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.shared.config import ROOT

_DATA = ROOT.parent / "shared" / "data"
_OLLAMA = os.environ.get("TEST_OLLAMA_URL", "http://127.0.0.1:11499")

DATA: Path | None = _DATA if _DATA.is_dir() else None


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1).close()
    except OSError:
        return False
    return True


TEST_OLLAMA_URL: str | None = _OLLAMA if _answers(_OLLAMA) else None


def needs_data() -> pytest.MarkDecorator:
    return pytest.mark.skipif(DATA is None, reason=f"NOT TESTED: the sales data is not at {_DATA}")


def needs_ollama() -> pytest.MarkDecorator:
    return pytest.mark.skipif(TEST_OLLAMA_URL is None, reason=f"NOT TESTED: no Ollama answers at {_OLLAMA}")
