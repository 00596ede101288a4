"""Asks the questions of a set and judges the answers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from app.chatbot.exact import answer
from app.chatbot.types import Context, Passage, Turn
from app.crm.port import Crm
from app.shared.contract import SYSTEM, ChangeSet, CrmPort, Operation, Principal, Query
from app.shared.db import Database
from bench.assistant import demo_oracle
from bench.assistant.expect import Abstains, Unanswered
from bench.assistant.oracle import ME, TODAY

_IMPORTS = (
    ("accounts.csv", "--object companies --match account_id --map account=name --map sector=industry --map "
     "office_location=country --map employees=employees --map revenue=annual_revenue --map subsidiary_of=parent "
     "--create fields,companies"),
    ("sales_pipeline.csv", "--object deals --match opportunity_id --map account=company --map sales_agent=owner --map "
     "deal_stage=stage --map close_value=amount --map close_date=close_date --create fields,owners,stages,companies"),
    ("interactions.csv", "--object activities --map account_name=company --map contact_name=person --map "
     "activity_type=kind --map timestamp=date --map comment=body --create people,companies"),
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    family: str
    question: str
    verdict: str  # right, wrong, abstained
    expected: Any
    answer: Any
    seconds: float  # on the clock
    work: float  # of the processor

    def __str__(self) -> str:
        found = self.answer
        figures = [(one.label, one.value) for one in found.figures[:2]]
        rows = [row.get("label") for row in found.rows[:4]]
        asked = f"{self.verdict.upper()} [{self.family}] {self.question}\n    expected {str(self.expected)[:150]}\n"
        if found.proposals:
            return asked + f"    proposes {str(found.proposals[0]['operations'])[:600]}"
        return asked + f"    {found.mode}: {found.text[:150]} | {figures} {rows} unread={found.unread} {found.url}"


class Listener:
    """A retriever that finds nothing and remembers what it was asked."""

    def __init__(self, port: CrmPort, principal: Principal) -> None:
        self.port, self.principal = port, principal
        self.seen: list[tuple[str, frozenset[str]]] = []

    def search(
        self, principal: Principal, text: str, *, links: Sequence[tuple[str, int]] = (), **_rest: Any
    ) -> Sequence[Passage]:
        found = self.port.get_many(principal, list(links))
        self.seen.append((text, frozenset(record.label for record in found.values())))
        return ()


def load_demo(folder: Path) -> Path:
    """The demo's records in a new instance, by the documented command; the roles that it lacks by the Change door."""
    command = [sys.executable, "-m", "app", "demo", "--instance", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    with open_port(folder) as port:
        ids = {(object, label): id for object in ("deals", "people") for id, label in port.labels(SYSTEM, object)}
        values = [{"deal": ids["deals", deal], "person": ids["people", person], "role": role}
                  for deal, person, role in demo_oracle.ROLES]  # fmt: skip
        rows = tuple(Operation(action="create", object="deal_contacts", values=row) for row in values)
        port.apply(SYSTEM, ChangeSet(title="Roles", operations=rows))
    return folder


def load(data: Path, folder: Path) -> Path:
    """Imports the three files into a new instance by the documented commands."""
    for name, options in _IMPORTS:
        command = [sys.executable, "-m", "app", "import", str(data / name), *options.split(), "--instance", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    return folder


@contextmanager
def open_port(folder: Path) -> Iterator[Crm]:
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    try:
        yield Crm(database)
    finally:
        database.close()


def principal_of(port: CrmPort, name: str = ME) -> Principal:
    """The sales person in whose name the questions are asked."""
    ids = {label: id for id, label in port.labels(SYSTEM, "users")}
    return Principal(user_id=ids[name], name=name, role="admin")


def evaluate(
    port: CrmPort, asked: Mapping[str, Sequence[tuple[Any, Any]]], who: str = ME, day: date = TODAY
) -> list[Result]:
    principal = principal_of(port, who)
    answer(port, Listener(port, principal), principal, "how many deals", Context(), on=day)  # warms the lexicon
    return [
        _ask(port, principal, day, family, question, expected)
        for family, pairs in asked.items()
        for question, expected in pairs
    ]


def _ask(port: CrmPort, principal: Principal, day: date, family: str, question: Any, expected: Any) -> Result:
    listener = Listener(port, principal)
    turns: tuple[Turn, ...] = ()
    texts = (question,) if isinstance(question, str) else question
    for text in texts:
        start, begun = time.perf_counter(), time.process_time()
        found = answer(port, listener, principal, text, Context(history=turns), on=day)
        seconds, work = time.perf_counter() - start, time.process_time() - begun
        turns = (*turns, Turn(text, as_turn(found)))
    return Result(family, " >> ".join(texts), judge(found, expected, listener.seen), expected, found, seconds, work)


def as_turn(found: Any) -> dict[str, Any]:
    """An answer as the history keeps it."""
    query: Query | None = found.query
    cited = [{"object": one.object, "id": one.id, "label": one.label, "url": one.url} for one in found.citations]
    return {"mode": found.mode, "query": query.model_dump(mode="json") if query else None, "citations": cited}


def judge(found: Any, expected: Any, seen: Any) -> str:
    if expected.holds(found, seen):
        return "right"
    if found.mode == "none" and not isinstance(expected, Abstains | Unanswered):
        return "abstained"
    return "wrong"
