"""A server that speaks the part of Qdrant's REST protocol that we use, over real sockets, and misbehaves when told.

https://api.qdrant.tech/api-reference: answers are `{"result": ..., "status": "ok", "time": ...}`. Collections outlive
the listening socket, as they outlive a real server's process, until they are forgotten.
"""

import contextlib
import json
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Points = dict[str, dict[str, Any]]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.connections: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.append(connection)
        return connection, address

    def end(self) -> None:
        """Close as a killed process does: the listening socket and every connection."""
        self.shutdown()
        self.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: Any) -> None:
        """A client that has given up is what the tests are about."""


@dataclass
class FakeQdrant:
    fault: str = ""  # hang, broken, garbage, old (a version without the query API)
    collections: dict[str, Points] = field(default_factory=dict)
    port: int = 0
    _server: _Quiet | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "FakeQdrant":
        self._server = _Quiet(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server:
            self._server.end()
            self._server = None

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        found = re.fullmatch(r"/collections/([^/]+)(/.*)?", path)
        if not found:
            return 404, None
        name, rest = found[1], found[2] or ""
        if rest == "/exists":
            return 200, {"exists": name in self.collections}
        if method == "PUT" and not rest:
            self.collections[name] = {}
            return 200, True
        if method == "DELETE":
            return 200, self.collections.pop(name, None) is not None
        if name not in self.collections:
            return 404, None
        return self._points(method, rest, body, self.collections[name])

    def _points(self, method: str, rest: str, body: dict[str, Any], points: Points) -> tuple[int, Any]:
        done = {"operation_id": 1, "status": "completed"}
        if rest == "/index":
            return 200, done
        if rest == "/points" and method == "PUT":
            points.update({item["id"]: item for item in body["points"]})
            return 200, done
        if rest == "/points":
            return 200, [{"id": id, "payload": points[id]["payload"]} for id in body["ids"] if id in points]
        if rest == "/points/delete":
            for id in body["points"]:
                points.pop(id, None)
            return 200, done
        if rest == "/points/count":
            return 200, {"count": len(points)}
        if rest == "/points/query" and self.fault != "old":
            return 200, {"points": _nearest(points, body)}
        return 404, None


def _nearest(points: Points, body: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = [(item["key"], set(item["match"]["any"])) for item in (body.get("filter") or {}).get("must", [])]
    vector = body["query"]["nearest"] if isinstance(body["query"], dict) else body["query"]
    inside = [item for item in points.values() if all(item["payload"].get(key) in ids for key, ids in wanted)]
    scored = [(sum(a * b for a, b in zip(item["vector"], vector, strict=True)), item) for item in inside]
    best = sorted(scored, key=lambda pair: -pair[0])[: body["limit"]]
    return [{"id": item["id"], "version": 1, "score": score, "payload": item["payload"]} for score, item in best]


def _handler(qdrant: FakeQdrant) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            if qdrant.fault == "hang":
                time.sleep(8)
            status, result = qdrant.answer(self.command, self.path.partition("?")[0], body)
            told: Any = {"result": result, "status": "ok" if status == 200 else {"error": "Not found"}, "time": 0.0}
            if qdrant.fault == "broken":
                status, told = 500, {"status": {"error": "Service internal error"}, "time": 0.0}
            data = b"<html>it works</html>" if qdrant.fault == "garbage" else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 - the library's names

    return Handler
