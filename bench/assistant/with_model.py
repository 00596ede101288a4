"""python -m bench.assistant.with_model: what a model adds to the parser, and whether it makes anything wrong.

    .venv/bin/python -m bench.assistant.with_model --data DIR --openai http://127.0.0.1:8080/v1 [--only SET] [--step N]

Every set is asked without a model; what the parser abstains from is then asked once more, in a conversation of the real
assistant with this model, and judged by the same oracles. The rest can't change: a model is asked for a query only
where the parser can't read. Questions that nobody should answer are among those asked. Needs a model server that
speaks OpenAI's protocol (`--openai`) or Ollama (`--ollama`); a model on two cores takes 5 to 20 seconds a question.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

from sqlalchemy.engine import make_url

from app.chatbot.exact import answer
from app.chatbot.models import ModelServer
from app.chatbot.models.ollama import OllamaServer
from app.chatbot.models.openai import OpenAIServer
from app.chatbot.service import Chat, TurnFailed
from app.chatbot.types import Answer
from app.crm.port import Crm
from app.shared.config import load
from app.shared.contract import Principal
from app.shared.db import Database
from bench.assistant import demo_oracle
from bench.assistant.oracle import ME, TODAY
from bench.assistant.run import Listener, Result, judge, principal_of
from bench.assistant.sets import SETS, Workspaces, workspaces

VERDICTS = ("right", "wrong", "abstained")
PATIENCE = {"first_token": 300.0, "idle": 120.0, "rest": 0.0}  # quality is measured here, not speed


@contextmanager
def on(day: date) -> Iterator[None]:
    """The model and the Query door take this day for today, as the parser does."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with (
        patch("app.chatbot.agent.today_of", lambda _who: day),
        patch("app.chatbot.agent.READING_SECONDS", 600.0),
        patch("app.crm.query.scope.utc_now", lambda: noon),
    ):
        yield


async def ask(chat: Chat, principal: Principal, result: Result, listener: Listener) -> Result:
    """The questions of this result once more, in one conversation."""
    conversation: int | None = None
    start = time.perf_counter()
    found = Answer(text="", mode="none")
    for text in result.question.split(" >> "):
        turn = await chat.ask(principal, text, conversation, prose=False)
        try:
            await chat.finished(turn)
            found = turn.draft.answer or found
        except TurnFailed as failure:
            found = Answer(text=str(failure), mode="none")
        conversation = turn.conversation_id
    verdict = judge(found, result.expected, listener.seen)
    return replace(result, verdict=verdict, answer=found, seconds=time.perf_counter() - start)


async def again(server: ModelServer, folder: Path, port: Crm, who: str, day: date, asked: list[Result]) -> list[Result]:
    """Ask with the model what the parser abstained from."""
    principal = principal_of(port, who)
    listener = Listener(port, principal)
    settings = load({}, instance=folder)
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    chat = Chat(settings, database, port, listener, answerer=partial(answer, on=day), server=server)
    await chat.start()
    state = await chat.find_model(30)
    if state.name is None:
        raise SystemExit(f"No model: {state.reason}")
    try:
        with on(day):
            return [await ask(chat, principal, one, listener) for one in asked]
    finally:
        await chat.stop()
        database.close()


def table(name: str, before: list[Result], after: dict[int, Result]) -> str:
    """Right, wrong and abstained of each family, without the model and with it."""
    families: dict[str, list[int]] = {}
    for place, result in enumerate(before):
        families.setdefault(result.family, []).append(place)
    head = f"{name:<16}{'asked':>7}" + "".join(f"{word:>11}{'with':>7}" for word in VERDICTS)
    lines = [head]
    for family, places in [*families.items(), ("all", list(range(len(before))))]:
        cells = ""
        for verdict in VERDICTS:
            counts = [sum(one.verdict == verdict for one in found) for found in (
                [before[place] for place in places], [after.get(place, before[place]) for place in places]
            )]  # fmt: skip
            cells += f"{counts[0]:>11}{counts[1]:>7}"
        lines.append(f"{family:<16}{len(places):>7}{cells}")
    return "\n".join(lines)


def compare(make: "partial[ModelServer]", where: Workspaces, kept: Path, name: str, results: list[Result]) -> None:
    """Print the table of one set, and each question that the model answered."""
    after: dict[int, Result] = {}
    for folder, port, who, day in (
        (kept / "sales", where.sales, ME, TODAY),
        (kept / "demo", where.demo, demo_oracle.ME, where.shown.today),
    ):
        mine = ("demo" in name) == (folder.name == "demo")
        places = [
            place
            for place, one in enumerate(results)
            if one.answer.mode == "none" and (one.family == folder.name if "hostile" in name else mine)
        ]
        found = asyncio.run(again(make(), folder, port, who, day, [results[place] for place in places]))
        after |= dict(zip(places, found, strict=True))
    print(table(name, results, after))
    took = sorted(one.seconds for one in after.values())
    if took:
        print(f"asked with the model: {len(took)}, {took[len(took) // 2]:.1f} s at the median")
    print("\n".join(str(one) for one in after.values() if one.answer.mode != "none"), "\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the sales files")
    parser.add_argument("--keep", type=Path, required=True, help="a folder that holds both workspaces, or will")
    parser.add_argument("--openai", default="")
    parser.add_argument("--ollama", default="")
    parser.add_argument("--model", default="")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--step", type=int, default=1, help="every so many questions")
    chosen = parser.parse_args()
    kind: type[OpenAIServer | OllamaServer] = OpenAIServer if chosen.openai else OllamaServer
    make = partial(kind, chosen.openai or chosen.ollama, chosen.model, **PATIENCE)
    with workspaces(chosen.data, chosen.keep) as where:
        for one in SETS:
            if not chosen.only or one.name in chosen.only:
                compare(make, where, chosen.keep, one.name, one.ask(where, chosen.step))


if __name__ == "__main__":
    main()
