"""Which column of the file fills which field of the object."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from app.crm.customization import LABEL_LENGTH, snake
from app.crm.transfer import dates, numbers, own
from app.crm.transfer.guess import guess
from app.crm.transfer.options import Options
from app.crm.transfer.source import PROBLEM_COLUMN, ROW_COLUMN, Sheet
from app.shared.contract import Catalog, FieldSpec, ObjectSpec
from app.shared.db import text_key
from app.shared.errors import FieldError, Invalid

How = Literal["mapped", "by name", "new field", "external key", "record id", "left out"]
MATCHABLE = frozenset({"text", "key", "email", "url", "phone"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file. `field` is None where it is left out; `note` says why, or what was decided."""

    index: int
    name: str
    how: How
    field: FieldSpec | None = None
    note: str = ""
    order: dates.Order = "month-first"
    mark: numbers.Mark = "."

    @property
    def is_new(self) -> bool:
        return self.how in ("new field", "external key")


@dataclass(frozen=True, slots=True)
class Mapping:
    """All columns in the order of the file, and the field by which rows find their records."""

    spec: ObjectSpec
    columns: tuple[Column, ...]
    match: Column | None
    notes: tuple[str, ...] = ()

    @property
    def by_id(self) -> bool:
        """Whether rows find their records by the program's own ids."""
        return self.match is not None and self.match.how == "record id"

    @property
    def filled(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.field)

    def of(self, field: str) -> Column | None:
        """The column that fills a field."""
        return next((column for column in self.columns if column.field and column.field.name == field), None)


def slug(name: str) -> str:
    """A column's name as a field's: lower case, words joined by underscores."""
    key = text_key(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)) or ""
    return re.sub(r"\W+", "_", key, flags=re.UNICODE).strip("_")


def near(word: str, known: list[str]) -> list[str]:
    """Known names that look like a word, the nearest first."""
    from rapidfuzz import fuzz, process

    found = process.extract(word, known, scorer=fuzz.WRatio, processor=str.casefold, limit=3, score_cutoff=72)
    return [name for name, _, _ in found]


def build(catalog: Catalog, sheet: Sheet, options: Options, locale: str, *, has_ids: bool = False) -> Mapping:
    """Decide what each column becomes. Raises Invalid for a mapping that can't be meant, naming what is near.

    `has_ids`: the first column has the ids of records here; rows are matched by it unless something else is asked for.
    """
    return _Builder(catalog[options.object], sheet, options, locale, has_ids).build()


