"""Which model server there is, by the settings; and what admins are told of it."""

from typing import TYPE_CHECKING, Any

from app.chatbot.models import ModelServer, NoModel
from app.shared.config import Settings
from app.shared.values import as_json

if TYPE_CHECKING:
    from app.chatbot.models.pulling import Pull
    from app.chatbot.models.shelf import Shelf


def model_server(settings: Settings) -> ModelServer:
    """The one that is set up: a server with OpenAI's protocol goes before Ollama, whose address has a default."""
    if settings.openai_url:
        from app.chatbot.models.openai import OpenAIServer

        return OpenAIServer(
            settings.openai_url,
            settings.openai_model,
            key=settings.openai_key,
            first_token=settings.first_token_timeout,
            idle=settings.idle_timeout,
            rest=settings.model_rest,
        )
    if not settings.ollama_url:
        return NoModel("No model server is set up (PARLEY_OLLAMA_URL is empty).")
    from app.chatbot.models.ollama import OllamaServer

    return OllamaServer(
        settings.ollama_url,
        settings.ollama_model,
        first_token=settings.first_token_timeout,
        idle=settings.idle_timeout,
        rest=settings.model_rest,
    )


def keeping(server: ModelServer) -> "tuple[Shelf | None, Pull | None]":
    """What keeps the server's models; only Ollama lets others do that."""
    from app.chatbot.models.ollama import OllamaServer

    if not isinstance(server, OllamaServer):
        return None, None
    from app.chatbot.models.pulling import Pull
    from app.chatbot.models.shelf import Shelf

    shelf = Shelf(server)
    return shelf, Pull(shelf)


def facts(settings: Settings, server: ModelServer) -> dict[str, Any]:
    """How the server is: by its last probe, whose latency is in milliseconds."""
    kind = "openai" if settings.openai_url else "ollama" if settings.ollama_url else "none"
    return {
        "kind": kind,
        "url": {"openai": settings.openai_url, "ollama": settings.ollama_url, "none": ""}[kind],
        "model": server.state.name,
        "reason": server.state.reason,
        "context": server.state.context,
        "latency_ms": None if server.latency is None else round(server.latency * 1000, 1),
        "probed_at": as_json(server.probed_at),
        "named": (settings.openai_model if kind == "openai" else settings.ollama_model) or None,
        "chosen": server.preferred or None,
        "answers": server.latency is not None,
    }
