"""What a record without a name is called by: the words of its text, without their Markdown."""

import pytest

from app.crm.query.columns import label


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("**Budget** agreed with [@Anna](/users/6)", "Budget agreed with @Anna"),
        ("# Call on *Monday*", "Call on Monday"),
        ("- first `point`\n- second", "first point"),
        ("> quoted [#Acme](/companies/1", "quoted #Acme"),
        ("2 * 3 is snake_case", "2 * 3 is snake_case"),
        ("![plan](/files/3)", "plan"),
        ("***", "***"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_a_note_is_called_by_the_words_of_its_first_line(body: str, words: str) -> None:
    assert label("Note", 1, None, body) == words


def test_a_name_is_kept_as_it_is_written() -> None:
    assert label("Note", 1, "**Name**", "body") == "**Name**"
