"""Every example of docs/assistant.md is answered exactly."""

import re
from datetime import date
from pathlib import Path

from tests.understanding.conftest import Desk

_PAGE = Path(__file__).parents[2] / "docs/assistant.md"


def examples() -> list[str]:
    """The questions of the table under "What it understands"."""
    section = _PAGE.read_text(encoding="utf-8").split("## What it understands")[1].split("\n## ")[0]
    rows = [line.split("|")[2] for line in section.splitlines() if line.startswith("| ")][1:]
    return [question.strip() for row in rows for question in row.split(";")]


def test_the_examples_are_read_as_they_stand(desk: Desk) -> None:
    asked = examples()
    assert len(asked) > 30
    assert not re.search(r"[<>]", " ".join(asked))
    answers = {question: desk.ask(question, on=date(2025, 3, 25)) for question in asked}
    assert {question: found.text for question, found in answers.items() if found.mode != "exact"} == {}
