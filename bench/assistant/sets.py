"""The sets of questions: which workspace each is asked of, who asks, and on which day."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app.crm.port import Crm
from app.shared.contract import SYSTEM, Query
from bench.assistant import (
    demo_oracle,
    demo_questions,
    fresh_demo,
    fresh_sales,
    further,
    held_out,
    hostile,
    orders_asked,
    questions,
    typed_demo,
    typed_sales,
    unseen,
)
from bench.assistant.expect import Unanswered
from bench.assistant.oracle import ME, TODAY, Oracle
from bench.assistant.run import Result, evaluate, load, load_demo, open_port

Asked = Mapping[str, Sequence[tuple[Any, Any]]]


@dataclass(frozen=True)
class Workspaces:
    """The sales data and the demo, each with its oracle."""

    sales: Crm
    sold: Oracle
    demo: Crm
    shown: demo_oracle.Demo


@dataclass(frozen=True)
class Asking:
    """Some questions and whom they are put to. `tuned`: the parser was made while looking at them."""

    name: str
    tuned: bool
    _ask: Callable[[Workspaces, int], list[Result]]

    def ask(self, where: Workspaces, step: int = 1) -> list[Result]:
        """The results of every question, or of every one in `step`."""
        return self._ask(where, step)


def _sales(asked: Callable[[Oracle], Asked]) -> Callable[[Workspaces, int], list[Result]]:
    return lambda where, step: evaluate(where.sales, _some(asked(where.sold), step))


def _demo(asked: Callable[[demo_oracle.Demo], Asked]) -> Callable[[Workspaces, int], list[Result]]:
    return lambda where, step: evaluate(where.demo, _some(asked(where.shown), step), demo_oracle.ME, where.shown.today)


def _hostile(texts: Sequence[str]) -> Callable[[Workspaces, int], list[Result]]:
    """Each of both workspaces: what one can't know the other might take for something."""
    asked = [(text, Unanswered()) for text in texts]
    return lambda where, step: [
        *evaluate(where.sales, {"sales": asked[::step]}, ME, TODAY),
        *evaluate(where.demo, {"demo": asked[::step]}, demo_oracle.ME, where.shown.today),
    ]


def _some(asked: Asked, step: int) -> Asked:
    """Every question in `step`, counted over all families."""
    numbered = [(family, pair) for family, pairs in asked.items() for pair in pairs][::step]
    return {family: [pair for other, pair in numbered if other == family] for family, _ in numbered}


def _third(asked: Callable[[Any], Asked], held: bool) -> Callable[[Any], Asked]:
    """Every third question of all families together, or the other two thirds."""

    def chosen(oracle: Any) -> Asked:
        numbered = [(family, pair) for family, pairs in asked(oracle).items() for pair in pairs]
        found: dict[str, list[tuple[Any, Any]]] = {}
        for index, (family, pair) in enumerate(numbered):
            if (index % 3 == 2) == held:
                found.setdefault(family, []).append(pair)
        return found

    return chosen


SETS = (
    Asking("sales", True, _sales(lambda oracle: questions.questions(oracle) | further.questions(oracle))),
    Asking("demo", True, _demo(demo_questions.questions)),
    Asking("hostile", True, _hostile(hostile.QUESTIONS)),
    Asking("fresh sales", True, _sales(_third(fresh_sales.questions, held=False))),
    Asking("fresh demo", True, _demo(_third(fresh_demo.questions, held=False))),
    Asking("orders", True, _demo(_third(orders_asked.orders, held=False))),
    Asking("third orders", False, _demo(_third(orders_asked.orders, held=True))),
    Asking("third sales", False, _sales(_third(fresh_sales.questions, held=True))),
    Asking("third demo", False, _demo(_third(fresh_demo.questions, held=True))),
    Asking("typed sales", True, _sales(_third(typed_sales.questions, held=False))),
    Asking("typed demo", True, _demo(_third(typed_demo.questions, held=False))),
    Asking("typed sales, third", False, _sales(_third(typed_sales.questions, held=True))),
    Asking("typed demo, third", False, _demo(_third(typed_demo.questions, held=True))),
    Asking("held out", False, _sales(held_out.questions)),
    Asking("unseen sales", False, _sales(unseen.sales)),
    Asking("unseen demo", False, _demo(unseen.demo)),
    Asking("unseen hostile", False, _hostile(unseen.HOSTILE)),
)


@contextmanager
def workspaces(data: Path, kept: Path | None = None) -> Iterator[Workspaces]:
    """Both workspaces, in a temporary folder or in one that keeps them for the next run."""
    with ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not (folder / "sales").exists():
            load(data, folder / "sales")
            load_demo(folder / "demo")
        sales, demo = (stack.enter_context(open_port(folder / name)) for name in ("sales", "demo"))
        yield Workspaces(sales, Oracle(data), demo, demo_oracle.Demo(loaded_on(demo)))


def loaded_on(demo: Crm) -> date:
    """The day from which the demo's days count: that of its first deal's close date, less its offset."""
    first = demo_oracle.data.DEALS[0]
    page = demo.query(SYSTEM, Query(object="deals", sort=("id",), limit=1))
    closes: date = page.records[0].values["close_date"]  # type: ignore[union-attr]
    return closes - timedelta(first[5])
