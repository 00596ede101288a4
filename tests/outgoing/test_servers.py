"""The clients of Ollama, of Qdrant and of the command line go the same way: one server each, bounded, no detours."""

import asyncio
import dataclasses
from typing import Any

import pytest

from app.chatbot.models.ollama import OllamaServer
from app.chatbot.retrieval.embed import EmbedderError, OllamaEmbedder
from app.chatbot.retrieval.vectors import QdrantVectors, VectorsError
from app.commands.common import server_client
from app.runtime import Runtime
from app.shared.config import Settings
from app.shared.outgoing import clients
from tests.outgoing.conftest import Trap, answer, drip

EXISTS = answer(b'{"result": {"exists": true}, "status": "ok", "time": 0.1}', b"Content-Type: application/json")


@pytest.fixture
def elsewhere(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> Trap:
    """Where detours would lead: the environment names it as a proxy."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    return trap


def _redirect(trap: Trap) -> Any:
    return answer(b"", b"Location: http://127.0.0.1:%d/" % trap.port, status=b"307 Elsewhere")


def test_qdrant_is_asked_plainly_and_at_its_own_address(elsewhere: Trap) -> None:
    with Trap(EXISTS) as qdrant:
        QdrantVectors(f"http://127.0.0.1:{qdrant.port}", "crm.test", 8).close()
        assert qdrant.heads[0].startswith(b"GET /collections/crm.test/exists HTTP/1.1")
        assert b"accept-encoding: identity" in qdrant.heads[0].lower()
    assert elsewhere.connections == 0


def test_qdrant_can_neither_lead_elsewhere_nor_flood(elsewhere: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.chatbot.retrieval.vectors.LARGEST", 100_000)
    flood = drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b"x" * 0x8000 + b"\r\n", 0)
    for play in (_redirect(elsewhere), flood):
        with Trap(play) as qdrant, pytest.raises(VectorsError):
            QdrantVectors(f"http://127.0.0.1:{qdrant.port}", "crm.test", 8)
    assert elsewhere.connections == 0


def test_the_embedder_can_neither_be_led_elsewhere_nor_flooded(
    elsewhere: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chatbot.retrieval.embed.LARGEST", 100_000)
    for play in (_redirect(elsewhere), answer(b"x" * 200_000), answer(b"{}", b"Content-Encoding: gzip")):
        with Trap(play) as ollama, pytest.raises(EmbedderError):
            OllamaEmbedder(f"http://127.0.0.1:{ollama.port}", "tiny", 2).embed(["words"])
    assert elsewhere.connections == 0


def test_the_model_server_can_not_lead_elsewhere(elsewhere: Trap) -> None:
    async def body() -> str:
        with Trap(_redirect(elsewhere)) as ollama:
            server = OllamaServer(f"http://127.0.0.1:{ollama.port}", "", first_token=1, idle=1)
            state = await server.probe()
            await server.close()
            assert state.name is None
            return state.reason

    assert "can't be used" in asyncio.run(body())
    assert elsewhere.connections == 0


def test_the_command_line_speaks_to_its_own_server_alone(elsewhere: Trap, settings: Settings) -> None:
    with Trap(answer(b"{}")) as own:
        server = Runtime(1, f"http://127.0.0.1:{own.port}", own.port, "", "", "")
        with server_client(dataclasses.replace(settings), server) as client:
            assert client.get("/healthz").status_code == 200
            with pytest.raises(clients.Refused):
                client.get(f"http://127.0.0.1:{elsewhere.port}/")
        assert own.heads[0].startswith(b"GET /healthz")
    assert elsewhere.connections == 0
