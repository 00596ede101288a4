"""The columns of a list: which, in which order, how wide, and how each sorts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.crm import savedviews
from app.crm.pages import furniture, queries
from app.crm.pages import show as shown
from app.crm.pages.reader import Reader
from app.crm.pages.state import Shown
from app.shared.contract import Catalog, FieldSpec, ObjectSpec, Query, Record

MOST_SORTED = 3  # columns that a list is ordered by
_UNSORTED = ("tags", "multi_select", "long_text")
_LARGEST_FIRST = ("number", "money", "date", "datetime")
_USUAL_SORT = {"tasks": ("done", "due_date"), "activities": ("-date",), "companies": ("name",), "people": ("name",)}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its path, what it shows, and where a click on its head leads."""

    path: str
    label: str
    field: FieldSpec
    sort: str  # "ascending", "descending" or "" as now sorted
    place: int  # among several columns that the list is sorted by, from 1; 0: not, or alone
    sort_url: str  # sorted by this column alone; "" where it can't be
    add_url: str  # by this one too
    numeric: bool

    @property
    def css(self) -> str:
        """The class of its cells."""
        return f"col-{self.path.replace('.', '-')}"

    def value(self, record: Record) -> Any:
        return record.values.get(self.path)


def usual_sort(query: Query) -> tuple[str, ...]:
    """The order of a list that names none."""
    return query.sort or _USUAL_SORT.get(query.object, ())


def columns(catalog: Catalog, query: Query) -> list[Column]:
    """The chosen columns, else the object's listed ones; the record's name always stands first."""
    spec = catalog[query.object]
    paths = query.columns or tuple(field.name for field in spec.fields if field.listed)
    paths = tuple(dict.fromkeys((spec.label_field, *paths)))
    found = ((path, queries.resolve(catalog, query.object, path)) for path in paths)
    return [_column(query, path, fields) for path, fields in found if fields]


def _column(query: Query, path: str, fields: tuple[FieldSpec, ...]) -> Column:
    field, now = fields[-1], usual_sort(query)
    state = sort_state(now, path)
    following = next_sort(state, path, largest_first=field.type in _LARGEST_FIRST)
    if field.type in _UNSORTED:
        alone = added = ""
    else:
        alone = queries.url(queries.changed(query, sort=(following,)))
        added = queries.url(queries.changed(query, sort=with_sort(now, path, following)))
    several = len(query.sort) > 1  # as chosen: the usual order of a list isn't counted out
    place = [key.removeprefix("-") for key in now].index(path) + 1 if state and several else 0
    return Column(path, queries.path_label(fields), field, state, place, alone, added, shown.is_numeric(field))


def sort_state(sort: Sequence[str], key: str) -> str:
    """As `aria-sort` says it."""
    return "ascending" if key in sort else "descending" if f"-{key}" in sort else ""


def next_sort(state: str, key: str, *, largest_first: bool) -> str:
    """What a click on a head sorts by next."""
    usual = f"-{key}" if largest_first else key
    return {"ascending": f"-{key}", "descending": key}.get(state, usual)


def with_sort(sort: Sequence[str], key: str, following: str) -> tuple[str, ...]:
    """The order with one more column at its end, or with that column turned round where it is in it."""
    if sort_state(sort, key):
        return tuple(following if one.removeprefix("-") == key else one for one in sort)
    return (*sort[: MOST_SORTED - 1], following)


# --- widths ----------------------------------------------------------------------------------------------------------


def widths(reader: Reader, query: Shown) -> Mapping[str, int]:
    """The pixels of the columns that are not as wide as what they hold: the person's own, else the view's."""
    own = savedviews.widths(reader.connection, reader.principal, query.object)
    view = furniture.view(query.view)
    if view is None:
        return own.get("", {})
    return own.get(str(view.id), view.widths)


def style(spec: ObjectSpec, shown_columns: Sequence[Column], sizes: Mapping[str, int]) -> Markup:
    """The widths as a style sheet. On a phone rows are no table."""
    rules = [
        f".list-{spec.name} .{'first' if column.path == spec.label_field else _escaped(column.css)}"
        f"{{width:{int(sizes[column.path])}px;min-width:{int(sizes[column.path])}px;max-width:{int(sizes[column.path])}px}}"
        for column in shown_columns
        if column.path in sizes
    ]
    return Markup("@media (min-width:768px){{{}}}").format(Markup("".join(rules))) if rules else Markup("")  # noqa: S704 - classes of known fields and numbers


def _escaped(name: str) -> str:
    """A class as a selector: fields' keys are words, of letters that CSS may not take as they are."""
    return "".join(letter if letter.isascii() else f"\\{ord(letter):x} " for letter in name)


# --- what can be chosen ----------------------------------------------------------------------------------------------


def others(spec: ObjectSpec, shown_columns: Sequence[Column]) -> list[tuple[str, str]]:
    """The object's own fields that are no column now: (path, label)."""
    now = {column.path for column in shown_columns}
    return [(field.name, field.label) for field in spec.fields if field.name not in now]


def related(catalog: Catalog, object: str, shown_columns: Sequence[Column]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields of linked records that could be columns: (link's label, [(path, label)])."""
    now = {column.path for column in shown_columns}
    found = []
    for link in catalog[object].fields:
        target = catalog.objects.get(link.target or "")
        if link.type != "link" or target is None or target.name == "pipelines":
            continue
        fields = [item for item in target.fields if not item.read_only and item.name != target.label_field]
        found.append((link.label, [(f"{link.name}.{item.name}", item.label) for item in fields]))
    return [(label, [one for one in paths if one[0] not in now]) for label, paths in found]


def sortable(catalog: Catalog, query: Query, shown_columns: Sequence[Column]) -> list[tuple[str, str]]:
    """What the list can be sorted by: its columns, then the object's other fields."""
    own = [(column.path, column.label) for column in shown_columns if column.sort_url]
    now = {path for path, _label in own}
    fields = [field for field in catalog[query.object].fields if field.type not in _UNSORTED]
    return own + [(field.name, field.label) for field in fields if field.name not in now]
