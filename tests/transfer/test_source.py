"""Files as people have them: encodings, delimiters, quotes, ragged rows."""

from io import BytesIO

import pytest

from app.crm.transfer import read
from app.crm.transfer.source import Sheet
from app.shared.errors import Invalid


def sheet(text: str, encoding: str = "utf-8") -> Sheet:
    return read(BytesIO(text.encode(encoding)), "people.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    found = sheet("name,city\nZoë Müller,Zürich\nAnna,Bern\nBen,Genf\n", encoding)
    assert found.columns == ("name", "city")
    assert found.rows[0].cells == ("Zoë Müller", "Zürich")


def test_a_file_that_is_not_utf_8_is_said_to_be_read_as_windows_1252() -> None:
    found = sheet("name\nZoë\n", "cp1252")
    assert found.encoding == "Windows-1252"
    assert "not UTF-8" in found.notes[0]


def test_a_byte_that_windows_1252_lacks_is_kept_by_latin_1() -> None:
    found = read(BytesIO(b"name,city\nAnn\x81,Bern\xe9\n"), "odd.csv")
    assert (found.encoding, found.rows[0].cells) == ("Latin-1", ("Ann\x81", "Berné"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_among_four(delimiter: str) -> None:
    rows = [["name", "city", "note"], ["Anna", "Bern, CH; or so", "a|b"], ["Ben", "Ulm", "c"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    found = sheet(text)
    assert found.delimiter == delimiter
    assert found.rows[0].cells == ("Anna", "Bern, CH; or so", "a|b")


def test_a_single_column_is_a_table_too() -> None:
    found = sheet("name\nAnna\nBen\n")
    assert [row.cells for row in found.rows] == [("Anna",), ("Ben",)]


def test_a_quoted_cell_may_hold_newlines_and_rows_count_as_in_a_spreadsheet() -> None:
    found = sheet('name,note\nAnna,"one\r\ntwo ""quoted"""\nBen,x\n')
    assert found.rows[0].cells[1] == 'one\r\ntwo "quoted"'
    assert [row.number for row in found.rows] == [2, 3]


def test_a_ragged_row_is_an_error_of_that_row_alone() -> None:
    found = sheet("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert [row.number for row in found.rows] == [2, 5]
    assert [(error.row, error.problem) for _, error in found.ragged] == [
        (3, "The row has 2 cells where the header has 3."),
        (4, "The row has 4 cells where the header has 3."),
    ]


def test_empty_cells_after_the_last_column_are_no_error() -> None:
    found = sheet("a,b,,\n1,2,,\n")
    assert (found.columns, found.rows[0].cells, found.ragged) == (("a", "b"), ("1", "2"), ())


def test_a_quotation_mark_that_is_never_closed_spoils_its_row_and_is_named() -> None:
    found = sheet('a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert [row.cells for row in found.rows] == [("1", "2")]
    assert found.ragged[0][1].row == 3
    assert "never closed" in found.ragged[0][1].problem


def test_a_row_that_swallows_its_neighbour_is_named_with_the_likely_cause() -> None:
    found = sheet('a,b\n"1,2\n3",4,5\n6,7\n')
    assert "quotation mark may be missing" in found.ragged[0][1].problem


def test_empty_rows_are_passed_over_and_counted() -> None:
    found = sheet("a,b\n1,2\n\n , \n3,4\n")
    assert [row.number for row in found.rows] == [2, 5]
    assert found.notes == ("2 empty rows were passed over.",)


def test_columns_of_one_name_are_told_apart() -> None:
    found = sheet("name,mail,mail\nAnna,a,b\n")
    assert found.columns == ("name", "mail", "mail (2)")
    assert "mail (2)" in found.notes[0]


@pytest.mark.parametrize("text", ["", "  \n \n"])
def test_an_empty_file_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Invalid, match="empty"):
        sheet(text)


def test_the_values_are_trimmed_outside_and_untouched_inside() -> None:
    found = sheet("name,x\n  Anna   Bell ,y\n")
    assert found.rows[0].cells[0] == "Anna   Bell"
