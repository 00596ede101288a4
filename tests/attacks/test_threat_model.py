"""docs/security.md names a test, or a plain reason, for every line; and what it says of the code at large is so."""

import re

import pytest

from app.shared.config import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE[PAGE.index("## OWASP ASVS") :].splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| Requirements", "| Risk", "| **"))
]
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has; V10 and V17 are answered as a whole.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16}


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert len(named) > 40
    assert sorted(path for path in named if not (ROOT / path).is_file()) == []


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`?((?:app|docs)/[\w/.-]+)`?", PAGE))
    assert sorted(path for path in named if not (ROOT / path.rstrip(".")).exists()) == []


def test_every_line_has_a_test_or_a_plain_reason() -> None:
    wrong = [
        row
        for row in ROWS
        if len(row) != 3 or not re.fullmatch(r"not met|does not apply|(`tests/[\w/]+\.py`(, )?)+", row[2])
    ]
    assert wrong == []
    assert all(len(row[1]) > 3 for row in ROWS)


def test_every_requirement_of_level_2_is_answered_once() -> None:
    ids = [found for row in ROWS for found in re.findall(r"\b\d+\.\d+\.\d+\b", row[0]) if " to " not in row[0]]
    assert sorted(ids) == sorted(set(ids))
    counted = {chapter: sum(found.startswith(f"{chapter}.") for found in ids) for chapter in CHAPTERS}
    assert counted == CHAPTERS


@pytest.mark.parametrize("risk", [*(f"API{n} " for n in range(1, 11)), *(f"LLM{n:02} " for n in range(1, 11))])
def test_every_risk_of_the_top_tens_has_its_line(risk: str) -> None:
    assert sum(row[0].startswith(risk) for row in ROWS) == 1


def test_no_shell_and_no_code_out_of_data() -> None:
    """`eval`, `exec`, templates out of strings and shells stand nowhere; only set-up and the reader of files start
    processes."""
    pattern = re.compile(
        r"(?<![\w.])(eval|exec)\(|shell=True|os\.system|os\.popen|render_template_string|from_string\("
    )
    starts = re.compile(r"subprocess\.(run|Popen|call|check_)")
    for path in (ROOT / "app").rglob("*.py"):
        text = path.read_text()
        assert not pattern.search(text), path
        if starts.search(text):
            reads_files = path == ROOT / "app" / "crm" / "files" / "texts.py"  # with bounds, and words of its own
            assert path.parent.name == "setup" or path.name == "reload.py" or reads_files, path
    for path in (ROOT / "app" / "static" / "js").glob("*.js"):
        assert not re.search(r"(?<![\w.])eval\(|new Function|document\.write", path.read_text()), path
