"""No module opens a connection but the one place: ruff says so, and so does a look at what ruff can't see."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from app.shared.config import ROOT

CLIENTS = (
    "aiohttp", "ftplib", "http.client", "httpcore", "httpx", "ollama", "qdrant_client", "requests", "smtplib",
    "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client",
)  # fmt: skip
# Where a client's own module may be named. `app/runtime.py` asks the instance's own server.
MAY = {
    "app/chatbot/models/ollama.py", "app/chatbot/retrieval/embed.py", "app/chatbot/retrieval/vectors.py",
    "app/runtime.py",
}  # fmt: skip


def _complaints(code: str, path: str) -> str:
    command = [
        str(Path(sys.executable).with_name("ruff")), "check", "--no-cache", "--select", "TID251",
        "--output-format", "concise", "--stdin-filename", path, "-",
    ]  # fmt: skip
    return subprocess.run(command, input=code, cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    "line",
    [
        *(f"import {name}" for name in CLIENTS),
        "from httpx import AsyncClient",
        "from urllib import request",
        "from urllib.request import urlopen",
        "from http import client",
        "import urllib.request as innocent",
        "import socket\nsocket.create_connection(('example.com', 80))",
        "from socket import create_connection",
        "import asyncio\nasyncio.open_connection('example.com', 80)",
        "def late():\n    import httpx",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx",
    ],
)
def test_the_lint_bites_in_every_other_module(line: str) -> None:
    for path in ("app/crm/hooks/deliver.py", "app/shared/live.py", "app/chatbot/service.py", "app/commands/ask.py"):
        assert "TID251" in _complaints(f"{line}\n", path), path


def test_the_lint_lets_the_one_place_and_the_named_ones_be() -> None:
    for path in ("app/shared/outgoing/clients.py", *MAY):
        assert "TID251" not in _complaints("import httpx\n", path)


def _sources() -> list[Path]:
    return sorted((ROOT / "app").rglob("*.py"))


def test_no_module_takes_a_client_by_its_name_in_a_text() -> None:
    """`importlib.import_module("httpx")` is nothing that ruff would see."""
    found = []
    for path in _sources():
        name = str(path.relative_to(ROOT))
        if name in MAY or name.startswith("app/shared/outgoing/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "import_module", "__import__",
            ):  # fmt: skip
                words = [item.value for item in node.args if isinstance(item, ast.Constant)]
                found += [
                    (name, word) for word in words if str(word).split(".")[0] in {c.split(".")[0] for c in CLIENTS}
                ]
    assert found == []


def test_plain_sockets_only_listen() -> None:
    """Who makes sockets, and that none of them connects elsewhere."""
    makers = {
        str(path.relative_to(ROOT))
        for path in _sources()
        if any(_is_socket_made(node) for node in ast.walk(ast.parse(path.read_text())))
    }
    assert makers <= {"app/ports.py", "app/serve.py"}


def _is_socket_made(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("socket", "connect_ex", "sock_connect")
    )


def test_the_lint_runs_with_every_check() -> None:
    from app.setup.checks import CHECKS

    assert ("ruff", "check", ".") in [command for _title, command in CHECKS]
