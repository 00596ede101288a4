"""A delimited text file as columns and rows, whatever its encoding and delimiter; every cell as text."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.crm.transfer.sheets import FORMULA
from app.shared.errors import Invalid

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# Columns that the errors file adds; ignored when such a file is mended and imported.
ROW_COLUMN, PROBLEM_COLUMN = "parley_row", "parley_problem"
_CELL_LIMIT = 1_000_000  # characters; ten times what the longest field holds
MOST_COLUMNS = 1_000
# How files begin that are no text, whatever they are called. None of them is ever unpacked.
_PACKED = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of an older kind",
    b"\x1f\x8b": "a packed file",
    b"%PDF-": "a PDF",
    b"SQLite format 3": "a database",
}
_SAMPLE = 64 * 1024  # characters that the delimiter is sniffed from


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` counts as a spreadsheet does: the header is row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not imported. `column` and `value` are empty where the row as a whole is at fault."""

    row: int
    problem: str
    column: str = ""
    value: str = ""

    def as_json(self) -> dict[str, int | str]:
        return {"row": self.row, "column": self.column, "value": self.value, "problem": self.problem}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read. `ragged` holds the rows that don't fit the header, with their cells for the errors file."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    ragged: tuple[tuple[Row, RowError], ...]
    encoding: str
    delimiter: str
    notes: tuple[str, ...]

    def values(self, column: int) -> Counter[str]:
        """How often each value that isn't empty occurs in a column."""
        return Counter(row.cells[column] for row in self.rows if row.cells[column])


def read(source: Path | IO[bytes], name: str = "") -> Sheet:
    """Read a file. Raises Invalid where it holds no table that can be read."""
    data = source.read_bytes() if isinstance(source, Path) else source.read()
    name = name or (source.name if isinstance(source, Path) else "upload.csv")
    if kind := next((kind for start, kind in _PACKED.items() if data.startswith(start)), None):
        raise Invalid(f"{name} is {kind}, not a text file. Save the table as CSV and import that.")
    text, encoding, notes = decode(data)
    if not text.strip():
        raise Invalid(f"{name} is empty: there is nothing to import.")
    delimiter = sniff(text)
    return _sheet(name, text, encoding, delimiter, notes)


def decode(data: bytes) -> tuple[str, str, list[str]]:
    """The text, the name of its encoding, and what a person should know about how it was read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_or_refuse(data, "utf-16"), "UTF-16", []
    if utf16 := _utf16_without_mark(data):
        return _decode_or_refuse(data, utf16), "UTF-16", ["The file has no byte order mark; it was read as UTF-16."]
    try:
        return data.decode("utf-8-sig"), "UTF-8", []
    except UnicodeDecodeError:
        pass
    note = "The file is not UTF-8: it was read as Windows-1252 (Western European). Look at accented letters."
    try:
        return data.decode("cp1252"), "Windows-1252", [note]
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1", [note.replace("Windows-1252", "Latin-1")]


def _decode_or_refuse(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(f"The file starts like UTF-16 but can't be read as such (at byte {error.start}).") from None


def _utf16_without_mark(data: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in every other byte."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return None
    half = len(sample) / 2
    if sample[1::2].count(0) > 0.6 * half:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > 0.6 * half else None


def sniff(text: str) -> str:
    """The delimiter by which most rows have as many cells as the header; a comma where there is one column."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(cells) for cells in _sample_rows(text, delimiter)]
        if not widths or widths[0] < 2:
            continue
        score = sum(width == widths[0] for width in widths) / len(widths) * (1 + min(widths[0], 50) / 1000)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    sample = text[:_SAMPLE]
    rows = [cells for cells in _parse(sample, delimiter, tolerant=True) if any(cells)]
    return rows[:-1] if len(text) > _SAMPLE and len(rows) > 1 else rows


def _parse(text: str, delimiter: str, tolerant: bool = False) -> Iterator[list[str]]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        if not tolerant:
            raise Invalid(f"Line {reader.line_num} can't be read: {error}. Is a quotation mark missing?") from None


def _sheet(name: str, text: str, encoding: str, delimiter: str, notes: list[str]) -> Sheet:
    lines = _parse(text, delimiter)
    header = next((cells for cells in lines if any(cell.strip() for cell in cells)), [])
    is_mended = PROBLEM_COLUMN in header
    columns, remarks = _columns([_bare(name) for name in header] if is_mended else header)
    rows: list[Row] = []
    ragged: list[tuple[Row, RowError]] = []
    blank = 0
    for number, raw in enumerate(lines, start=2):
        cells = tuple(_bare(cell.strip()) if is_mended else cell.strip() for cell in raw)
        if not any(cells):
            blank += 1
        elif len(cells) == len(columns):
            rows.append(Row(number, cells))
        elif len(cells) > len(columns) and not any(cells[len(columns) :]):
            rows.append(Row(number, cells[: len(columns)]))
        else:
            ragged.append((Row(number, cells), RowError(number, _ragged(cells, columns, raw))))
    if rows and text.count('"') % 2 and any("\n" in cell for cell in rows[-1].cells):
        last = rows.pop()
        ragged.append((last, RowError(last.number, "A quotation mark is opened in this row and never closed.")))
    if blank:
        remarks.append(f"{_count(blank, 'empty row was', 'empty rows were')} passed over.")
    return Sheet(name, columns, tuple(rows), tuple(ragged), encoding, delimiter, (*notes, *remarks))


def _bare(cell: str) -> str:
    """A cell of an errors file without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def _ragged(cells: tuple[str, ...], columns: tuple[str, ...], raw: list[str]) -> str:
    message = f"The row has {_count(len(cells), 'cell', 'cells')} where the header has {len(columns)}."
    if any("\n" in cell for cell in raw):
        message += " It runs over several lines: a quotation mark may be missing."
    return message


def _columns(header: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The names of the columns, made distinct; nameless trailing ones are cut."""
    names = [cell.strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Invalid("The first row must name the columns.")
    if len(names) > MOST_COLUMNS:
        raise Invalid(f"The first row names {len(names):,} columns; at most {MOST_COLUMNS:,} can be read.")
    notes, seen = [], Counter[str]()
    for index, given in enumerate(names):
        names[index] = name = given or f"column {index + 1}"
        seen[name] += 1
        if seen[name] > 1:
            names[index] = f"{name} ({seen[name]})"
            notes.append(f"The column {name!r} occurs again: the later one is called {names[index]!r} here.")
    return tuple(names), notes


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
