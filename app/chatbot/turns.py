"""A turn: one question and its answer in the making, a job that the server owns and any number of readers follow."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from app.chatbot import conversations
from app.chatbot.answers import answer_json
from app.chatbot.conversations import State
from app.chatbot.events import Event, EventType
from app.chatbot.recorder import Recorder
from app.chatbot.types import Answer
from app.shared.contract import Principal

BATCH_SECONDS = 0.075  # a synced write per token would fight the records' writers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what, with what in view."""

    principal: Principal
    question: str
    context: dict[str, Any] | None = None
    model: bool = True  # whether a model may have a part in it
    prose: bool = True  # whether a model may write around the result; a program that waits for JSON has no use for it


@dataclass(slots=True)
class Draft:
    """The answer so far: what is kept where the turn is stopped."""

    answer: Answer | None = None
    text: str = ""
    model: str | None = None
    thoughts: str = ""
    notes: list[str] = field(default_factory=list)


class Turn:
    """The log of one running turn. An event is stored first, then readers see it."""

    def __init__(self, started: Event, asked: Asked, recorder: Recorder) -> None:
        self.asked = asked
        self.draft = Draft()
        self.events: list[Event] = [started]
        self.stop_requested = False
        self.task: asyncio.Task[None] | None = None
        self._recorder = recorder
        self._pending: list[Event] = []
        self._seq = started.seq
        self._lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._storing: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Task[None] | None = None
        self._broken: Exception | None = None
        self._news = asyncio.Event()

    @property
    def conversation_id(self) -> int:
        return self.events[0].conversation_id

    @property
    def message_id(self) -> int:
        return self.events[0].message_id

    @property
    def is_over(self) -> bool:
        return self.events[-1].is_last

    # --- what the agent does ---

    def say(self, text: str) -> None:
        """Add words to the answer; they are stored and sent within a batch's time."""
        self.draft.text += text
        last = self._pending[-1] if self._pending else None
        if last and last.type == "delta":
            self._pending[-1] = replace(last, data={"text": last.data["text"] + text})
        else:
            self._add("delta", {"text": text})
        self._flush_soon()

    def think(self, text: str) -> None:
        """Add to the model's thoughts, which are shown folded and are no part of the answer."""
        self.draft.thoughts += text
        last = self._pending[-1] if self._pending else None
        if last and last.data.get("code") == "thinking":
            self._pending[-1] = replace(last, data={"code": "thinking", "text": last.data["text"] + text})
        else:
            self._add("status", {"code": "thinking", "text": text})
        self._flush_soon()

    async def status(self, code: str, text: str) -> None:
        """Say what is happening, at once. `code` is for programs: loading, waiting, reading, writing, slow,
        model_failed.

        Code `thinking` carries a piece of the model's thoughts as its text: see `think`.
        """
        self._add("status", {"code": code, "text": text})
        await self.flush()

    def show(self, answer: Answer) -> None:
        """Put the computed result in place, then its sentence."""
        self.draft.answer = answer
        self._add("result", answer_json(answer))
        if answer.text:
            self.say(answer.text)
        self._flush_soon()

    def note(self, sentence: str) -> None:
        self.draft.notes.append(sentence)

    # --- storing ---

    def _add(self, type: EventType, data: dict[str, Any]) -> None:
        if self._broken:
            raise self._broken
        self._seq += 1
        self._pending.append(Event(self.conversation_id, self.message_id, self._seq, type, data))

    def _flush_soon(self) -> None:
        """The first words go out at once, later ones in batches."""
        if self._timer is None:
            said_before = any(event.type == "delta" for event in self.events)
            delay = BATCH_SECONDS if said_before else 0
            self._timer = asyncio.get_running_loop().call_later(delay, self._start_storing)

    def _start_storing(self) -> "asyncio.Task[None]":
        self._cancel_timer()
        task = asyncio.create_task(self._store())
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return task

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def flush(self) -> None:
        """Store and publish what waits. A cancelled caller leaves, the storing goes on: no event is lost by a stop."""
        await asyncio.shield(self._start_storing())
        if self._broken:
            raise self._broken

    async def _store(self) -> None:
        async with self._lock:
            batch, self._pending = self._pending, []
            if not batch:
                return
            try:
                await self._recorder.run(lambda connection: conversations.add_events(connection, batch))
            except Exception as error:
                self._broken = error  # raised in the turn's own task by its next word
            else:
                self._publish(batch)

    async def finish(self, state: State, type: EventType, data: dict[str, Any]) -> None:
        """The last event, in one transaction with what waits and with the message's final state.

        The first end counts: a stop that comes while the last words are being stored changes nothing.
        """
        if self._ending is None:
            self._ending = asyncio.create_task(self._finish(state, type, data))
        await asyncio.shield(self._ending)

    async def _finish(self, state: State, type: EventType, data: dict[str, Any]) -> None:
        self._cancel_timer()
        async with self._lock:
            self._broken = None
            self._add(type, data)
            batch, self._pending = self._pending, []
            try:
                await self._recorder.run(lambda connection: self._close(connection, batch, state))
            except Exception:  # the readers must not wait for ever; at the next start the turn is marked failed
                log.exception("The end of turn %s could not be stored", self.message_id)
            self._publish(batch)

    def _close(self, connection: Connection, batch: Sequence[Event], state: State) -> None:
        answer = batch[-1].data if batch[-1].type == "done" else None
        conversations.add_events(connection, batch)
        conversations.finish(connection, self.message_id, state, answer)

    def _publish(self, batch: Sequence[Event]) -> None:
        self.events.extend(batch)
        news, self._news = self._news, asyncio.Event()
        news.set()

    # --- reading ---

    async def follow(self, after: int = 0) -> AsyncGenerator[Event, None]:
        """Every event past `after`, up to the last one; each exactly once, in order."""
        position = 0
        while True:
            news = self._news
            for event in self.events[position:]:
                position += 1
                if event.seq > after:
                    yield event
            if self.is_over and position == len(self.events):
                return
            if position == len(self.events):
                await news.wait()
