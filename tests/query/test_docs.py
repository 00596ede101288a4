import doctest
from datetime import date
from pathlib import Path

from app.crm import catalog
from tests.query import rows
from tests.query.conftest import Door

PAGE = Path(__file__).parents[2] / "docs" / "query-and-change.md"


def _workspace(door: Door) -> None:
    ben = door.user("Ben", "member").user_id
    anna = door.principal.user_id
    with door.write() as connection:
        for name, industry, employees in (
            ("Acme", "Medical", 80),
            ("Betatech", "medical", 6000),
            ("Codehow", "Retail", 300),
        ):
            rows.add(connection, "companies", name=name, industry=industry, employees=employees)
        for name, company, stage, amount, day, owner, tags in (
            ("Acme pilot", 1, "won", 1_200_00, date(2024, 11, 5), anna, ("VIP",)),
            ("Betatech rollout", 2, "won", 25_000_00, date(2024, 11, 20), ben, ()),
            ("Betatech renewal", 2, "proposal", 8_000_00, date(2025, 1, 31), anna, ()),
            ("Loose end", None, "lead", None, None, None, ()),
        ):
            values = {"company": company, "stage": rows.stage(connection, stage), "amount": amount, "owner": owner}
            made = rows.add(connection, "deals", name=name, close_date=day, tagged=tags, **values)
            rows.document(connection, "deals", made, name)


def test_the_examples_of_the_page_give_what_it_says(door: Door) -> None:
    _workspace(door)
    text = PAGE.read_text("utf-8").partition("\n## Change\n")[0].replace("```", "")
    known = {"connection": door.connection, "anna": door.principal, "catalog": catalog.load(door.connection)}
    examples = doctest.DocTestParser().get_doctest(text, known, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 25
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    runner.run(examples, out=report.append)
    assert runner.failures == 0, "".join(report)


def test_the_page_names_every_operator() -> None:
    from app.crm.query import OPERATORS

    text = PAGE.read_text("utf-8")
    assert all(f"`{op}`" in text or f"`{op}" in text for ops in OPERATORS.values() for op in ops)
