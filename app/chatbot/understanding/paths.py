"""How a condition on one object narrows another: over links to one record, or back over a link from many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.shared.contract import Catalog, FieldSpec, Filter, ObjectSpec, Related

TO_ONE, TO_MANY = 1.0, 2.0
Leaf = Callable[[str], Filter]  # the filter for a path that ends at the field


@dataclass(frozen=True, slots=True)
class Way:
    """A way from the asked object to another one. `prefix` is a path over to-one links, `relation` a way back."""

    object: str
    cost: float
    prefix: str = ""
    relation: str | None = None

    def filter(self, leaf: Leaf) -> Filter:
        if self.relation is None:
            return leaf(self.prefix)
        return Related(relation=self.relation, where=leaf(""))

    def slot(self, name: str) -> str:
        return f"{self.relation}*{name}" if self.relation else f"{self.prefix}{name}"


def ways(catalog: Catalog, start: str, *, many: bool = True) -> list[Way]:
    """Every way from `start` to each object, the nearest first."""
    found = [Way(start, 0.0)]
    for index, (field, target) in enumerate(_links(catalog, catalog[start])):
        cost = TO_ONE + index / 100
        found.append(Way(target, cost, f"{field.name}."))
        for inner, (further, last) in enumerate(_links(catalog, catalog[target])):
            if last != start:
                found.append(Way(last, cost + TO_ONE + inner / 100, f"{field.name}.{further.name}."))
    if many:
        for name, spec, _ in catalog.inverses(start):
            found.append(Way(spec.name, TO_MANY, relation=name))
    return sorted(found, key=lambda way: way.cost)


def _links(catalog: Catalog, spec: ObjectSpec) -> Iterator[tuple[FieldSpec, str]]:
    for field in spec.fields:
        if field.type == "link" and field.target and field.target in catalog.objects:
            yield field, field.target


def links_to(catalog: Catalog, start: str, target: str) -> list[tuple[str, float]]:
    """Paths of links from `start` that end at a record of `target`: [("company", 1.0), ("deal.company", 2.0)]."""
    found = []
    for way in ways(catalog, start, many=False):
        for index, (field, end) in enumerate(_links(catalog, catalog[way.object])):
            if end == target and not (way.object == target and way.cost):
                found.append((f"{way.prefix}{field.name}", way.cost + TO_ONE + index / 100))
    return sorted(found, key=lambda item: item[1])


def relation(catalog: Catalog, start: str, target: str) -> str | None:
    """The way back from `start` to the many records of `target` that link to it."""
    return next((name for name, spec, _ in catalog.inverses(start) if spec.name == target), None)


def kind_field(spec: ObjectSpec) -> FieldSpec | None:
    """The stage of a record, which is open, won or lost."""
    return next((field for field in spec.fields if field.type == "stage"), None)


def done_field(spec: ObjectSpec) -> FieldSpec | None:
    """The flag of what is done one day: of records that have a day of their own which people set."""
    day = spec.field(spec.date_field or "")
    if day is None or day.read_only:
        return None
    return next((field for field in spec.fields if field.type == "boolean" and field.default is False), None)


def main_measure(spec: ObjectSpec) -> FieldSpec | None:
    """The field that "biggest" and a bare amount speak of: the first money field, else the only number."""
    money = [field for field in spec.fields if field.type == "money"]
    plain = [field for field in spec.fields if field.type == "number"]
    return money[0] if money else plain[0] if len(plain) == 1 else None
