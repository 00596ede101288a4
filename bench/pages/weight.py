"""Compressed bytes of a first visit and of a next page, and layout shift, of list, record, board and dashboard.

    .venv/bin/python -m bench.pages.weight [--records 10000] [--against URL ...]

`--against` measures the first visit to other pages in the same browser, as the start page of another product's build
that is served on this machine: `--against http://127.0.0.1:8000/`. The limits are tests: `tests/pages/test_weight.py`.
"""

import argparse

from bench.pages.serving import PAGES, RECORDS, served
from tests.pages.browsing import Site, chromium
from tests.pages.weighing import Weight, first_visit, next_page, stranger


def row(name: str, first: Weight, after: Weight | None) -> str:
    later = f"{after.bytes / 1000:.1f}" if after else "–"
    return f"| {name} | {first.bytes / 1000:.1f} | {first.requests} | {later} | {first.shift:.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--against", nargs="*", default=[], metavar="URL")
    options = parser.parse_args()
    print("| page | first visit, kB | requests | next page, kB | layout shift |\n|---|---|---|---|---|")
    with served(options.records) as served_, chromium() as browser:
        site = Site(served_.url, served_.sessions[0], {})
        for name, path in PAGES.items():
            print(row(name, first_visit(site, browser, path), next_page(site, browser, path)), flush=True)
        for url in options.against:
            print(row(url, stranger(browser, url), None), flush=True)


if __name__ == "__main__":
    main()
