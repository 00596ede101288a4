"""Databases of the query tests: made once; each test and example writes in a transaction that is rolled back."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from app.crm import query
from app.shared.contract import Groups, Page, Principal, Role
from app.shared.db import Database
from tests.postgres import Cluster
from tests.query import rows, world
from tests.query.hidden import Two, workspaces


@contextmanager
def _sqlite(template: Path, path: Path) -> Iterator[Database]:
    shutil.copyfile(template, path)
    database = Database(make_url(f"sqlite:///{path}"))
    yield database
    database.close()


@contextmanager
def _postgres(cluster: Cluster) -> Iterator[Database]:
    with cluster.database() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Database]:
    with _sqlite(sqlite_template, tmp_path_factory.mktemp("query") / "crm.db") as database:
        yield database


@pytest.fixture(scope="session")
def empty_postgres(postgres: Cluster) -> Iterator[Database]:
    with _postgres(postgres) as database:
        yield database


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Database]:
    with _sqlite(sqlite_template, tmp_path_factory.mktemp("query") / "examples.db") as database:
        world.prepare(database)
        yield database


@pytest.fixture(scope="session")
def prepared_postgres(postgres: Cluster) -> Iterator[Database]:
    with _postgres(postgres) as database:
        world.prepare(database)
        yield database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest) -> Database:
    """The database of the random examples."""
    found: Database = request.getfixturevalue("prepared_sqlite" if request.param == "sqlite" else "prepared_postgres")
    return found


class Door:
    """An open transaction and who asks: short words for the tests that tell a story."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.principal = self.user("Anna", "admin")

    def write(self) -> AbstractContextManager[Connection]:
        return nullcontext(self.connection)

    read = write

    def user(self, name: str, role: Role, **values: Any) -> Principal:
        found = rows.add(self.connection, "users", name=name, role=role, **values)
        return Principal(found, name, role, team_id=values.get("team_id"))

    def run(self, object: str, params: str = "", principal: Principal | None = None, **values: Any) -> Page | Groups:
        """Run the query of a list's address, as `stage=won&sort=-amount`."""
        asked = query.from_params(object, parse_qsl(params, keep_blank_values=True)).model_copy(update=values)
        return query.run(self.connection, principal or self.principal, asked)

    def page(self, object: str, params: str = "", principal: Principal | None = None, **values: Any) -> Page:
        found = self.run(object, params, principal, **values)
        assert isinstance(found, Page)
        return found

    def names(self, object: str, params: str = "", principal: Principal | None = None, **values: Any) -> list[str]:
        """The labels of the records that a list shows."""
        return [record.label for record in self.page(object, params, principal, **values).records]

    def groups(self, object: str, params: str = "", principal: Principal | None = None, **values: Any) -> Groups:
        found = self.run(object, params, principal, **values)
        assert isinstance(found, Groups)
        return found


@contextmanager
def _opened(database: Database) -> Iterator[Door]:
    """Everything of a test in one transaction; a writer's, so that no custom field stays in the catalog's cache."""
    with database.engine.connect() as connection:
        connection.execution_options(parley_write=True)
        with connection.begin() as transaction:
            if not database.is_sqlite:
                _restart_numbers(connection)
            yield Door(connection)
            transaction.rollback()


def _restart_numbers(connection: Connection) -> None:
    """Ids begin at 1 in every test: PostgreSQL's sequences don't roll back, but their restart does."""
    names = "SELECT relname FROM pg_class WHERE relkind = 'S' AND relname NOT IN ('pipelines_id_seq', 'stages_id_seq')"
    for name in list(connection.execute(text(names)).scalars()):
        connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))


@pytest.fixture(params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """An empty workspace of either engine, asked by an admin."""
    with _opened(request.getfixturevalue("empty_sqlite" if request.param == "sqlite" else "empty_postgres")) as door:
        yield door


@pytest.fixture
def sqlite_door(empty_sqlite: Database) -> Iterator[Door]:
    with _opened(empty_sqlite) as door:
        yield door


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Two]:
    """Two workspaces, the same but for Olga's records."""
    with workspaces(tmp_path_factory.mktemp("hidden"), sqlite_template) as made:
        yield made
