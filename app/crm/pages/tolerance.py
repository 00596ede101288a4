"""Addresses that people bend: what can't be read of one is left out and named, the rest still answers."""

from collections.abc import Callable, Iterable, Sequence

from flask import request

from app.crm import query as door
from app.shared.contract import Query
from app.shared.errors import BadRequest, FieldError, Invalid

Pairs = list[tuple[str, str]]
Problems = tuple[FieldError, ...]
_OWN = frozenset({"trail", "column", "limit", "lane", "by", "pipeline"})  # the page's own, not the query's
_LISTS = frozenset({"sort", "fields", "group_by", "measure"})


def pairs() -> Pairs:
    """The parameters of the query in this request's address."""
    return of_query(request.args.items(multi=True))


def of_query(given: Iterable[tuple[str, str]]) -> Pairs:
    """The parameters that are the query's own, of all those of an address."""
    return [pair for pair in given if pair[0] not in _OWN and pair[1] != ""]


def answer(object: str, asked: Pairs, render: Callable[[Query, Problems], str]) -> str:
    """Render the query of an address; where a part of it is refused, without that part and with the reason."""
    problems: Problems = ()
    while True:
        try:
            return render(door.from_params(object, asked), problems)
        except (Invalid, BadRequest) as error:
            faults = error.errors or (FieldError("", error.detail),)
            problems = (*problems, *faults)
            if not asked:
                raise
            asked = _without(asked, {fault.field for fault in faults})


def _without(asked: Pairs, bad: set[str]) -> Pairs:
    kept = [pair for pair in asked if not _is_named(pair, bad)]
    if len(kept) < len(asked):
        return kept
    return [pair for pair in asked if pair[0] != "cursor"] if any(key == "cursor" for key, _value in asked) else []


def _is_named(pair: tuple[str, str], bad: Sequence[str] | set[str]) -> bool:
    """Whether an error means this parameter: by its key, its field, or one of the fields that it lists."""
    key, value = pair
    if key in bad or key.split("__")[0] in bad:
        return True
    words = {word for part in value.split(",") for word in (part.lstrip("-"), *part.lstrip("-").split(":"))}
    if key in _LISTS:
        return bool(words & set(bad))
    return key == "where" and any(f'"{field}"' in value for field in bad if field)
