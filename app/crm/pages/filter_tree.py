"""A whole filter as a form, and back: groups, conditions, related records and words, each node under its own name.

The root is `w`, its children `w.0`, `w.1`, and so on. A filter that the form shows and that nobody changes comes back
to the letter: what a form says in its own way (one value as a list of one) carries the condition that it was.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict

from app.crm.pages import filter_choices as choices
from app.crm.pages import filter_fields as fields
from app.crm.pages.filter_fields import Draft
from app.crm.pages.words import gettext as _
from app.shared.contract import And, Catalog, Condition, Filter, Not, Or, Related, Text

ROOT = "w"
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
Kind = Literal["group", "condition", "related", "text", "raw"]
_MATCHES = {("and", 0): "all", ("or", 0): "any", ("or", 1): "none", ("and", 1): "not_all"}


@dataclass
class Node:
    """One part of a filter as the form has it. `object`: of which records it speaks."""

    id: str
    kind: Kind
    object: str
    nots: int = 0  # how many times it is turned round
    join: Literal["and", "or"] = "and"
    is_lone: bool = False  # a group that stands only while it holds more than one
    is_blank: bool = False  # a group that came without anything in it
    children: list["Node"] = field(default_factory=list)
    draft: Draft | None = None  # None: no field is chosen yet
    was: str = ""  # the condition that it was, as JSON
    relation: str = ""
    quantifier: str = "any"
    text: str = ""
    problem: str = ""

    @property
    def match(self) -> str:
        """A group in words: all, any, none, not_all."""
        return _MATCHES[self.join, self.nots % 2]

    @property
    def extra(self) -> int:
        """Turnings that take each other back."""
        return self.nots - self.nots % 2

    @property
    def where(self) -> "Node":
        """Of related records: the group of conditions on them."""
        return self.children[0]

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def next_id(self) -> str:
        taken = [int(child.id.rpartition(".")[2]) for child in self.children]
        return f"{self.id}.{max(taken, default=-1) + 1}"


# --- from a filter ---------------------------------------------------------------------------------------------------


def from_filter(catalog: Catalog, object: str, where: Filter | None) -> Node:
    """A filter as the form shows it: the root is a group."""
    return _wrapped(catalog, object, where, ROOT)


def _wrapped(catalog: Catalog, object: str, where: Filter | None, id: str) -> Node:
    if where is None:
        return Node(id, "group", object, is_lone=True)
    bare, _nots = _bare(where)
    if isinstance(bare, And | Or):
        return _node(catalog, object, where, id)
    return Node(id, "group", object, is_lone=True, children=[_node(catalog, object, where, f"{id}.0")])


def _bare(item: Filter) -> tuple[Filter, int]:
    nots = 0
    while isinstance(item, Not):
        item, nots = item.item, nots + 1
    return item, nots


def _node(catalog: Catalog, object: str, item: Filter, id: str) -> Node:
    bare, nots = _bare(item)
    if isinstance(bare, And | Or):
        children = [_node(catalog, object, one, f"{id}.{place}") for place, one in enumerate(bare.items)]
        join: Literal["and", "or"] = "and" if isinstance(bare, And) else "or"
        return Node(id, "group", object, nots, join, is_blank=not children, children=children)
    if isinstance(bare, Related):
        goal = choices.target(catalog, object, bare.relation)
        where = _wrapped(catalog, goal, bare.where, f"{id}.0")
        return Node(
            id, "related", object, nots, relation=bare.relation, quantifier=bare.quantifier, children=[where]
        )  # fmt: skip
    if isinstance(bare, Text):
        return Node(id, "text", object, nots, text=bare.text, is_blank=not bare.text)
    return _condition(catalog, object, bare, id, nots) if isinstance(bare, Condition) else Node(id, "raw", object)


def _condition(catalog: Catalog, object: str, item: Condition, id: str, nots: int) -> Node:
    draft = fields.draft(catalog, object, item) if object in catalog.objects else None
    return Node(id, "condition" if draft else "raw", object, nots, draft=draft, was=item.model_dump_json())


# --- to a filter -----------------------------------------------------------------------------------------------------


def to_filter(catalog: Catalog, node: Node) -> Filter | None:
    """The filter that a form says; None where it says none. What is half said is left out: see `problems`."""
    made = _MADE[node.kind](catalog, node)
    for _time in range(node.nots if made is not None else 0):
        made = Not.model_validate({"not": made})
    return made


def _group(catalog: Catalog, node: Node) -> Filter | None:
    items = tuple(made for child in node.children if (made := to_filter(catalog, child)) is not None)
    if not items and not node.is_blank:
        return None
    if len(items) == 1 and node.is_lone:
        return items[0]
    return And(items=items) if node.join == "and" else Or(items=items)


def _made_condition(catalog: Catalog, node: Node) -> Filter | None:
    if node.draft is None or fields.missing(node.draft):
        return None
    was = _was(node.was)
    before = fields.draft(catalog, node.object, was) if was is not None else None
    return was if before is not None and before.said == node.draft.said else fields.condition(node.draft)


def _was(text: str) -> Condition | None:
    try:
        return _CONDITION.validate_json(text) if text else None
    except ValidationError:
        return None


def _related(catalog: Catalog, node: Node) -> Filter | None:
    if not node.relation:
        return None
    inner = to_filter(catalog, node.where)
    return Related.model_validate({"relation": node.relation, "quantifier": node.quantifier, "where": inner})


_MADE: dict[str, Callable[[Catalog, Node], Filter | None]] = {
    "group": _group,
    "condition": _made_condition,
    "related": _related,
    "text": lambda _catalog, node: Text(text=node.text) if node.text or node.is_blank else None,
    "raw": lambda _catalog, node: _was(node.was),
}


def problems(root: Node) -> list[Node]:
    """The nodes that are not said to their end, each with what is missing."""
    found = []
    for node in root.walk():
        if node.kind == "condition":
            node.problem = fields.missing(node.draft) if node.draft else ""  # a row without a field says nothing
            node.draft = replace(node.draft, problem=node.problem) if node.draft else None
        elif node.kind == "related" and not node.relation:
            node.problem = _("Choose what is related.")
        elif node.kind == "text" and not node.text.strip() and not node.is_blank:
            node.problem = _("Type some words.")
        if node.problem:
            found.append(node)
    return found


# --- the form --------------------------------------------------------------------------------------------------------


def to_pairs(node: Node) -> list[tuple[str, str]]:
    """What the form of a node sends as it stands."""
    own = {"kind": node.kind, "extra": str(node.extra) if node.extra else "", "was": node.was}
    if node.kind == "group":
        own |= {"match": node.match, "lone": "1" if node.is_lone else ""}
    else:
        own["not"] = "1" if node.nots % 2 else ""
    own |= {"relation": node.relation, "quantifier": node.quantifier if node.kind == "related" else ""}
    own |= {"text": node.text, "blank": "1" if node.is_blank else ""}
    pairs = [(f"{node.id}.{name}", value) for name, value in own.items() if value]
    if node.draft:
        joined = ["\n".join(node.draft.values)] if node.draft.is_several else node.draft.values
        pairs += [(f"{node.id}.field", node.draft.path), (f"{node.id}.op", node.draft.op)]
        pairs += [(f"{node.id}.value", value) for value in joined]
    return pairs + [pair for child in node.children for pair in to_pairs(child)]


def from_form(catalog: Catalog, object: str, form: "MultiDict[str, str]") -> Node:
    """The tree that a form says. What it names wrongly is as if it weren't there."""
    inner: dict[str, list[int]] = defaultdict(list)
    for name in form:
        parent, _dot, place = name.removesuffix(".kind").rpartition(".")
        if name.endswith(".kind") and place.isdecimal() and len(place) < 6:
            inner[parent].append(int(place))
    return _Parser(catalog, form, inner).node(object, ROOT)


