"""`python -m app import` and `query` as a person runs them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.shared.config import Settings


@pytest.fixture
def parley(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command line over this test's instance, in a folder of its own."""
    monkeypatch.setenv("PARLEY_INSTANCE", str(settings.instance))
    monkeypatch.setenv("PARLEY_OLLAMA_URL", "")
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=stdin)

    return run


GOOD = "name,industry\nAcme,medical\nBetatech,retail\n"
BAD = "name,employees,kind\nAcme,many,x\nBetatech,5,y\n,7,z\n"


def test_a_file_is_imported_with_progress_and_a_report(parley: Any) -> None:
    Path("companies.csv").write_text(GOOD)
    done = parley("import", "companies.csv", "--object", "companies")
    assert done.exit_code == 0, done.output
    assert "2 rows of companies.csv: 2 created" in done.stdout
    assert "Checking rows: 2 of 2" in done.stderr
    assert "change set 1" in done.stdout
    again = parley("import", "companies.csv", "--object", "companies")
    assert "2 left as they are" in again.stdout


def test_rows_that_fail_stand_in_a_file_that_can_be_mended_and_imported(parley: Any) -> None:
    Path("bad.csv").write_text(BAD)
    done = parley("import", "bad.csv", "--object", "companies")
    assert done.exit_code == 0
    assert "1 created" in done.stdout
    assert "Row 2: employees 'many' is no number." in done.stdout
    left = Path("bad.errors.csv").read_text().splitlines()
    assert left[0] == "name,employees,kind,parley_row,parley_problem"
    assert left[1] == "Acme,many,x,2,employees 'many' is no number."
    assert left[2].startswith(",7,z,4,")
    Path("bad.errors.csv").write_text("\n".join(left[:2]).replace("Acme,many", "Acme,12") + "\n")
    mended = parley("import", "bad.errors.csv", "--object", "companies", "--create", "fields")
    assert "1 created" in mended.stdout
    assert "parley_row: left out" in mended.stdout


def test_no_errors_file_is_ever_overwritten(parley: Any) -> None:
    Path("bad.csv").write_text(BAD)
    parley("import", "bad.csv", "--object", "companies")
    first = Path("bad.errors.csv").read_text()
    parley("import", "bad.csv", "--object", "companies")
    assert Path("bad.errors.csv").read_text() == first
    assert Path("bad.errors-2.csv").exists()
    refused = parley("import", "bad.csv", "--object", "companies", "--errors", "bad.errors.csv")
    assert (refused.exit_code, "not overwritten" in refused.stderr) == (2, True)


def test_a_dry_run_leaves_no_file_unless_it_is_asked_for(parley: Any) -> None:
    Path("bad.csv").write_text(BAD)
    done = parley("import", "bad.csv", "--object", "companies", "--dry-run")
    assert "Nothing was written (dry run). It would be: 3 rows" in done.stdout
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["bad.csv"]
    parley("import", "bad.csv", "--object", "companies", "--dry-run", "--errors", "named.csv")
    assert Path("named.csv").exists()
    found = parley("query", '{"object": "companies"}')
    assert json.loads(found.stdout)["total"] == 0


def test_an_import_of_which_nothing_remains_ends_with_1(parley: Any) -> None:
    Path("bad.csv").write_text("name,employees\nAcme,many\n")
    assert parley("import", "bad.csv", "--object", "companies").exit_code == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing.csv", "--object", "companies"], "nothing.csv can't be read"),
        (["good.csv", "--object", "products"], "Known objects: companies"),
        (["good.csv", "--object", "companies", "--map", "nmae=name"], "no column 'nmae'"),
        (["good.csv", "--object", "companies", "--map", "name"], "expected COLUMN=field"),
        (["good.csv", "--object", "companies", "--create", "products"], "can't be created"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(parley: Any, words: list[str], sentence: str) -> None:
    Path("good.csv").write_text(GOOD)
    done = parley("import", *words)
    assert (done.exit_code, sentence in done.stderr) == (2, True), done.output
    assert "Traceback" not in done.output


def test_the_report_can_be_had_as_json(parley: Any) -> None:
    Path("bad.csv").write_text(BAD)
    body = json.loads(parley("import", "bad.csv", "--object", "companies", "--json").stdout)
    assert (body["created"], body["failed"], body["errors_file"].endswith("bad.errors.csv")) == (1, 2, True)
    assert body["errors"][0] == {"row": 2, "column": "employees", "value": "many", "problem": "is no number"}


def test_query_prints_what_the_door_answers(parley: Any) -> None:
    Path("companies.csv").write_text(GOOD)
    parley("import", "companies.csv", "--object", "companies")
    asked = {"object": "companies", "where": {"field": "industry", "value": "medical"}, "columns": ["name"]}
    body = json.loads(parley("query", json.dumps(asked)).stdout)
    assert ([item["name"] for item in body["items"]], body["total"]) == (["Acme"], 1)
    assert body["url"].startswith("/companies?industry=medical")
    grouped = json.loads(parley("query", "-", stdin='{"object": "companies", "measures": [{"fn": "count"}]}').stdout)
    assert grouped["totals"]["count"] == 2
    wrong = parley("query", '{"object": "companies", "colums": []}')
    assert (wrong.exit_code, "colums" in wrong.stderr) == (2, True)
    assert parley("query", "{").exit_code == 2
    assert parley("query", '{"object": "companies"}', "--user", "nobody@example.com").exit_code == 2
