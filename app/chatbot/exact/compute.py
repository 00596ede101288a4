"""A frame computed through the port: one function for each shape of answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding import query as queries
from app.chatbot.understanding.frame import Frame
from app.shared.contract import Catalog, CrmPort, GroupRow, Groups, Measure, Page, Principal, Query, Record, Ref

_CITED = 10  # records that an answer cites


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and through which port."""

    port: CrmPort
    principal: Principal
    catalog: Catalog

    def page(self, query: Query) -> Page:
        found = self.port.query(self.principal, query)
        assert isinstance(found, Page)
        return found

    def groups(self, query: Query) -> Groups:
        found = self.port.query(self.principal, query)
        assert isinstance(found, Groups)
        return found

    def number(self, query: Query) -> int:
        """How many rows a query has."""
        return int(self.total(query, Measure()))

    def total(self, query: Query, measure: Measure) -> Any:
        """One measure over all rows of a query."""
        whole = query.model_copy(update={"measures": (measure,), "group_by": (), "sort": (), "limit": 50})
        return self.groups(whole).totals[0]


def compute(asker: Asker, frame: Frame) -> Answer:
    """The finished answer of a frame; its Query, link and chips are added by the caller."""
    shapes: dict[str, Callable[[Asker, Frame], Answer]] = {
        "count": _count, "measure": _measure, "rate": _rate, "share": _share, "lookup": _lookup, "list": _list,
        "groups": _groups,
    }  # fmt: skip
    if frame.versus and not frame.groups:
        return _versus(asker, frame)
    if frame.groups:
        return _rates(asker, frame) if frame.shape == "rate" else _groups(asker, frame)
    return shapes[frame.shape](asker, frame)


