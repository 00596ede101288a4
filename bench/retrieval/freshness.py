"""How soon a committed text is found by its meaning, at five changes a second against a running server.

    .venv/bin/python -m bench.retrieval.freshness [--seconds 60]

Each second one note of a known meaning is written among four others, and asked for in words that it doesn't have until
the assistant's answer quotes it; then it is put into the trash, and must not be quoted again. Printed: percentiles from
the commit (the server has answered) to the question whose answer quotes it, and of the time that an answer takes.
"""

import argparse
import statistics
import threading
import time

import httpx

from bench.pages.serving import Served, served

PAIRS = (
    ("Their lawyer has left the firm and nobody reads contracts now.", "an attorney who quit"),
    ("The lorry broke down on the motorway, so the pallets came late.", "delayed delivery by truck"),
    ("She finds our machine too expensive compared to the old one.", "the high price of equipment"),
    ("The cellar was under water after the storm.", "flood damage"),
    ("His daughter is getting married in the spring.", "a wedding in the family"),
    ("The new boss comes from a bank in Zurich.", "a manager with a background in finance"),
    ("They bake their own bread in the canteen.", "food made in house"),
    ("Thieves took four laptops from the reception.", "stolen computers"),
    ("The doctor told him to stay at home until June.", "somebody on sick leave"),
    ("Our drill makes so much noise that the neighbours complain.", "loud tools"),
)
FILLERS = (
    "We went through the agenda of the coming week and left it as it stands.",
    "The form was signed and put into the folder with the others of this year.",
    "The line was bad, so we agreed to talk again in the afternoon.",
    "The brochure in German is out of print until somebody orders more of them.",
)
PAUSE = 0.2  # seconds between two changes
LIMIT = 10.0  # seconds that a text may take to be found


def write(http: httpx.Client, body: str) -> int:
    answer = http.post("/api/v1/notes", json={"body": body})
    answer.raise_for_status()
    return int(answer.json()["id"])


def fill(http: httpx.Client, over: threading.Event) -> None:
    """Four changes of five, at their pace whatever the others take."""
    number, due = 0, time.perf_counter()
    while not over.is_set():
        write(http, f"{FILLERS[number % len(FILLERS)]} ({number})")
        number += 1
        due += PAUSE * 5 / 4
        over.wait(max(0.0, due - time.perf_counter()))


def quotes(http: httpx.Client, meaning: str, note: int) -> bool:
    answer = http.post("/chat/ask", json={"question": f"what was said about {meaning}?"}, timeout=30)
    answer.raise_for_status()
    return any(cited == {"object": "notes", "id": note} for cited in map(_ref, answer.json()["citations"]))


def _ref(citation: dict[str, object]) -> dict[str, object]:
    return {name: citation[name] for name in ("object", "id")}


def found_after(http: httpx.Client, body: str, meaning: str) -> tuple[float, float] | None:
    """Seconds from the commit to the first question whose answer quotes the text, and those of that answer.

    None where that took longer than the limit.
    """
    note = write(http, body)
    committed = time.perf_counter()
    try:
        while (asked := time.perf_counter()) < committed + LIMIT:
            if quotes(http, meaning, note):
                return asked - committed, time.perf_counter() - asked
        return None
    finally:
        http.delete(f"/api/v1/notes/{note}").raise_for_status()
        assert not quotes(http, meaning, note), "a text came back out of the trash"


def percentiles(name: str, seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"{name}: p50 {1000 * cuts[49]:.0f} ms, p95 {1000 * cuts[94]:.0f} ms"


def measure(served_: Served, seconds: int) -> None:
    headers = {"Cookie": f"parley_session={served_.sessions[0]}", "Origin": served_.url}
    over = threading.Event()
    spent: list[tuple[float, float] | None] = []
    with httpx.Client(base_url=served_.url, headers=headers, trust_env=False) as http:
        for body, meaning in PAIRS:  # the model is loaded, and what is asked for can be found
            assert found_after(http, body, meaning) is not None, meaning
        filler = threading.Thread(target=fill, args=(http, over))
        filler.start()
        until = time.perf_counter() + seconds
        try:
            while time.perf_counter() < until:
                due = time.perf_counter() + 5 * PAUSE
                spent.append(found_after(http, *PAIRS[len(spent) % len(PAIRS)]))
                time.sleep(max(0.0, due - time.perf_counter()))
        finally:
            over.set()
            filler.join()
    found = [one for one in spent if one]
    print(f"{len(found)} found, {spent.count(None)} not within {LIMIT:.0f} s")
    print(percentiles("from the commit to being found", [waited for waited, _ in found]))
    print(percentiles("the answer", [answering for _, answering in found]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with served(1_000) as served_:
        measure(served_, options.seconds)


if __name__ == "__main__":
    main()
