"""Databases of the query tests: prepared once; each example writes in a transaction that is rolled back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.shared.db import Database
from sqlalchemy.engine import URL, make_url

from tests.conftest import _administer
from tests.query import world


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("query") / "crm.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(make_url(f"sqlite:///{path}"))
    world.prepare(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def prepared_postgres(postgres: URL) -> Iterator[Database]:
    _administer(postgres, "CREATE DATABASE query_examples TEMPLATE template_parley")
    database = Database(postgres.set(database="query_examples"))
    world.prepare(database)
    yield database
    database.close()
    _administer(postgres, "DROP DATABASE query_examples WITH (FORCE)")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue("prepared_sqlite" if request.param == "sqlite" else "prepared_postgres")
    return found
