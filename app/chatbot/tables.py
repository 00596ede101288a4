"""The chat tables, in a MetaData of their own: no foreign key crosses to the CRM half."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text

from app.shared.types import Json, KeyText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Id = BigInteger().with_variant(Integer, "sqlite")

conversations = Table(
    "chat_conversations",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("user_id", _Id),  # null: the command line's
    Column("title", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_chat_conversations_user", conversations.c.user_id, conversations.c.updated_at)

messages = Table(  # one turn: a question and its answer
    "chat_messages",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("conversation_id", _Id, ForeignKey("chat_conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("context", Json),  # the record or list in view when it was asked
    Column("state", Text, nullable=False),  # running, done, stopped, failed
    Column("answer", Json),  # the finished answer
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("rating", Text),  # up, down: what the asker thought of the answer
    Column("rating_reason", Text),
    sqlite_autoincrement=True,
)

events = Table(
    "chat_events",
    metadata,
    Column("message_id", _Id, ForeignKey("chat_messages.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("data", Json, nullable=False),
)

settings = Table(  # what admins choose for the assistant; the environment goes before it
    "chat_settings",
    metadata,
    Column("key", KeyText, primary_key=True),  # model, embed_model
    Column("value", Json),
)
