"""Queries as a page handles them: their conditions one by one, and the addresses of their neighbours."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from app.crm import query as door
from app.crm.pages import furniture, state
from app.crm.query import values
from app.shared.contract import Catalog, Condition, FieldSpec, Filter, Query

AnyQuery = TypeVar("AnyQuery", bound=Query)


def conditions(query: Query) -> list[Filter]:
    """The conditions that all must hold; each is a chip."""
    return list(door.parts(query))


def with_conditions(query: Query, items: Sequence[Filter]) -> Query:
    """The query with these conditions in place of its own, from its first page."""
    return door.with_parts(query, items)


def plus(query: Query, *items: Filter) -> Query:
    return with_conditions(query, [*conditions(query), *items])


def without(query: Query, index: int) -> Query:
    items = conditions(query)
    return with_conditions(query, items[:index] + items[index + 1 :])


def changed(query: AnyQuery, **changes: Any) -> AnyQuery:
    """The query with other parts, from its first page unless a cursor is given."""
    return query.model_copy(update={"cursor": None, **changes})


def url(query: Query) -> str:
    """The address of a list. Where a bare one would open with the person's default view, it says that it means all."""
    return address(f"/{query.object}", params(query))


def params(query: Query) -> list[tuple[str, str]]:
    """The parameters of its list's address; of a list that is shown, with its view and its own settings."""
    found = state.params(query) if isinstance(query, state.Shown) else door.to_params(query)
    return found or ([("view", state.ALL)] if furniture.default(query.object) else [])


def address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A path (perhaps with parameters of its own) with these parameters, the empty ones left out."""
    kept = [(key, value) for key, value in pairs if value != ""]
    return f"{path}{'&' if '?' in path else '?'}{urlencode(kept, safe=',:.')}" if kept else path


def own_pairs(path: str) -> list[tuple[str, str]]:
    """The parameters that a path has already, as hidden inputs of a form that leads there."""
    return parse_qsl(urlsplit(path).query)


def resolve(catalog: Catalog, object: str, path: str) -> tuple[FieldSpec, ...]:
    """The fields along a path: `company.industry` is the link and the field behind it. Empty: there is no such path."""
    found: list[FieldSpec] = []
    current = object
    for part in path.split("."):
        field = catalog[current].field(part) if current in catalog.objects else None
        if field is None:
            return ()
        found.append(field)
        current = field.target or ""
    return tuple(found)


def path_label(fields: Sequence[FieldSpec]) -> str:
    return " › ".join(field.label for field in fields)


def of(object: str, *items: Filter, **rest: Any) -> Query:
    """A query in one line: of("deals", eq("stage", "open"), limit=5)."""
    return with_conditions(Query(object=object, **rest), items)


def eq(field: str, value: Any) -> Condition:
    return Condition(field=field, op="eq", value=value)


def stage(path: str, field: FieldSpec, key: str) -> Condition:
    """The condition that holds in this one stage: by its key alone where that might name others too."""
    return eq(path if values.stage_stands_alone(field, key) else f"{path}.key", key)


# --- for templates ---------------------------------------------------------------------------------------------------


def form_pairs(query: Query, *without: str) -> list[tuple[str, str]]:
    """The query as hidden inputs of a form, from its first page, without some parameters."""
    return [pair for pair in params(changed(query)) if pair[0] not in without]


def filter_url(query: Query, path: str = "") -> str:
    """The editor for a further filter on this query; `path` is where it leads back to (the list's own where empty)."""
    return address(f"/{query.object}/filter", [*params(changed(query)), ("_path", path)])


def clear_url(query: Query, path: str = "") -> str:
    """The same view without any filter, and all of it."""
    whole = Query.model_fields["limit"].default
    return address(path or f"/{query.object}", params(changed(query, where=None, text=None, limit=whole)))
