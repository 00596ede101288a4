"""A crowd at sign-in holds no more than its share of the threads: the pages of those who are in go on."""

import asyncio
import threading
from typing import Any

from app.wsgi_guard import WsgiGuard


def test_twenty_sign_ins_leave_threads_for_pages() -> None:
    release, inside = threading.Event(), []

    def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/sign-in":
            inside.append(1)
            release.wait(20)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    async def ask(guard: WsgiGuard, method: str, path: str) -> int:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": [], "root_path": ""}
        scope |= {"scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1)}
        await guard(scope, receive, send)
        return int(sent[0]["status"])

    async def run() -> None:
        guard = WsgiGuard(wsgi, threads=4)
        crowd = [asyncio.create_task(ask(guard, "POST", "/sign-in")) for _ in range(20)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(5):
            assert await asyncio.gather(*(ask(guard, "GET", "/deals") for _ in range(6))) == [200] * 6
        assert len(inside) == 1
        release.set()
        assert await asyncio.gather(*crowd) == [200] * 20

    asyncio.run(run())
