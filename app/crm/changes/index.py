"""The searchable text of records, written in the transaction of the record itself."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, tuple_, update

from app.crm.changes import rows
from app.crm.changes.codec import State
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.schema import PROSE
from app.crm.schema import search_documents as documents
from app.crm.terms import terms
from app.shared.contract import FieldSpec, ObjectSpec

BODY_BOUND = 200_000  # characters: PostgreSQL's index of one text has a bound of its own
Seqs = dict[tuple[str, int], int]
_MINE = (documents.c.object == bindparam("b_object")) & (documents.c.record_id == bindparam("b_record_id"))
_NEW = insert(documents)
_TEXTS = ("title", "body", "title_terms", "body_terms", "seq")
_REWRITTEN = update(documents).where(_MINE).values({name: bindparam(name) for name in _TEXTS})
_TOUCHED = update(documents).where(_MINE).values(seq=bindparam("seq"))


def write(context: Context, works: list[Work], seqs: Seqs) -> None:
    """Bring the documents of these records up to date: living ones have one, others none."""
    gone = [work for work in works if not work.created and not work.was_trashed and not _lives(work)]
    new = [work for work in works if _lives(work) and (work.created or work.was_trashed)]
    kept = [work for work in works if _lives(work) and not work.created and not work.was_trashed]
    for chunk in rows.chunks(work.key for work in gone):
        context.connection.execute(
            delete(documents).where(tuple_(documents.c.object, documents.c.record_id).in_(chunk))
        )
    rows.execute(context.connection, _NEW, (_row(work, seqs) for work in new))
    reads_otherwise = {work.key for work in kept if text(work.spec, work.state) != text(work.spec, work.was)}
    _rewrite(context, [work for work in kept if work.key in reads_otherwise], seqs)
    _touch(context, [work for work in kept if work.key not in reads_otherwise], seqs)


def _lives(work: Work) -> bool:
    return not work.trashed_at and not work.purged


def _row(work: Work, seqs: Seqs) -> dict[str, Any]:
    title, body = text(work.spec, work.state)
    indexed = {"title_terms": terms(title), "body_terms": terms(body)}
    return {
        "object": work.spec.name,
        "record_id": work.id,
        "title": title,
        "body": body,
        "seq": seqs[work.key],
    } | indexed


def _rewrite(context: Context, works: list[Work], seqs: Seqs) -> None:
    rows.execute(context.connection, _REWRITTEN, (_addressed(_row(work, seqs)) for work in works))


def _touch(context: Context, works: list[Work], seqs: Seqs) -> None:
    """The text stays; its links, author or date may not."""
    moved = ({"b_object": work.spec.name, "b_record_id": work.id, "seq": seqs[work.key]} for work in works)
    rows.execute(context.connection, _TOUCHED, moved)


def _addressed(row: dict[str, Any]) -> dict[str, Any]:
    return {"b_object": row.pop("object"), "b_record_id": row.pop("record_id")} | row


def text(spec: ObjectSpec, state: State) -> tuple[str, str]:
    """Title and body: the record's name, and every other text of it that is meant to be found.

    The body is the short texts, a line each, then `PROSE` and the long texts, which alone are quoted and embedded.
    """
    title = str(state.get(spec.label_field) or "")
    fields = [field for field in spec.fields if field.name != spec.label_field]
    short = [part for field in fields if field.type != "long_text" for part in _parts(field, state)]
    long = [part for field in fields if field.type == "long_text" for part in _parts(field, state)]
    body = "\n".join(short) + (PROSE + "\n\n".join(long) if long else "")
    return title, body[:BODY_BOUND]


def _parts(field: FieldSpec, state: State) -> list[str]:
    value = state[field.name]
    if not value:
        return []
    if field.searchable or field.type == "key":
        return [str(value)]
    if field.custom_id is not None and field.type in ("select", "multi_select"):
        chosen = value if isinstance(value, tuple) else (value,)
        return [option.label for option in (*field.options, *field.retired_options) if option.key in chosen]
    return []
