"""Model servers behind one interface: Ollama now; any server that streams chat can be a second implementation."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One chunk of a stream: words of the answer, thoughts before it, or its end mark."""

    text: str = ""
    thoughts: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the model server. `name` is the model in use; None with the reason in a sentence."""

    name: str | None
    reason: str = ""
    context: int = 0  # tokens that prompt and answer may take together


class ModelFailed(Exception):
    """The model server refused, fell silent or broke off. `reason` completes "The model stopped answering: ..."."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing  # it may be gone in a moment: worth one more try, if nothing was said yet


class ModelSkipped(ModelFailed):
    """The model was not asked, through no fault of its server. `reason` completes "The model was not asked: ..."."""


class ModelServer(Protocol):
    """One model server with one model in use. Asked from the event loop only."""

    @property
    def state(self) -> State:
        """What the last probe or failure said; reading it costs nothing and asks nobody."""
        ...

    preferred: str  # the model that was chosen in settings; "": none
    names: list[str]  # what the server had at the last probe
    latency: float | None  # seconds that the last probe took; None while nobody answers
    probed_at: datetime | None

    async def probe(self) -> State:
        """Ask the server what it has, and choose the model. Never raises for a server that is away."""
        ...

    def failed(self, reason: str) -> None:
        """Remember a failure: the model rests until a later probe finds it well."""
        ...

    async def is_loaded(self) -> bool:
        """Whether the model is in memory, so that its first word comes soon. Raises ModelFailed."""
        ...

    def stream(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 400
    ) -> AsyncGenerator[Piece, None]:
        """The answer in pieces. `schema`: JSON that satisfies it. Closing the generator closes the HTTP stream.

        Raises ModelFailed, also where the stream ends without its end mark or passes a time-out.
        """
        ...

    async def close(self) -> None: ...


class NoModel:
    """The Null implementation: there is no model server, and that is fine."""

    def __init__(self, reason: str = "No model server is set up.") -> None:
        self.state = State(None, reason)
        self.preferred = ""
        self.names: list[str] = []
        self.latency: float | None = None
        self.probed_at: datetime | None = None

    async def probe(self) -> State:
        return self.state

    def failed(self, reason: str) -> None:
        """Nothing rests where nothing runs."""

    async def is_loaded(self) -> bool:
        raise ModelFailed("there is none")

    async def stream(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 400
    ) -> AsyncGenerator[Piece, None]:
        if self.state.name is None:
            raise ModelFailed("there is none")
        yield Piece()

    async def close(self) -> None:
        """Nothing is open."""
