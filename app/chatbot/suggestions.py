"""Questions to begin with, made from this CRM's own objects and names; only such that can be read are offered."""

from collections.abc import Iterator
from datetime import date

from app.chatbot.types import Context
from app.chatbot.understanding import lexicons, read
from app.shared.contract import Catalog, CrmPort, FieldSpec, Group, Groups, Measure, ObjectSpec, Principal, Query, Ref

MOST = 5


def suggest(port: CrmPort, principal: Principal, context: Context, today: date) -> tuple[str, ...]:
    """At most five questions, about the record in view first. Blocks."""
    lexicon = lexicons(port).get(port, principal)
    catalog = port.catalog()
    found: list[str] = []
    for question in _candidates(port, principal, catalog, context):
        if question not in found and read(lexicon, question, context, today).kind != "none":
            found.append(question)
        if len(found) == MOST:
            break
    return tuple(found)


def _candidates(port: CrmPort, principal: Principal, catalog: Catalog, context: Context) -> Iterator[str]:
    if context.record:
        yield from _about_record(catalog, context.record)
    for spec in catalog.objects.values():
        if spec.has_pages and _stage(spec) and _money(spec):
            yield from _about_pipeline(port, principal, catalog, spec)
    for spec in catalog.objects.values():
        if spec.has_pages:
            yield from _about_list(spec)


def _about_record(catalog: Catalog, record: Ref) -> Iterator[str]:
    for name, spec, _field in catalog.inverses(record.object):
        if _stage(spec):
            yield f"How many open {name} does {record.label} have?"
            yield f"Total won {_word(_money(spec))} for {record.label}"
    yield f"What was said about {record.label}?"
    yield f"Who owns {record.label}?"


def _about_pipeline(port: CrmPort, principal: Principal, catalog: Catalog, spec: ObjectSpec) -> Iterator[str]:
    owner = next((field for field in spec.fields if field.type == "link" and field.target == "users"), None)
    if owner and (name := _busiest(port, principal, spec, owner.name)):
        yield f"How many {spec.label.lower()} did {name} win?"
    if owner:
        yield f"Top 5 {owner.label.lower()}s by won {_word(_money(spec))}"
    yield f"{spec.label} by {_word(_stage(spec))}"
    for field in spec.fields:
        if field.custom_id and field.type in ("text", "select") and _divides(port, principal, spec, field.name):
            yield f"Average won {spec.singular} {_word(_money(spec))} by {field.label.lower()}"
    company = next((field for field in spec.fields if field.type == "link" and field.target == "companies"), None)
    if company and (name := _busiest(port, principal, spec, company.name)):
        yield f"What was said about {name}?"
    yield f"{spec.label} won this year"


def _about_list(spec: ObjectSpec) -> Iterator[str]:
    for field in spec.fields:
        if field.type == "select" and field.listed:
            yield f"{spec.label} by {field.label.lower()}"
    yield f"How many {spec.label.lower()} do we have?"


def _busiest(port: CrmPort, principal: Principal, spec: ObjectSpec, field: str) -> str | None:
    """The name that most records of this object link to."""
    query = Query(object=spec.name, group_by=(Group(field=field),), measures=(Measure(),), sort=("-count",), limit=2)
    found = port.query(principal, query)
    assert isinstance(found, Groups)
    return next((row.keys[0].label for row in found.rows if isinstance(row.keys[0], Ref)), None)


def _divides(port: CrmPort, principal: Principal, spec: ObjectSpec, field: str) -> bool:
    """Whether the field sorts the records into a few groups, rather than naming each of them."""
    query = Query(object=spec.name, group_by=(Group(field=field),), measures=(Measure(),), limit=1)
    found = port.query(principal, query)
    return isinstance(found, Groups) and 2 <= found.group_count <= 20


def _stage(spec: ObjectSpec) -> FieldSpec | None:
    return next((field for field in spec.fields if field.type == "stage"), None)


def _money(spec: ObjectSpec) -> FieldSpec | None:
    return next((field for field in spec.fields if field.type == "money"), None)


def _word(field: FieldSpec | None) -> str:
    return field.label.lower() if field else "amount"
