"""Recall and ranking of full text alone, vectors alone and both, over the sales data's summaries.

    .venv/bin/python -m bench.retrieval --data ../shared/data/sales [--show] [--instance DIR]

`named` questions are narrowed to the company or person that they name, as the assistant narrows them; `unnamed` ones
are not. recall@5: the share of questions with an answering passage among the first five; nDCG@10: with gain 1 for each
answering passage. In brackets the 95% interval of 2,000 bootstrap samples; each last line is the hybrid's difference
to the better of full text alone and vectors alone, question by question.

`fused` is the fusion of the two rankings alone, and what an embedding model without word vectors gives; `hybrid` also
compares words, and is what serves. `tuning` is the half of the questions on which weights may be set, `held out` the
half that judges them; a passage's questions are all in one half.
"""

import argparse
import csv
import hashlib
import math
import random
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.chatbot.retrieval import Index, fusion, search
from app.chatbot.retrieval.meaning import Meaning
from app.chatbot.retrieval.scope import Scope
from app.crm.port import Crm
from app.shared.config import load as settings_of
from app.shared.contract import SYSTEM, Principal
from bench.assistant.run import load, open_port, principal_of
from bench.retrieval import questions

WAYS: dict[str, fusion.Weigh] = {
    "full text": lambda _text, named: (1.0, 0.0),
    "vectors": lambda _text, named: (0.0, 1.0),
    "fused": fusion.weights,
    "hybrid": fusion.weights,
}
HALVES = ("tuning", "held out")
SAMPLES = 2000
Scores = dict[str, list[float]]  # by measure, of each question


@dataclass(frozen=True)
class Asked:
    kind: str  # named or unnamed
    half: str
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


def prepare(port: Crm, data: Path) -> list[Asked]:
    with (data / "interactions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    ids = _ids(port, rows)
    made: list[Asked] = []
    for kind, pairs in (("named", questions.named()), ("unnamed", questions.unnamed())):
        for numbers, text in pairs:
            row = rows[min(numbers)]
            wanted = frozenset(ids[number] for number in numbers)
            scope = named_scope(port, text, row["account_name"], row["contact_name"]) if kind == "named" else Scope()
            made.append(Asked(kind, half(min(numbers)), text, wanted, scope))
    return made


def half(number: int) -> str:
    """The half that a passage's questions belong to: by a hash of its number, so that neighbours are apart."""
    return HALVES[hashlib.sha256(str(number).encode()).digest()[0] % 2]


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


class _Chunks(Meaning):
    """The nearest chunks alone."""

    def fits(self, *_: Any) -> dict[tuple[str, int], float]:
        return {}


def ranked(index: Index, port: Crm, principal: Principal, asked: Asked, way: str) -> list[int]:
    text = search.topic(port, principal, asked.text, asked.scope)
    meaning = None if way == "full text" else index.meaning(text, asked.scope)
    if meaning and way != "hybrid":
        meaning.__class__ = _Chunks
    found = search.passages(port, principal, text, asked.scope, meaning, 10, WAYS[way])
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


def table(asked: Sequence[Asked], results: dict[str, list[list[int]]]) -> str:
    lines = [f"{'':<20}{'':<11}{'recall@5':<26}{'nDCG@10':<26}"]
    for part in ("", *HALVES):
        for kind in ("named", "unnamed", ""):
            chosen = [place for place, one in enumerate(asked) if kind in ("", one.kind) and part in ("", one.half)]
            label = f"{kind or 'all'}{f', {part}' if part else ''} ({len(chosen)})"
            scores = {way: _scores([(asked[place], results[way][place]) for place in chosen]) for way in WAYS}
            lines += [_line(label, way, of) for way, of in scores.items()]
            better = max(("full text", "vectors"), key=lambda way: statistics.fmean(scores[way]["ndcg"]))
            lines.append(_line("", f"- {better}", _gaps(scores["hybrid"], scores[better])))
    return "\n".join(lines)


def _scores(pairs: Sequence[tuple[Asked, list[int]]]) -> Scores:
    return {
        "recall": [recall(found, one.wanted) for one, found in pairs],
        "ndcg": [ndcg(found, one.wanted) for one, found in pairs],
    }


def _gaps(ours: Scores, theirs: Scores) -> Scores:
    return {name: [one - other for one, other in zip(ours[name], theirs[name], strict=True)] for name in ours}


def _line(label: str, way: str, scores: Scores) -> str:
    return f"{label:<20}{way:<11}{interval(scores['recall']):<26}{interval(scores['ndcg']):<26}"


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
            results = {way: [ranked(index, port, principal, one, way) for one in asked] for way in WAYS}
            index.stop()
    print(table(asked, results))
    if options.show:
        for one, ids in zip(asked, results["hybrid"], strict=True):
            if not recall(ids, one.wanted):
                print(f"{one.kind}: {one.text} (wanted {sorted(one.wanted)}, found {ids[:5]})")


if __name__ == "__main__":
    main()
