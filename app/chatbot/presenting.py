"""Any Query as an answer: its rows or groups, its figures, and the sentence that says what was read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.chatbot.answers import ROWS_SHOWN
from app.chatbot.types import Answer, Figure
from app.shared.contract import (
    Catalog,
    CrmPort,
    FieldSpec,
    GroupRow,
    Groups,
    Measure,
    Money,
    ObjectSpec,
    Page,
    Principal,
    Query,
    Record,
)
from app.shared.values import as_json, row_json

_KEYED = ("stage", "select", "multi_select")
_FUNCTIONS = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest", "weighted": "weighted"}


def present(port: CrmPort, principal: Principal, query: Query) -> Answer:
    """Run a query and show what it found. Raises what the door raises for a query that can't be run."""
    catalog = port.catalog()
    found = port.query(principal, query)
    answer = _groups(catalog, query, found) if isinstance(found, Groups) else _records(catalog, query, found)
    sentence = port.sentence(query, principal).rstrip(".")
    return Answer(
        text=f"{sentence}: {answer.text}.",
        mode=answer.mode,
        figures=answer.figures,
        rows=answer.rows,
        columns=answer.columns,
        query=query,
        url=port.url(query),
        chips=tuple(port.chips(query, principal)),
        citations=answer.citations,
    )


def labelled(port: CrmPort, principal: Principal, answer: Answer) -> Answer:
    """The answer in people's words: chips that call records by their names, columns with their options' labels."""
    if answer.query is None:
        return answer
    catalog = port.catalog()
    spec = catalog[answer.query.object]
    columns = tuple(_with_options(catalog, spec, column) for column in answer.columns)
    return replace(answer, columns=columns, chips=tuple(port.chips(answer.query, principal)))


def _with_options(catalog: Catalog, spec: ObjectSpec, column: Mapping[str, Any]) -> Mapping[str, Any]:
    if column.get("type") not in _KEYED:
        return column
    field = _field_at(catalog, spec, str(column["name"]))
    options = (
        [{"key": option.key, "label": option.label, "hue": option.hue} for option in field.options] if field else []
    )
    return {**column, "options": options}


def _field_at(catalog: Catalog, spec: ObjectSpec, path: str) -> FieldSpec | None:
    """The field at the end of a path of links: `company.industry`."""
    first, _, rest = path.partition(".")
    field = spec.field(first)
    if not rest or field is None:
        return field
    return _field_at(catalog, catalog[field.target], rest) if field.target in catalog.objects and field.target else None


def _records(catalog: Catalog, query: Query, page: Page) -> Answer:
    spec = catalog[query.object]
    count = f"{page.total:,}" + ("+" if page.total_is_bound else "")
    noun = spec.label_one.lower() if page.total == 1 else spec.label.lower()
    columns = _columns(spec, query)
    return Answer(
        text=f"{count} {noun}",
        mode="exact",
        figures=(Figure(spec.label, page.total),),
        rows=tuple(_row(record, columns) for record in page.records[:ROWS_SHOWN]),
        columns=columns,
        citations=tuple(record.ref for record in page.records[:10]),
    )


def _columns(spec: ObjectSpec, query: Query) -> tuple[Mapping[str, Any], ...]:
    shown = [field for field in spec.fields if (field.name in query.columns if query.columns else field.listed)]
    return tuple({"name": field.name, "label": field.label, "type": field.type} for field in shown)


def _row(record: Record, columns: tuple[Mapping[str, Any], ...]) -> Mapping[str, Any]:
    values = {str(column["name"]): record.values.get(str(column["name"])) for column in columns}
    return {"id": record.id, "object": record.object, "label": record.label, "url": record.url, **row_json(values)}


def _groups(catalog: Catalog, query: Query, groups: Groups) -> Answer:
    spec = catalog[query.object]
    measures = query.measures or (Measure(),)
    figures = tuple(_figure(spec, measure, value) for measure, value in zip(measures, groups.totals, strict=True))
    if not query.group_by:
        text = ", ".join(f"{figure.label.lower()} {_told(figure)}" for figure in figures)
        return Answer(text=text, mode="exact", figures=figures)
    keys = tuple(_group_column(spec, group.key, group.field) for group in query.group_by)
    columns = keys + tuple(_measure_column(spec, measure) for measure in measures)
    rows = tuple(_group_row(columns, row) for row in groups.rows[:ROWS_SHOWN])
    noun = "group" if groups.group_count == 1 else "groups"
    return Answer(text=f"{groups.group_count:,} {noun}", mode="exact", figures=figures, rows=rows, columns=columns)


def _told(figure: Figure) -> str:
    value = f"{figure.value:,}" if isinstance(figure.value, int | float) else "none"
    return f"{value} {figure.unit}" if figure.unit else value


def _figure(spec: ObjectSpec, measure: Measure, value: Any) -> Figure:
    unit = value.currency if isinstance(value, Money) else None
    return Figure(_measure_label(spec, measure), as_json(value), unit)


def _measure_label(spec: ObjectSpec, measure: Measure) -> str:
    if measure.field is None:
        return spec.label
    field = spec.field(measure.field)
    name = field.label if field else measure.field
    return f"{_FUNCTIONS.get(measure.fn, measure.fn)} {name.lower()}".capitalize()


def _group_column(spec: ObjectSpec, key: str, path: str) -> Mapping[str, Any]:
    field: FieldSpec | None = spec.field(path)
    return {"name": key, "label": field.label if field else path, "type": field.type if field else "text"}


def _measure_column(spec: ObjectSpec, measure: Measure) -> Mapping[str, Any]:
    field = spec.field(measure.field) if measure.field else None
    is_count = measure.fn in ("count", "count_distinct") or field is None
    kind = "number" if is_count else field.type if field else "number"
    return {"name": measure.key, "label": _measure_label(spec, measure), "type": kind}


def _group_row(columns: tuple[Mapping[str, Any], ...], row: GroupRow) -> Mapping[str, Any]:
    names = [str(column["name"]) for column in columns]
    return row_json(dict(zip(names, (*row.keys, *row.measures), strict=True)))
