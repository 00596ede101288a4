"""The house's own rules: who may import whom, and what no source file holds."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.shared.config import ROOT

SOURCES = sorted(path for path in (ROOT / "app").rglob("*.py") if "vendor" not in path.parts)
LONGEST_FILE = 300  # lines, for 95 of 100 files
LONGEST_FUNCTION = 40  # lines, for 95 of 100 functions


def test_the_import_contracts_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_nearly_every_file_is_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert len(long) <= 0.05 * len(lengths), long


def _functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        if "versions" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_nearly_every_function_is_short() -> None:
    lengths = dict(_functions())
    long = [name for name, lines in lengths.items() if lines > LONGEST_FUNCTION]
    assert len(long) <= 0.05 * len(lengths), long


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_has_what_was_left_for_later(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    assert not re.search(r"#\s*(noqa|type:\s*ignore)(?!\s*[:\[])", text), "a suppression without its code"


def _templates() -> list[Path]:
    return sorted(path for path in (ROOT / "app").rglob("*.html"))


@pytest.mark.parametrize("path", _templates(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_more_than_the_content_policy_allows(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\son[a-z]+\s*=", text), "an inline handler"
    assert not re.search(r"\sstyle\s*=", text), "an inline style"
    assert not re.search(r"<(script|style)(?![^>]*(src=|nonce=))", text), "an inline script or style without a nonce"
    assert not re.search(r"""(src|href|action)\s*=\s*["'](https?:)?//""", text), "something from elsewhere"
