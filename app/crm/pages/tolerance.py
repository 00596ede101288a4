"""Addresses that people bend: what can't be read of one is left out and named, the rest still answers."""

from collections.abc import Callable, Iterable, Sequence

from flask import request

from app.crm.pages import furniture, state
from app.crm.pages.state import Shown
from app.crm.pages.words import gettext as _
from app.shared.errors import BadRequest, FieldError, Invalid

Pairs = list[tuple[str, str]]
Problems = tuple[FieldError, ...]
_OWN = frozenset({"trail", "column", "limit", "lane", "by", "pipeline"})  # the page's own, not the query's
_LISTS = frozenset({"sort", "fields", "group_by", "measure", "group", "group_order", "totals"})


def pairs() -> Pairs:
    """The parameters of the query in this request's address."""
    return of_query(request.args.items(multi=True))


def of_query(given: Iterable[tuple[str, str]]) -> Pairs:
    """The parameters that are the list's, of all those of an address. An empty one overrides a part of a view."""
    return [pair for pair in given if pair[0] not in _OWN and not pair[0].startswith("_")]


def query(object: str, given: Pairs) -> Shown:
    """The list that an address asks for, its view included. Raises where it can't be read."""
    base = _base(object, given)
    return state.read(object, state.over(base, given), base)


def _base(object: str, given: Pairs) -> Pairs:
    view = furniture.view(dict(given).get("view", ""))
    return state.of_view(object, view.state) if view and view.object == object else []


def answer(object: str, asked: Pairs, render: Callable[[Shown, Problems], str]) -> str:
    """Render the list of an address; where a part of it is refused, without that part and with the reason."""
    asked, problems = _seen(object, asked)
    base = _base(object, asked)
    asked = state.over(base, asked)
    while True:
        try:
            return render(state.read(object, asked, base), problems)
        except (Invalid, BadRequest) as error:
            faults = error.errors or (FieldError("", error.detail),)
            problems = (*problems, *faults)
            if not asked:
                raise
            asked = _without(asked, {fault.field for fault in faults})


def _seen(object: str, asked: Pairs) -> tuple[Pairs, Problems]:
    """The address without a view that is gone, or that this person may not see."""
    name = dict(asked).get("view", "")
    view = furniture.view(name)
    if name in ("", state.ALL) or (view and view.object == object):
        return asked, ()
    gone = FieldError("view", _("This view is gone, or it isn't shared with you."))
    return [pair for pair in asked if pair[0] not in ("view", "without")], (gone,)


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
