"""Flask-SQLAlchemy as a shell over the engine that both halves share, for extensions and scripts that expect it.

Our own code speaks to the database through `Database.read` and `Database.write` alone, so the shell, and with it
SQLAlchemy's ORM, is loaded by whoever first asks for it: it would be a tenth of every start.
"""

import threading
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine

from app.crm.web import Services

_lock = threading.Lock()


class SharedSQLAlchemy(SQLAlchemy):
    """Makes no engine of its own."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        found: Services = app.extensions["parley"]
        return found.database.engine


def of(app: Flask) -> SQLAlchemy:
    """The shell of this app: its `engine` and `session`. The same one each time, whenever it is first asked for."""
    with _lock:
        known = cast(SQLAlchemy | None, app.extensions.get("sqlalchemy"))
        return known or _attach(app)


def _attach(app: Flask) -> SQLAlchemy:
    shell = SharedSQLAlchemy(add_models_to_shell=False)
    serving = app._got_first_request
    app._got_first_request = False  # Flask takes no new teardown once it serves; this one can come at any time
    try:
        shell.init_app(app)
    finally:
        app._got_first_request = serving
    return shell
