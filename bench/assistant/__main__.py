"""python -m bench.assistant: asks every question, compares with the oracle, prints a table by family.

It imports the sales files into a temporary instance; `--instance DIR` reuses one that already holds them. `--held-out`
asks the third of the questions that tuning never sees. `--show` prints what was wrong or abstained.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.assistant import held_out, questions
from bench.assistant.oracle import Oracle
from bench.assistant.run import Result, evaluate, load, open_port


def _table(results: list[Result]) -> str:
    families: dict[str, list[Result]] = {}
    for result in results:
        families.setdefault(result.family, []).append(result)
    lines = [f"{'family':<12}{'asked':>7}{'right':>7}{'wrong':>7}{'abstained':>11}"]
    for family, found in [*families.items(), ("all", results)]:
        counts = [sum(one.verdict == verdict for one in found) for verdict in ("right", "wrong", "abstained")]
        lines.append(f"{family:<12}{len(found):>7}{counts[0]:>7}{counts[1]:>7}{counts[2]:>11}")
    right, wrong = (
        100 * sum(one.verdict == verdict for one in results) / len(results) for verdict in ("right", "wrong")
    )
    clock, work = (_times([getattr(one, name) for one in results]) for name in ("seconds", "work"))
    return "\n".join([*lines, f"right {right:.1f}%, wrong {wrong:.1f}%; {clock} on the clock, {work} of the processor"])


def _times(values: list[float]) -> str:
    ordered = sorted(values)
    p50, p95 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.95))
    return f"p50 {p50:.0f} ms and p95 {p95:.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the sales files")
    parser.add_argument("--instance", type=Path, help="a folder whose crm.db already holds them")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.instance or load(chosen.data, Path(scratch))
        oracle = Oracle(chosen.data)
        asked = (held_out if chosen.held_out else questions).questions(oracle)
        start = time.perf_counter()
        with open_port(folder) as port:
            results = evaluate(port, asked)
        print(_table(results), f"({time.perf_counter() - start:.0f} s)")
    if chosen.show:
        print("\n".join(str(result) for result in results if result.verdict != "right"))
    return 0


sys.exit(main())
