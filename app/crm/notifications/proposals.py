"""What became of a proposal, for the one who made it."""

from typing import Any

from sqlalchemy import Connection, Row

from app.crm.notifications import write
from app.shared.contract import Principal


def decided(connection: Connection, row: Row[Any], what: str, by: Principal | None = None) -> None:
    """Tell the author of a proposal (the row as it was) that it was applied, rejected or has expired: not by whom it
    was decided, where that was they themselves."""
    if by is not None and by.user_id == row.author_id:
        return
    detail = {"what": what, "title": row.title}
    key = f"proposal:{row.id}:{what}"
    write.tell(connection, row.author_id, "proposal", key, detail, change_set_id=row.id, actor=by.name if by else "")
