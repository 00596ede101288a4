"""Which records have a word is the same on SQLite and PostgreSQL, and what a plain reading of the texts says."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from app import migrations
from app.crm import fulltext, terms
from app.migrations import search_terms
from app.shared.db import Database
from tests.query import plain, rows

PIECES = (
    "integration", "Integrations", "integrate", "integr", "Straße", "STRASSE", "strasse", "café", "cafe\u0301", "CAFE",
    "naïve", "Ångström", "Å", "İzmir", "i\u0307zmir", "ΣΊΣΥΦΟΣ", "σίσυφος", "ﬁn", "fin", "①", "½", "x²", "1e5", "3.14",
    "a@b.example", "https://example.com/a-b?c=d", "well-known", "don't", "don’t", "snake_case", "C++", "#1", "100%",
    "हिन्दी", "हिन्द", "東京", "東", "が", "か", "한국", "한", "שָׁלוֹם", "שלום",
    "\U0001d538cme", "\U00010400x", "\U0001f600",
    "Ⅷ", "℠", "ﷺ", "ǆ", "ñ", "n", "ß", "ss", "happy", "happiness", "happi", "the", "is", "flies", "fly", "b's",
)  # fmt: skip
letters = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=6)
written = st.lists(st.sampled_from(PIECES) | letters, max_size=6).map(" ".join)
typed = st.lists(st.sampled_from(PIECES) | letters, min_size=1, max_size=3).map(" ".join)
cut_off = st.builds(lambda words, cut: words[: max(1, len(words) - cut)], typed, st.integers(0, 4))
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def _found(database: Database, documents: list[tuple[str, str]], wanted: str) -> list[int]:
    with database.engine.connect() as connection, connection.begin() as transaction:
        for number, (title, body) in enumerate(documents, start=1):
            rows.document(connection, "notes", number, title, body)
        statement = fulltext.matching(connection, "notes", wanted)
        found = [] if statement is None else sorted(connection.execute(statement).scalars())
        transaction.rollback()
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(documents=st.lists(st.tuples(written, written), min_size=1, max_size=5), wanted=typed | cut_off)
def test_both_engines_find_what_is_written(
    prepared_sqlite: Database, prepared_postgres: Database, documents: list[tuple[str, str]], wanted: str
) -> None:
    expected = [
        number for number, (title, body) in enumerate(documents, start=1) if plain.mentions(f"{title} | {body}", wanted)
    ]
    assert _found(prepared_sqlite, documents, wanted) == expected
    assert _found(prepared_postgres, documents, wanted) == expected


@pytest.mark.parametrize("forms", ["integration integrations integrating", "company companies", "renew renewed renews"])
def test_forms_of_a_word_have_one_term(forms: str) -> None:
    assert len({terms.term(word) for word in forms.split()}) == 1


@pytest.mark.parametrize("word", ["is", "us", "q4", "東京", "naïve", "1e5"])
def test_what_is_no_english_word_is_its_own_term(word: str) -> None:
    assert terms.term(word) == word


@pytest.mark.parametrize(
    ("text_", "found"),
    [
        ("Café NAÏVE Straße", ["cafe", "naive", "strasse"]),
        ("cafe\u0301 — co-op's", ["cafe", "co", "op", "s"]),
        ("がか 한국 हिन्दी", ["がか", "한국", "हिन्दी"]),
        ("x" * 150, ["x" * 100]),
        ("_ % \x00 😀 …", []),
    ],
)
def test_words_are_cut_and_folded(text_: str, found: list[str]) -> None:
    assert terms.words(text_) == found


def test_the_terms_of_the_longest_text_fit_any_index(any_database: Database) -> None:
    """A sign that stands for eighteen letters must not keep a note from being written."""
    for letter in ("ﷺ ", "東", "ab c", "щ1 "):
        with any_database.write() as connection:
            body = (letter * 200_000)[:200_000]
            rows.document(connection, "notes", ord(letter[0]), letter, body)
            assert len(terms.terms(body).encode()) <= terms.BOUND


def _check(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)"))


def _at_first_revision(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


@pytest.fixture(params=["sqlite", "postgresql"])
def shipped(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database as the first release made it."""
    from sqlalchemy.engine import make_url

    if request.param == "sqlite":
        database = Database(make_url(f"sqlite:///{tmp_path / 'old.db'}"))
        _at_first_revision(database)
        yield database
        database.close()
        return
    server = request.getfixturevalue("postgres")
    server.administer("CREATE DATABASE shipped TEMPLATE template0 ENCODING 'UTF8'")
    database = Database(server.url.set(database="shipped"))
    _at_first_revision(database)
    yield database
    database.close()
    server.administer("DROP DATABASE shipped WITH (FORCE)")


def test_a_shipped_database_is_indexed_anew(shipped: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_terms, "BATCH", 2)
    old = "INSERT INTO search_documents (object, record_id, title, body, seq) VALUES ('notes', :id, :title, :body, 1)"
    with shipped.write() as connection:
        for id in range(1, 6):
            connection.execute(text(old), {"id": id, "title": f"Café {id}", "body": "Integrations of STRASSE"})
    migrations.upgrade(shipped)
    with shipped.write() as connection:
        rows.document(connection, "notes", 6, "Cafe", "straße, integrating")
        connection.execute(text("DELETE FROM search_documents WHERE record_id = 2"))
        connection.execute(text("UPDATE search_documents SET body_terms = '', seq = 2 WHERE record_id = 3"))
        _check(connection)
    with shipped.read() as connection:
        for wanted, expected in (
            ("cafe", [1, 3, 4, 5, 6]),
            ("strass", [1, 4, 5, 6]),
            ("integrate", [1, 4, 5, 6]),
            ("3", [3]),
        ):
            statement = fulltext.matching(connection, "notes", wanted)
            assert statement is not None
            assert sorted(connection.execute(statement).scalars()) == expected


def test_a_snippet_is_of_the_text_as_it_is_written() -> None:
    asked = fulltext.wanted("cafe integra", match_all=True)
    assert asked is not None
    body = "word " * 50 + "At the CAFÉ: integrations, at last." + " more" * 50
    piece, count = terms.marked(body, asked, start="[", stop="]", length=12)
    assert "the [CAFÉ]: [integrations], at last" in piece
    assert piece.startswith("…")
    assert piece.endswith("…")
    assert count == 2
    assert terms.marked("Just this.", asked, start="[", stop="]", length=12) == ("Just this.", 0)
    assert terms.marked("", asked, start="[", stop="]", length=12) == ("", 0)
    assert terms.marked("(cafe\u0301!)", asked, start="[", stop="]", length=12) == ("([cafe\u0301]!)", 1)
