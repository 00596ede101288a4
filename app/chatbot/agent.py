"""How a turn is answered: the exact part first, then a model's words around what it found.

Figures, rows and quotes are always those of the exact part. A model fills a Query only where the parser abstained, and
writes prose only around results that it was handed; whatever it does or fails to do, the computed answer stands.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from app.chatbot import prompts, tools
from app.chatbot.answers import is_search
from app.chatbot.digest import digest
from app.chatbot.gate import Gate, allowed_by
from app.chatbot.line import Line
from app.chatbot.models import Message, ModelFailed, ModelServer, ModelSkipped
from app.chatbot.presenting import labelled, present
from app.chatbot.turns import Turn
from app.chatbot.types import Answer, Context, Retriever
from app.chatbot.types import Turn as Earlier
from app.chatbot.views import today_of
from app.shared.contract import CrmPort, Principal, Query
from app.shared.errors import ParleyError

Call = Callable[..., Awaitable[Any]]  # runs a blocking function in the assistant's threads
SLOW_SECONDS = 10.0  # without a first word: then the reader is told that it is still awaited
PROSE_SECONDS = 180.0  # for all of a model's words in one turn
READING_SECONDS = 60.0
REPAIR_BYTES = 1500  # of the reading prompt: the first answer and what was wrong with it

log = logging.getLogger(__name__)


class Answerer(Protocol):
    """The deterministic assistant. Blocks: called in a thread."""

    def __call__(
        self, port: CrmPort, retriever: Retriever, principal: Principal, question: str, context: Context
    ) -> Answer: ...


@asynccontextmanager
async def _patience(turn: Turn, model: str) -> AsyncIterator[Callable[[], object]]:
    """Says that the model is slow where its first word takes long; what is given ends the waiting."""

    async def tell() -> None:
        await asyncio.sleep(SLOW_SECONDS)
        await turn.status("slow", f"Still waiting for {model}: no word after {SLOW_SECONDS:g} seconds …")

    waiting = asyncio.create_task(tell())
    try:
        yield waiting.cancel
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


class Agent:
    def __init__(
        self,
        port: CrmPort,
        retriever: Retriever,
        server: ModelServer,
        call: Call,
        answerer: Answerer,
        earlier: Callable[[Turn], Sequence[Earlier]],
        line: Line,
    ) -> None:
        """`call` runs what blocks in a thread; `earlier` reads the turns before one, oldest first, and blocks."""
        self._port = port
        self._retriever = retriever
        self._server = server
        self._call = call
        self._answerer = answerer
        self._earlier = earlier
        self._line = line

    async def run(self, turn: Turn, context: Context) -> None:
        """Answer the turn's question into its log. What is raised is the turn's failure."""
        asked = turn.asked
        answer: Answer = await self._call(self._compute, asked.principal, asked.question, context)
        name = self._server.state.name if asked.model else None
        if answer.mode == "none" and answer.unread and name:
            answer = await self._read_by_model(turn, answer, context)
        turn.show(answer)
        told = answer.figures or answer.rows or answer.passages
        if asked.prose and name and told and not turn.draft.notes:
            await turn.flush()  # the result is on the page while the model thinks
            await self._write(turn, answer)

    def _compute(self, principal: Principal, question: str, context: Context) -> Answer:
        answer = self._answerer(self._port, self._retriever, principal, question, context)
        return labelled(self._port, principal, answer)

    # --- prose around a result ---

    async def _write(self, turn: Turn, answer: Answer) -> None:
        gate = Gate(allowed_by(answer, turn.asked.question), answer.passages if is_search(answer) else ())
        what = "The quotes above stand." if is_search(answer) else "The exact result above stands."
        try:
            async with self._line.place(turn), asyncio.timeout(PROSE_SECONDS):
                await self._stream_prose(turn, answer, gate)
        except TimeoutError:
            await self._tell(turn, ModelFailed(f"it wrote for more than {PROSE_SECONDS:g} seconds"), what)
        except ModelFailed as failure:
            await self._tell(turn, failure, what)
        self._note_dropped(turn, gate)

    async def _stream_prose(self, turn: Turn, answer: Answer, gate: Gate) -> None:
        state = self._server.state
        if state.name is None:
            raise ModelSkipped("it failed a moment ago")
        prompt = prompts.about(turn.asked.question, answer, state.context)
        if prompt.left_out:
            turn.note(prompt.left_out)
        await self._announce(turn, state.name)
        words = self._server.stream(prompt.messages, max_tokens=prompts.ANSWER_TOKENS)
        async with _patience(turn, state.name) as hurry, aclosing(words):
            async for piece in words:
                hurry()
                if piece.thoughts:
                    turn.think(piece.thoughts)
                for sentence in gate.feed(piece.text):
                    self._say(turn, sentence, state.name)
        for sentence in gate.close():
            self._say(turn, sentence, state.name)

    def _say(self, turn: Turn, sentence: str, model: str) -> None:
        """Add a sentence that passed the gate; the first one opens a paragraph of its own."""
        if turn.draft.model is None:
            turn.draft.model = model
            sentence = f"\n\n{sentence.lstrip()}" if turn.draft.text else sentence.lstrip()
        turn.say(sentence)

    async def _announce(self, turn: Turn, name: str) -> None:
        if await self._server.is_loaded():
            await turn.status("writing", f"{name} is writing …")
        else:
            await turn.status("loading", f"Loading model {name} …")

    async def _tell(self, turn: Turn, failure: ModelFailed, what_stands: str) -> None:
        """Tell at once that no more words come; the computed answer is untouched."""
        if isinstance(failure, ModelSkipped):
            sentence = f"The model was not asked: {failure.reason}. {what_stands}"
        else:
            self._server.failed(failure.reason)
            log.warning("The model failed in turn %s: %s", turn.message_id, failure.reason)
            sentence = f"The model stopped answering: {failure.reason}. {what_stands}"
        turn.note(sentence.rstrip())
        await turn.status("model_failed", sentence.rstrip())

    def _note_dropped(self, turn: Turn, gate: Gate) -> None:
        if gate.dropped:
            count = "One sentence" if gate.dropped == 1 else f"{gate.dropped} sentences"
            verb = "was" if gate.dropped == 1 else "were"
            turn.note(f"{count} of the model {verb} left out: not borne out by the result.")

    # --- a model's reading of what the parser could not read ---

    async def _read_by_model(self, turn: Turn, abstention: Answer, context: Context) -> Answer:
        """The answer to the model's Query; the abstention where it finds none that may be trusted."""
        try:
            async with self._line.place(turn), asyncio.timeout(READING_SECONDS):
                await turn.status("reading", f"Asking {self._server.state.name} how to read this …")
                return await self._fill(turn, abstention, context) or abstention
        except TimeoutError:
            await self._tell(turn, ModelFailed(f"no reading in {READING_SECONDS:g} seconds"), "")
        except ModelFailed as failure:
            await self._tell(turn, failure, "")
        return abstention

    async def _fill(self, turn: Turn, abstention: Answer, context: Context) -> Answer | None:
        """Ask for a Query by JSON schema; where it can't be used, say why and ask once more."""
        asked = turn.asked
        catalog = await self._call(self._port.catalog)
        words, schema = tools.vocabulary(catalog), tools.schema(catalog)
        today = today_of(asked.principal).isoformat()
        before = await self._told_before(turn, prompts.reading(asked.question, today, words))
        last = context.history[-1].question if context.history else ""
        complaint: tuple[str, str] | None = None
        for _round in range(2):
            text = await self._complete(prompts.reading(asked.question, today, words, before, complaint), schema)
            try:
                query = tools.parse(text, catalog, asked.question, abstention.unread, last)
                return await self._answer_query(asked.principal, query)
            except (tools.Unusable, ParleyError) as reason:
                complaint = (text, str(reason))
                log.info("A model's query can't be used: %s", reason)
        return None

    async def _told_before(self, turn: Turn, bare: tuple[Message, ...]) -> str:
        """The conversation before this turn, in the room that the prompt without it leaves."""
        turns = await self._call(self._earlier, turn)
        room = prompts.room(self._server.state.context, tools.QUERY_TOKENS) - prompts.size(bare) - REPAIR_BYTES
        found = digest(turns, room)
        if turns and not found.text:
            turn.note("The model was not told what was asked before: its context is too small.")
        elif found.shortened:
            turn.note(f"The model was told of {found.shortened} earlier questions by their number and kind alone.")
        return found.text

    async def _answer_query(self, principal: Principal, query: Query) -> Answer:
        answer: Answer = await self._call(present, self._port, principal, query)
        if not answer.rows and not any(figure.value for figure in answer.figures):
            raise tools.Unusable("it finds nothing.")
        return replace(answer, mode="model", model=self._server.state.name)

    async def _complete(self, messages: tuple[Message, ...], schema: dict[str, Any]) -> str:
        """The whole JSON answer. Raises ModelFailed where the prompt can't fit: it would be cut in silence."""
        if prompts.size(messages) > prompts.room(self._server.state.context, tools.QUERY_TOKENS):
            raise ModelSkipped("its context is too small for this workspace's fields")
        pieces: list[str] = []
        words = self._server.stream(messages, schema=schema, max_tokens=tools.QUERY_TOKENS)
        async with aclosing(words):
            async for piece in words:
                pieces.append(piece.text)
        return "".join(pieces)
