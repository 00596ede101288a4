"""The state of a list: a query and how it is shown, as the parameters of its address, and back.

`view=12` is a saved view; further parameters override its parts (all conditions are one part, the order another, and
so on), and `without=where,sort` says which parts are taken away. So the address of an untouched view stays short, and
what has been changed about one can be read off it.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pydantic import Field

from app.crm import query as door
from app.crm import savedviews
from app.crm.query import codec
from app.crm.query.suggestions import bad
from app.shared.contract import Group, Measure, Query
from app.shared.errors import BadRequest, Invalid

Pairs = list[tuple[str, str]]
ALL = "all"  # view=all: no view, also where the person has a default
FILLED, EMPTY = "filled", "empty"  # what the foot can count beside the measures
BOARD = savedviews.BOARD
PAGE_SIZES = (25, 50, 100, 200)
# The parts of an address that are the page's own; a view keeps the first four of them.
OWN = ("group", "group_order", "totals", "size", "open", "view", "without")
_PASSING = frozenset({"cursor", "trail", "open", "view", "without", "limit"})  # where one is, not what is shown
_PARTS = frozenset(codec.RESERVED) - {"where"} | set(OWN)


class Shown(Query):
    """A query as a list shows it: through which view, in which groups, with which figures at the foot."""

    view: str = ""  # the saved view's id, "all", or "" where the address names none
    base: tuple[tuple[str, str], ...] = ()  # the view's own parameters
    group: Group | None = None  # the records stand in groups by this
    group_order: str = ""  # the order of the groups: count, a figure of the foot, with "-" before it; "": their own
    open: tuple[str, ...] | None = None  # the groups that are unfolded; None: the first ones
    totals: tuple[str, ...] | None = None  # figures of the foot as "avg:amount"; None: a sum for each amount
    size: int = Field(default=50)  # rows a page

    @property
    def is_edited(self) -> bool:
        """Whether it shows something else than its view."""
        return bool(_difference(_lasting(_full(self)), list(self.base)))

    @property
    def kept(self) -> str:
        """What a view of this list keeps."""
        return urlencode(_lasting(_full(self)), safe=",:.")


def _part(key: str) -> str:
    """The part of the state that a parameter belongs to: every condition is of `where`."""
    return key if key in _PARTS else "where"


def _lasting(pairs: Pairs) -> Pairs:
    """Without what says where one is in the list."""
    return [pair for pair in pairs if pair[0] not in _PASSING]


def _by_part(pairs: Iterable[tuple[str, str]]) -> dict[str, Pairs]:
    parts: dict[str, Pairs] = {}
    for key, value in pairs:
        parts.setdefault(_part(key), []).append((key, value))
    return parts


# --- read ------------------------------------------------------------------------------------------------------------


def over(base: Pairs, given: Pairs) -> Pairs:
    """The parameters of a view, with the parts that the address gives in place of its own. An empty one takes away."""
    gone = {part for key, value in given if key == "without" for part in value.split(",")}
    gone |= {_part(key) for key, _value in given if key not in _PASSING}
    kept = [pair for pair in base if _part(pair[0]) not in gone]
    return kept + [pair for pair in given if pair[0] != "without" and pair[1] != ""]


def read(object: str, pairs: Pairs, base: Pairs | None = None) -> Shown:
    """The list that these parameters ask for. Raises Invalid or BadRequest, naming the parameter."""
    own = {key: value for key, value in pairs if key in OWN}
    query = door.from_params(object, [pair for pair in pairs if pair[0] not in OWN])
    return Shown(**dict(query), base=tuple(base or ()), view=own.get("view", ""), **_settings(own))


def _settings(own: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if own.get("group"):
        field, _sep, bucket = own["group"].partition(":")
        found["group"] = _group(field, bucket)
    found["group_order"] = own.get("group_order", "")
    if "open" in own:
        found["open"] = tuple(codec.split(own["open"]))
    if own.get("totals"):
        found["totals"] = () if own["totals"] == "none" else tuple(own["totals"].split(","))
    size = own.get("size", "")
    if size.isdecimal() and int(size[:9]) in PAGE_SIZES:
        found["size"] = int(size)
    return found


def _group(field: str, bucket: str) -> Group:
    known = ("day", "week", "month", "quarter", "year")
    if bucket and bucket not in known:
        raise bad("group", f"{bucket!r} is no bucket: expected one of {', '.join(known)}.")
    return Group.model_validate({"field": field, "bucket": bucket or None})


def measure(total: str) -> Measure | None:
    """The measure behind a figure of the foot; None where there is none of that name."""
    name, _sep, field = total.partition(":")
    known = {"sum", "avg", "min", "max", FILLED, EMPTY}
    if name not in known or not field:
        return None
    return Measure.model_validate({"fn": "count" if name in (FILLED, EMPTY) else name, "field": field})


# --- print -----------------------------------------------------------------------------------------------------------


def _full(query: Shown) -> Pairs:
    """Everything that the list shows, as if there were no view."""
    pairs = door.to_params(query)
    named = {
        "group": query.group.key if query.group else "",
        "group_order": query.group_order,
        "totals": "" if query.totals is None else ",".join(query.totals) or "none",
        "size": str(query.size) if query.size != Shown.model_fields["size"].default else "",
        "open": "" if query.open is None else ",".join(map(_escaped, query.open)) or ",",
    }
    return pairs + [pair for pair in named.items() if pair[1]]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,")


def params(query: Shown) -> Pairs:
    """The parameters of the list's address: its view, and what differs from that."""
    full = _full(query)
    if not query.view:
        return full
    passing = [pair for pair in full if pair[0] in _PASSING]
    return [("view", query.view), *_difference(_lasting(full), list(query.base)), *passing]


def _difference(full: Pairs, base: Pairs) -> Pairs:
    now, before = _by_part(full), _by_part(base)
    differing = [pair for part, pairs in now.items() if pairs != before.get(part) for pair in pairs]
    gone = [part for part in before if part not in now]
    return [*differing, *([("without", ",".join(gone))] if gone else [])]


def of_view(object: str, kept: str) -> Pairs:
    """The parameters that a view keeps, written as an address writes them now."""
    pairs = [pair for pair in parse_qsl(kept) if pair[0] not in BOARD]
    try:
        return _lasting(_full(read(object, pairs)))
    except (Invalid, BadRequest):  # what can't be read is named when the list opens
        return pairs
