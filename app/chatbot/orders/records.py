"""Which record an order speaks of: by name, by a description that fits just one, by number, or the one in view."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.chatbot.orders.desk import Desk, Unread
from app.chatbot.types import Context, Suggestion
from app.chatbot.understanding import Reading, read
from app.chatbot.understanding.meanings import EntityWord, Item, ObjectWord
from app.chatbot.understanding.tagging import tag
from app.chatbot.understanding.text import tokens
from app.shared.contract import And, Catalog, Condition, Filter, ObjectSpec, Page, Query, Ref
from app.shared.errors import ParleyError

_ARTICLES = re.compile(r"^(?:(?:the|this|that|these|those|our|my|a|an|of)\s+)+", re.IGNORECASE)
_MANY_ARTICLES = re.compile(r"^(?:(?:the|these|those|our|of)\s+)+", re.IGNORECASE)  # "my" says whose they are
_IT = frozenset("it its this that them him her his their here".split())
_NUMBERED = re.compile(r"^(?:(?P<noun>[\w ]+?)\s+)?(?:#|no\.?\s*|number\s+)(?P<id>\d+)\b", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"^(?P<noun>\w+)\s+(?P<id>\d+)$")
_ALL = re.compile(r"^(?:all|every|each|both)\b", re.IGNORECASE)
_ONE_AT_A_TIME = "An order changes one record: name one of them."
_AT_ONCE = 50  # records that one order changes
_MOST = 3  # choices that are offered


def the_one(desk: Desk, words: str, fits: Iterable[str] = ()) -> Ref:
    """The one record that the words stand for. `fits`: objects that the order can be about; all where none is named.

    Raises Unread where there is none, or with the choices where there are several.
    """
    allowed = tuple(fits) or tuple(spec.name for spec in desk.catalog.objects.values() if not spec.support)
    text = words.strip(" ,.\"“”'")
    if _ALL.match(text):
        raise Unread(words, _ONE_AT_A_TIME)
    bare = _ARTICLES.sub("", text)
    numbered = _NUMBERED.match(bare) or _BARE_NUMBER.match(bare)
    if numbered and (not numbered["noun"] or _objects(desk, numbered["noun"])):
        return _numbered(desk, numbered, allowed, words)
    if text.lower() in _IT or _objects(desk, bare) & set(allowed):
        found = _in_view(desk, _objects(desk, bare) or set(allowed))
        if found:
            return found
    named = _named(desk, bare, allowed)
    if named:
        return _only(desk, words, named)
    return _described(desk, words, bare, allowed)


def by_name(desk: Desk, words: str, fits: Iterable[str] = ()) -> list[Ref]:
    """The records that are called so, and nothing else: no description, none in view."""
    allowed = tuple(fits) or tuple(spec.name for spec in desk.catalog.objects.values() if not spec.support)
    bare = _ARTICLES.sub("", words.strip(" ,.\"“”'"))
    return _named(desk, bare, allowed) if bare else []


def several(desk: Desk, words: str) -> list[Ref] | None:
    """The records of a description in the plural: "all of Anna's open tasks"; None where the words speak of one.

    Raises Unread where there are none, or more than an order changes.
    """
    text = words.strip(" ,.\"“”'")
    every = _ALL.match(text)
    bare = _MANY_ARTICLES.sub("", text[every.end() :].strip() if every else text)
    if not every and not _is_many(desk, bare):
        return None
    query = _query(desk, bare)
    if query is None:
        raise Unread(words)
    label = desk.catalog[query.object].label.lower()
    if query.where is None:
        raise Unread(words, f"That would be every one of the {label}: say which ones.")
    page = _page(desk, query, _AT_ONCE)
    if page.total > _AT_ONCE:
        raise Unread(
            words, f"That would be {page.total:,} {label}. An order changes up to {_AT_ONCE}; the list, any number."
        )
    if not page.total:
        raise Unread(words, f"There are no such {label}.")
    return [record.ref for record in page.records]


def _is_many(desk: Desk, text: str) -> bool:
    """Whether the words are a description whose kind of record is in the plural, and no name."""
    items = tag(desk.lexicon, tokens(text), desk.today)
    many = [
        item for item in items if item.of(ObjectWord) and item.text.lower().endswith("s") and not item.of(EntityWord)
    ]
    return len(items) > 1 and bool(many) and not by_name(desk, text)


def _objects(desk: Desk, text: str) -> set[str]:
    """The kinds of record that the words name, where they say nothing else: "the deal"."""
    found = desk.lexicon.lookup(tokens(text)) if text else ()
    return {one.object for one in found if isinstance(one, ObjectWord)}


def _numbered(desk: Desk, match: re.Match[str], allowed: tuple[str, ...], words: str) -> Ref:
    kinds = _objects(desk, match["noun"]) if match["noun"] else set(allowed)
    for name in allowed:
        if name in kinds:
            found = desk.port.get_many(desk.principal, [(name, int(match["id"]))])
            if found:
                return next(iter(found.values())).ref
    raise Unread(words)


def _in_view(desk: Desk, kinds: set[str]) -> Ref | None:
    """The record of the page beside the conversation, else the one that the answer before was about."""
    seen = [desk.context.record] if desk.context.record else []
    for turn in reversed(desk.context.history):
        cited = [_ref(item) for item in turn.answer.get("citations") or () if isinstance(item, Mapping)]
        of_kind = [ref for ref in cited if ref.object in kinds]
        if len(of_kind) == 1:
            seen.append(of_kind[0])
            break
    for ref in seen:
        if ref.object in kinds:
            found = desk.port.get_many(desk.principal, [(ref.object, ref.id)])
            return next(iter(found.values())).ref if found else None
    return None


def _ref(item: Mapping[str, object]) -> Ref:
    return Ref(str(item["object"]), int(str(item["id"])), str(item.get("label", "")))


def _named(desk: Desk, text: str, allowed: tuple[str, ...]) -> list[Ref]:
    """The records of this name, with nothing but their kind beside it: "Betatech", "company Betatech"."""
    items = tag(desk.lexicon, tokens(text), desk.today)
    entities = [item for item in items if _entities(item, allowed)]
    if len(entities) != 1 or any(item is not entities[0] and not _is_kind(item) for item in items):
        return []
    kinds = {one.object for item in items if item is not entities[0] for one in item.of(ObjectWord)}
    found = [one for one in _entities(entities[0], allowed) if not kinds or one.object in kinds]
    return [Ref(one.object, one.id, one.label) for one in found]


def _entities(item: Item, allowed: tuple[str, ...]) -> list[EntityWord]:
    return [one for one in item.of(EntityWord) if one.object in allowed]


def _is_kind(item: Item) -> bool:
    return bool(item.of(ObjectWord)) or item.word("filler") is not None


def _only(desk: Desk, words: str, found: list[Ref]) -> Ref:
    living = desk.port.get_many(desk.principal, [(ref.object, ref.id) for ref in found])
    if len(living) == 1:
        return next(iter(living.values())).ref
    if not living:
        raise Unread(words)
    raise Unread(words, "ambiguous", _choices(desk, words, [record.ref for record in living.values()]))


def _choices(desk: Desk, words: str, refs: list[Ref]) -> tuple[Suggestion, ...]:
    """The order with each record by its number and name: two of one name stay apart."""
    named = [f"{desk.catalog[ref.object].singular} #{ref.id} ({ref.label})" for ref in refs[:_MOST]]
    return tuple(Suggestion(desk.rephrase(words, name)) for name in named)


def _described(desk: Desk, words: str, text: str, allowed: tuple[str, ...]) -> Ref:
    """The one record that a description fits: "the Kan-code deal", "the open deal with Betatech"."""
    query = _query(desk, text)
    if query is None or query.object not in allowed:
        raise Unread(words)
    spec = desk.catalog[query.object]
    page = _page(desk, query)
    if page.total > 1 and _open(spec) is not None:
        narrowed = _page(desk, _with(query, _open(spec)))
        page = narrowed if narrowed.total else page
    if page.total == 1:
        return page.records[0].ref
    if not page.total:
        raise Unread(words)
    raise Unread(words, "ambiguous", _choices(desk, words, [record.ref for record in page.records]))


def _query(desk: Desk, text: str) -> Query | None:
    """What the description asks for, where it is read without a doubt; as a question for a list."""
    for asked in (f"list {text}", f"list {_plural(desk, text)}"):
        found: Reading = read(desk.lexicon, asked, Context(record=desk.context.record), desk.today)
        if found.kind == "exact" and found.frame is not None and found.frame.shape in ("list", "lookup"):
            return found.frame.rows_query()
    return None


def _plural(desk: Desk, text: str) -> str:
    """The description with its kind of record in the plural, as a list is asked for."""
    catalog: Catalog = desk.catalog
    words = text.split()
    for at, word in enumerate(words):
        for name in _objects(desk, word):
            if not catalog[name].support:
                return " ".join([*words[:at], catalog[name].label.lower(), *words[at + 1 :]])
    return text


def _page(desk: Desk, query: Query, most: int = _MOST + 1) -> Page:
    try:
        found = desk.port.query(desk.principal, query.model_copy(update={"limit": most, "cursor": None}))
    except ParleyError as problem:
        raise Unread(query.object, problem.detail) from problem
    assert isinstance(found, Page)
    return found


def _open(spec: ObjectSpec) -> Filter | None:
    """What is still going on, where the records have stages, or are done or not."""
    stage = next((item for item in spec.fields if item.type == "stage"), None)
    return Condition(field=stage.name, value="open") if stage else None


def _with(query: Query, extra: Filter | None) -> Query:
    parts = tuple(part for part in (query.where, extra) if part is not None)
    return query.model_copy(update={"where": And(items=parts) if len(parts) > 1 else parts[0]})
