"""Lighthouse on list, record, board and dashboard with 10,000 records, signed in, on a desktop and as a phone.

    .venv/bin/python -m bench.pages.lighthouse [--records 10000] [--runs 3] [--against URL ...]

The npm package of `bench/pages/package.json` is installed into `build/lighthouse` the first time. Printed are the
medians of the four scores (search engines' among them, which count for nothing behind a sign-in) and what fell short
in the last run. The scores of performance mean something on a quiet machine alone.
"""

import argparse
import json
import shutil
import statistics
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.setup.assets import npm
from app.setup.browser import find
from app.setup.steps import step
from bench.pages.serving import PAGES, RECORDS, served
from tests.pages.browsing import FLAGS

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "build" / "lighthouse"
PRESETS = ("desktop", "mobile")
NAMES = ("performance", "accessibility", "best-practices", "seo")


def install() -> tuple[list[str], dict[str, str]]:
    """The command that runs the script, with its environment; Lighthouse is brought where it isn't there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with step("Bringing Lighthouse") as progress:
        command, environ = npm(progress)
        lock = (HERE / "package-lock.json").read_text()
        mark = FOLDER / ".installed"
        if not mark.exists() or mark.read_text() != lock:
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(HERE / name, FOLDER / name)
            install = [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(install, cwd=FOLDER, env=environ, check=True)
            mark.write_text(lock)
    shutil.copyfile(HERE / "lighthouse.mjs", FOLDER / "lighthouse.mjs")  # beside its packages
    node = command[0] if len(command) > 1 else shutil.which("node", path=environ.get("PATH")) or "node"
    return [node, str(FOLDER / "lighthouse.mjs")], environ


def run(command: list[str], environ: Mapping[str, str], url: str, session: str, preset: str) -> dict[str, Any]:
    """One run: scores from 0 to 1 by category, and what fell short."""
    asked = {"url": url, "session": session, "preset": preset, "chrome": find(), "flags": FLAGS}
    done = subprocess.run([*command, json.dumps(asked)], env=environ, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if found["error"] or "/sign-in" in found["final"]:
        raise RuntimeError(found["error"] or f"{url} asked for a sign-in")
    return found


def again(command: list[str], environ: Mapping[str, str], url: str, session: str, preset: str) -> dict[str, Any]:
    """A run; once more where Chromium's trace came without its beginning, which says nothing of the page."""
    try:
        return run(command, environ, url, session, preset)
    except RuntimeError as error:
        if "NO_NAVSTART" not in str(error):
            raise
    return run(command, environ, url, session, preset)


def measure(command: list[str], environ: Mapping[str, str], name: str, url: str, session: str, runs: int) -> None:
    for preset in PRESETS:
        found = [again(command, environ, url, session, preset) for _ in range(runs)]
        scores = [round(100 * statistics.median(one["scores"][key] or 0 for one in found)) for key in NAMES]
        print(f"| {name} | {preset} | {' | '.join(map(str, scores))} | {'; '.join(found[-1]['faults'])} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--against", nargs="*", default=[], metavar="URL", help="other pages, for comparison")
    options = parser.parse_args()
    command, environ = install()
    print(
        "| page | as | performance | accessibility | best practices | seo | fell short |\n|---|---|---|---|---|---|---|"
    )
    with served(options.records) as served_:
        for name, path in PAGES.items():
            measure(command, environ, name, served_.url + path, served_.sessions[0], options.runs)
    for url in options.against:
        measure(command, environ, url, url, "", options.runs)


if __name__ == "__main__":
    main()
