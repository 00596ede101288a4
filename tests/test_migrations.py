"""The migrations make exactly what the declarations describe."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from app import migrations
from app.chatbot.tables import metadata as chat
from app.crm.schema import metadata as crm
from app.shared.db import Database, text_key

DERIVED = ("search_fts", "ix_custom_")


def _declared(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (name or "").startswith(DERIVED) and name != "alembic_version"


def _other_default(
    _context: Any, _found: Any, _column: Any, found: str | None, _default: Any, wanted: str | None
) -> bool:
    """Whether the defaults differ, quotes and casts of the engine aside."""
    return _plain(found) != _plain(wanted)


def _plain(default: str | None) -> str | None:
    return None if default is None else default.partition("::")[0].strip("'() ")


def _differences(connection: Connection) -> list[Any]:
    options = {"include_object": _declared, "compare_type": True, "compare_server_default": _other_default}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, [crm, chat]))


def test_the_migrated_tables_are_the_declared_ones(any_database: Database) -> None:
    with any_database.read() as connection:
        assert _differences(connection) == []


def test_a_table_that_no_declaration_knows_would_be_seen(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE stray (id INTEGER PRIMARY KEY)"))
        connection.execute(text("DROP INDEX ix_changes_record"))
    with database.read() as connection:
        found = {difference[0] for difference in _differences(connection)}
    assert found == {"remove_table", "add_index"}


def test_migrating_again_changes_nothing(any_database: Database) -> None:
    with any_database.read() as connection:
        before = sorted(inspect(connection).get_table_names())
    migrations.upgrade(any_database)
    with any_database.read() as connection:
        assert sorted(inspect(connection).get_table_names()) == before
        assert MigrationContext.configure(connection).get_current_revision() == migrations.head()


def test_every_foreign_key_has_an_index(database: Database) -> None:
    """Without one, deleting a record for good would read whole tables."""
    asked_for_seldom = {"created_by_id", "undone_by_id", "pipeline_id", "user_id", "tag_id"}
    for table in crm.sorted_tables:
        firsts = {next(iter(index.columns)).name for index in table.indexes if len(index.columns)}
        firsts.add(next(iter(table.primary_key.columns)).name)
        for key in table.foreign_keys:
            assert key.parent.name in firsts | asked_for_seldom, (table.name, key.parent.name)


def test_the_server_makes_the_same_text_keys(any_database: Database) -> None:
    with any_database.read() as connection:
        for words in ("Straße", "ΣΊΣΥΦΟΣ", "İstanbul", "ﬁne ①", "Ångström", "ẞ", "ǰ", "Ⅷ", "plain", "Ὰι"):
            assert connection.scalar(text("SELECT text_key(:words)"), {"words": words}) == text_key(words)
