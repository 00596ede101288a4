"""The indexes of custom fields, built behind the answer that made the field: on a large table they take seconds."""

import logging
from threading import Lock, Thread

from app.crm.customindexes import build_indexes
from app.shared.db import Database

_log = logging.getLogger(__name__)
_one_at_a_time = Lock()  # two builders would make the same index twice


def begin(database: Database) -> Thread:
    """Start to build what is missing, and come back at once. A failure is logged: the next change tries again."""
    thread = Thread(target=_build, args=(database,), name="custom-indexes", daemon=True)
    thread.start()
    return thread


def _build(database: Database) -> None:
    try:
        with _one_at_a_time:
            build_indexes(database)
    except Exception:
        _log.exception("The indexes of custom fields could not be built.")
