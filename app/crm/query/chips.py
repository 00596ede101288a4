"""A query in plain English: its conditions one by one, as chips, each with the query without it; and as a sentence."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from app.crm.query.wording import Names, Writer, asked, bound
from app.shared.contract import And, Catalog, Filter, Having, Query, Text

Part = Literal["trashed", "text", "where", "having"]


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition. All of them joined on the `bare` query give the query again (see `plain`)."""

    text: str  # the condition in words
    part: Part  # which part of the query it is
    condition: Filter | Having | None  # None: the trash
    without: Query  # the query that it leaves when it goes, from its first page

    def narrow(self, query: Query) -> Query:
        """A query, and this condition too."""
        return _ADD[self.part](query, self.condition)


def chip_parts(catalog: Catalog, query: Query, names: Names | None = None) -> tuple[Chip, ...]:
    """The conditions that must all hold. `names` gives the labels of linked records (else their ids)."""
    return tuple(_chips(catalog, query, names or {}))


def chips(catalog: Catalog, query: Query, names: Names | None = None) -> tuple[str, ...]:
    """The conditions of the query, one phrase each."""
    return tuple(chip.text for chip in chip_parts(catalog, query, names))


def sentence(catalog: Catalog, query: Query, names: Names | None = None) -> str:
    """The query as one line: "Total amount of deals by owner: Stage is Won · Amount over $10,000"."""
    return asked(catalog, query, " · ".join(chips(catalog, query, names)))


def parts(query: Query) -> tuple[Filter, ...]:
    """The filters that must all hold: an And, and any And in it, taken apart."""
    return () if query.where is None else tuple(_flat(query.where))


def with_parts(query: Query, items: Sequence[Filter]) -> Query:
    """The query with these filters in place of its own, from its first page."""
    where = None if not items else items[0] if len(items) == 1 else And(items=tuple(items))
    return query.model_copy(update={"where": where, "cursor": None})


def bare(query: Query) -> Query:
    """The query without any condition."""
    return query.model_copy(update={"where": None, "text": None, "having": (), "trashed": False, "cursor": None})


def plain(query: Query) -> Query:
    """The query from its first page, with no And in an And: it asks for the same."""
    return with_parts(query.model_copy(update={"text": query.text or None}), parts(query))


def joined(query: Query, chips: Sequence[Chip]) -> Query:
    """The query narrowed by all of these."""
    return reduce(lambda narrowed, chip: chip.narrow(narrowed), chips, query)


def _flat(item: Filter) -> Iterator[Filter]:
    """Without recursion: a filter may be nested deeper than Python's stack."""
    waiting = [item]
    while waiting:
        one = waiting.pop()
        if isinstance(one, And):
            waiting.extend(reversed(one.items))
        else:
            yield one


def _chips(catalog: Catalog, query: Query, names: Names) -> Iterator[Chip]:
    writer, query = Writer(catalog, names), plain(query)
    if query.trashed:
        yield Chip("In the trash", "trashed", None, _first_page(query, trashed=False))
    if query.text:
        yield Chip(writer.text(query.text), "text", Text(text=query.text), _first_page(query, text=None))
    items = parts(query)
    for place, item in enumerate(items):
        rest = with_parts(query, items[:place] + items[place + 1 :])
        yield Chip(writer.phrase(catalog.objects.get(query.object), item), "where", item, rest)
    for place, having in enumerate(query.having):
        left = query.having[:place] + query.having[place + 1 :]
        yield Chip(bound(catalog, query, having), "having", having, _first_page(query, having=left))


def _first_page(query: Query, **changes: object) -> Query:
    return query.model_copy(update={"cursor": None, **changes})


def _add_filter(query: Query, condition: Filter | Having | None) -> Query:
    return with_parts(query, (*parts(query), condition)) if isinstance(condition, Filter) else query


def _add_text(query: Query, condition: Filter | Having | None) -> Query:
    if query.text or not isinstance(condition, Text):
        return _add_filter(query, condition)
    return _first_page(query, text=condition.text)


def _add_bound(query: Query, condition: Filter | Having | None) -> Query:
    return _first_page(query, having=(*query.having, condition))


_ADD: dict[Part, Callable[[Query, Filter | Having | None], Query]] = {
    "trashed": lambda query, _: _first_page(query, trashed=True),
    "text": _add_text,
    "where": _add_filter,
    "having": _add_bound,
}
