"""python -m bench.assistant: asks every question, compares with the oracles, prints a table by family for each set.

It imports the sales files and the demo into temporary instances; `--keep DIR` keeps them there for the next run. The
sets that tuning never looks at are asked with `--unseen`, and all with `--all`. `--show` prints what was wrong or
abstained, of the unseen sets too: look only when the tuning is over. `--only NAME` asks one set.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench.assistant.run import Result
from bench.assistant.sets import SETS, workspaces

_VERDICTS = ("right", "wrong", "abstained")


def table(name: str, results: list[Result]) -> str:
    families: dict[str, list[Result]] = {}
    for result in results:
        families.setdefault(result.family, []).append(result)
    lines = [f"{name:<16}{'asked':>7}{'right':>7}{'wrong':>7}{'abstained':>11}"]
    for family, found in [*families.items(), ("all", results)]:
        counts = [sum(one.verdict == verdict for one in found) for verdict in _VERDICTS]
        lines.append(f"{family:<16}{len(found):>7}{counts[0]:>7}{counts[1]:>7}{counts[2]:>11}")
    right, wrong = (100 * sum(one.verdict == verdict for one in results) / len(results) for verdict in _VERDICTS[:2])
    clock, work = (_times([getattr(one, name) for one in results]) for name in ("seconds", "work"))
    return "\n".join([*lines, f"right {right:.1f}%, wrong {wrong:.1f}%; {clock} on the clock, {work} of the processor"])


def _times(values: list[float]) -> str:
    ordered = sorted(values)
    p50, p95 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.95))
    return f"p50 {p50:.0f} ms and p95 {p95:.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the sales files")
    parser.add_argument("--keep", type=Path, help="a folder that holds both workspaces, or will")
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    asked = [one for one in SETS if chosen.all or one.name == chosen.only or one.tuned != chosen.unseen]
    asked = [one for one in asked if chosen.only in (None, one.name)]
    with workspaces(chosen.data, chosen.keep) as where:
        for one in asked:
            start = time.perf_counter()
            results = one.ask(where)
            print(table(one.name, results), f"({time.perf_counter() - start:.0f} s)\n")
            if chosen.show:
                print("\n".join(str(result) for result in results if result.verdict != "right"), "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
