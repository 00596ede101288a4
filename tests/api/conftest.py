"""One host for tests that change nothing, so that each need not start its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.shared.db import Database
from tests.conftest import add_user, bearer


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Any]:
    """A TestClient over the whole host, as an admin; for requests that leave no record behind."""
    from starlette.testclient import TestClient

    from app.host import build
    from app.shared import instance
    from app.shared.config import load

    folder = tmp_path_factory.mktemp("quiet")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    settings = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)
    instance.create(settings)
    database = Database(settings.database)
    token = bearer(database, add_user(database, "Anna", "admin"))
    database.close()
    with TestClient(build(settings), base_url="http://127.0.0.1:5050", follow_redirects=False) as made:
        made.headers["Authorization"] = f"Bearer {token}"
        yield made
