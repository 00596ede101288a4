"""The rows that were not imported, as a file that can be mended and imported.

It is opened in a spreadsheet, and its cells are whatever somebody sent: an apostrophe stands before each that would be
taken for a formula. `source.read` takes them away again from such a file.
"""

import csv
import re
from pathlib import Path
from typing import IO

from app.crm.transfer.report import Report, sentence
from app.crm.transfer.sheets import safe
from app.crm.transfer.source import PROBLEM_COLUMN, ROW_COLUMN, Row, RowError, Sheet

_NUMBER = re.compile(r"[+-]?[\d.,]*\d%?")


def free_name(folder: Path, file_name: str) -> Path:
    """`<name>.errors.csv` in a folder, numbered where that is taken: nothing is ever overwritten."""
    stem = Path(file_name).stem or "import"
    number, path = 1, folder / f"{stem}.errors.csv"
    while path.exists():
        number += 1
        path = folder / f"{stem}.errors-{number}.csv"
    return path


def write(path: Path, sheet: Sheet, report: Report) -> int:
    """Write every failed row with its number and problems; gives how many. Raises FileExistsError, never overwrites."""
    problems: dict[int, list[RowError]] = {}
    for error in report.errors:
        problems.setdefault(error.row, []).append(error)
    rows = {row.number: row for row in (*sheet.rows, *(row for row, _ in sheet.ragged)) if row.number in problems}
    with path.open("x", encoding="utf-8", newline="") as file:
        _write(file, sheet, rows, problems)
    return len(rows)


def _write(file: IO[str], sheet: Sheet, rows: dict[int, Row], problems: dict[int, list[RowError]]) -> None:
    writer = csv.writer(file, delimiter=sheet.delimiter)
    names = [name for name in sheet.columns if name not in (ROW_COLUMN, PROBLEM_COLUMN)]
    writer.writerow([*map(_guarded, names), ROW_COLUMN, PROBLEM_COLUMN])
    kept = [index for index, name in enumerate(sheet.columns) if name in names]
    for number in sorted(problems):
        cells = rows[number].cells
        text = " ".join(sentence(error) for error in problems[number])
        mine = [cells[index] if index < len(cells) else "" for index in kept]
        writer.writerow([*map(_guarded, (*mine, *cells[len(sheet.columns) :])), number, _guarded(text)])


def _guarded(cell: str) -> str:
    return cell if _NUMBER.fullmatch(cell) else safe(cell)
