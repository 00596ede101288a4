"""Rows on their way to becoming operations: cells read, keys checked, problems gathered."""

from dataclasses import dataclass, field
from typing import Any, Literal

from app.crm.transfer.cells import CellError, Reader
from app.crm.transfer.columns import Column, Mapping
from app.crm.transfer.links import Target, name_key
from app.crm.transfer.memory import Print
from app.crm.transfer.source import Row, RowError

# restore: the row's import was undone, which put its record into the trash
Outcome = Literal["create", "update", "restore", "unchanged", "known", "failed"]
LINKED = frozenset({"link", "stage"})


@dataclass(slots=True)
class Draft:
    """One row. `record` is the one that it updates; `words` are the cells that name other records or stages."""

    row: Row
    prints: Print
    values: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    key: str | None = None
    record: int | None = None
    outcome: Outcome = "create"
    errors: list[RowError] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """The name of its record within the change set."""
        return f"row-{self.row.number}"

    @property
    def target(self) -> Target:
        return self.record if self.record is not None else f"${self.ref}"

    def fail(self, problem: str, column: Column | None = None) -> None:
        self.outcome = "failed"
        name, value = (column.name, self.row.cells[column.index]) if column else ("", "")
        self.errors.append(RowError(self.row.number, problem, name, value))


@dataclass(slots=True)
class RowReader:
    """Reads rows by one mapping, and counts what it had to decide."""

    mapping: Mapping
    reader: Reader
    rounded: dict[str, int] = field(default_factory=dict)
    empty: dict[str, int] = field(default_factory=dict)

    def read(self, draft: Draft) -> None:
        """Fill a draft from its cells. An empty cell is no value."""
        moneys: list[tuple[Column, str]] = []
        for column in self.mapping.filled:
            assert column.field is not None
            text = draft.row.cells[column.index]
            if not text:
                self.empty[column.name] = self.empty.get(column.name, 0) + 1
            elif column.field.type in LINKED:
                draft.words[column.field.name] = text
            elif column.field.type == "money":
                moneys.append((column, text))
            else:
                self._cell(draft, column, text)
        for column, text in moneys:
            self._money(draft, column, text)
        if self.mapping.match and self.mapping.match.field:
            self._key(draft, self.mapping.match)

    def _cell(self, draft: Draft, column: Column, text: str) -> None:
        assert column.field is not None
        try:
            draft.values[column.field.name] = self.reader.value(column, text)
        except CellError as error:
            draft.fail(str(error), column)

    def _money(self, draft: Draft, column: Column, text: str) -> None:
        """An amount, in the row's currency: of its own column, else the one that the sign names, else the CRM's."""
        assert column.field is not None
        try:
            value, named, rounded = self.reader.money(column, text, draft.values.get("currency"))
        except CellError as error:
            draft.fail(str(error), column)
            return
        has_currency = self.mapping.spec.field("currency") is not None
        if named and has_currency and draft.values.setdefault("currency", named) != named:
            draft.fail(f"is in {named}, the row's other amounts in {draft.values['currency']}", column)
        draft.values[column.field.name] = value
        if rounded:
            self.rounded[column.name] = self.rounded.get(column.name, 0) + 1

    def _key(self, draft: Draft, match: Column) -> None:
        text = draft.row.cells[match.index]
        if text:
            draft.key = name_key(text)
        elif not self.mapping.by_id:
            draft.fail(f"The row has no {match.name}, by which rows are matched.")
