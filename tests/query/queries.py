"""Random queries over the catalog, with values that often hit the records of `world`."""

from typing import Any

from hypothesis import strategies as st

from app.crm.query import OPERATORS
from app.shared.contract import (
    And,
    Catalog,
    Condition,
    FieldSpec,
    Group,
    Having,
    Measure,
    Not,
    Or,
    Query,
    Related,
    Text,
)
from tests.query import world
from tests.query.oracle import STAGE_FIELDS, TEXTS, stage_field

BUCKETS = ("day", "week", "month", "quarter", "year")
RELATIVE = (
    "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month", "next_month",
    "this_quarter", "last_quarter", "next_quarter", "this_year", "last_year", "next_year", "last_30_days",
    "next_7_days",
    "last_1_days", "30_days_ago", "in_2_weeks", "3_months_ago", "in_1_quarter", "1_year_ago",
)  # fmt: skip
WRITTEN = (  # what is searched for
    "acme", "STRASSE", "strasse a", "integr", "integration", "Integrates", "angstrom", "ÅNGSTRÖM", "pricing tal",
    "price", "cafe", "café the", "zeta", "z", "10", "100%", "vip", "gold", "bronze pl", "σίσυφος", "हिन्दी", "東",
    "example.com", "***", "none such", "medical acme", "fin",
)  # fmt: skip
PERIODS = ("2024", "2023", "2024-Q1", "2024-Q4", "2024-03", "2024-02-29", "2024-11-03")


_known: dict[tuple[int, str, int], list[tuple[str, FieldSpec]]] = {}


def to_one_paths(catalog: Catalog, object: str, depth: int = 3) -> list[tuple[str, FieldSpec]]:
    """Every path of at most `depth` steps that stays on one record, and the field at its end."""
    where = (catalog.version, object, depth)
    if where not in _known:
        _known[where] = _to_one_paths(catalog, object, depth)
    return _known[where]


def _to_one_paths(catalog: Catalog, object: str, depth: int) -> list[tuple[str, FieldSpec]]:
    if object == "stages":
        return [(name, stage_field(name)) for name in STAGE_FIELDS]
    found: list[tuple[str, FieldSpec]] = [("id", FieldSpec("id", "ID", "number", integer=True))]
    for spec in catalog[object].fields:
        found.append((spec.name, spec))
        if depth > 1 and spec.type in ("link", "stage"):
            target = "stages" if spec.type == "stage" else spec.target or ""
            found += [(f"{spec.name}.{path}", end) for path, end in to_one_paths(catalog, target, depth - 1)]
    return found


def relations(catalog: Catalog, object: str) -> list[tuple[str, str]]:
    """The ways to many records, directly and over one link: (path, object)."""
    found = [(name, spec.name) for name, spec, _ in catalog.inverses(object)]
    for field in catalog[object].fields:
        if field.type == "link":
            found += [(f"{field.name}.{name}", spec.name) for name, spec, _ in catalog.inverses(field.target or "")]
    return found


