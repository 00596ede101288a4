"""Every fault of a model server, many times over a real server process: what is told, how soon, and what is left open.

    .venv/bin/python -m bench.chat.faults [--times 20] [--seconds 3]

For each fault: the answers that kept their exact result and named the failure, the slowest of them, descriptors of the
process before and after all of them, and the pages' 95th percentile while the faults go on beside the quiet run's.
"""

import argparse
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from app.crm.accounts.local import local_token
from app.shared.config import load
from bench.signin import page_times, prepare
from tests.chat.model_server import FakeOllama, FakeOpenAI
from tests.chat.served import fake_ollama
from tests.chat.test_model_faults import FAULTS
from tests.processes import Server, start_server

BOUND = "1.5"  # seconds, for the first token as for silence: the defaults are 60 and 30
QUESTION = "how many deals are there"


def open_files(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def well(server: Server) -> None:
    """Wait until the model is taken up again after its rest."""
    deadline = time.monotonic() + 60
    while not server.http.get("/chat/model").json()["model"]:
        assert time.monotonic() < deadline, "the model never came back"
        time.sleep(0.1)


def suffer(server: Server, fake: FakeOllama, fault: str, times: int) -> tuple[int, float]:
    """Gives how many answers kept the result and named the failure, and the slowest one's seconds."""
    good, slowest = 0, 0.0
    for _ in range(times):
        fake.fault = ""
        well(server)
        fake.fault = fault
        began = time.perf_counter()
        answer = _asked(server)
        slowest = max(slowest, time.perf_counter() - began)
        good += bool(answer["figures"]) and any("The model stopped answering" in note for note in answer["notes"])
    fake.fault = ""
    return good, slowest


def _asked(server: Server) -> dict[str, object]:
    import json

    headers = {"Accept": "text/event-stream"}
    last: dict[str, object] = {}
    with server.http.stream("POST", "/chat/ask", json={"question": QUESTION}, headers=headers) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                last = json.loads(line.removeprefix("data:"))
    return last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    for protocol in (FakeOllama, FakeOpenAI):
        scratch = Path(tempfile.mkdtemp())
        try:
            with fake_ollama(protocol()) as fake:
                measure(protocol.__name__.removeprefix("Fake"), scratch / "instance", fake, options)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def measure(name: str, folder: Path, fake: FakeOllama, options: argparse.Namespace) -> None:
    session = prepare(folder, 2)
    where = "PARLEY_OPENAI_URL" if isinstance(fake, FakeOpenAI) else "PARLEY_OLLAMA_URL"
    environ = {
        where: fake.url,
        "PARLEY_FIRST_TOKEN_TIMEOUT": BOUND,
        "PARLEY_IDLE_TIMEOUT": BOUND,
        "PARLEY_MODEL_REST": "0.1",
    }
    server = start_server(folder, environ=environ)
    server.token = local_token(load({}, folder))
    try:
        well(server)
        _asked(server)
        quiet = p95(page_times(server, session, options.seconds))
        before, times, ended = open_files(server), list[float](), threading.Event()

        def pages() -> None:
            while not ended.is_set():
                times.extend(page_times(server, session, 1))

        watching = threading.Thread(target=pages)
        watching.start()
        print(f"{name}, each fault {options.times} times")
        for fault in FAULTS:
            good, slowest = suffer(server, fake, fault, options.times)
            print(f"  {fault:<12} {good} of {options.times} told, the slowest after {slowest:.1f} s")
        ended.set()
        watching.join()
        time.sleep(1)
        print(
            f"  descriptors {before} -> {open_files(server)}; "
            f"pages' p95 {p95(times):.1f} ms beside {quiet:.1f} ms quiet"
        )
    finally:
        server.end()


if __name__ == "__main__":
    main()
