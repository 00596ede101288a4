import sys

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.shared.db import Database, text_key

# Characters that both this Python and PostgreSQL know by now.
letters = st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\x00", max_codepoint=0x1FFFF)


def test_postgresql_folds_every_old_character_as_python_does(prepared_postgres: Database) -> None:
    known = [chr(code) for code in range(1, 0x3000) if not 0xD800 <= code <= 0xDFFF]
    wanted = [f"x{letter}Y" for letter in known]
    statement = text(
        "SELECT text_key(u) FROM unnest(CAST(:all AS text[])) WITH ORDINALITY AS t(u, place) ORDER BY place"
    )
    with prepared_postgres.read() as connection:
        found = connection.execute(statement, {"all": wanted}).scalars().all()
    wrong = [hex(ord(letter)) for letter, key in zip(known, found, strict=True) if key != text_key(f"x{letter}Y")]
    assert len(wrong) == 0, (wrong[:10], sys.version)


@settings(max_examples=100, deadline=None)
@given(value=st.text(letters))
def test_both_engines_key_a_text_like_the_program(
    prepared_postgres: Database, prepared_sqlite: Database, value: str
) -> None:
    for database in (prepared_sqlite, prepared_postgres):
        with database.read() as connection:
            assert connection.scalar(select(func.text_key(value))) == text_key(value)