@dataclass
class _Parser:
    catalog: Catalog
    form: "MultiDict[str, str]"
    inner: dict[str, list[int]]

    def get(self, id: str, name: str) -> str:
        return self.form.get(f"{id}.{name}", "")

    def node(self, object: str, id: str, depth: int = 0) -> Node:
        kind: Any = self.get(id, "kind")
        if kind not in _MADE or depth > 100:
            return Node(id, "group", object, is_lone=True)
        extra = self.get(id, "extra")
        nots = int(extra) if extra.isdecimal() and len(extra) < 3 else 0
        node = Node(id, kind, object, nots, was=self.get(id, "was"), text=self.get(id, "text"))
        node.is_blank = self.get(id, "blank") == "1" and not node.text
        if kind == "group":
            return self._group(node, depth)
        node.nots += self.get(id, "not") == "1"
        if kind == "related":
            return self._related(node, depth)
        if kind == "condition":
            typed, node.text = node.text.strip(), ""
            values = self.form.getlist(f"{id}.value")
            node.draft = fields.sent(self.catalog, object, self.get(id, "field"), self.get(id, "op"), values, typed)
        return node

    def _group(self, node: Node, depth: int) -> Node:
        match = self.get(node.id, "match")
        found = next((key for key, word in _MATCHES.items() if word == match), ("and", 0))
        node.children = [self.node(node.object, f"{node.id}.{at}", depth + 1) for at in sorted(self.inner[node.id])]
        node.join, node.nots = found[0], node.nots + found[1]  # type: ignore[assignment]
        node.is_lone = self.get(node.id, "lone") == "1"
        node.is_blank = self.get(node.id, "blank") == "1" and not node.children
        return node

    def _related(self, node: Node, depth: int) -> Node:
        node.relation = self.get(node.id, "relation")
        node.quantifier = "none" if self.get(node.id, "quantifier") == "none" else "any"
        goal = choices.target(self.catalog, node.object, node.relation) if node.relation else ""
        node.children = [self.node(goal, f"{node.id}.0", depth + 1)]
        if f"{node.id}.0.kind" not in self.form:
            node.children = [Node(f"{node.id}.0", "group", goal, is_lone=True)]
        return node


# --- editing ---------------------------------------------------------------------------------------------------------


def added(node: Node, kind: Kind) -> Node:
    """A new part at the end of a group. An empty one that was kept to the letter is an ordinary group from here on."""
    made = Node(node.next_id(), kind, node.object)
    if kind == "related":
        made.children = [Node(f"{made.id}.0", "group", "", is_lone=True)]
    if kind == "group":
        made.join = "or" if node.join == "and" else "and"
        made.children = [Node(f"{made.id}.0", "condition", node.object), Node(f"{made.id}.1", "condition", node.object)]
    node.children.append(made)
    node.is_blank = False
    return made


def find(root: Node, id: str) -> Node | None:
    return next((node for node in root.walk() if node.id == id), None)


def remove(root: Node, id: str) -> None:
    for node in root.walk():
        if node.kind == "group":
            node.children = [child for child in node.children if child.id != id]


def with_names(root: Node, named: Any) -> None:
    """Fill in what the records are called that the conditions link to."""
    for node in root.walk():
        if node.draft is not None:
            node.draft = named(node.draft)
