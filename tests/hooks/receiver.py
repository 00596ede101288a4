"""A receiver of webhooks over real sockets, which answers as it is told: a status, a redirect, a hang, a hang-up."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Message:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """`script`: what to do with the next requests, one entry each; after them everything is answered with 204.

    A number is a status, "hang" keeps silent until the end, "drop" hangs up without a word, a text beginning with
    "http" is a redirect there.
    """

    def __init__(self, script: list[int | str] | None = None, always: int | str = 204) -> None:
        self.script = script or []
        self.always = always
        self.messages: list[Message] = []
        self.done = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self, count: int, seconds: float = 10) -> list[Message]:
        """The messages, once there are so many."""
        wait_until(lambda: len(self.messages) >= count, seconds, lambda: f"{len(self.messages)} of {count} messages")
        return self.messages

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.messages.append(Message(self.path, headers, body))
                what = receiver.script.pop(0) if receiver.script else receiver.always
                self._answer(what)

            def _answer(self, what: int | str) -> None:
                if what == "hang":
                    receiver.done.wait(30)
                if what in ("hang", "drop"):
                    self.close_connection = True
                    return
                self.send_response(what if isinstance(what, int) else 302)
                if isinstance(what, str):
                    self.send_header("Location", what)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def wait_until(
    condition: Callable[[], bool], seconds: float = 10, what: Callable[[], str] = lambda: "the condition"
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what()}"
        time.sleep(0.01)
