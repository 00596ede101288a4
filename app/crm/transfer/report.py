"""What an import did, or would do: for the terminal, for REST and for the pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from app.crm.transfer.columns import Column
from app.crm.transfer.source import RowError
from app.crm.transfer.suspects import Suspect

SHOWN = 50  # row errors and created names that JSON carries; the errors file has all


@dataclass(slots=True)
class Report:
    """The outcome of one import. Counts are rows of the file unless named otherwise."""

    object: str
    file_name: str
    dry_run: bool = False
    encoding: str = ""
    delimiter: str = ""
    rows: int = 0  # rows with content, the header not counted
    created: int = 0
    updated: int = 0
    restored: int = 0  # their import was undone: their records come back from the trash
    unchanged: int = 0  # matched, and nothing to change
    known: int = 0  # came before with the same content: left alone
    errors: list[RowError] = field(default_factory=list)
    failed: int = 0  # rows that were not imported (one may have several errors)
    columns: tuple[Column, ...] = ()
    match: str | None = None
    made: dict[str, list[str]] = field(default_factory=dict)  # what the file named and the CRM lacked: kind -> names
    suspects: list[Suspect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    twins: int = 0  # rows to be created whose name a record has already
    twin_field: str | None = None  # the field by which those would find it
    change_set: int | None = None
    seconds: float = 0.0
    errors_file: str | None = None

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    def rename(self, names: dict[str, str]) -> None:
        """Show new fields by the names that they got."""
        self.columns = tuple(
            replace(item, field=replace(item.field, name=names[item.field.name]))
            if item.field and item.field.name in names
            else item
            for item in self.columns
        )
        if "fields" in self.made:
            self.made["fields"] = [names.get(name, name) for name in self.made["fields"]]
        self.match = names.get(self.match or "", self.match)

    def as_json(self) -> dict[str, Any]:
        return {
            "object": self.object,
            "file_name": self.file_name,
            "dry_run": self.dry_run,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "restored": self.restored,
            "unchanged": self.unchanged,
            "known": self.known,
            "failed": self.failed,
            "match": self.match,
            "twins": self.twins,
            "twin_field": self.twin_field,
            "columns": [_column_json(column) for column in self.columns],
            "made": {kind: {"count": len(names), "names": names[:SHOWN]} for kind, names in self.made.items()},
            "suspects": [suspect.as_json() for suspect in self.suspects[:SHOWN]],
            "notes": self.notes,
            "errors": [error.as_json() for error in self.errors[:SHOWN]],
            "error_count": len(self.errors),
            "change_set": self.change_set,
            "seconds": round(self.seconds, 3),
        }

    def lines(self, shown: int = 20) -> Iterator[str]:
        """The report as plain lines for a terminal."""
        yield from self._outcome()
        yield from self._columns()
        for kind, names in self.made.items():
            verb = "Would create" if self.dry_run else "Created"
            yield f"{verb} {len(names):,} {kind}: {_names(names)}"
        for note in self.notes:
            yield f"Note: {note}"
        for suspect in self.suspects[:shown]:
            yield f"Looks wrong, kept as written: {suspect.sentence()}"
        yield from _more(len(self.suspects), shown, "more that look wrong")
        for error in self.errors[:shown]:
            yield f"Row {error.row:,}: {sentence(error)}"
        yield from _more(len(self.errors), shown, "more problems")
        if self.errors_file:
            yield f"The rows that were not imported are in {self.errors_file}."

    def _outcome(self) -> Iterator[str]:
        would = "Nothing was written (dry run). It would be: " if self.dry_run else ""
        counts = f"{self.created:,} created, {self.updated:,} updated, {self.unchanged + self.known:,} left as they are"
        counts += f", {self.restored:,} restored" if self.restored else ""
        yield f"{would}{self.rows:,} rows of {self.file_name}: {counts}, {self.failed:,} not imported."
        yield f"Read as {self.encoding}, with the delimiter {self.delimiter}."
        if self.known:
            came = "came before with the same content and were" if self.known > 1 else "came before and was"
            yield f"{self.known:,} of them {came} left alone, later edits included."
        if self.change_set:
            yield f"It is change set {self.change_set}, and can be undone as one."

    def _columns(self) -> Iterator[str]:
        for column in self.columns:
            note = f" ({column.note})" if column.note else ""
            if column.field:
                kind = "" if column.how in ("mapped", "by name") else f", {column.how} of type {column.field.type}"
                yield f"  {column.name} -> {column.field.name}{kind}{note}"
            else:
                yield f"  {column.name}: left out{note}"


def sentence(error: RowError) -> str:
    """The problem with the column and value that it is about."""
    return f"{error.column} {error.value!r} {error.problem}." if error.column else error.problem


def _column_json(column: Column) -> dict[str, Any]:
    field = column.field
    return {
        "column": column.name,
        "field": field.name if field else None,
        "type": field.type if field else None,
        "how": column.how,
        "note": column.note,
    }


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown}, and {len(names) - 8:,} more" if len(names) > 8 else shown


def _more(count: int, shown: int, words: str) -> Iterator[str]:
    if count > shown:
        yield f"... and {count - shown:,} {words}."
