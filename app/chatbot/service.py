"""The assistant as a service: turns that run on by themselves, their readers, and the conversations they make."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from app.chatbot import conversations, views
from app.chatbot.agent import Agent, Answerer
from app.chatbot.answers import finished_json
from app.chatbot.choices import Choices
from app.chatbot.events import Event
from app.chatbot.line import Line
from app.chatbot.models import ModelServer, State
from app.chatbot.models.setup import facts, keeping, model_server
from app.chatbot.models.watch import Watch
from app.chatbot.recorder import Recorder
from app.chatbot.turns import Asked, Turn
from app.chatbot.types import Answer, Context, Retriever
from app.chatbot.types import Turn as Earlier
from app.chatbot.views import today_of
from app.shared.config import Settings
from app.shared.contract import CrmPort, Principal
from app.shared.db import Database
from app.shared.errors import ParleyError, TooMany, Unavailable

T = TypeVar("T")
THREADS = 4  # for blocking reads
TURNS_PER_USER = 4  # at once
LONG_HISTORY = 100  # former turns that a model is told of, the older ones in short
HISTORY = 6  # former turns that a follow-up may lean on
STOPPING = "Parley was stopped while it answered. Ask again once it runs."
BROKEN = "Something went wrong while answering. It was written to the log; asking again may help."

# The deterministic part is heavy: the first question brings it in. Two threads that import modules which know each
# other may each get the other's half-made one.
_LOADING = threading.Lock()
log = logging.getLogger(__name__)


class Chat:
    """One assistant over one database. `start` and `stop` belong to the host's lifespan.

    `answerer` and `server` replace the deterministic part and the model server, for tests.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        port: CrmPort,
        retriever: Retriever,
        *,
        answerer: Answerer | None = None,
        server: ModelServer | None = None,
    ) -> None:
        self.port = port
        self.server = server or model_server(settings)
        self._database = database
        self._recorder = Recorder(database)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="parley-chat")
        self._choices = Choices(database)
        self._watch = Watch(self.server, settings.model_rest, self._recall)
        self.shelf, self.pull = keeping(self.server)
        self._settings = settings
        self._agent = Agent(port, retriever, self.server, self.call, answerer or _exact, self._earlier, Line())
        self._running: dict[int, Turn] = {}
        self._watchers: dict[int, set[Callable[[Turn], None]]] = {}  # by conversation
        self._closed = False

    async def start(self, *, recover: bool = True) -> None:
        """Mark what an earlier process left unfinished, and begin to look for the model server.

        `recover=False` leaves other turns alone: for a process that is not this database's server.
        """
        if recover and (interrupted := await self._recorder.run(conversations.fail_running)):
            log.info("%s unfinished answers of an earlier run were marked as failed", interrupted)
        self._watch.start()

    async def stop(self) -> None:
        """End what runs; its readers are told."""
        self._closed = True
        await self._watch.stop()
        await self._cancel(list(self._running.values()))
        if self.pull:
            await self.pull.close()
        await self.server.close()
        self._recorder.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def model(self) -> State:
        return self.server.state

    @property
    def running(self) -> int:
        """How many turns run at this moment."""
        return len(self._running)

    async def find_model(self, seconds: float = 3.0) -> State:
        """Wait for the first word about the model server; for programs that ask once and leave."""
        await self._watch.first(seconds)
        return self.model

    # --- which model ---

    async def _recall(self) -> None:
        try:
            self.server.preferred = await self.call(self._choices.get, "model")
        except SQLAlchemyError:  # the database is away for a moment: the choice stays as it was
            log.warning("The choice of the model could not be read")

    async def choose_model(self, name: str) -> State:
        """Use this model from now on, unless the environment names one; "" leaves it to the server's order."""
        await self.call(self._choices.set, "model", name)
        self.server.preferred = name
        return await self.server.probe()

    def server_facts(self) -> dict[str, Any]:
        """How the model server is, as JSON; asks nobody."""
        return facts(self._settings, self.server)

    async def call(self, function: Callable[..., T], *args: Any) -> T:
        """Run a blocking function in the assistant's own threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    # --- turns ---

    async def ask(
        self,
        principal: Principal,
        question: str,
        conversation_id: int | None = None,
        context: dict[str, Any] | None = None,
        *,
        model: bool = True,
        prose: bool = True,
    ) -> Turn:
        """Begin a turn and return at once; follow it for its events. It runs on, whoever reads.

        Without `model` none has a part in it. Without `prose` none writes around a computed result; it may still read
        what the parser can't.

        Raises NotFound for a conversation of somebody else, TooMany where this user has enough running.
        """
        if self._closed:
            raise Unavailable(STOPPING)
        mine = sum(turn.asked.principal.user_id == principal.user_id for turn in self._running.values())
        if mine >= TURNS_PER_USER:
            raise TooMany(f"You have {mine} questions running. Wait for one of them or stop it.")
        started = await self._recorder.run(
            lambda connection: conversations.open_turn(
                connection, principal.user_id, conversation_id, question, context
            )
        )
        turn = Turn(started, Asked(principal, question, context, model, prose), self._recorder)
        self._running[turn.message_id] = turn
        turn.task = asyncio.create_task(self._run(turn), name=f"parley-turn-{turn.message_id}")
        for tell in tuple(self._watchers.get(turn.conversation_id, ())):
            tell(turn)
        return turn

    async def watch(self, principal: Principal, conversation_id: int, tell: Callable[[Turn], None]) -> None:
        """Call `tell` with each turn that begins in a conversation. Raises NotFound where it isn't this user's."""
        await self.call(self._read, conversations.find, principal.user_id, conversation_id)
        self._watchers.setdefault(conversation_id, set()).add(tell)

    def unwatch(self, conversation_id: int, tell: Callable[[Turn], None]) -> None:
        watchers = self._watchers.get(conversation_id, set())
        watchers.discard(tell)
        if not watchers:
            self._watchers.pop(conversation_id, None)

    async def _run(self, turn: Turn) -> None:
        try:
            await self._agent.run(turn, await self.call(self._context, turn))
            await turn.finish("done", "done", _finished(turn))
        except asyncio.CancelledError:
            await self._end_cancelled(turn)
        except ParleyError as error:
            await turn.finish("failed", "error", {"detail": error.detail, "status": error.status})
        except Exception:
            log.exception("Turn %s failed", turn.message_id)
            await turn.finish("failed", "error", {"detail": BROKEN, "status": 500})
        finally:
            self._running.pop(turn.message_id, None)

    async def _end_cancelled(self, turn: Turn) -> None:
        if turn.stop_requested:
            turn.note("You stopped this answer.")
            await turn.finish("stopped", "done", _finished(turn))
        else:
            await turn.finish("failed", "error", {"detail": STOPPING, "status": 503})

    def _context(self, turn: Turn) -> Context:
        with self._database.read() as connection:
            history = conversations.history(connection, turn.conversation_id, turn.message_id, HISTORY)
        record, view = views.in_view(self.port, turn.asked.principal, turn.asked.context)
        return Context(record=record, view=view, history=history)

    def _earlier(self, turn: Turn) -> tuple[Earlier, ...]:
        """The turns before one, for a model's reading: many more than a follow-up leans on."""
        with self._database.read() as connection:
            return conversations.history(connection, turn.conversation_id, turn.message_id, LONG_HISTORY)

    async def stop_turn(self, principal: Principal, message_id: int) -> None:
        """Stop a running turn: the model's stream is closed, what was answered is kept. A finished one is left alone.

        Raises NotFound where the turn isn't this user's.
        """
        turn = self._running.get(message_id)
        if turn is None or turn.asked.principal.user_id != principal.user_id:
            await self.call(self._read, conversations.conversation_of, principal.user_id, message_id)
            return
        turn.stop_requested = True
        await self._cancel([turn])

    async def _cancel(self, turns: list[Turn]) -> None:
        tasks = [turn.task for turn in turns if turn.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)  # unlike gather, it leaves them alone where the waiting itself is cancelled

    async def resume(self, principal: Principal, message_id: int, after: int) -> AsyncGenerator[Event, None]:
        """The events of a turn past `after`, those to come included. Raises NotFound where it isn't this user's."""
        turn = self._running.get(message_id)
        if turn is not None and turn.asked.principal.user_id == principal.user_id:
            return turn.follow(after)
        stored = await self.call(self._read, conversations.events_after, principal.user_id, message_id, after)
        return _replay(stored)

    async def finished(self, turn: Turn) -> dict[str, Any]:
        """Wait for a turn's end. Returns the finished answer; raises the error that it ended with."""
        async for event in turn.follow():
            if event.type == "error":
                raise TurnFailed(event)
            if event.type == "done":
                numbers = {"conversation_id": event.conversation_id, "message_id": event.message_id}
                return numbers | dict(event.data)
        raise AssertionError("a turn ends with done or error")

    async def suggestions(self, principal: Principal, context: dict[str, Any] | None) -> tuple[str, ...]:
        """Questions to begin with, about the page in view where there is one."""
        return await self.call(self._suggest, principal, context)

    def _suggest(self, principal: Principal, context: dict[str, Any] | None) -> tuple[str, ...]:
        with _LOADING:
            from app.chatbot.suggestions import suggest

        record, view = views.in_view(self.port, principal, context)
        return suggest(self.port, principal, Context(record=record, view=view), today_of(principal))

    # --- conversations ---

    def _read(self, function: Callable[..., T], *args: Any, **options: Any) -> T:
        with self._database.read() as connection:
            return function(connection, *args, **options)

    async def conversations(self, principal: Principal, search: str, limit: int, cursor: str | None) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            return self._read(conversations.listing, principal.user_id, search=search, limit=limit, cursor=cursor)

        return await self.call(read)

    async def conversation(self, principal: Principal, id: int, limit: int, before: int | None) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            return self._read(conversations.detail, principal.user_id, id, limit=limit, before=before)

        return await self.call(read)

    async def rename(self, principal: Principal, id: int, title: str) -> dict[str, Any]:
        renamed: dict[str, Any] = await self._recorder.run(
            lambda connection: conversations.rename(connection, principal.user_id, id, title)
        )
        return renamed

    async def rate(self, principal: Principal, message_id: int, rating: str | None, reason: str | None) -> None:
        await self._recorder.run(
            lambda connection: conversations.rate(connection, principal.user_id, message_id, rating, reason)
        )

    async def delete(self, principal: Principal, id: int) -> None:
        """Delete a conversation for good; a turn that runs in it is stopped first."""
        await self.call(self._read, conversations.find, principal.user_id, id)
        inside = [turn for turn in self._running.values() if turn.conversation_id == id]
        for turn in inside:
            turn.stop_requested = True
        await self._cancel(inside)
        await self._recorder.run(lambda connection: conversations.remove(connection, principal.user_id, id))


def _exact(port: CrmPort, retriever: Retriever, principal: Principal, question: str, context: Context) -> Answer:
    with _LOADING:
        from app.chatbot import exact

    return exact.answer(port, retriever, principal, question, context)


def _finished(turn: Turn) -> dict[str, Any]:
    draft = turn.draft
    answer = draft.answer or Answer(text="", mode="none")
    return finished_json(answer, draft.text, draft.model, draft.notes, draft.thoughts)


async def _replay(stored: list[Event]) -> AsyncGenerator[Event, None]:
    for event in stored:
        yield event


class TurnFailed(ParleyError):
    """A turn ended with an `error` event; its status and its sentence are the event's."""

    title = "The answer could not be finished"

    def __init__(self, event: Event) -> None:
        super().__init__(str(event.data["detail"]))
        self.status = int(event.data["status"])
