"""Full text: the searchable text of every record, written with the record, searched by BM25 or ts_rank.

What a person types is data: it is cut into words, and each word is quoted. Every hit is narrowed by `visible`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, or_, select
from sqlalchemy import column as sql_column
from sqlalchemy import func as sql
from sqlalchemy import literal_column as literally
from sqlalchemy import table as sql_table

from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.query.columns import label, naming
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, column_name
from app.crm.schema import search_documents as stored
from app.crm.searchdocuments import document_refs, documents
from app.shared.contract import Hit, Principal, Ref

__all__ = ["document_refs", "documents", "matching", "search", "words"]

MOST_WORDS, WORD_LENGTH = 32, 100
START, STOP = "\x02", "\x03"  # around the matched words of a snippet
SNIPPET_WORDS = 24
_WORD = re.compile(r"[^\W_]+")
_FTS = sql_table("search_fts", sql_column("rowid"), sql_column("search_fts"))
_BM25 = "bm25(search_fts, 4.0, 1.0)"  # a word in the title counts as much as four in the body
_RANK = "'{0.1, 0.2, 0.25, 1.0}'"  # the same on PostgreSQL: weights of D, C, B (body) and A (title)
_HEADLINE = f'StartSel="{START}", StopSel="{STOP}", MaxWords={SNIPPET_WORDS}, MinWords=8, MaxFragments=1'
# Endings that the index's stemmer cuts off: a word that is still being typed may stand in the middle of one.
_ENDINGS = ("ation", "ations", "ional", "ing", "ings", "ment", "ments", "ness", "ions", "able", "ies", "ers", "ally")
_COMMON = frozenset(  # found everywhere; left out of a search for any word while others remain
    "a about all am an and any are as at be been but by can could did do does for from had has have he her him his how"
    " i if in into is it its me my no not of on or our she should so than that the their them then there these they"
    " this those to us was we were what when where which who why will with would you your".split()
)


def words(text: str, *, all_of_them: bool) -> list[str]:
    """The words of a search, at most 32. Where any of them will do, common ones count only if there are no others."""
    found = [word[:WORD_LENGTH] for word in _WORD.findall(text)]
    telling = found if all_of_them else [word for word in found if word.casefold() not in _COMMON]
    return list(dict.fromkeys(telling or found))[:MOST_WORDS]


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
    wanted = [name for name in objects or RECORD_OBJECTS if name in RECORD_OBJECTS]
    found = words(text, all_of_them=match_all)
    if not found or not wanted or "read" not in principal.scopes:
        return []
    engine = _Sqlite(found, match_all) if connection.dialect.name == "sqlite" else _Postgres(found, match_all)
    rights = or_(*(_seen(principal, name) for name in wanted))
    statement = select(stored.c.id, stored.c.object, stored.c.record_id, engine.score).select_from(engine.source)
    statement = statement.where(engine.matches, rights).order_by(engine.score.desc(), stored.c.id.desc()).limit(limit)
    rows = connection.execute(statement).all()
    snippets = engine.snippets(connection, [row.id for row in rows]) if rows else {}
    return _hits(connection, rows, snippets)


def matching(connection: Connection, object: str, text: str) -> Select[Any] | None:
    """The ids of the object's records in whose text every word stands, unnarrowed; None where there is no word."""
    found = words(text, all_of_them=True)
    if not found:
        return None
    engine = _Sqlite(found, True) if connection.dialect.name == "sqlite" else _Postgres(found, True)
    return select(stored.c.record_id).select_from(engine.source).where(stored.c.object == object, engine.matches)


def _seen(principal: Principal, name: str) -> ColumnElement[bool]:
    records = TABLES[name]
    found = select(records.c.id).where(records.c.id == stored.c.record_id, visible(principal, name))
    return and_(stored.c.object == name, exists(found.correlate(stored)))


class _Sqlite:
    """FTS5: every word is a quoted string, so nothing in it is syntax."""

    def __init__(self, found: list[str], match_all: bool) -> None:
        quoted = [f'"{word}"' for word in found]
        if match_all:
            quoted[-1] = f"({' OR '.join([quoted[-1] + '*', *_stems(found[-1])])})"
        self.pattern = (" AND " if match_all else " OR ").join(quoted)
        self.source = _FTS.join(stored, stored.c.id == _FTS.c.rowid)
        self.matches: ColumnElement[bool] = _FTS.c.search_fts.op("MATCH")(self.pattern)
        self.score: ColumnElement[float] = (-literally(_BM25)).label("score")

    def snippets(self, connection: Connection, ids: list[int]) -> dict[int, str]:
        cut = sql.snippet(literally("search_fts"), -1, START, STOP, "…", SNIPPET_WORDS)
        found = select(_FTS.c.rowid, cut).where(self.matches, _FTS.c.rowid.in_(ids))
        return {row[0]: row[1] for row in connection.execute(found)}


def _stems(word: str) -> list[str]:
    """What the index may hold of a word whose ending is typed in part: "integratio" stands there as "integr"."""
    cuts = range(max(4, len(word) - 5), len(word))
    return [f'"{word[:cut]}"' for cut in cuts if any(end.startswith(word[cut:].lower()) for end in _ENDINGS)]


class _Postgres:
    """A tsquery of quoted words: stemmed as English, and as they stand (names, unfinished words)."""

    def __init__(self, found: list[str], match_all: bool) -> None:
        parts = [self._word(word, prefix=match_all and word is found[-1]) for word in found]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.op("&&" if match_all else "||")(part)
        self.query = joined
        vector: ColumnElement[Any] = literally("search_documents.search_fts")
        self.source = stored
        self.matches: ColumnElement[bool] = vector.op("@@", is_comparison=True)(joined)
        self.score: ColumnElement[float] = sql.ts_rank(literally(_RANK), vector, joined).label("score")

    def _word(self, word: str, *, prefix: bool) -> ColumnElement[Any]:
        plain = sql.to_tsquery(literally("'simple'"), f"'{word}'{':*' if prefix else ''}")
        return sql.to_tsquery(literally("'english'"), f"'{word}'").op("||")(plain).self_group()

    def snippets(self, connection: Connection, ids: list[int]) -> dict[int, str]:
        cuts = [
            sql.ts_headline(literally("'english'"), text, self.query, _HEADLINE)
            for text in (stored.c.body, stored.c.title)
        ]
        found = connection.execute(select(stored.c.id, *cuts).where(stored.c.id.in_(ids)))
        return {id: body if START in body or START not in title else title for id, body, title in found}


def _hits(connection: Connection, rows: Sequence[Row[Any]], snippets: dict[int, str]) -> list[Hit]:
    facts = {
        (name, id): fact
        for name in dict.fromkeys(row.object for row in rows)
        for id, fact in _facts(connection, name, [row.record_id for row in rows if row.object == name]).items()
    }
    return [
        Hit(
            Ref(row.object, row.record_id, facts[row.object, row.record_id][0]),
            float(row.score),
            " ".join(snippets.get(row.id, "").split()),
            facts[row.object, row.record_id][1],
        )
        for row in rows
    ]


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
