"""Parley over a model server against the same server asked directly, with the very prompts that Parley sent.

    .venv/bin/python -m bench.chat.overhead --ollama http://127.0.0.1:11499 [--rounds 24]

A relay between the two notes each request and when its answer's pieces pass. The same bodies are then sent to the model
server without Parley. Compared are: the time from Parley's request reaching the relay to the first piece against the
same directly (what the client adds to the first token); how long the first whole sentence waits between the model's
last piece of it and the reader (Parley hands on whole, checked sentences only); and the tokens a second of the streams.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.crm.accounts.local import local_token
from app.shared.config import load
from bench.signin import prepare
from tests.processes import Server, start_server

QUESTIONS = ("deals by stage", "how many deals are there", "total amount by company", "the 5 largest deals")


@dataclass
class Passed:
    """One chat request as it went by, in seconds of the clock."""

    body: bytes
    began: float
    pieces: list[tuple[float, int]] = field(default_factory=list)  # when, and how many characters of words

    @property
    def first(self) -> float:
        return self.pieces[0][0] - self.began

    @property
    def rate(self) -> float:
        """Pieces (one token each) a second, from the first to the last."""
        return (len(self.pieces) - 1) / (self.pieces[-1][0] - self.pieces[0][0])


class Relay:
    """Hands requests on to the model server and notes when its pieces come by."""

    def __init__(self, target: str) -> None:
        self.there = urlsplit(target)
        self.passed: list[Passed] = []
        self.port = 0

    async def start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.there.hostname, self.there.port)
        note: list[Passed] = []
        back = asyncio.create_task(self._back(far_reader, writer, note))
        try:
            while data := await reader.read(65536):
                if b"POST /api/chat" in data:
                    note[:] = [Passed(data, time.perf_counter())]
                    self.passed.append(note[0])
                elif note and not note[0].pieces:
                    note[0].body += data
                far_writer.write(data)
                await far_writer.drain()
        finally:
            back.cancel()
            far_writer.close()
            writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: list[Passed]) -> None:
        while data := await reader.read(65536):
            if note and b'"message"' in data and b'"done":false' in data:
                note[0].pieces += [(time.perf_counter(), len(data))] * data.count(b'"done":false')
            writer.write(data)
            await writer.drain()
        writer.close()


@contextmanager
def parley(ollama: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "instance"
        prepare(folder, 2)
        server = start_server(folder, environ={"PARLEY_OLLAMA_URL": ollama})
        server.token = local_token(load({}, folder))
        try:
            deadline = time.monotonic() + 30
            while not server.http.get("/chat/model").json()["model"]:
                assert time.monotonic() < deadline, "no model was found"
                time.sleep(0.2)
            yield server
        finally:
            server.end()


def ask(server: Server, question: str) -> tuple[float | None, str]:
    """Ask over SSE. Gives when the first words of the model reached us, and the finished answer."""
    headers = {"Accept": "text/event-stream"}
    first, answer, kind, results = None, "", "", 0
    with server.http.stream("POST", "/chat/ask", json={"question": question}, headers=headers, timeout=120) as stream:
        for line in stream.iter_lines():
            if line.startswith("event:"):
                kind = line.removeprefix("event:").strip()
            if not line.startswith("data:"):
                continue
            data: dict[str, Any] = json.loads(line.removeprefix("data:"))
            if kind == "delta" and results and first is None and data["text"].startswith("\n\n"):
                first = time.perf_counter()
            results += kind == "result"
            answer = data.get("answer", answer)
    return first, answer


def directly(target: str, body: bytes) -> Passed:
    """The same body, sent to the model server itself."""
    sent = json.loads(body.partition(b"\r\n\r\n")[2])
    passed = Passed(body, time.perf_counter())
    with httpx.stream("POST", f"{target}/api/chat", json=sent, timeout=120) as stream:
        for line in stream.iter_lines():
            piece = json.loads(line)
            if not piece["done"]:
                passed.pieces.append((time.perf_counter(), len(piece["message"]["content"])))
    return passed


Pair = tuple[Passed, float | None, Passed]  # through Parley, when its words reached the reader, and directly


async def run(target: str, rounds: int) -> list[Pair]:
    """Each question once to warm the model server's cache of its prompt, then in turns both ways."""
    relay = Relay(target)
    await relay.start()
    found: list[Pair] = []

    def both(server: Server, question: str, number: int) -> None:
        relay.passed.clear()
        before = directly(target, bodies[question]) if number % 2 else None
        first, _answer = ask(server, question)
        through = relay.passed[0]
        plain = before or directly(target, through.body)
        if len(through.pieces) > 2 and len(plain.pieces) > 2:
            found.append((through, first, plain))

    bodies: dict[str, bytes] = {}

    def work() -> None:
        with parley(f"http://127.0.0.1:{relay.port}") as server:
            for question in QUESTIONS:
                relay.passed.clear()
                ask(server, question)
                bodies[question] = relay.passed[0].body
                for number in range(rounds // len(QUESTIONS)):
                    both(server, question, number)

    await asyncio.to_thread(work)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ollama", required=True)
    parser.add_argument("--rounds", type=int, default=24)
    options = parser.parse_args()
    found = asyncio.run(run(options.ollama, options.rounds))
    print(f"{len(found)} pairs")
    for name, unit, ours, theirs in (
        ("time to first token", "ms", [one.first * 1000 for one, _, _ in found], [p.first * 1000 for _, _, p in found]),
        ("tokens a second", "", [one.rate for one, _, _ in found], [plain.rate for _, _, plain in found]),
    ):
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"{name}: {a:.1f} {unit} through Parley, {b:.1f} {unit} directly: {a / b:.2f}x, {a - b:+.1f} {unit}")
    waits = [first - passed.pieces[0][0] for passed, first, _plain in found if first]
    if waits:
        wait = statistics.median(waits) * 1000
        print(f"the first checked sentence reaches the reader {wait:.0f} ms after the first token")


if __name__ == "__main__":
    main()