def value(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """A value to compare with, of the right type."""
    if spec.type in ("select", "multi_select"):
        names = [name for option in spec.options for name in (option.key, option.label.upper())]
        return st.sampled_from(names or ["open", "WON", "Lost"])
    if spec.type == "link":
        return st.sampled_from([1, 2, 3, 99, *(["me"] if spec.target == "users" else [])])
    if spec.type in ("date", "datetime"):
        moments = ["2024-03-31T01:30:00Z", "2024-11-03T00:00", "2024-12-31T23:00:00+01:00", "2024-03-10T04:30:00"]
        days = st.sampled_from([day.isoformat() for day in world.DAYS] + list(PERIODS) + list(RELATIVE))
        return days if spec.type == "date" else days | st.sampled_from(moments)
    pools: dict[str, Any] = {
        "number": [-3, 0, 1, 1.5, 0.25, 2, 25, 50, 10**20, -(10**20), 2.00001],
        "money": [0, 1, -0.01, 0.99, 1000, 999.99, 100, 99999, 0.1, 10**20, 12345.678],
        "boolean": [True, False],
        "stage": ["won", "Open", "lead", "Signed up", "negotiation", "lost"],
        "tags": ["vip", "ÎLE", "none such"],
    }
    return st.sampled_from(pools.get(spec.type, [word for word in world.WORDS if word] + ["a", "ss", "Σ", "zz"]))


@st.composite
def condition(draw: st.DrawFn, catalog: Catalog, object: str, *, many: bool = True) -> Condition:
    path, spec = draw(st.sampled_from(to_one_paths(catalog, object)))
    if many and draw(st.integers(0, 4)) == 0:
        relation, target = draw(st.sampled_from(relations(catalog, object)))
        if draw(st.integers(0, 5)) == 0:
            return draw(_of_relation(relation))
        inner, spec = draw(st.sampled_from(to_one_paths(catalog, target, 2)))
        path = f"{relation}.{inner}"
    return draw(_of_field(path, spec))


@st.composite
def _of_relation(draw: st.DrawFn, relation: str) -> Condition:
    op = draw(st.sampled_from(("empty", "eq", "ne", "in", "not_in")))
    values: Any = draw(st.booleans()) if op == "empty" else draw(st.integers(1, 6))
    return Condition(field=relation, op=op, value=[values, 2] if op in ("in", "not_in") else values)


@st.composite
def _of_field(draw: st.DrawFn, path: str, spec: FieldSpec) -> Condition:
    op = draw(st.sampled_from(OPERATORS[spec.type]))
    single = value(spec)
    if op == "empty":
        found: Any = draw(st.booleans())
    elif op in ("in", "not_in"):
        found = draw(st.lists(single | st.none(), max_size=3))
    elif op == "between":
        found = [draw(single), draw(single)]
    elif op == "during":
        found = draw(st.sampled_from(PERIODS + RELATIVE))
    elif op in ("eq", "ne"):
        found = draw(single | st.none() | st.just("")) if spec.type in TEXTS else draw(single | st.none())
    else:
        found = draw(single)
    return Condition(field=path, op=op, value=found)  # type: ignore[arg-type]


@st.composite
def filter(draw: st.DrawFn, catalog: Catalog, object: str, depth: int = 3) -> Any:
    kind = draw(st.integers(0, 9)) if depth else draw(st.integers(0, 4))
    if kind == 4:
        return Text(text=draw(st.sampled_from(WRITTEN)))
    if kind < 5:
        return draw(condition(catalog, object))
    if kind == 5:
        return Not.model_validate({"not": draw(filter(catalog, object, depth - 1))})
    if kind == 6:
        relation, target = draw(st.sampled_from(relations(catalog, object)))
        where = draw(st.none() | filter(catalog, target, depth - 1))
        return Related(relation=relation, quantifier=draw(st.sampled_from(("any", "none"))), where=where)
    items = draw(st.lists(filter(catalog, object, depth - 1), max_size=3))
    return And.model_validate({"and": items}) if kind < 8 else Or.model_validate({"or": items})


def sortable(catalog: Catalog, object: str) -> list[str]:
    return [path for path, spec in to_one_paths(catalog, object) if spec.type not in ("tags", "multi_select")]


searched = st.sampled_from((None, None, None, None, *WRITTEN[:4]))


@st.composite
def listed(draw: st.DrawFn, catalog: Catalog) -> Query:
    """A query for a page of records, with a sort."""
    object = draw(st.sampled_from((*world.OBJECTS, *world.JOINED)))
    where = draw(st.none() | filter(catalog, object))
    names = draw(st.lists(st.sampled_from(sortable(catalog, object)), min_size=1, max_size=3, unique=True))
    sort = tuple(draw(st.sampled_from(("", "-"))) + name for name in names)
    paths = [path for path, _ in to_one_paths(catalog, object)]
    columns = tuple(draw(st.lists(st.sampled_from(paths), max_size=5, unique=True)))
    trashed = draw(st.integers(0, 4)) == 0
    limit = draw(st.integers(1, 4))
    text = draw(searched)
    return Query(object=object, where=where, text=text, sort=sort, columns=columns, limit=limit, trashed=trashed)


@st.composite
def measured(draw: st.DrawFn, catalog: Catalog, object: str) -> Measure:
    fn = draw(st.sampled_from(("count", "count_distinct", "sum", "avg", "min", "max", "weighted")))
    several, ordered = ("tags", "multi_select"), ("number", "money", "date", "datetime")
    fits = {
        "count": lambda kind: kind not in several,
        "count_distinct": lambda kind: kind not in (*several, "money"),
        "sum": lambda kind: kind in ("number", "money"),
        "avg": lambda kind: kind in ("number", "money"),
        "min": lambda kind: kind in ordered,
        "max": lambda kind: kind in ordered,
    }
    if fn == "weighted":
        return Measure(fn="weighted") if object == "deals" else Measure()
    paths = [path for path, spec in to_one_paths(catalog, object, 2) if fits[fn](spec.type)]
    field = draw(st.sampled_from(paths))
    return Measure(fn=fn, field=None if fn == "count" and draw(st.booleans()) else field)  # type: ignore[arg-type]


@st.composite
def grouped(draw: st.DrawFn, catalog: Catalog) -> Query:
    """A query for groups."""
    object = draw(st.sampled_from(("deals", "deals", *world.OBJECTS, *world.JOINED)))
    paths = [(path, spec) for path, spec in to_one_paths(catalog, object, 2) if spec.type != "long_text"]
    chosen = draw(st.lists(st.sampled_from(paths), max_size=2, unique_by=lambda pair: pair[0]))
    groups = tuple(draw(_group(path, spec)) for path, spec in chosen)
    measures = tuple(draw(st.lists(measured(catalog, object), min_size=1, max_size=3, unique_by=lambda item: item.key)))
    keys = [item.key for item in measures] + [group.key for group in groups]
    names = draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))
    sort = tuple(draw(st.sampled_from(("", "-"))) + name for name in names)
    where = draw(st.none() | filter(catalog, object, 1))
    limit = draw(st.sampled_from((1, 2, 50)))
    text = draw(searched)
    having = tuple(draw(st.lists(_bound(catalog, object, measures), max_size=2))) if draw(st.booleans()) else ()
    currency = draw(st.sampled_from((None, None, *world.WORTH)))
    return Query(
        object=object, where=where, text=text, group_by=groups, measures=measures, having=having, currency=currency,
        sort=sort, limit=limit,
    )  # fmt: skip


@st.composite
def _bound(draw: st.DrawFn, catalog: Catalog, object: str, measures: tuple[Measure, ...]) -> Having:
    """A bound on one of the measures, near the figures that small groups have."""
    measure = draw(st.sampled_from(measures))
    ends = dict(to_one_paths(catalog, object, 2))
    counts = measure.fn in ("count", "count_distinct")
    spec = FieldSpec("", "", "number") if counts else ends[measure.field or "amount"]
    single = st.sampled_from([0, 1, 2, 3, 1.5]) if counts else value(spec)
    op = draw(st.sampled_from(("eq", "ne", "gt", "gte", "lt", "lte", "between")))
    found = [draw(single), draw(single)] if op == "between" else draw(single)
    return Having(measure=measure.key, op=op, value=found)  # type: ignore[arg-type]


@st.composite
def _group(draw: st.DrawFn, path: str, spec: FieldSpec) -> Group:
    dated = spec.type in ("date", "datetime")
    return Group(field=path, bucket=draw(st.sampled_from((None, *BUCKETS))) if dated else None)  # type: ignore[arg-type]
