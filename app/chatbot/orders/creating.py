"""New records: things to do, notes, calls and meetings, and whatever else is made by name."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from app.chatbot.orders import records, values, when
from app.chatbot.orders.desk import Desk, Unread, due_field, owner_field, prose_field, reminder_field, sentence
from app.chatbot.orders.grammar import Order
from app.chatbot.orders.made import Made, named_in, part_of
from app.chatbot.understanding import english, titles
from app.chatbot.understanding.meanings import EntityWord, ObjectWord, ValueWord
from app.chatbot.understanding.tagging import tag
from app.chatbot.understanding.text import compact, plural, tokens
from app.chatbot.views import now_of
from app.shared import hours
from app.shared.contract import FieldSpec, ObjectSpec, Ref

_LEADING = re.compile(r"^(?:to|that|about|of|for|:)\s+", re.IGNORECASE)
_TOPIC = re.compile(r"\s+(?:about|regarding|concerning)\s+", re.IGNORECASE)
_TELLS = frozenset("is was has wrote sent got and or vs from in at per by address addresses number".split())
_BYGONE = frozenset("last yesterday ago earlier previously".split())
_LONGEST_NAME = 120  # characters of free text that make a name; longer text is a name and its prose


def remind(desk: Desk, order: Order) -> Made:
    """ "remind Ben tomorrow to call": who, with the day beside it or in the sentence."""
    who = when.split(order.value, desk.today)
    text = f"{_LEADING.sub('', order.text)} {order.value.removeprefix(who.rest)}" if who else order.text
    person = who.rest if who else order.value or "me"
    return _todo(desk, _called(desk, "reminder"), text, values.person(desk, person))


def task(desk: Desk, order: Order) -> Made:
    """ "email Ingrid the offer": to be done by who says it. The bare name, "email Ingrid", asks for what is known."""
    items = tag(desk.lexicon, tokens(order.text), desk.today)
    place = next((at for at, item in enumerate(items) if item.of(EntityWord)), 0)
    rest = [item.text.lower().split()[0] for item in items[place + 1 :] if item.text]
    named = {(one.object, one.id) for one in items[place].of(EntityWord) if _is_reached(desk.catalog[one.object])}
    verb = all(item.start < 2 for item in items[:place])  # "call Ingrid", "write to Ingrid": nothing between
    if not place > 0 or not verb or len(named) != 1 or items[place].guess or not rest:
        raise Unread(order.text)
    if rest[0] in english.PAST or rest[0] in _TELLS or "'s" in rest[:1] or _BYGONE.intersection(rest):
        raise Unread(order.text)  # "the email that Ingrid wrote"
    return _todo(desk, _called(desk, "reminder"), order.text, desk.principal.user_id)


def _is_reached(spec: ObjectSpec) -> bool:
    """Somebody who can be called or written to, and isn't of the team."""
    return titles.named(spec) and not spec.support


def _todo(desk: Desk, spec: ObjectSpec, words: str, owner: int | None) -> Made:
    """A thing to do: what, by when, for whom, about which records."""
    due = when.split(words, desk.today)
    rest, hour = _hour(spec, due.rest if due else words)
    text = _LEADING.sub("", rest).strip()
    if not text:
        raise Unread(words)
    day = due.day if due else desk.today if hour else None
    given = _named(spec, text) | _about(desk, spec, text)
    given |= _in_field(owner_field(spec), owner) | _in_field(due_field(spec), _moment(due_field(spec), day))
    if hour and day:
        given |= _in_field(reminder_field(spec), _at(desk, day, hour))
    return Made(spec, None, given)


def _hour(spec: ObjectSpec, text: str) -> tuple[str, time | None]:
    """The hour that is said, of what can remind at one; else it stays in the words."""
    if reminder_field(spec) is None:
        return text, None
    rest, hour = hours.ending(text)
    return (rest, hour) if hour else hours.opening(text)


def _at(desk: Desk, day: date, hour: time) -> str:
    """A moment where the user is, as the door reads it."""
    return datetime.combine(day, hour, now_of(desk.principal).tzinfo).isoformat(timespec="minutes")


