"""A page's answer time while twenty people sign in at once, against the quiet page, in the same run over a real server.

    .venv/bin/python bench/signin.py [--seconds 6] [--sign-ins 20]

Argon2 takes 19 MiB and some ten milliseconds of a processor for each sign-in, two at a time; the pages of those who are
in must not wait behind them. The quiet page and the busy one are measured in turn, and the medians of the rounds'
95th percentiles are compared. A load average is printed: on a machine that others use the ratio says little.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app import migrations  # noqa: E402  # the root must be on the path first
from app.crm.accounts import passwords, sessions, users  # noqa: E402
from app.crm.port import Crm  # noqa: E402
from app.shared.contract import Principal  # noqa: E402
from app.shared.db import Database  # noqa: E402
from tests.pages.site import Maker, fill  # noqa: E402
from tests.processes import Server, start_server  # noqa: E402

PASSWORD = "correct horse battery staple 9"
PATHS = ("/deals", "/companies", "/", "/deals?stage=won")


def prepare(folder: Path, people: int) -> str:
    """An instance with so many users and some records; gives a session."""
    from sqlalchemy.engine import make_url

    folder.mkdir(parents=True)
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    migrations.upgrade(database)
    hashed = passwords.hash_password(PASSWORD)
    with database.write() as connection:
        ids = [
            users.create(connection, name=f"User {n}", email=f"user{n}@example.com", role="admin", password_hash=hashed)
            for n in range(people)
        ]
    fill(Maker(Crm(database), Principal(ids[0], "User 0", "admin")), deals=60)
    with database.write() as connection:
        session = sessions.start(connection, ids[0])
    database.close()
    return session


def page_times(server: Server, session: str, seconds: float) -> list[float]:
    """Answer times of pages, one after another, in milliseconds."""
    times: list[float] = []
    with httpx.Client(base_url=server.url, cookies={"parley_session": session}, timeout=30, trust_env=False) as http:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            http.get(PATHS[len(times) % len(PATHS)]).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(0.01)
    return times


def signing_in(server: Server, people: int, ended: threading.Event, done: list[float]) -> Callable[[int], None]:
    """One person who signs in again and again, each time anew, until the round ends."""

    def one(number: int) -> None:
        body = {"email": f"user{number}@example.com", "password": PASSWORD}
        address = f"127.0.0.{number + 2}"  # attempts are counted by address
        while not ended.is_set():
            transport = httpx.HTTPTransport(local_address=address)
            with httpx.Client(base_url=server.url, timeout=60, transport=transport) as http:
                began = time.perf_counter()
                answer = http.post("/sign-in", data=body, headers={"Origin": server.url})
                if answer.status_code == 303:
                    done.append((time.perf_counter() - began) * 1000)
                elif answer.status_code in (429, 503):
                    time.sleep(0.2)  # told to wait
                else:
                    raise SystemExit(f"sign-in answered {answer.status_code}: {answer.text[:200]}")

    return one


def busy_times(server: Server, session: str, seconds: float, people: int) -> tuple[list[float], list[float]]:
    """The pages' times while `people` sign in, and the sign-ins' own."""
    ended, done = threading.Event(), list[float]()
    one = signing_in(server, people, ended, done)
    threads = [threading.Thread(target=one, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    times = page_times(server, session, seconds)
    ended.set()
    for thread in threads:
        thread.join()
    return times, done


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else max(times, default=float("nan"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sign-ins", type=int, default=20, help="people who sign in at once")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="parley-signin-"))
    session = prepare(folder / "instance", options.sign_ins)
    server = start_server(folder / "instance")
    quiet, busy, signed = list[list[float]](), list[list[float]](), list[float]()
    try:
        page_times(server, session, 1)  # warm
        print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
        for _ in range(options.rounds):
            quiet.append(page_times(server, session, options.seconds))
            times, done = busy_times(server, session, options.seconds, options.sign_ins)
            busy.append(times)
            signed += done
    finally:
        server.end()
        shutil.rmtree(folder)
    report(quiet, busy, signed)


def report(quiet: list[list[float]], busy: list[list[float]], signed: list[float]) -> None:
    for name, rounds in (("quiet", quiet), ("busy", busy)):
        told = [f"{p95(times):.0f}" for times in rounds]
        pages = sum(map(len, rounds))
        middle = statistics.median([one for times in rounds for one in times])
        print(f"{name:<6} {pages:>5} pages, median {middle:.1f} ms, p95 of each round {', '.join(told)} ms")
    if len(signed) > 1:
        print(f"sign-ins: {len(signed)}, median {statistics.median(signed):.0f} ms, p95 {p95(signed):.0f} ms")
    first, second = (statistics.median(map(p95, rounds)) for rounds in (quiet, busy))
    print(f"ratio of the p95: {second / first:.2f}")


if __name__ == "__main__":
    main()