class _Builder:
    def __init__(self, spec: ObjectSpec, sheet: Sheet, options: Options, locale: str, has_ids: bool) -> None:
        self.spec, self.sheet, self.options, self.locale = spec, sheet, options, locale
        self.has_ids, self.is_export = has_ids, own.is_export(sheet.columns)
        self.by_id = has_ids and (options.match is None or slug(options.match) == own.ID.name)
        self.values = [sheet.values(index) for index in range(len(sheet.columns))]
        self.errors: list[FieldError] = []
        self.notes: list[str] = []
        self.mapped = self._explicit()
        self.taken = set(self.mapped.values())
        self.order = self._file_order()

    def build(self) -> Mapping:
        match_name = self._match_name()
        columns = tuple(self._column(index, name, match_name) for index, name in enumerate(self.sheet.columns))
        if self.errors:
            raise Invalid(" ".join(error.message for error in self.errors), self.errors)
        match = next((item for item in columns if item.field and item.field.name == match_name), None)
        if self.by_id:
            match, columns = self._own_ids(columns)
        return Mapping(self.spec, columns, match, tuple(self.notes))

    def _own_ids(self, columns: tuple[Column, ...]) -> tuple[Column, tuple[Column, ...]]:
        """The key is the first column, which fills no field."""
        self.notes.append("The file has the ids of records that are here: rows are matched by them.")
        shown = Column(0, columns[0].name, "left out", note="finds the record")
        return Column(0, columns[0].name, "record id", own.ID), (shown, *columns[1:])

    def _fail(self, option: str, message: str) -> None:
        self.errors.append(FieldError(option, message))

    def _explicit(self) -> dict[str, str]:
        """Column -> field as asked for, with every mistake noted."""
        mapped: dict[str, str] = {}
        for column, field in self.options.maps:
            name = self._column_name(column)
            spec = self.spec.field(field) or self._new_name(field)
            if name is None or spec is None:
                continue
            target = spec if isinstance(spec, str) else spec.name
            if target in mapped.values():
                self._fail("map", f"Two columns are mapped to {target!r}.")
            elif isinstance(spec, FieldSpec) and spec.read_only:
                self._fail("map", f"{target!r} is kept by the program and can't be imported.")
            else:
                mapped[name] = target
        return mapped

    def _column_name(self, column: str) -> str | None:
        if column in self.sheet.columns:
            return column
        same = [name for name in self.sheet.columns if slug(name) == slug(column)]
        if len(same) == 1:
            return same[0]
        self._fail("map", f"The file has no column {column!r}.{_meant(near(column, list(self.sheet.columns)))}")
        return None

    def _new_name(self, field: str) -> str | None:
        """A field that doesn't exist: made where that is allowed and the name is no mistyped one, else a mistake."""
        names = [item.name for item in self.spec.fields if not item.read_only]
        if "fields" in self.options.create or field == self.options.match:
            return slug(field) or "field"
        self._fail("map", f"{self.spec.label} have no field {field!r}.{_meant(near(field, names))}")
        return None

    def _match_name(self) -> str | None:
        """The name of the field to match by; the option may name the field or the column that fills it."""
        wanted = self.options.match
        if not wanted or self.by_id:
            return None
        if column := next((name for name in self.mapped if name == wanted), None):
            return self.mapped[column]
        if wanted in self.mapped.values():
            return wanted
        columns = [name for name in self.sheet.columns if slug(name) == slug(wanted)]
        if not columns:
            near_names = near(wanted, list(self.sheet.columns))
            self._fail("match", f"No column fills {wanted!r}, by which rows are matched.{_meant(near_names)}")
            return None
        self.match_column = columns[0]
        return slug(wanted)

    match_column: str | None = None

    def _column(self, index: int, name: str, match: str | None) -> Column:
        if name in (ROW_COLUMN, PROBLEM_COLUMN):
            return Column(index, name, "left out", note="made by an earlier import")
        target = self.mapped.get(name)
        if target is None and index == 0 and self.has_ids:
            return Column(index, name, "left out", note="the program's own id")
        if target is None:
            target = self._by_name(name)
            if target is None:
                return self._unknown(index, name, match)
            self.taken.add(target)
            return self._typed(index, name, "by name", self._field(target), match)
        field = self.spec.field(target)
        if field is None:
            return self._new(index, name, target, match)
        return self._typed(index, name, "mapped", field, match)

    def _field(self, name: str) -> FieldSpec:
        field = self.spec.field(name)
        assert field is not None
        return field

    def _by_name(self, name: str) -> str | None:
        """The writable field whose name or label the column's name is, if no other column has it."""
        wanted = slug(name)
        for field in self.spec.fields:
            if wanted in (field.name, slug(field.label)) and not field.read_only and field.name not in self.taken:
                return field.name
        known = own.known(self.spec, name) if self.is_export else None
        return known.field if known and known.field and not self._has_column(known.field) else None

    def _has_column(self, field: str) -> bool:
        return field in self.taken or any(slug(name) == field for name in self.sheet.columns)

    def _unknown(self, index: int, name: str, match: str | None) -> Column:
        target = slug(name) or f"column_{index + 1}"
        if self.match_column == name or target == match:
            return self._new(index, name, target, match)
        if self.spec.field(target) is not None:
            taken = "is kept by the program" if target not in self.taken else "is filled by another column"
            return Column(index, name, "left out", note=f"the field {target!r} {taken}")
        if index and self.is_export and (known := own.known(self.spec, name)):
            return Column(index, name, "left out", note=known.note)
        if "fields" not in self.options.create:
            return Column(index, name, "left out", note="no such field; --create fields would make one")
        if not self.values[index]:
            return Column(index, name, "left out", note="the column is empty")
        return self._new(index, name, target, match)

    def _new(self, index: int, name: str, target: str, match: str | None) -> Column:
        """A field to be made. (Its name is settled when it is: it may be one that retired fields have taken.)"""
        label = _label(self.mapped.get(name, name))
        if target == match:
            self.taken.add(target)
            return Column(index, name, "external key", FieldSpec(target, label, "key", unique=True))
        target = snake(target)
        while target in self.taken or self.spec.field(target):
            target += "_2"
        self.taken.add(target)
        order, note = self._date_order(index)
        found = guess(name, self.values[index].keys(), order)
        field = FieldSpec(target, label, found.type, integer=found.integer)
        note = note if found.type in ("date", "datetime") else ""
        return Column(index, name, "new field", field, note, order, numbers.decimal_mark(self.values[index]))

    def _typed(self, index: int, name: str, how: How, field: FieldSpec, match: str | None) -> Column:
        if field.name == match and field.type not in MATCHABLE:
            self._fail("match", f"Rows can't be matched by {field.name!r}: it is a {field.type} field, not a key.")
        if field.type in ("date", "datetime"):
            order, note = self._date_order(index)
            return Column(index, name, how, field, note, order)
        mark = numbers.decimal_mark(self.values[index]) if field.type in ("number", "money") else "."
        return Column(index, name, how, field, "decimal comma" if mark == "," else "", mark=mark)

    def _file_order(self) -> dates.Order | None:
        """The order that the file's settled columns agree on."""
        settled = Counter(order for values in self.values if (order := dates.evidence(values).settled))
        return next(iter(settled)) if len(settled) == 1 else None

    def _date_order(self, index: int) -> tuple[dates.Order, str]:
        """The order of day and month in a column, and in words why it was taken."""
        found = dates.evidence(self.values[index])
        if self.options.order:
            return self.options.order, f"{self.options.order}, as asked for"
        if found.is_mixed:
            order = found.settled or self._default(found)
            return order, f"{order} for most values; some can only be the other way round"
        if found.settled:
            return (
                found.settled,
                f"{found.settled}, by {max(found.month_first, found.day_first):,} different values that settle it",
            )
        if not found.is_ambiguous:
            return self.order or self._default(found), ""
        if self.order:
            return self.order, f"{self.order}, as in the file's other columns (no value here settles it)"
        order = self._default(found)
        option = "--day-first" if order == "month-first" else "--month-first"
        return order, f"{order} was assumed: no value settles it ({option} reads them the other way round)"

    def _default(self, found: dates.Evidence) -> dates.Order:
        if found.dotted:
            return "day-first"
        language, _, region = self.locale.partition("_")
        american = region in ("US", "PH", "PW", "FM") or (language, region) == ("en", "")
        return "month-first" if american else "day-first"


def _label(name: str) -> str:
    words = re.sub(r"[_\s]+", " ", name).strip()
    return (words[:1].upper() + words[1:])[:LABEL_LENGTH].rstrip()


def _meant(names: list[str]) -> str:
    return f" Did you mean {' or '.join(repr(name) for name in names)}?" if names else ""
