"""Warm start to a ready answer, and idle memory, against an empty FastAPI and Flask application in the same run.

    .venv/bin/python bench/start.py [--rounds 9]

The goal is a ratio of at most 2, and less than 150 MB of memory. Both are started in turn, so that a machine under load
slows both alike, and the medians are compared; the processor's time tells most where others use the machine.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
GIVE_UP = 60.0  # seconds
SETTLE = 2.0  # seconds of idling before memory is read


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass
class Start:
    """Seconds from the process's start to the first 200 of /readyz: on the clock, and of the processor."""

    clock: float
    processor: float


def start(command: list[str], port: int, environ: dict[str, str]) -> tuple[Start, "subprocess.Popen[bytes]"]:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not ready(port):
        if process.poll() is not None or time.perf_counter() - began > GIVE_UP:
            process.kill()
            raise SystemExit(f"{' '.join(command)} didn't become ready")
        time.sleep(0.005)
    clock, used = time.perf_counter() - began, psutil.Process(process.pid).cpu_times()
    return Start(clock, used.user + used.system), process


def megabytes(process: "subprocess.Popen[bytes]") -> float:
    """Resident memory once it idles."""
    time.sleep(SETTLE)
    return float(psutil.Process(process.pid).memory_info().rss / 1024**2)


def measure(rounds: int) -> dict[str, tuple[list[Start], float]]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
        environ |= {"PARLEY_INSTANCE": str(Path(folder) / "instance"), "PARLEY_OLLAMA_URL": ""}
        commands = {
            "empty": [sys.executable, str(ROOT / "bench" / "empty.py")],
            "parley": [sys.executable, "-m", "app", "serve", "--port"],
        }
        found: dict[str, tuple[list[Start], float]] = {}
        times: dict[str, list[Start]] = {name: [] for name in commands}
        for number in range(rounds + 1):  # the first round warms the caches and makes the instance
            for name, command in commands.items():
                port = free_port()
                taken, process = start([*command, str(port)], port, environ)
                if number:
                    times[name].append(taken)
                if number == rounds:
                    found[name] = (times[name], megabytes(process))
                process.terminate()
                process.wait()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    found = measure(parser.parse_args().rounds)
    for name, (times, memory) in found.items():
        clock, processor = (statistics.median(getattr(item, kind) for item in times) for kind in ("clock", "processor"))
        print(f"{name:<8} ready after {clock:.2f} s ({processor:.2f} s of the processor), {memory:.0f} MB resident")
    for kind, title in (("clock", "ratio"), ("processor", "of the processor")):
        parley, empty = (
            statistics.median(getattr(item, kind) for item in found[name][0]) for name in ("parley", "empty")
        )
        print(f"{title:<18} {parley / empty:.2f}; the goal is at most 2")


if __name__ == "__main__":
    main()