def write(desk: Desk, order: Order) -> Made:
    """A note: its text, and the record that it is about; without one the record in view."""
    spec = _object(desk, order.noun or "note")
    if spec is None or (prose := prose_field(spec)) is None:
        raise Unread(order.noun)
    if not prose.required:  # a title says what is to be done, prose says more about it
        if due_field(spec) is None or not any(item.type == "boolean" for item in spec.fields):
            return create(desk, order)  # "new contact: Emma Stone": a name, and what follows it
        return _todo(desk, spec, order.text, desk.principal.user_id) if not order.record else _titled(desk, spec, order)
    about = _subject(desk, spec, order.record) if order.record else _about(desk, spec, order.text)
    return Made(spec, None, {prose.name: sentence(order.text)} | about)


def _titled(desk: Desk, spec: ObjectSpec, order: Order) -> Made:
    """ "task for Acme: call back" is about Acme; "task for Anna: ..." is hers."""
    made = _todo(desk, spec, order.text, desk.principal.user_id)
    try:
        return Made(spec, None, made.values | _in_field(owner_field(spec), values.person(desk, order.record)))
    except Unread:
        pass
    return Made(spec, None, made.values | _subject(desk, spec, order.record))


def log(desk: Desk, order: Order) -> Made:
    """A call, a meeting: the choice of a required field, with whom, when, and what was said."""
    spec, kind, key = _kind_of(desk, order.noun)
    whom, *topic = _TOPIC.split(order.record, maxsplit=1)
    due = when.split(whom, desk.today)
    whom, hour = hours.ending(due.rest if due else whom)
    about = _with_view(desk, spec, _subject(desk, spec, whom))
    given: dict[str, Any] = {kind.name: key} | about
    moment = due_field(spec)
    if hour and moment and moment.type == "datetime":
        given[moment.name] = _at(desk, due.day if due else desk.today, hour)
    else:
        given |= _in_field(moment, _moment(moment, due.day) if due and due.day != desk.today else _now(desk, moment))
    prose = prose_field(spec)
    text = ". ".join(part for part in (*topic, order.text) if part)
    if text and prose is not None:
        given[prose.name] = sentence(text)
    label = spec.field(spec.label_field)
    option = next(one for one in kind.options if one.key == key)
    name = next(iter(part_of(desk, about, spec).values()), "")
    return Made(spec, None, given | _in_field(label, f"{option.label} with {name}" if name else option.label))


def create(desk: Desk, order: Order) -> Made:
    """A new record: a thing to do in words of its own; else a name, and what "for", "at" and "worth" say of it."""
    spec = _object(desk, order.noun)
    if spec is None or spec.support or spec.join or _is_plural(spec, order.noun):
        raise Unread(order.noun)
    given = _qualities(desk, spec, order.value) if order.value else {}
    done = any(item.type == "boolean" and item.default is False for item in spec.fields) and due_field(spec)
    if done:
        made = _todo(desk, spec, order.text, desk.principal.user_id)
        return Made(spec, None, made.values | given)
    prose = prose_field(spec)
    if prose is not None and prose.required:  # a note is its text, which these words don't have
        raise Unread(order.text)
    return Made(spec, None, named_in(desk, spec, order.text) | given)


def _is_plural(spec: ObjectSpec, noun: str) -> bool:
    """ "new deals this month" asks for them; "new deal" makes one."""
    return noun.lower() in {plural(word.lower()) for word in (spec.singular, spec.label_one, *spec.synonyms)}


