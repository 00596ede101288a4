"""Recall and ranking of full text alone, vectors alone and both, over the sales data's summaries.

    .venv/bin/python -m bench.retrieval --data ../shared/data/sales [--show] [--instance DIR]

`named` questions are narrowed to the company or person that they name, as the assistant narrows them; `unnamed` ones
are not. recall@5: the share of questions with an answering passage among the first five; nDCG@10: with gain 1 for each
answering passage. In brackets the 95% interval of 2,000 bootstrap samples; the last column is the hybrid's difference
to the better of the two, question by question.
"""

import argparse
import csv
import math
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.chatbot.retrieval import Index, fusion, search
from app.chatbot.retrieval.search import Scope
from app.crm.port import Crm
from app.shared.config import load as settings_of
from app.shared.contract import SYSTEM, Principal
from bench.assistant.run import load, open_port, principal_of
from bench.retrieval import questions

WAYS: dict[str, fusion.Weigh] = {
    "full text": lambda _text, named: (1.0, 0.0),
    "vectors": lambda _text, named: (0.0, 1.0),
    "hybrid": fusion.weights,
}
SAMPLES = 2000


@dataclass(frozen=True)
class Asked:
    text: str
    wanted: frozenset[int]  # ids of activities
    scope: Scope


def named_scope(port: Crm, text: str, company: str, person: str) -> Scope:
    """The record that the question names: the company where its name stands there, else the person."""
    words = text.casefold()
    labels = {kind: {label: id for id, label in port.labels(SYSTEM, kind)} for kind in ("companies", "people")}
    first = company.casefold().split()[0].split("-")[0]
    if first in words or (company == "The New York Inquirer" and "inquirer" in words):
        return Scope(links=(("companies", labels["companies"][company]),))
    return Scope(links=(("people", labels["people"][person]),))


def prepare(port: Crm, data: Path) -> dict[str, list[Asked]]:
    with (data / "interactions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    ids = _ids(port, rows)
    made: dict[str, list[Asked]] = {"named": [], "unnamed": []}
    for kind, pairs in (("named", questions.named()), ("unnamed", questions.unnamed())):
        for numbers, text in pairs:
            row = rows[min(numbers)]
            wanted = frozenset(ids[number] for number in numbers)
            scope = named_scope(port, text, row["account_name"], row["contact_name"]) if kind == "named" else Scope()
            made[kind].append(Asked(text, wanted, scope))
    return made


def _ids(port: Crm, rows: Sequence[dict[str, str]]) -> list[int]:
    """The activity of each row: by its text, and in the file's order where texts repeat."""
    from app.shared.contract import Page, Query

    by_text: dict[str, list[int]] = {}
    cursor = None
    while True:
        page = port.query(
            SYSTEM, Query(object="activities", sort=("id",), columns=("body",), limit=1000, cursor=cursor)
        )
        assert isinstance(page, Page)
        for record in page.records:
            by_text.setdefault(" ".join(str(record.values["body"]).split()), []).append(record.id)
        cursor = page.next_cursor
        if cursor is None:
            break
    return [by_text[" ".join(row["comment"].split())].pop(0) for row in rows]


def ranked(index: Index, port: Crm, principal: Principal, asked: Asked, weigh: fusion.Weigh) -> list[int]:
    text = search.topic(port, principal, asked.text, asked.scope)
    near = index.near(text, asked.scope) if weigh("", False)[1] else []
    found = search.passages(port, principal, text, asked.scope, near, 10, weigh)
    return [passage.ref.id for passage in found]


def recall(found: Sequence[int], wanted: frozenset[int]) -> float:
    return float(bool(wanted & set(found[:5])))


def ndcg(found: Sequence[int], wanted: frozenset[int]) -> float:
    gained = sum(1 / math.log2(rank + 2) for rank, id in enumerate(found[:10]) if id in wanted)
    return gained / sum(1 / math.log2(rank + 2) for rank in range(min(len(wanted), 10)))


def interval(values: Sequence[float]) -> str:
    chance = random.Random(7)
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(SAMPLES))
    low, high = means[int(0.025 * SAMPLES)], means[int(0.975 * SAMPLES)]
    return f"{statistics.fmean(values):.3f} [{low:.3f}, {high:.3f}]"


def table(results: dict[str, dict[str, list[list[int]]]], asked: dict[str, list[Asked]]) -> str:
    lines = [f"{'':<10}{'':<11}{'recall@5':<26}{'nDCG@10':<26}"]
    for kind in (*results, "all"):
        kinds = list(results) if kind == "all" else [kind]
        questions_ = [item for name in kinds for item in asked[name]]
        scores: dict[str, dict[str, list[float]]] = {}
        for way in WAYS:
            found = [ids for name in kinds for ids in results[name][way]]
            measures: tuple[tuple[str, Callable[..., float]], ...] = (("recall", recall), ("ndcg", ndcg))
            scores[way] = {
                name: [rate(ids, item.wanted) for ids, item in zip(found, questions_, strict=True)]
                for name, rate in measures
            }
            lines.append(f"{kind:<10}{way:<11}{interval(scores[way]['recall']):<26}{interval(scores[way]['ndcg']):<26}")
        lines.append(_against_better(scores))
    return "\n".join(lines)


def _against_better(scores: dict[str, dict[str, list[float]]]) -> str:
    better = max(("full text", "vectors"), key=lambda way: statistics.fmean(scores[way]["ndcg"]))
    gaps = {
        name: interval(
            [ours - theirs for ours, theirs in zip(scores["hybrid"][name], scores[better][name], strict=True)]
        )
        for name in ("recall", "ndcg")
    }
    return f"{'':<10}{'- ' + better:<11}{gaps['recall']:<26}{gaps['ndcg']:<26}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--instance", type=Path, help="a folder whose crm.db holds the data already")
    parser.add_argument("--show", action="store_true", help="print the questions that the hybrid misses")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.instance or load(options.data, Path(scratch))
        with open_port(folder) as port:
            index = Index(settings_of({"PARLEY_OLLAMA_URL": ""}, folder), port)
            index.reindex()
            asked, principal = prepare(port, options.data), principal_of(port)
            results = {
                kind: {
                    way: [ranked(index, port, principal, one, weigh) for one in items] for way, weigh in WAYS.items()
                }
                for kind, items in asked.items()
            }
            index.stop()
    print(table(results, asked))
    if options.show:
        for kind, items in asked.items():
            for one, ids in zip(items, results[kind]["hybrid"], strict=True):
                if not recall(ids, one.wanted):
                    print(f"{kind}: {one.text} (wanted {sorted(one.wanted)}, found {ids[:5]})")


if __name__ == "__main__":
    main()
