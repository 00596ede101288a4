"""Addresses of the same records seen otherwise."""

from dataclasses import dataclass

from app.crm.pages import board_shape, queries
from app.crm.pages.state import Shown
from app.shared.contract import ObjectSpec, Query


@dataclass(frozen=True, slots=True)
class Views:
    """Where else the rows of a query can be seen."""

    table: str
    board: str  # "": this object has none
    trash: str
    living: str
    clear: str
    new: str


def views(query: Query, spec: ObjectSpec) -> Views:
    """The neighbours of a query: as a table, on the board, its object's trash, all of them, without filters."""
    query = query.model_copy(update={"limit": Query.model_fields["limit"].default})  # another view shows all of it
    plain = queries.changed(query, group_by=(), measures=())
    in_view = isinstance(query, Shown) and bool(query.view)  # what it keeps is kept
    bare = plain if in_view else queries.changed(plain, sort=(), columns=())
    has_board = board_shape.has_board(spec) and not query.trashed
    return Views(
        table=queries.url(plain if in_view else queries.changed(plain, sort=())),
        board=queries.address(f"/{query.object}/board", queries.params(bare)) if has_board else "",
        trash=queries.url(Query(object=query.object, trashed=True)),
        living=queries.url(Query(object=query.object)),
        clear=queries.url(queries.changed(query, where=None, text=None)),
        new=f"/{query.object}/new",
    )
