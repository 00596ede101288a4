"""A list in groups: heads with counts and figures, and under each unfolded head its first records.

A group is what a row of the grouped figures is (`groups.py`): the same key, and the same query of its records. Here
its records stand under it, there it stands for them. In the address `group` is the one, `group_by` with `measure` the
other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.crm.pages import groups, queries, totals
from app.crm.pages.columns import Column, usual_sort
from app.crm.pages.reader import Reader
from app.crm.pages.state import Shown
from app.crm.pages.words import gettext as _
from app.shared.contract import Catalog, Group, GroupRow, Groups, Money, Page, Query, Ref
from app.shared.errors import FieldError, Invalid

MOST_GROUPS = 200  # heads on one page
MOST_OPEN = 12  # groups whose records come with the page; others unfold by themselves
_FIRST_OPEN, _FIRST_ROWS = 3, 50  # where the address says nothing: so many groups, until there are so many records
NOTHING, CLOSED = "~none", "~closed"
GROUPABLE = ("select", "stage", "link", "boolean", "tags", "multi_select", "date", "datetime", "text")
DATES = ("date", "datetime")
BUCKETS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Section:
    """One group: its head, and its records where it is unfolded."""

    token: str  # its key, as the address names it
    label: Markup
    name: str  # the label as plain text
    count: int
    figures: Mapping[str, Markup]  # by the columns that have one at the foot
    kinds: Mapping[str, str]  # what each of them is: Sum
    url: str  # its records as a list of their own
    toggle: str  # this list with the group folded or unfolded
    page: Page | None
    more: str  # its next records, "" where there are none


@dataclass(frozen=True, slots=True)
class Sections:
    """All groups that are shown, and how many there are."""

    items: list[Section]
    count: int


def token(key: Any) -> str:
    """A group's key as the address holds it."""
    if key is None or key == "":
        return NOTHING
    if isinstance(key, Ref):
        return str(key.id)
    if isinstance(key, Money):
        return f"{key.minor}{key.currency}"
    return str(key).lower() if isinstance(key, bool) else str(key)


def check(catalog: Catalog, object: str, group: Group) -> Group:
    """The group with a bucket where it is a date. Raises Invalid for what can't be grouped by."""
    fields = queries.resolve(catalog, object, group.field)
    if not fields or fields[-1].type not in GROUPABLE:
        said = _("The list can't be grouped by this.")
        raise Invalid(said, [FieldError(group.key, said), FieldError(group.field, said)])
    bucket = (group.bucket or "month") if fields[-1].type in DATES else None
    return group.model_copy(update={"bucket": bucket})


def render(reader: Reader, query: Shown, columns: Sequence[Column], limit: int) -> Sections:
    """The groups of the list, in one statement, and the records of those that are unfolded."""
    assert query.group is not None
    query = query.model_copy(update={"group": check(reader.catalog, query.object, query.group), "cursor": None})
    wanted = totals.chosen(query, columns)
    answer = reader.groups(_heads(query, totals.measures(wanted)))
    opened = _opened(query, answer)
    made = [_section(reader, query, columns, row, wanted, opened, limit) for row in answer.rows]
    return Sections(made, answer.group_count)


def _heads(query: Shown, measures: tuple[Any, ...]) -> Query:
    assert query.group is not None
    sort = (query.group_order,) if query.group_order else ()
    parts = {"group_by": (query.group,), "measures": measures, "sort": sort, "columns": (), "limit": MOST_GROUPS}
    return queries.changed(query, **parts)


def _opened(query: Shown, answer: Groups) -> list[str]:
    """The groups that are unfolded, as the address says; else the first ones."""
    known = [token(row.keys[0]) for row in answer.rows]
    if query.open is not None:
        return [one for one in query.open if one in known]
    found: list[str] = []
    shown = 0
    for one, row in zip(known[:_FIRST_OPEN], answer.rows, strict=False):
        found.append(one)
        shown += row.measures[0]
        if shown >= _FIRST_ROWS:
            break
    return found


def records(query: Shown, row: GroupRow, catalog: Catalog) -> Query:
    """The records of one group, in the order of the list."""
    alone = query.model_copy(update={"group_by": (query.group,), "group": None, "group_order": "", "open": None})
    return groups.drill(alone, row, catalog).model_copy(update={"sort": query.sort})


def _section(
    reader: Reader,
    query: Shown,
    columns: Sequence[Column],
    row: GroupRow,
    wanted: Mapping[str, str],
    opened: list[str],
    limit: int,
) -> Section:
    assert query.group is not None
    own, key = records(query, row, reader.catalog), row.keys[0]
    name, is_open = token(key), token(key) in opened
    page = _page(reader, own, columns, limit) if name in opened[:MOST_OPEN] else None
    after = [one for one in opened if one != name] if is_open else [*opened, name]
    field = queries.resolve(reader.catalog, query.object, query.group.field)[-1]
    found = totals.values(wanted, row.measures)
    label = groups.key_html(field, query.group, key)
    return Section(
        name, label, label.striptags(), row.measures[0],
        {path: totals.html(kind, found[path], reader.catalog.currency) for path, kind in wanted.items()},
        {column.path: totals.label(wanted[column.path], column) for column in columns if column.path in wanted},
        queries.url(own), queries.url(query.model_copy(update={"open": tuple(after) or (CLOSED,)})), page,
        more(own, page) if page else "",
    )  # fmt: skip


def _page(reader: Reader, own: Query, columns: Sequence[Column], limit: int) -> Page:
    needed = tuple(column.path for column in columns) + (("done",) if own.object == "tasks" else ())
    changed = {"columns": tuple(dict.fromkeys(needed)), "sort": usual_sort(own), "limit": limit}
    return reader.page(own.model_copy(update=changed))


def more(own: Query, page: Page) -> str:
    """The address of a group's next records; "" where there are none."""
    return queries.url(own.model_copy(update={"cursor": page.next_cursor})) if page.next_cursor else ""


# --- what can be chosen ----------------------------------------------------------------------------------------------


def choices(catalog: Catalog, object: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """What a list can be grouped by: (whose, [(path, label, whether it is a date)]); linked records' after its own."""
    spec = catalog[object]
    own = [(field.name, field.label, field.type in DATES) for field in spec.fields if _fits(spec.label_field, field)]
    found = [(spec.label_one, own)]
    for link in spec.fields:
        target = catalog.objects.get(link.target or "")
        if link.type != "link" or target is None or target.support:
            continue
        fits = [field for field in target.fields if _fits(target.label_field, field) and field.type != "link"]
        found.append((link.label, [(f"{link.name}.{field.name}", field.label, field.type in DATES) for field in fits]))
    return found


def _fits(label_field: str, field: Any) -> bool:
    return field.type in GROUPABLE and field.name != label_field and not field.unique


def orders(query: Shown, columns: Sequence[Column]) -> list[tuple[str, str]]:
    """In which orders the groups can stand: (as the address says it, in words)."""
    found = [("", _("In their own order")), ("key-down", _("In reverse")), ("-count", _("Most records first"))]
    for path, kind in totals.chosen(query, columns).items():
        column = next(one for one in columns if one.path == path)
        measure = totals.measures({path: kind})[1]
        if kind not in ("filled", "empty"):
            found.append(
                (f"-{measure.key}", _("%(figure)s first", figure=f"{totals.label(kind, column)}: {column.label}"))
            )
    return found
