"""The deterministic assistant: a question is understood, computed through the port, and answered in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from app.chatbot import orders
from app.chatbot.exact import compute as computing
from app.chatbot.exact import currencies, phrases, quoting, unknowns, wording
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer, Context, Retriever
from app.chatbot.understanding import Frame, Reading, lexicons, read
from app.chatbot.understanding.frame import Term
from app.chatbot.understanding.numerals import as_read
from app.chatbot.views import today_of
from app.shared.contract import CrmPort, Principal, Query, Ref
from app.shared.errors import ParleyError

_ENDINGS = " Here is what I can answer instead."


def answer(
    port: CrmPort,
    retriever: Retriever,
    principal: Principal,
    question: str,
    context: Context,
    *,
    on: date | None = None,
) -> Answer:
    """Answers a question, or an order with a proposal, without a model; exactly or not at all (mode "none").

    `context` holds the turns before, which a follow-up leans on. `on` is the date of today where it isn't that of the
    clock. Blocks while it reads from the database: call it from a worker thread.
    """
    day = on or today_of(principal)
    question = as_read(question, principal.locale)
    now = None if on else datetime.now(UTC)
    lexicon = lexicons(port).get(port, principal)
    ordered = orders.answer(port, principal, lexicon, question, context, day)
    if ordered is not None:
        return ordered
    reading = read(lexicon, question, context, day, now)
    if reading.kind == "exact" and not _visible(port, principal, reading):
        lexicons(port).forget(principal)
        reading = read(lexicons(port).get(port, principal), question, context, day, now)
    kinds: dict[str, Callable[[], Answer]] = {
        "exact": lambda: exact(port, principal, reading),
        "search": lambda: quoting.quote(retriever, principal, reading, context.record),
        "none": lambda: nothing(reading),
    }
    return kinds[reading.kind]()


def _visible(port: CrmPort, principal: Principal, reading: Reading) -> bool:
    """Whether every record that was named may (still) be seen: the lexicon may be older than a rule."""
    frame = reading.frame
    terms = (*frame.terms, *frame.versus, *frame.part) if frame else ()
    refs = [(term.entity.object, term.entity.id) for term in terms if term.entity]
    refs = [ref for ref in dict.fromkeys(refs) if not port.catalog()[ref[0]].support]
    return not refs or len(port.get_many(principal, refs)) == len(refs)


def exact(port: CrmPort, principal: Principal, reading: Reading) -> Answer:
    """The answer of an exact reading, from whoever filled it in."""
    assert reading.frame is not None
    frame = _told(port, principal, reading.frame)
    try:
        asker = Asker(port, principal, port.catalog())
        frame = currencies.comparable(asker, frame)
        found = computing.compute(asker, frame)
        frame = replace(frame, notes=(*frame.notes, *(unknowns.notes(asker, frame) if found.mode == "exact" else ())))
    except ParleyError as problem:
        return Answer(f"I understood that, but it can't be computed: {problem.detail}", "none", unread=())
    if found.mode == "none":
        return found
    query = found.query or reading.query
    assert query is not None
    frame = _carried_on(asker, frame, reading)
    notes = (*found.notes, *frame.notes)
    text = f"{found.text}{''.join(f' {note}' for note in frame.notes)}"
    url = None if port.catalog()[query.object].support else port.url(linked(frame, query))
    return replace(found, text=text, query=query, url=url, chips=tuple(port.chips(query)), notes=notes,
                   citations=found.citations or named(frame), readings=reading.readings)  # fmt: skip


def _carried_on(asker: Asker, frame: Frame, reading: Reading) -> Frame:
    """Says what holds on from the question before, where this one could have been meant by itself."""
    if not reading.kept:
        return frame
    before = replace(frame, terms=tuple(term for term in frame.terms if _same(term, reading.kept)))
    what = f"{phrases.nouns(asker.catalog, before)[1]}{phrases.conditions(asker.catalog, before)}"
    return replace(frame, notes=(*frame.notes, f"Still about {what}, as before."))


def _same(term: Term, kept: Sequence[Term]) -> bool:
    return any(term.filter == one.filter for one in kept)


def _told(port: CrmPort, principal: Principal, frame: Frame) -> Frame:
    """What holds from the list in view, or from a model's query, is said in the words of its chips."""
    terms = [
        term if term.label or term.period else replace(term, chip=" and ".join(_chips(port, principal, frame, term)))
        for term in frame.terms
    ]
    return replace(frame, terms=tuple(terms))


def _chips(port: CrmPort, principal: Principal, frame: Frame, term: Term) -> Sequence[str]:
    return port.chips(Query(object=frame.object, where=term.filter), principal)


def linked(frame: Frame, query: Query) -> Query:
    """The query as its page opens it: without a limit that only the answer had."""
    return query if frame.ranked else query.model_copy(update={"limit": 50})


def named(frame: Frame) -> tuple[Ref, ...]:
    """The records that the question named, as links."""
    terms = (*frame.terms, *frame.versus)
    entities = [term.entity for term in terms if term.entity is not None and term.entity.object != "users"]
    return tuple(dict.fromkeys(Ref(one.object, one.id, one.label) for one in entities))


def nothing(reading: Reading) -> Answer:
    """What is said where a question isn't understood: which words, and what could be asked."""
    words = wording.quoted(reading.unread)
    texts = {
        "empty": "Ask a question about your records.",
        "long": "That question is too long to read: ask it in fewer words.",
        "ambiguous": f"{words or 'That'} could be read in more than one way.",
        "pronoun": f"I don't know what {words} stands for here. Name it in the question.",
    }
    unplaced = f"I couldn't place {words} in your records." if words else "I couldn't read that question."
    text = texts.get(reading.reason) or unplaced
    if reading.readings:
        text += " Did you mean one of these?" if reading.reason == "ambiguous" else _ENDINGS
    return Answer(text, "none", readings=reading.readings, unread=reading.unread)


__all__ = ["answer", "exact"]
