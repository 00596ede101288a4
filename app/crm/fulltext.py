"""Full text: the searchable text of every record, written with the record, searched by BM25 or ts_rank.

What a person types is data: it is cut into words, and each word is quoted. Every hit is narrowed by `visible`. Which
records have a word is the same on SQLite and PostgreSQL, since both index the terms that `app.crm.terms` makes; how
they rank is the engine's own.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, cast, exists, or_, select
from sqlalchemy import column as sql_column
from sqlalchemy import func as sql
from sqlalchemy import literal_column as literally
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import TSQUERY

from app.crm import terms
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.query.columns import label, naming
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, column_name
from app.crm.schema import search_documents as stored
from app.crm.searchdocuments import document_refs, documents
from app.crm.terms import Wanted
from app.shared.contract import Hit, Principal, Ref

__all__ = ["document_refs", "documents", "matching", "search", "wanted"]

MOST_WORDS = 32  # of one search
START, STOP = "\x02", "\x03"  # around the matched words of a snippet
SNIPPET_WORDS = 24
_FTS = sql_table("search_fts", sql_column("rowid"), sql_column("search_fts"))
_BM25 = "bm25(search_fts, 4.0, 1.0)"  # a word in the title counts as much as four in the body
_RANK = "'{0.1, 0.2, 0.25, 1.0}'"  # the same on PostgreSQL: weights of D, C, B (body) and A (title)
_COMMON = frozenset(  # found everywhere; left out of a search for any word while others remain
    "a about all am an and any are as at be been but by can could did do does for from had has have he her him his how"
    " i if in into is it its me my no not of on or our she should so than that the their them then there these they"
    " this those to us was we were what when where which who why will with would you your".split()
)


def wanted(text: str, *, match_all: bool) -> Wanted | None:
    """What a text asks for, of its first 32 words; None where there is no word in it.

    Where every word must be there, the last one may be unfinished. Where any will do, common ones count only if there
    are no others.
    """
    found = terms.words(text)[:MOST_WORDS]
    if not found:
        return None
    if match_all:
        *before, last = found
        return Wanted((*dict.fromkeys(map(terms.term, before)), terms.term(last)), last)
    telling = [word for word in found if word not in _COMMON] or found
    return Wanted(tuple(dict.fromkeys(map(terms.term, telling))))


def search(
    connection: Connection,
    principal: Principal,
    text: str,
    *,
    objects: Sequence[str] = (),
    limit: int = 20,
    match_all: bool = False,
) -> Sequence[Hit]:
    """Full-text hits, best first. `match_all`: every word, the last as a prefix; else any word, the more the better.

    `objects`: which kinds of record; all where none is named. A snippet holds \\x02 and \\x03 around what matched.
    """
    named = [name for name in objects or RECORD_OBJECTS if name in RECORD_OBJECTS]
    asked = wanted(text, match_all=match_all)
    if asked is None or not named or "read" not in principal.scopes:
        return []
    engine = _engine(connection)(asked, match_all)
    rights = or_(*(_seen(principal, name) for name in named))
    shown = (stored.c.id, stored.c.object, stored.c.record_id, stored.c.title, stored.c.body)
    statement = select(*shown, engine.score).select_from(engine.source).where(engine.matches, rights)
    rows = connection.execute(statement.order_by(engine.score.desc(), stored.c.id.desc()).limit(limit)).all()
    return _hits(connection, rows, asked)


def matching(connection: Connection, object: str, text: str) -> Select[Any] | None:
    """The ids of the object's records in whose text every word stands, unnarrowed; None where there is no word."""
    asked = wanted(text, match_all=True)
    if asked is None:
        return None
    engine = _engine(connection)(asked, True)
    return select(stored.c.record_id).select_from(engine.source).where(stored.c.object == object, engine.matches)


def _seen(principal: Principal, name: str) -> ColumnElement[bool]:
    records = TABLES[name]
    found = select(records.c.id).where(records.c.id == stored.c.record_id, visible(principal, name))
    return and_(stored.c.object == name, exists(found.correlate(stored)))


def _engine(connection: Connection) -> "type[_Sqlite | _Postgres]":
    return _Sqlite if connection.dialect.name == "sqlite" else _Postgres


class _Sqlite:
    """FTS5: every term is a quoted string, so nothing in it is syntax."""

    def __init__(self, asked: Wanted, match_all: bool) -> None:
        quoted = [f'"{term}"' for term in asked.terms]
        if asked.beginning:
            quoted[-1] = f'({quoted[-1]} OR "{asked.beginning}"*)'
        pattern = (" AND " if match_all else " OR ").join(quoted)
        self.source = _FTS.join(stored, stored.c.id == _FTS.c.rowid)
        self.matches: ColumnElement[bool] = _FTS.c.search_fts.op("MATCH")(pattern)
        self.score: ColumnElement[float] = (-literally(_BM25)).label("score")


class _Postgres:
    """A tsquery of quoted lexemes: no parser and no dictionary of the server has a part in it."""

    def __init__(self, asked: Wanted, match_all: bool) -> None:
        quoted = [f"'{term}'" for term in asked.terms]
        if asked.beginning:
            quoted[-1] = f"({quoted[-1]} | '{asked.beginning}':*)"
        query = cast((" & " if match_all else " | ").join(quoted), TSQUERY)
        vector: ColumnElement[Any] = literally("search_documents.search_fts")
        self.source = stored
        self.matches: ColumnElement[bool] = vector.op("@@", is_comparison=True)(query)
        self.score: ColumnElement[float] = sql.ts_rank(literally(_RANK), vector, query).label("score")


def _hits(connection: Connection, rows: Sequence[Row[Any]], asked: Wanted) -> list[Hit]:
    facts = {
        (name, id): fact
        for name in dict.fromkeys(row.object for row in rows)
        for id, fact in _facts(connection, name, [row.record_id for row in rows if row.object == name]).items()
    }
    return [
        Hit(
            Ref(row.object, row.record_id, facts[row.object, row.record_id][0]),
            float(row.score),
            _snippet(row.title, row.body, asked),
            facts[row.object, row.record_id][1],
        )
        for row in rows
    ]


def _snippet(title: str, body: str, asked: Wanted) -> str:
    """A piece of the body around what matched; of the title where that has more of it."""
    texts = (terms.marked(text, asked, start=START, stop=STOP, length=SNIPPET_WORDS) for text in (body, title))
    piece, _ = max(texts, key=lambda found: found[1])
    return " ".join(piece.split())


def _facts(connection: Connection, name: str, ids: Iterable[int]) -> dict[int, tuple[str, datetime | None]]:
    """The label and the date of each record."""
    records, spec = TABLES[name], BUILT_IN[name]
    field = spec.field(spec.date_field or "created_at")
    when = records.c[column_name(field)] if field else records.c.created_at
    statement = select(when, records.c.id, *naming(records, spec.label_field)).where(records.c.id.in_(list(ids)))
    return {row[1]: (label(spec.label_one, *row[1:]), _moment(row[0])) for row in connection.execute(statement)}


def _moment(value: date | datetime | None) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value
