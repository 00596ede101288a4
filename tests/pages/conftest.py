"""Pages are asked for through the whole host; records are made through the change door."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from app.crm.accounts import sessions
from app.crm.app import create_app
from app.crm.port import Crm
from app.crm.web import Services
from app.shared import instance
from app.shared.config import Settings, load
from app.shared.contract import Principal
from app.shared.db import Database
from tests.conftest import add_user
from tests.pages.browsing import Site
from tests.pages.site import Client, Maker, fill
from tests.processes import start_server


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One Flask app for the run, so that each template is compiled once; each test puts its own database into it."""
    settings = load({"PARLEY_OLLAMA_URL": ""}, instance=tmp_path_factory.mktemp("pages"))
    instance.create(settings)
    database = Database(settings.database)
    return create_app(settings, database, Crm(database))


@pytest.fixture
def client(app: Flask, settings: Settings, crm: Crm, admin: Principal) -> Client:
    """The CRM half alone, signed in as `admin`: quick; the browser's tests go through the whole host."""
    app.extensions["parley"] = Services(settings, crm.database, crm)
    return Client(app, admin)


@pytest.fixture
def make(crm: Crm, admin: Principal) -> Maker:
    return Maker(crm, admin)


@pytest.fixture
def filled(make: Maker) -> dict[str, Any]:
    """A workspace with something of everything."""
    return fill(make)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """A real server with a filled workspace, and a session of its admin."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    admin = add_user(database, "Anna Reyes", "admin", "anna@example.com")
    ids = fill(Maker(Crm(database), admin), deals=60)
    with database.write() as connection:
        assert admin.user_id is not None
        secret = sessions.start(connection, admin.user_id)
    database.close()
    server = start_server(folder)
    yield Site(server.url, secret, ids)
    server.end()