def _qualities(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """What stands before the noun: "a high priority task", "a 15k deal". Raises Unread where it can't be placed."""
    names = {compact(item.label) for item in spec.fields}
    bare = " ".join(word for word in words.split() if compact(word) not in names)
    found = values.turned(desk, spec, bare)
    if found is None:
        raise Unread(words)
    return {found[0].name: found[1]}


# --- parts -----------------------------------------------------------------------------------------------------------


def _called(desk: Desk, word: str) -> ObjectSpec:
    found = _object(desk, word)
    if found is None:
        raise Unread(word)
    return found


def _object(desk: Desk, noun: str) -> ObjectSpec | None:
    """The kind of record that a noun names."""
    names = {one.object for one in desk.lexicon.lookup(tokens(noun)) if isinstance(one, ObjectWord)} if noun else set()
    names = {name for name in names if not desk.catalog[name].support}
    return desk.catalog[names.pop()] if len(names) == 1 else None


def _kind_of(desk: Desk, noun: str) -> tuple[ObjectSpec, FieldSpec, Any]:
    """The object of which the noun is a kind: a call is an activity."""
    for one in desk.lexicon.lookup(tokens(noun)[:1]):
        if isinstance(one, ValueWord) and one.declared:
            spec = desk.catalog[one.object]
            item = spec.field(one.field)
            if item is not None and item.type == "select" and item.required:
                return spec, item, one.value
    raise Unread(noun)


def _subject(desk: Desk, spec: ObjectSpec, words: str) -> dict[str, Any]:
    """The links of a new record to the one that the words name."""
    targets = {item.target: item for item in spec.fields if item.type == "link" and item.target != spec.name}
    return _linked(desk, spec, records.the_one(desk, words, [name for name in targets if name and name != "users"]))


def _in_view(desk: Desk, spec: ObjectSpec) -> dict[str, Any]:
    record = desk.context.record
    targets = [item.target for item in spec.fields if item.type == "link"]
    return _linked(desk, spec, record) if record and record.object in targets else {}


def _linked(desk: Desk, spec: ObjectSpec, record: Ref) -> dict[str, Any]:
    """A link to the record, and to what the record itself belongs to where both have such a link."""
    item = next(one for one in spec.fields if one.type == "link" and one.target == record.object)
    given: dict[str, Any] = {item.name: record.id}
    found = desk.port.get_many(desk.principal, [(record.object, record.id)])
    for field in desk.catalog[record.object].fields:
        same = spec.field(field.name)
        value = next(iter(found.values())).values.get(field.name) if found else None
        if field.type == "link" and same and same.target == field.target != "users" and isinstance(value, Ref):
            given.setdefault(field.name, value.id)
    return given


def _about(desk: Desk, spec: ObjectSpec, text: str) -> dict[str, Any]:
    """The links to the records that a sentence names beyond doubt; without any, to the record in view."""
    given: dict[str, Any] = {}
    targets = {item.target for item in spec.fields if item.type == "link" and item.target not in ("users", spec.name)}
    for item in tag(desk.lexicon, tokens(text), desk.today):
        named = {(one.object, one.id): one for one in item.of(EntityWord) if one.object in targets}
        if len(named) == 1 and item.guess is None:
            one = next(iter(named.values()))
            given = {**_linked(desk, spec, Ref(one.object, one.id, one.label)), **given}
    return _with_view(desk, spec, given)


def _with_view(desk: Desk, spec: ObjectSpec, given: dict[str, Any]) -> dict[str, Any]:
    """The links, and those to the record in view where they don't contradict: a call with somebody of the deal's
    company is about the deal.
    """
    seen = _in_view(desk, spec)
    shared = [name for name in seen if name in given]
    fits = all(seen[name] == given[name] for name in shared) and (bool(shared) or not given)
    return {**seen, **given} if fits else given


def _named(spec: ObjectSpec, text: str) -> dict[str, Any]:
    """A sentence as a name; a long one as a name and its prose."""
    name = sentence(text)
    prose = prose_field(spec)
    if len(name) <= _LONGEST_NAME or prose is None:
        return {spec.label_field: name}
    return {spec.label_field: f"{name[:_LONGEST_NAME].rsplit(' ', 1)[0]} …", prose.name: name}


def _in_field(item: FieldSpec | None, value: Any) -> dict[str, Any]:
    return {} if item is None or value is None else {item.name: value}


def _now(desk: Desk, item: FieldSpec | None) -> str | None:
    """What has just happened: this minute where the principal is; on another day than the clock's, that day."""
    if item is None:
        return None
    now = now_of(desk.principal)
    if item.type == "date" or now.date() != desk.today:
        return _moment(item, desk.today)
    return now.replace(tzinfo=None).isoformat(timespec="minutes") + ":00"


def _moment(item: FieldSpec | None, day: date | None) -> str | None:
    """A day as the field holds it."""
    if item is None or day is None:
        return None
    return day.isoformat() if item.type == "date" else f"{day.isoformat()}T09:00:00"
