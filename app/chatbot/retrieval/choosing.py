"""Which embedding model serves, and which was chosen: another one serves from the next rebuild on, not before."""

from app.chatbot.choices import Choices
from app.chatbot.retrieval import collection as collections
from app.chatbot.retrieval.embed import Embedder, made_embedder
from app.shared.config import Settings
from app.shared.errors import Conflict


def recall(settings: Settings, choices: Choices) -> tuple[Embedder, Embedder | None]:
    """At the start: the model that serves and the one that waits for a rebuild, None where they are one. Blocks."""
    wanted = made_embedder(settings, settings.embed_model or choices.get("embed_model"))
    known = collections.load(settings)
    serving = made_embedder(settings, known.embed_name) if known else wanted
    if known is None or serving.name == wanted.name or not known.fits(settings, serving.name):
        return wanted, None
    return serving, wanted


def chosen(settings: Settings, choices: Choices | None, name: str) -> Embedder:
    """Keep a choice. Raises Conflict where the environment names the model, or there is no Ollama for another one."""
    if choices is None or settings.embed_model:
        raise Conflict("PARLEY_EMBED_MODEL names the embedding model; that goes before a choice made here.")
    if name and not settings.ollama_url:
        raise Conflict("Another embedding model needs Ollama, and none is set up.")
    choices.set("embed_model", name)
    return made_embedder(settings, name)
