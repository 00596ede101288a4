"""What a search is narrowed to, and the records that are in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.shared.contract import And, Catalog, Condition, CrmPort, Filter, ObjectSpec, Or, Page, Principal, Query

Ref = tuple[str, int]
_MAX_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search is narrowed to."""

    links: tuple[Ref, ...] = ()
    objects: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    beside: Ref | None = None  # the record in view: it narrows nothing

    def by_kind(self) -> dict[str, list[str]]:
        """The links as the vectors know them."""
        kinds: dict[str, list[str]] = {}
        for name, record in self.links:
            kinds.setdefault(name, []).append(f"{name}:{record}")
        return kinds

    @property
    def narrow(self) -> bool:
        return bool(self.links or self.since or self.until)


def text_objects(catalog: Catalog, objects: Sequence[str] = ()) -> list[ObjectSpec]:
    """The objects whose records carry prose."""
    return [
        spec
        for spec in catalog.objects.values()
        if spec.has_pages
        and (not objects or spec.name in objects)
        and any(field.type == "long_text" and field.searchable for field in spec.fields)
    ]


def candidates(port: CrmPort, principal: Principal, scope: Scope) -> list[Ref]:
    """The records of a narrow scope, newest first, as the principal may see them."""
    found: list[tuple[str, Ref]] = []
    for spec in text_objects(port.catalog(), scope.objects):
        where = _conditions(spec, scope)
        if where is None:
            continue
        by_date = spec.date_field or "created_at"
        page = port.query(
            principal,
            Query(object=spec.name, where=where, sort=(f"-{by_date}",), columns=(by_date,), limit=_MAX_CANDIDATES),
        )
        if isinstance(page, Page):
            found += [(str(record.values[by_date] or ""), (spec.name, record.id)) for record in page.records]
    return [ref for _, ref in sorted(found, reverse=True)]


def _conditions(spec: ObjectSpec, scope: Scope) -> Filter | None:
    """The scope as a filter on one object; None where this object can't be in it."""
    parts: list[Filter] = []
    for kind in dict.fromkeys(name for name, _ in scope.links):
        ids = [record for name, record in scope.links if name == kind]
        ways: list[Filter] = [
            Condition(field=field.name, op="in", value=list(ids))
            for field in spec.fields
            if field.type == "link" and field.target == kind
        ]
        if spec.name == kind:
            ways.append(Condition(field="id", op="in", value=list(ids)))
        if not ways:
            return None
        parts.append(ways[0] if len(ways) == 1 else Or(items=tuple(ways)))
    by_date = spec.date_field or "created_at"
    if scope.since:
        parts.append(Condition(field=by_date, op="gte", value=scope.since.isoformat()))
    if scope.until:
        parts.append(Condition(field=by_date, op="lt", value=(scope.until + timedelta(days=1)).isoformat()))
    return And(items=tuple(parts))
