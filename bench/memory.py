"""Memory of the whole process against the two halves as separate processes: idle, at work, and idle again.

    .venv/bin/python bench/memory.py INSTANCE [--questions 100] [--wait 330]

INSTANCE is an instance folder with records; it is copied and left as it is. "At work" is after `--questions` questions
with the embedding model loaded; "again" is after `--wait` seconds, when the model has been unloaded (300 s unused).
Resident set sizes in MB; for the halves, the sum and each.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.processes import Server, start_server  # noqa: E402  # the root must be on the path first

QUESTIONS = (
    "how many deals are there",
    "total won amount this year",
    "deals by stage",
    "the 5 owners with the most won amount",
    "what did they say about pricing",
    "what do we know about the integration",
    "companies with more than 1000 employees",
    "average amount of won deals by month",
    "notes about delivery",
    "what was said about the budget",
)


def resident(servers: Sequence[Server]) -> str:
    sizes = [psutil.Process(server.process.pid).memory_info().rss / 1024**2 for server in servers]
    parts = f" ({' + '.join(f'{size:.0f}' for size in sizes)})" if len(sizes) > 1 else ""
    return f"{sum(sizes):.0f}{parts}"


def local_token(instance: Path) -> str:
    from app.crm.accounts.local import local_token as make
    from app.shared.config import load

    return make(load({}, instance))


def ask(server: Server, instance: Path, count: int) -> None:
    for number in range(count):
        server.http.headers["Authorization"] = f"Bearer {local_token(instance)}"
        question = QUESTIONS[number % len(QUESTIONS)]
        server.http.post("/chat/ask", json={"question": question}).raise_for_status()


def measure(name: str, instance: Path, arguments: Sequence[Sequence[str]], count: int, wait: float) -> None:
    servers = [start_server(instance, *words) for words in arguments]
    try:
        time.sleep(3)
        idle = resident(servers)
        ask(servers[-1], instance, count)
        at_work = resident(servers)
        time.sleep(wait)
        again = resident(servers)
    finally:
        for server in servers:
            server.end()
    print(f"| {name} | {idle} | {at_work} | {again} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", type=Path)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--wait", type=float, default=330)
    options = parser.parse_args()
    print("| | idle | at work | idle again |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "instance"
        shutil.copytree(
            options.instance, copy, ignore=shutil.ignore_patterns("runtime*.json", "*.lock", "*-wal", "*-shm")
        )
        measure("one process", copy, [()], options.questions, options.wait)
        measure("two processes", copy, [("--only", "crm"), ("--only", "chatbot")], options.questions, options.wait)


if __name__ == "__main__":
    main()
