"""An assistant with an exact part and a model server of the test's choosing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.chatbot.events import Event
from app.chatbot.models import ModelServer
from app.chatbot.models.ollama import OllamaServer
from app.chatbot.models.openai import OpenAIServer
from app.chatbot.service import Chat
from app.chatbot.types import Answer, Context, Figure, Passage, Suggestion
from app.shared.config import Settings
from app.shared.contract import Principal, Query, Ref
from app.shared.db import Database
from tests.chat.model_server import FakeOllama, FakeOpenAI

TWO_DEALS = Answer(
    text="Darcel won 2 deals.",
    mode="exact",
    figures=(Figure("Deals", 2),),
    rows=({"id": 1, "object": "deals", "label": "Big", "name": "Big", "amount": 1250.5, "close_date": "2024-11-05"},),
    columns=({"name": "name", "label": "Name", "type": "text"}, {"name": "amount", "label": "Amount", "type": "money"}),
    query=Query(object="deals"),
    url="/deals?stage=won",
    chips=("Stage is Won",),
)
QUOTES = Answer(
    text="Found 1 passage.",
    mode="search",
    passages=(Passage(Ref("notes", 7, "Call with Jane"), "Jane asked about the integration with Slack.", 0.9),),
    citations=(Ref("notes", 7, "Call with Jane"),),
)
NOT_READ = Answer(
    text="I can't read “frobnicate”.",
    mode="none",
    readings=(Suggestion("How many deals are open?"),),
    unread=("frobnicate",),
)


@dataclass
class Exact:
    """Stands for the deterministic part: gives one answer, and remembers how it was asked."""

    gives: Answer | Exception = TWO_DEALS
    seconds: float = 0.0
    asked: list[tuple[str, Context]] = field(default_factory=list)

    def __call__(self, port: Any, retriever: Any, principal: Principal, question: str, context: Context) -> Answer:
        import time

        self.asked.append((question, context))
        time.sleep(self.seconds)
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


class NoRecords:
    """A port of an empty CRM: what the engine itself asks of one."""

    def view(self, url: str) -> Query | None:
        return Query(object="deals") if url.startswith("/deals") else None

    def chips(self, query: Query, principal: Principal | None = None) -> Sequence[str]:
        return ["Stage is Won"]

    def get_many(self, principal: Principal, refs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
        return {}

    def catalog(self) -> Any:
        from app.crm.objects import BUILT_IN
        from app.shared.contract import Catalog

        return Catalog(BUILT_IN)


@dataclass
class Bench:
    """Makes assistants over one database."""

    settings: Settings
    database: Database
    exact: Exact = field(default_factory=Exact)
    port: Any = field(default_factory=NoRecords)

    @asynccontextmanager
    async def chat(self, server: ModelServer | None = None) -> AsyncIterator[Chat]:
        before = asyncio.all_tasks()
        chat = Chat(self.settings, self.database, self.port, None, answerer=self.exact, server=server)  # type: ignore[arg-type]
        await chat.start()
        try:
            yield chat
        finally:
            await chat.stop()
            await asyncio.sleep(0.05)  # httpx leaves inner generators to the loop, which closes them in its next rounds
            left = {task for task in asyncio.all_tasks() - before if not task.done()}
            leaked = {task for task in left if "FakeOllama" not in repr(task.get_coro())}
            assert not leaked, f"tasks left behind: {leaked}"

    @asynccontextmanager
    async def with_model(self, fake: FakeOllama, first_token: float = 0.5, idle: float = 0.5) -> AsyncIterator[Chat]:
        """An assistant over this server, its model already found."""
        speaks = OpenAIServer if isinstance(fake, FakeOpenAI) else OllamaServer
        async with fake, self.chat(speaks(fake.url, "", first_token=first_token, idle=idle)) as chat:
            await chat.server.probe()
            yield chat


@pytest.fixture
def bench(settings: Settings, _store: Database) -> Bench:
    return Bench(settings, _store)


async def events_of(chat: Chat, principal: Principal, question: str = "How many?", **rest: Any) -> list[Event]:
    """Ask and read to the end."""
    turn = await chat.ask(principal, question, **rest)
    return [event async for event in turn.follow()]


def run(test: Callable[[], Any], seconds: float = 20) -> Any:
    """Run an async test body, no longer than that."""
    return asyncio.run(asyncio.wait_for(test(), seconds))
