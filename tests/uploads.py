"""Files for tests: a record without its bytes, as the change door makes it of an upload."""

import hashlib
from typing import Any

from app.crm.changes import announce, apply_within
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database


def uploaded(database: Database, author: Principal, name: str = "plan.txt", text: str = "", **values: Any) -> int:
    """The id of a new file's record."""
    content = {
        "media_type": "text/plain",
        "size": len(text),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "text": text or None,
    }
    operation = Operation(action="create", object="files", values={"name": name, **values})
    with database.write() as connection:
        stored = apply_within(connection, author, ChangeSet(operations=(operation,)), uploads={0: content})
    announce(stored.id)
    return stored.records[0].id