def _count(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    one, many = phrases.nouns(catalog, frame)
    shown = rows.record_columns(catalog, catalog[frame.object], ())
    page = asker.page(replace_columns(frame.rows_query(), shown))
    text = phrases.deed(catalog, frame, page.total) or f"{wording.counted(page.total, one, many)}{phrases.conditions(catalog, frame)}."
    if page.total_is_bound:
        text = f"More than {page.total:,} {many}{phrases.conditions(catalog, frame)}."
    if frame.yes_no:
        text = f"Yes: {text[:1].lower()}{text[1:]}" if page.total else f"No: {text[:1].lower()}{text[1:]}"
    return Answer(text, "exact", (Figure(many[:1].upper() + many[1:], page.total),), rows.record_rows(page.records, shown),
                  rows.columns(catalog, catalog[frame.object], shown))  # fmt: skip


def _measure(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    spec = catalog[frame.object]
    _, many = phrases.nouns(catalog, frame)
    shown = rows.record_columns(catalog, spec, (frame.measure.field or "",))
    page = asker.page(replace_columns(frame.rows_query(), shown))
    value = asker.total(frame.rows_query(), frame.measure)
    label = phrases.measure_label(catalog, frame)
    where = phrases.conditions(catalog, frame)
    text = f"{label} of {many}{where}: {rows.shown(value)}."
    if value is None:
        text = f"There is no {label.lower()}: {wording.counted(page.total, '', '').strip().lower() or 'none'} to take it from."
    return Answer(text, "exact", rows.figures(label, value), rows.record_rows(page.records, shown), rows.columns(catalog, spec, shown))


def _rate(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    decided, won = asker.number(queries.decided(catalog, frame)), asker.number(queries.won(catalog, frame))
    where = phrases.conditions(catalog, frame)
    many = catalog[frame.object].label.lower()
    if not decided:
        return Answer(f"There is no win rate: no {many}{where} are won or lost yet.", "exact", (Figure("Win rate", None, "%"),))
    rate = percent(won, decided)
    text = f"The win rate is {wording.number(rate)}%: {won:,} won of {decided:,} {many} won or lost{where}."
    return Answer(text, "exact", (Figure("Win rate", rate, "%"), Figure("Won", won), Figure("Won or lost", decided)))


def percent(part: float, whole: float) -> float:
    """In percent, to two decimals."""
    return round(100 * part / whole, 2)


def _share(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    whole, part = asker.number(frame.rows_query()), asker.number(frame.rows_query(frame.part))
    _, many = phrases.nouns(catalog, frame)
    if not whole:
        return Answer(f"There are no {many}{phrases.conditions(catalog, frame)} to take a share of.", "exact", (Figure("Share", None, "%"),))
    share = percent(part, whole)
    text = f"{wording.number(share)}%: {part:,} of {whole:,} {many}{phrases.conditions(catalog, frame)}."
    return Answer(text, "exact", (Figure("Share", share, "%"), Figure("Part", part), Figure("Whole", whole)))


# --- one record ------------------------------------------------------------------------------------------------------


def _lookup(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    spec = catalog[frame.object]
    assert frame.record is not None
    asked = frame.asked or tuple(field.name for field in spec.fields if field.listed and field.name != spec.label_field)
    found = asker.page(replace_columns(frame.rows_query(), (spec.label_field, *asked)))
    record = found.records[0] if found.records else None
    if record is None:
        return Answer(f"There is no {spec.singular} {frame.record.label}.", "none", unread=(frame.record.label,))
    if not frame.asked:
        asked = tuple(path for path in asked if record.values.get(path) not in (None, "", ()))
    values = [(phrases.field_label(catalog, spec, path), path, record.values.get(path)) for path in asked]
    text = _facts(catalog, spec, record, values, bool(frame.asked))
    shown = (spec.label_field, *asked)
    cited = (record.ref, *(value for _, _, value in values if isinstance(value, Ref) and value.object != "users"))
    return Answer(text, "exact", _number_figures(values), rows.record_rows(found.records, shown), rows.columns(catalog, spec, shown),
                  citations=cited if not frame.asked else cited[:1])  # fmt: skip


def replace_columns(query: Query, columns: Sequence[str]) -> Query:
    return query.model_copy(update={"columns": tuple(dict.fromkeys(columns))})


def _facts(catalog: Any, spec: Any, record: Record, values: Sequence[tuple[str, str, Any]], asked: bool) -> str:
    parts = []
    for label, path, value in values:
        field = phrases.field_at(catalog, spec, path)
        empty = value is None or value == "" or value == ()
        parts.append(f"no {label.lower()} is recorded" if empty else f"{label.lower()} {wording.plain(value, field)}")
    if len(values) == 1 and asked:
        label, path, value = values[0]
        if value is None or value == "" or value == ():
            return f"No {label.lower()} is recorded for {record.label}."
        return f"The {label.lower()} of {record.label} is {wording.plain(value, phrases.field_at(catalog, spec, path))}."
    return f"{record.label}: {wording.listed(parts)}." if parts else f"{record.label} is a {spec.singular}."


def _number_figures(values: Sequence[tuple[str, str, Any]]) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for label, _, value in values:
        if isinstance(value, int | float) and not isinstance(value, bool) or hasattr(value, "minor") or hasattr(value, "as_tuple"):
            found += rows.figures(label, value)
    return tuple(found)


# --- lists -----------------------------------------------------------------------------------------------------------


def _list(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    spec = catalog[frame.object]
    shown = rows.record_columns(catalog, spec, ((frame.sort,) if frame.sort else ()) + frame.asked)
    query = frame.rows_query()
    if frame.ranked and frame.sort:
        query = _present(query, frame.sort)
    page = asker.page(replace_columns(query, shown))
    text = _list_text(catalog, frame, page)
    figures = _list_figures(catalog, frame, page)
    return Answer(text, "exact", figures, rows.record_rows(page.records, shown), rows.columns(catalog, spec, shown), query,
                  citations=tuple(record.ref for record in page.records[:_CITED]))  # fmt: skip


def _present(query: Query, sort: str) -> Query:
    """A ranking leaves out what has no value to rank by."""
    from app.chatbot.understanding.frame import condition
    from app.shared.contract import And

    there = condition(sort, "empty", False)
    items = query.where.items if isinstance(query.where, And) else (query.where,) if query.where else ()
    return query.model_copy(update={"where": And(items=(*items, there)) if items else there})


def _list_figures(catalog: Any, frame: Frame, page: Page) -> tuple[Figure, ...]:
    if frame.ranked and frame.limit == 1 and frame.sort and page.records:
        value = page.records[0].values.get(frame.sort)
        label = phrases.field_label(catalog, catalog[frame.object], frame.sort)
        return rows.figures(label, value) if rows.amount(value) is not None else ()
    _, many = phrases.nouns(catalog, frame)
    return (Figure(many[:1].upper() + many[1:], len(page.records) if frame.ranked else page.total),)


def _list_text(catalog: Any, frame: Frame, page: Page) -> str:
    one, many = phrases.nouns(catalog, frame)
    where = phrases.conditions(catalog, frame)
    if not page.records:
        return f"No {many}{where}."
    if frame.ranked:
        return _ranked_text(catalog, frame, page, one, many, where)
    head = f"{page.total:,} {one if page.total == 1 else many}{where}"
    names = [record.label for record in page.records[:5]]
    more = page.total - len(names)
    asked = _asked_text(catalog, frame, page.records[0]) if page.total == 1 else ""
    return f"{head}: {wording.listed(names + ([f'{more:,} more'] if more > 0 else []))}{asked}."


def _ranked_text(catalog: Any, frame: Frame, page: Page, one: str, many: str, where: str) -> str:
    spec = catalog[frame.object]
    sort = frame.sort or ""
    field = phrases.field_at(catalog, spec, sort)
    label = phrases.field_label(catalog, spec, sort).lower()
    which = ("latest" if frame.descending else "earliest") if field and field.type in ("date", "datetime") else (
        "highest" if frame.descending else "lowest")  # fmt: skip
    first = page.records[0]
    if len(page.records) == 1:
        return f"{first.label}: {which} {label} of {many}{where}, {wording.plain(first.values.get(sort), field)}{_asked_text(catalog, frame, first)}."
    entries = [f"{record.label} ({wording.plain(record.values.get(sort), field)})" for record in page.records[:5]]
    more = len(page.records) - len(entries)
    return f"The {len(page.records)} {many}{where} with the {which} {label}: {wording.listed(entries + ([f'{more} more'] if more > 0 else []))}."


def _asked_text(catalog: Any, frame: Frame, record: Record) -> str:
    spec = catalog[frame.object]
    parts = [f"{phrases.field_label(catalog, spec, path).lower()} {wording.plain(record.values.get(path), phrases.field_at(catalog, spec, path))}"
             for path in frame.asked]  # fmt: skip
    return f" ({', '.join(parts)})" if parts else ""


# --- groups ----------------------------------------------------------------------------------------------------------


def _groups(asker: Asker, frame: Frame) -> Answer:
    catalog = asker.catalog
    spec = catalog[frame.object]
    query = queries.groups(frame)
    found = asker.groups(query)
    kept = [row for row in found.rows if not frame.ranked or _has_key(row)] if len(frame.groups) == 1 else list(found.rows)
    if frame.ranked and len(kept) < len(found.rows):
        kept = [row for row in asker.groups(query.model_copy(update={"limit": query.limit + 1})).rows if _has_key(row)]
    if frame.having is not None:
        kept = [row for row in kept if (value := rows.amount(row.measures[0])) is not None and frame.having.holds(value) and _has_key(row)]
    if frame.ranked:
        kept = kept[: frame.limit]
    label = phrases.measure_label(catalog, frame)
    made = tuple(rows.group_row(catalog, spec, frame.groups, row, frame.measure.key, row.measures[0]) for row in kept[: rows.MOST_ROWS])
    column = {"name": frame.measure.key, "label": label, "type": "money" if made and "currency" in made[0] else "number"}
    return Answer(_groups_text(catalog, frame, found, kept, label), "exact", _group_figures(catalog, frame, found, kept, label), made,
                  rows.group_columns(catalog, spec, frame.groups, column), query, citations=_group_refs(kept))  # fmt: skip


def _has_key(row: GroupRow) -> bool:
    return row.keys[0] is not None and row.keys[0] != ""


def _group_refs(kept: Sequence[GroupRow]) -> tuple[Ref, ...]:
    return tuple(key for row in kept[:_CITED] for key in row.keys[:1] if isinstance(key, Ref) and key.object != "users")


def _group_figures(catalog: Any, frame: Frame, found: Groups, kept: Sequence[GroupRow], label: str) -> tuple[Figure, ...]:
    spec = catalog[frame.object]
    if frame.having is not None:
        return (Figure(phrases.field_label(catalog, spec, frame.groups[0].field), len(kept)),)
    if frame.ranked and kept:
        keys = [rows.key_label(catalog, spec, group, key) for group, key in zip(frame.groups, kept[0].keys, strict=True)]
        return rows.figures(f"{', '.join(keys)}: {label.lower()}", kept[0].measures[0])
    return rows.figures(label, found.totals[0])


def _groups_text(catalog: Any, frame: Frame, found: Groups, kept: Sequence[GroupRow], label: str) -> str:
    spec = catalog[frame.object]
    where = phrases.conditions(catalog, frame)
    _, many = phrases.nouns(catalog, frame)
    by = wording.listed([phrases.field_label(catalog, spec, group.field).lower() for group in frame.groups])
    if not kept:
        return f"No {many}{where} with {by}." if found.rows else f"No {many}{where}."
    entries = [f"{_labels(catalog, frame, row)} {rows.shown(row.measures[0])}" for row in kept[:5]]
    more = len(kept) - len(entries)
    tail = wording.listed(entries + ([f"{more:,} more"] if more > 0 else []))
    if frame.having is not None:
        return f"{len(kept):,} by {by} of {many}{where}: {tail}."
    if len(kept) == 1 and frame.ranked:
        what = f"{rows.shown(kept[0].measures[0])}" + (f" {many}" if not frame.measure.field else "")
        return f"{_labels(catalog, frame, kept[0])}: {what}{where if frame.measure.field is None else f' ({label.lower()} of {many}{where})'}."
    measured = f"{label} of {many}" if frame.measure.field else many[:1].upper() + many[1:]
    return f"{measured} by {by}{where}: {tail}."


def _labels(catalog: Any, frame: Frame, row: GroupRow) -> str:
    return ", ".join(rows.key_label(catalog, catalog[frame.object], group, key) for group, key in zip(frame.groups, row.keys, strict=True))


def _rates(asker: Asker, frame: Frame) -> Answer:
    """Win rates by group: won / (won + lost) of each, from two grouped queries."""
    catalog = asker.catalog
    spec = catalog[frame.object]
    query = queries.groups(frame)
    decided = asker.groups(query.model_copy(update={"where": queries.decided(catalog, frame).where}))
    won = {_key(row): row.measures[0] for row in asker.groups(query.model_copy(update={"where": queries.won(catalog, frame).where})).rows}
    pairs = [(row, percent(won.get(_key(row), 0), row.measures[0])) for row in decided.rows if row.measures[0]]
    if frame.ranked:
        pairs = [pair for pair in pairs if _has_key(pair[0])]
    if frame.ranked or not frame.groups[0].bucket:
        pairs.sort(key=lambda pair: pair[1], reverse=frame.descending)
    pairs = pairs[: frame.limit] if frame.ranked else pairs
    made = tuple(rows.group_row(catalog, spec, frame.groups, row, "win_rate", rate) for row, rate in pairs[: rows.MOST_ROWS])
    entries = [f"{_labels(catalog, frame, row)} {wording.number(rate)}%" for row, rate in pairs[:5]]
    more = [f"{len(pairs) - 5:,} more"] if len(pairs) > 5 else []
    by = wording.listed([phrases.field_label(catalog, spec, group.field).lower() for group in frame.groups])
    text = f"Win rate by {by}{phrases.conditions(catalog, frame)}: {wording.listed(entries + more)}." if pairs else "There is nothing won or lost yet."
    figures = (Figure(f"{_labels(catalog, frame, pairs[0][0])}: win rate", pairs[0][1], "%"),) if pairs and frame.ranked else ()
    column = {"name": "win_rate", "label": "Win rate", "type": "number"}
    return Answer(text, "exact", figures, made, rows.group_columns(catalog, spec, frame.groups, column), decided.query)


def _key(row: GroupRow) -> tuple[Any, ...]:
    return tuple((key.object, key.id) if isinstance(key, Ref) else key for key in row.keys)


# --- comparisons -----------------------------------------------------------------------------------------------------


def _versus(asker: Asker, frame: Frame) -> Answer:
    """Each side computed by itself, then which is the higher."""
    sides = []
    for side in frame.versus:
        one = compute(asker, replace(frame, terms=(*frame.terms, side), versus=(), notes=()))
        sides.append((side.label, one.figures[0] if one.figures else Figure(side.label, None)))
    figures = tuple(Figure(label, figure.value, figure.unit) for label, figure in sides)
    entries = [f"{label} {_figure_text(figure)}" for label, figure in sides]
    many = phrases.measure_label(asker.catalog, frame)
    text = f"{many}{phrases.conditions(asker.catalog, frame)}: {wording.listed(entries)}.{_lead(sides)}"
    made = tuple({"label": label, "value": figure.value, "unit": figure.unit} for label, figure in sides)
    columns = ({"name": "label", "label": "", "type": "text"}, {"name": "value", "label": many, "type": "number"})
    return Answer(text, "exact", figures, made, columns)


def _figure_text(figure: Figure) -> str:
    if figure.value is None:
        return "nothing"
    if figure.unit == "%":
        return f"{wording.number(float(figure.value))}%"
    return wording.money(figure.value, figure.unit) if figure.unit else wording.number(figure.value)  # type: ignore[arg-type]


def _lead(sides: Sequence[tuple[str, Figure]]) -> str:
    values = [(figure.value, label, figure.unit) for label, figure in sides if isinstance(figure.value, int | float)]
    if len(values) != 2 or values[0][0] == values[1][0]:
        return " Both are the same." if len(values) == 2 else ""
    high, low = max(values), min(values)
    lead = Figure("", round(float(high[0]) - float(low[0]), 2), high[2])
    gap = f"{_figure_text(lead)[:-1]} points" if high[2] == "%" else _figure_text(lead)
    return f" {high[1]} is higher by {gap}."
