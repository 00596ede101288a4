"""What stands beside the records: the bytes of files, each content once, and who is mentioned in which text."""

from sqlalchemy import BigInteger, Column, Index, Table

from app.crm.schema.base import BigId, metadata
from app.crm.schema.records import record_tables
from app.shared.types import KeyText, UtcDateTime

file_contents = Table(  # the bytes are in the instance's folder, under this name
    "file_contents",
    metadata,
    Column("sha256", KeyText, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
Index("ix_files_sha256", record_tables["files"].c.sha256)  # whether any record, living or trashed, has this content

mentions = Table(  # links to records and users in long texts, written with the record that holds the text
    "mentions",
    metadata,
    Column("object", KeyText, primary_key=True),
    Column("record_id", BigId, primary_key=True, autoincrement=False),
    Column("target", KeyText, primary_key=True),
    Column("target_id", BigId, primary_key=True, autoincrement=False),
)
Index("ix_mentions_target", mentions.c.target, mentions.c.target_id)
