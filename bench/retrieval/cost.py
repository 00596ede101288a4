"""What the embedded vectors cost with many passages: made-up vectors of length 1, as many words a record as activities.

    .venv/bin/python -m bench.retrieval.cost [--passages 1000 100000 500000] [--folder DIR]

Each size is written, then opened and searched by a process of its own. A query is what a question costs the engine: the
nearest 240 chunks, then the packed words of the 96 records that are looked at. `narrowed` ones are of one company.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from app.chatbot.retrieval import late
from app.chatbot.retrieval.meaning import CHUNKS, FIRST
from app.chatbot.retrieval.search import READ
from app.chatbot.retrieval.vectors import NO_LINKS, EdgeVectors, Links, Point

DIMENSION = 384
CHUNKS_EACH = 7  # of a record: what the sales data's summaries have
WORDS_EACH = 128  # word pieces that count, likewise
COMPANIES = 2_000
QUERIES = 100
BATCH = 250  # records


def write(folder: Path, passages: int) -> float:
    """Fill a new collection. Returns the seconds."""
    began = time.perf_counter()
    vectors = EdgeVectors(folder, DIMENSION)
    for first in range(0, passages // CHUNKS_EACH, BATCH):
        vectors.write(list(points(first, min(first + BATCH, passages // CHUNKS_EACH))), [])
    vectors.close()
    return time.perf_counter() - began


def points(first: int, last: int) -> Iterator[Point]:
    chance = np.random.default_rng(first)
    for number in range(first, last):
        record = f"activities:{number}"
        links = {"activities": record, "companies": f"companies:{number % COMPANIES}"}
        made = chance.normal(size=(CHUNKS_EACH, DIMENSION))
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        words = late.pack(chance.normal(size=(WORDS_EACH, DIMENSION)))
        for place, vector in enumerate(made.tolist()):
            yield Point(record, place, vector, links, f"{number:032d}", CHUNKS_EACH, "" if place else words)


def measured(folder: Path, passages: int) -> dict[str, Any]:
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.perf_counter()
    vectors = EdgeVectors(folder, DIMENSION)
    opened = time.perf_counter() - began
    after = process.memory_info().rss
    chance = np.random.default_rng(1)
    records = passages // CHUNKS_EACH

    def query(links: Links) -> None:
        asked = chance.normal(size=DIMENSION)
        vectors.search((asked / np.linalg.norm(asked)).tolist(), CHUNKS, links)

    def words() -> None:
        chosen = random.sample(range(records), min(READ, records))  # no secret
        wanted = [(f"activities:{number}", part * late.SECTION) for number in chosen for part in range(FIRST)]
        question = chance.normal(size=(10, DIMENSION))
        for _, packed in vectors.words(wanted):
            late.fit(question, late.unpack(packed, DIMENSION))

    figures = {
        "nearest": _times(lambda: query(NO_LINKS)),
        "narrowed": _times(lambda: query({"companies": ["companies:7"]})),
        "words": _times(words),
    }
    resident = process.memory_info()
    vectors.close()
    return {
        "open_s": round(opened, 3),
        "rss_open_mb": (after - before) >> 20,
        "rss_mb": (resident.rss - before) >> 20,
        "of_that_file_pages_mb": getattr(resident, "shared", 0) >> 20,
        **figures,
    }


def _times(action: Callable[[], None]) -> str:
    action()
    spent = []
    for _ in range(QUERIES):
        began = time.perf_counter()
        action()
        spent.append((time.perf_counter() - began) * 1000)
    return f"p50 {statistics.median(spent):.1f} ms, p95 {sorted(spent)[int(0.95 * QUERIES)]:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 100_000, 500_000])
    parser.add_argument("--folder", type=Path, help="where there is room; a temporary one otherwise")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.folder, options.passages[0])))
        return
    for passages in options.passages:
        with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
            folder = Path(scratch) / "index"
            seconds = write(folder, passages)
            disk = sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file()) >> 20
            command = [sys.executable, "-m", "bench.retrieval.cost", "--measure", "--folder", str(folder)]
            found = subprocess.run([*command, "--passages", str(passages)], check=True, capture_output=True, text=True)
            print(
                f"{passages:,} passages: written in {seconds:.0f} s, disk {disk} MB, {found.stdout.strip()}", flush=True
            )


if __name__ == "__main__":
    main()
