"""Titles of records and rare values, which the data itself is asked for: there are too many to keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.chatbot.understanding import paths
from app.chatbot.understanding.meanings import EntityWord, Meaning, ValueWord
from app.shared.contract import Catalog, Condition, CrmPort, FieldSpec, ObjectSpec, Page, Principal, Query

MOST_TITLES = 5  # records of one title that are told apart
_REACHABLE = ("email", "phone", "url")


def named(spec: ObjectSpec) -> bool:
    """Whether records of this object are called by name: people and organisations, which can be reached, and users."""
    return spec.support or (not spec.join and any(one.type in _REACHABLE for one in spec.fields))


def probe(
    port: CrmPort, principal: Principal, catalog: Catalog, listed: frozenset[tuple[str, str]], texts: Sequence[str]
) -> list[tuple[str, Meaning]]:  # fmt: skip
    """Titles of records, keys, and values of fields with too many for a list, that are exactly one of these texts."""
    found: list[tuple[str, Meaning]] = []
    for spec in catalog.objects.values():
        for one in spec.fields if spec.has_pages else ():
            title = one.name == spec.label_field and not named(spec)
            if (
                title
                or one.type == "key"
                or (one.type == "text" and one.name != spec.label_field and (spec.name, one.name) not in listed)
            ):
                found += _matching(port, principal, spec, one, texts)
    return found


def _matching(
    port: CrmPort, principal: Principal, spec: ObjectSpec, one: FieldSpec, texts: Sequence[str]
) -> Iterator[tuple[str, Meaning]]:  # fmt: skip
    where = Condition.model_validate({"field": one.name, "op": "in", "value": list(texts)})
    page = port.query(principal, Query(object=spec.name, where=where, columns=(one.name,), limit=MOST_TITLES))
    for record in page.records if isinstance(page, Page) else ():
        value = str(record.values.get(one.name) or record.label)
        if one.name == spec.label_field:
            yield value, EntityWord(spec.name, record.id, record.label)
        else:
            yield value, ValueWord(spec.name, one.name, value, value, declared=False)


def begun(port: CrmPort, principal: Principal, catalog: Catalog, texts: Sequence[str]) -> list[tuple[str, Meaning]]:
    """What is sold, called by the first words of its title, each with the words that call it so: at most a few."""
    found: list[tuple[str, Meaning]] = []
    for spec in catalog.objects.values():
        if paths.kind_field(spec) is None or named(spec):
            continue
        for text in texts:
            where = Condition(field=spec.label_field, op="starts_with", value=text)
            page = port.query(
                principal, Query(object=spec.name, where=where, columns=(spec.label_field,), limit=MOST_TITLES + 1)
            )
            records = page.records if isinstance(page, Page) and len(page.records) <= MOST_TITLES else ()
            whole = [one for one in records if not one.label[len(text) : len(text) + 1].isalnum()]
            found += [(text, EntityWord(spec.name, one.id, one.label)) for one in whole]
    return found
