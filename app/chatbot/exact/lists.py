"""Lists of records, and records in an order."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.exact import currencies, phrases, rows, wording
from app.chatbot.exact.asker import CITED, NAMED, Asker
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding.frame import Frame, condition
from app.shared.contract import And, Page, Query, Record


def records(asker: Asker, frame: Frame) -> Answer:
    spec = asker.spec(frame)
    shown = rows.record_columns(spec, ((frame.sort,) if frame.sort else ()) + frame.asked)
    query = _with_value(frame.rows_query(), frame.sort) if frame.ranked and frame.sort else frame.rows_query()
    page, compared = currencies.ranked(asker, frame, query, shown)
    page = _from(page, frame)
    text = _text(asker, frame, page) + compared
    made = rows.record_rows(page.records, shown)
    cited = tuple(record.ref for record in page.records[:CITED])
    columns = rows.columns(asker.catalog, spec, shown)
    return Answer(text, "exact", _figures(asker, frame, page), made, columns, query, citations=cited)


def _from(page: Page, frame: Frame) -> Page:
    """Of a ranking the one that was asked for: "the second biggest"."""
    return replace(page, records=page.records[frame.nth - 1 :]) if frame.nth > 1 else page


def _with_value(query: Query, path: str) -> Query:
    """A ranking leaves out what has no value to rank by."""
    there = condition(path, "empty", False)
    items = query.where.items if isinstance(query.where, And) else (query.where,) if query.where else ()
    return query.model_copy(update={"where": And(items=(*items, there)) if items else there})


def _figures(asker: Asker, frame: Frame, page: Page) -> tuple[Figure, ...]:
    if frame.ranked and frame.limit == frame.nth and frame.sort and page.records:
        value = page.records[0].values.get(frame.sort)
        label = phrases.field_label(asker.catalog, asker.spec(frame), frame.sort)
        return rows.figures(label, value) if rows.amount(value) is not None else ()
    _, many = phrases.nouns(asker.catalog, frame)
    count = len(page.records) if frame.limit else page.total
    return (Figure(wording.sentence_case(many), count),)


def _text(asker: Asker, frame: Frame, page: Page) -> str:
    one, many = phrases.nouns(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    if not page.records and frame.ranked and frame.sort and asker.number(frame.rows_query()):
        field = phrases.field_label(asker.catalog, asker.spec(frame), frame.sort).lower()
        return f"None of the {many}{where} has {phrases.article(field)}."
    if not page.records:
        return f"No {many}{where}."
    if frame.ranked and frame.sort:
        return _ranked_text(asker, frame, page, f"{many}{where}")
    total = len(page.records) if frame.limit else page.total
    tail = wording.some([record.label for record in page.records[:NAMED]], total)
    asked = _asked(asker, frame, page.records[0]) if total == 1 else ""
    return f"{total:,} {one if total == 1 else many}{where}: {tail}{asked}."


def _ranked_text(asker: Asker, frame: Frame, page: Page, many: str) -> str:
    spec, sort = asker.spec(frame), frame.sort or ""
    field = phrases.field_at(asker.catalog, spec, sort)
    dated = field is not None and field.type in ("date", "datetime")
    coming = any(term.slot == f"{sort}>" for term in frame.terms)
    which = ("latest", "next" if coming else "earliest") if dated else ("highest", "lowest")
    way = wording.ordinal(frame.nth) + (which[0] if frame.descending else which[1])
    ranked = f"{way} {phrases.field_label(asker.catalog, spec, sort).lower()}"
    values = [wording.plain(record.values.get(sort), field) for record in page.records]
    if len(page.records) == 1:
        first = page.records[0]
        return f"{first.label}: {ranked} of {many}, {values[0]}{_asked(asker, frame, first)}."
    entries = [f"{record.label} ({value})" for record, value in zip(page.records, values, strict=True)]
    return f"The {len(entries)} {many} with the {ranked}: {wording.some(entries[:NAMED], len(entries))}."


def _asked(asker: Asker, frame: Frame, record: Record) -> str:
    """What else was asked of the one record: " (owner Anna Reed)"."""
    spec = asker.spec(frame)
    parts = []
    for path in frame.asked:
        value = wording.plain(record.values.get(path), phrases.field_at(asker.catalog, spec, path))
        parts.append(f"{phrases.field_label(asker.catalog, spec, path).lower()} {value}")
    return f" ({', '.join(parts)})" if parts else ""
