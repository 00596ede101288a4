"""The forms that arrange a list: its columns, its order, its groups. Each answers with the list's one address."""

from collections.abc import Callable

from flask import redirect, request
from werkzeug.wrappers import Response

from app.crm.pages import queries, tolerance
from app.crm.pages.columns import MOST_SORTED
from app.crm.pages.tolerance import Pairs


def canonical() -> Response | None:
    """Where a form has sent its own parameters: the address that holds them as a list's does."""
    asked = request.args.getlist("_arrange")  # the form's, then the button's
    step = _STEPS.get(asked[-1] if asked else "columns" if "column" in request.args else "")
    if step is None:
        return None
    changed = step()
    gone = {"cursor", *(key for key, _value in changed)}
    kept = [pair for pair in tolerance.pairs() if pair[0] not in gone]
    limit = ("limit", request.args.get("limit", ""))
    return redirect(queries.address(request.path, _without(kept, gone, [*changed, limit])))


def _without(kept: Pairs, gone: set[str], changed: Pairs) -> Pairs:
    """What was emptied is taken away from the view too."""
    view = dict(kept).get("view", "")
    emptied = [key for key, value in changed if value == "" and key not in ("limit", "open")]
    before = [part for part in dict(kept).get("without", "").split(",") if part and part not in gone]
    rest = [pair for pair in kept if pair[0] != "without"]
    named = [("without", ",".join([*before, *emptied]))] if view and (before or emptied) else []
    return [*rest, *changed, *named]


def _columns() -> Pairs:
    """The ticked ones in their order; a button moves one up or down by a place."""
    chosen = [path for path in dict.fromkeys(request.args.getlist("column")) if path]
    for key, step in (("_up", -1), ("_down", 1)):
        path = request.args.get(key, "")
        if path in chosen:
            place = chosen.index(path)
            chosen.insert(max(0, place + step), chosen.pop(place))
    return [("fields", ",".join(chosen))]


def _order() -> Pairs:
    """By one column after the other: each has a field and a way."""
    pairs = zip(request.args.getlist("_sort"), request.args.getlist("_way"), strict=False)
    chosen = {path: f"-{path}" if way == "down" else path for path, way in reversed(list(pairs)) if path}
    return [("sort", ",".join(list(reversed(list(chosen.values())))[:MOST_SORTED]))]


def _groups() -> Pairs:
    """By a field, dates by a bucket; the groups in an order."""
    field, bucket = request.args.get("_group", ""), request.args.get("_bucket", "")
    order = request.args.get("_order", "")
    if field.endswith(":date"):
        field = f"{field.removesuffix(':date')}:{bucket or 'month'}"
    if order.startswith("key-"):
        order = f"-{field}" if order == "key-down" else ""
    return [("group", field), ("group_order", order if field else ""), ("open", "")]


_STEPS: dict[str, Callable[[], Pairs]] = {
    "columns": _columns,
    "usual-columns": lambda: [("fields", "")],
    "sort": _order,
    "no-sort": lambda: [("sort", "")],
    "groups": _groups,
    "no-groups": lambda: [("group", ""), ("group_order", ""), ("open", "")],
}
