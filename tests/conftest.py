"""What every test may ask for. Databases are copies of one migrated template; nothing is left behind."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import URL, make_url

from app import migrations
from app.crm.schema import users
from app.shared import instance
from app.shared.config import Settings, load
from app.shared.contract import Principal, Role
from app.shared.db import Database, text_key
from app.shared.types import utc_now
from tests.postgres import Cluster, cluster
from tests.processes import Server, start_server

if TYPE_CHECKING:
    from app.crm.port import Crm

for name in [name for name in os.environ if name.startswith("PARLEY_")]:
    del os.environ[name]  # tests choose their own settings


def _sqlite_url(path: Path) -> URL:
    return make_url(f"sqlite:///{path}")


def _migrate(url: URL) -> None:
    database = Database(url)
    migrations.upgrade(database)
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that nothing has open; copied for each test."""
    path = tmp_path_factory.mktemp("template") / "crm.db"
    _migrate(_sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of this run."""
    with cluster(_migrate) as made:
        yield made


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """A migrated SQLite database of this test's own."""
    shutil.copyfile(sqlite_template, tmp_path / "crm.db")
    database = Database(_sqlite_url(tmp_path / "crm.db"))
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres: Cluster) -> Iterator[Database]:
    """A migrated PostgreSQL database of this test's own."""
    with postgres.database() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: on SQLite and on PostgreSQL. `crm` and the principals then live in this one."""
    found: Database = request.getfixturevalue("database" if request.param == "sqlite" else "postgres_database")
    return found


@pytest.fixture
def _store(request: pytest.FixtureRequest) -> Database:
    """The database of this test: `any_database` where it asks for that, else `database`."""
    found: Database = request.getfixturevalue("any_database" if "any_database" in request.fixturenames else "database")
    return found


@pytest.fixture
def crm(_store: Database) -> "Crm":
    from app.crm.port import Crm

    return Crm(_store)


def add_user(database: Database, name: str, role: Role, email: str | None = None, **values: Any) -> Principal:
    """A user row and its Principal, as the pages would see it."""
    email = email or f"{name.lower()}@example.com"
    row = {"name": name, "name_key": text_key(name), "email": email, "email_key": text_key(email), "role": role}
    with database.write() as connection:
        statement = insert(users).values(created_at=utc_now(), **{**row, **values}).returning(users.c.id)
        user_id = connection.execute(statement).scalar_one()
    return Principal(user_id=user_id, name=name, role=role, email=email, team_id=values.get("team_id"))


@pytest.fixture
def admin(_store: Database) -> Principal:
    return add_user(_store, "Anna", "admin")


@pytest.fixture
def member(_store: Database) -> Principal:
    return add_user(_store, "Ben", "member")


@pytest.fixture
def viewer(_store: Database) -> Principal:
    return add_user(_store, "Vera", "viewer")


@pytest.fixture
def settings(_store: Database, tmp_path: Path) -> Settings:
    """Settings of an instance in the test's folder, over its database, without Ollama and Qdrant."""
    url = _store.url.render_as_string(hide_password=False)
    made = load({"PARLEY_OLLAMA_URL": "", "PARLEY_DATABASE_URL": url}, instance=tmp_path)
    instance.create(made)
    return made


def bearer(database: Database, principal: Principal, scopes: tuple[str, ...] = ("read", "write")) -> str:
    """A new API token of this user."""
    from app.crm.accounts import tokens

    assert principal.user_id is not None
    with database.write() as connection:
        return tokens.create(connection, principal.user_id, "test", scopes)


@pytest.fixture
def token(_store: Database, admin: Principal) -> str:
    """An API token of `admin`."""
    return bearer(_store, admin)


@pytest.fixture
def client(settings: Settings, token: str) -> Iterator[Any]:
    """Starlette's TestClient over the whole host, signed in as `admin` by bearer token."""
    from starlette.testclient import TestClient

    from app.host import build

    with TestClient(build(settings), base_url="http://127.0.0.1:5050", follow_redirects=False) as made:
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


@pytest.fixture
def stranger(settings: Settings) -> Iterator[Any]:
    """A TestClient over the whole host that is not signed in."""
    from starlette.testclient import TestClient

    from app.host import build

    with TestClient(build(settings), base_url="http://127.0.0.1:5050", follow_redirects=False) as made:
        yield made


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts real server processes, `new_server(instance=None, *arguments, environ=None)`; ended with the test."""
    started: list[Server] = []

    def start(folder: Path | None = None, *arguments: str, environ: dict[str, str] | None = None) -> Server:
        started.append(start_server(folder or tmp_path / "instance", *arguments, environ=environ))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Server]:
    """A real server process with an admin; one for the tests of a module, which share its records."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(_sqlite_url(folder / "crm.db"))
    admin = add_user(database, "Anna", "admin")
    secret = bearer(database, admin)
    database.close()
    running = start_server(folder, token=secret)
    yield running
    running.end()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a worker: Playwright's synchronous driver can't be started twice in a thread."""
    from tests.pages.browsing import chromium

    with chromium() as found:
        yield found
