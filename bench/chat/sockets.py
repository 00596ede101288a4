"""What idle chat WebSockets cost: memory of the process, and the pages' answer time beside the quiet run's.

    .venv/bin/python -m bench.chat.sockets [--sockets 500] [--seconds 6]

One server process, real WebSockets held open by this process; the same pages are asked before, while and after.
"""

import argparse
import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import websockets

from bench.signin import page_times, prepare
from tests.processes import Server, start_server


def resident(server: Server) -> float:
    return psutil.Process(server.process.pid).memory_info().rss / 1024**2


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


async def hold(server: Server, session: str, count: int, seconds: float) -> tuple[float, float]:
    """Open so many sockets; gives the memory with them, and the pages' 95th percentile meanwhile."""
    address = server.url.replace("http", "ws") + "/chat/ws"
    headers = {"Cookie": f"parley_session={session}", "Origin": server.url}
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(websockets.connect(address, additional_headers=headers, ping_interval=None))
        await asyncio.sleep(2)
        used = resident(server)
        times = await asyncio.to_thread(page_times, server, session, seconds)
    return used, p95(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "instance"
        session = prepare(folder, 2)
        server = start_server(folder)
        try:
            page_times(server, session, 2)  # what loads at first use is in
            quiet, before = p95(page_times(server, session, options.seconds)), resident(server)
            used, busy = asyncio.run(hold(server, session, options.sockets, options.seconds))
        finally:
            server.end()
    print(f"{options.sockets} idle sockets: {used - before:.0f} MB more ({before:.0f} -> {used:.0f} MB)")
    print(f"pages' p95 {busy:.1f} ms beside {quiet:.1f} ms quiet: {busy / quiet:.2f}x (load {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    main()
