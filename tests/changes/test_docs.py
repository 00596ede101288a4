"""The examples of the page about the two doors, its half about writing."""

import doctest
from decimal import Decimal
from pathlib import Path

from app.shared.contract import Action, ChangeState, Principal
from app.shared.db import Database

PAGE = Path(__file__).parents[2] / "docs" / "query-and-change.md"


def _text() -> str:
    return PAGE.read_text("utf-8").partition("\n## Change\n")[2]


def test_the_examples_of_the_page_give_what_it_says(database: Database, admin: Principal, member: Principal) -> None:
    known = {"database": database, "anna": admin, "ben": member, "Decimal": Decimal}
    examples = doctest.DocTestParser().get_doctest(_text().replace("```", ""), known, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 50
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    runner.run(examples, out=report.append)
    assert runner.failures == 0, "".join(report)


def test_the_page_names_every_action_and_state() -> None:
    text = _text()
    for words in (Action, ChangeState):
        assert all(f"`{word}`" in text for word in words.__args__)
