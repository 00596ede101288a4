"""How lists are shown: named views, and what each person has settled about the lists of an object."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime

saved_views = Table(
    "saved_views",
    metadata,
    id_column(),
    Column("object", KeyText, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", BigId, ForeignKey("users.id"), nullable=False, index=True),
    Column("shared", Boolean, nullable=False, server_default=text("false")),
    Column("layout", Text, nullable=False),  # table, board
    Column("state", Text, nullable=False),  # the parameters of its list's address
    Column("widths", Json, nullable=False, server_default="{}"),  # {column: pixels}, as its maker had them
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),  # it can be taken back until it goes for good
    sqlite_autoincrement=True,
)

favourite_views = Table(
    "favourite_views",
    metadata,
    Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("view_id", BigId, ForeignKey("saved_views.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

list_settings = Table(
    "list_settings",
    metadata,
    Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("object", KeyText, primary_key=True),
    Column("default_view_id", BigId, ForeignKey("saved_views.id", ondelete="SET NULL"), index=True),
    Column("widths", Json, nullable=False, server_default="{}"),  # {view's id or "": {column: pixels}}
)
