import shutil
from pathlib import Path

import pytest
from sqlalchemy import event, insert, update
from sqlalchemy.engine import make_url

from app.crm import catalog
from app.crm.schema import settings, stages
from app.shared.contract import Option
from app.shared.db import Database
from tests.query import rows


@pytest.fixture
def two(tmp_path: Path, sqlite_template: Path) -> tuple[Database, Database]:
    """Two processes' views of one database file."""
    shutil.copyfile(sqlite_template, tmp_path / "crm.db")
    url = make_url(f"sqlite:///{tmp_path / 'crm.db'}")
    return Database(url), Database(url)


def _load(database: Database) -> catalog.Catalog:
    with database.read() as connection:
        return catalog.load(connection)


def test_the_default_catalog_has_the_stages_as_options_of_deals() -> None:
    from app.crm.objects import BUILT_IN

    assert BUILT_IN["deals"].field("stage").options == ()  # type: ignore[union-attr]


def test_stages_currency_and_custom_fields_are_as_the_database_holds_them(any_database: Database) -> None:
    with any_database.write() as connection:
        connection.execute(insert(settings).values(key="currency", value="EUR"))
        options = [["gold", "Gold"], ["tin", "Tin"]]
        rows.custom_field(connection, "deals", "tier", "select", options=options, required=True)
        rows.custom_field(connection, "people", "boss_of", "link", target="people")
    known = _load(any_database)
    stage = known["deals"].field("stage")
    assert stage is not None
    assert [option.key for option in stage.options] == ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
    assert stage.options[4] == Option("won", "Won", "won", 100, "Sales", 4)
    tier = known["deals"].field("tier")
    assert tier is not None
    assert (tier.type, tier.required, tier.custom_id) == ("select", True, 1)
    assert tier.options == (Option("gold", "Gold", hue=0), Option("tin", "Tin", hue=1))
    assert known.inverse("people", "people_by_boss_of") is not None
    assert (known.currency, known.version) == ("EUR", 2)


def test_what_another_process_changes_is_noticed(two: tuple[Database, Database]) -> None:
    one, other = two
    assert _load(one)["deals"].field("x") is None
    with other.write() as connection:
        rows.custom_field(connection, "deals", "x", "text")
    assert _load(one)["deals"].field("x") is not None
    with other.write() as connection:
        connection.execute(update(stages).where(stages.c.key == "lead").values(retired=True))
        catalog.bump(connection)
    stage = _load(one)["deals"].field("stage")
    assert stage is not None
    assert "lead" not in [option.key for option in stage.options]


def test_an_unchanged_catalog_costs_one_statement(database: Database) -> None:
    _load(database)
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    first = _load(database)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1
    assert _load(database) is first


def test_a_change_that_is_rolled_back_leaves_nothing_behind(database: Database) -> None:
    before = _load(database)
    with database.write() as connection:
        rows.custom_field(connection, "deals", "x", "text")
        assert catalog.load(connection)["deals"].field("x") is not None
        connection.rollback()
    with database.write() as connection:
        rows.custom_field(connection, "deals", "y", "text")
    after = _load(database)
    assert after["deals"].field("x") is None
    assert after["deals"].field("y") is not None
    assert after.version == before.version + 1


def test_retired_fields_are_left_out(database: Database) -> None:
    with database.write() as connection:
        rows.custom_field(connection, "deals", "x", "text", retired_at=rows.LONG_AGO)
    assert _load(database)["deals"].field("x") is None
