"""read: a question, on its own or after others, to a Reading."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime

from app.chatbot.types import Context, Suggestion
from app.chatbot.understanding import followups, query, suggest, talk
from app.chatbot.understanding.attempt import Attempt, attempt, draft_of, unknown
from app.chatbot.understanding.draft import Draft
from app.chatbot.understanding.frame import Frame, Reading, Term
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.text import MAX_QUESTION
from app.chatbot.understanding.times import Moment
from app.shared.contract import Query

MOST_TURNS = 8  # former questions that a follow-up may lean on


def read(lexicon: Lexicon, question: str, context: Context, today: date, time: datetime | None = None) -> Reading:
    """What the question asks, or why it can't be read.

    `today` is the date in the asking person's time zone, `time` the moment itself where the answer may need it.
    A reading of kind `none` holds the words that couldn't be
    placed in `unread` and up to three questions that can be answered in `readings`; it never holds a query.
    """
    if not question.strip() or len(question) > MAX_QUESTION:
        return Reading("none", reason="empty" if not question.strip() else "long")
    moment = Moment(today, time)
    base, year = _former(lexicon, context, moment)
    return _read(lexicon, question, context, moment, base, year, offers=True)


def _former(lexicon: Lexicon, context: Context, moment: Moment) -> tuple[Frame | None, int | None]:
    """The frame that the turns before have led to, and the year that was last spoken of."""
    base: Frame | None = None
    year: int | None = None
    for turn in context.history[-MOST_TURNS:]:
        if str(turn.answer.get("mode")) not in ("exact", "model"):
            continue
        alone = Context(record=context.record)
        found = _read(lexicon, turn.question[:MAX_QUESTION], alone, moment, base, year, offers=False)
        base = found.frame or _of_query(turn.answer) or base
        year = (followups.year_of(base) if base else None) or year
    if base is None and context.view is not None and context.view.where is not None:
        base = query.frame_of(context.view)
    return base, year


def _of_query(answer: Mapping[str, object]) -> Frame | None:
    """The frame of a query that a model has filled in."""
    stored = answer.get("query")
    return query.frame_of(Query.model_validate(stored)) if isinstance(stored, Mapping) else None


def _read(
    lexicon: Lexicon,
    question: str,
    context: Context,
    moment: Moment,
    base: Frame | None,
    year: int | None,
    *,
    offers: bool,
) -> Reading:
    draft = draft_of(lexicon, question, moment)
    if year and base is not None and followups.goes_on(draft) and followups.lacks_year(draft):
        draft = draft_of(lexicon, question, moment, year)
    leans_on_record = any(kind == "one" for _, kind in draft.pronouns)
    settled = followups.settle_pronouns(draft, base, context, lexicon.vocabulary.persons())
    followups.lean_on_view(draft, base, context)
    if talk.wants_search(draft):
        return talk.reading(lexicon, draft)
    if not settled or (draft.pronouns and base is None):
        return Reading("none", unread=tuple(draft.items[at].text for at, _ in draft.pronouns), reason="pronoun")
    found = _best(lexicon, draft, None if leans_on_record else base)
    if found.frame is not None:
        exact = _exact(lexicon, found.frame, draft)
        return (
            replace(exact, kept=found.kept, readings=_afresh(lexicon, found, question, moment)) if found.kept else exact
        )

    def check(offered: str) -> Query | None:
        return _read(lexicon, offered, replace(context, history=()), moment, base, year, offers=False).query

    return _nothing(draft, found, suggest.suggestions(lexicon, question, draft, found, check) if offers else ())


def _afresh(lexicon: Lexicon, found: Attempt, question: str, moment: Moment) -> tuple[Suggestion, ...]:
    """The same question put so that nothing before it holds on: a fragment that names its object is whole."""
    assert found.frame is not None
    offered = f"{question.rstrip(' ?.!')} of all {lexicon.catalog[found.frame.object].label.lower()}"
    alone = _read(lexicon, offered, Context(), moment, None, None, offers=False)
    return (Suggestion(offered, alone.query),) if alone.kind == "exact" else ()


def _best(lexicon: Lexicon, draft: Draft, base: Frame | None) -> Attempt:
    """Fragments and questions that say so lean on the one before; others stand alone, and lean if they can't."""
    if base is None or unknown(draft):
        return attempt(lexicon, draft)
    leaning = followups.leans(draft)
    if leaning or followups.is_fragment(draft):
        named = draft.nouns or draft.mentions or draft.aggregates
        grouped = bool(draft.groups) and not named  # "by industry": of what was asked before
        own = None if leaning or draft.pronouns or grouped else attempt(lexicon, deepcopy(draft)).frame
        if own is not None and _is_other(lexicon, own, base):
            return Attempt(own)  # it asks about something else
        followed = followups.follow(lexicon, draft, base)
        if followed.frame is not None or draft.pronouns:
            return followed if own is None else replace(followed, kept=_kept(followed.frame, base, own))
    alone = attempt(lexicon, draft)
    if alone.frame is None and not alone.rivals and not leaning:
        followed = followups.follow(lexicon, draft, base)
        return followed if followed.frame is not None else alone
    return alone


def _is_other(lexicon: Lexicon, own: Frame, base: Frame) -> bool:
    """Whether a fragment by itself asks about something else; a mere name narrows, and users are seldom asked for."""
    return own.object != base.object and own.shape != "lookup" and not lexicon.catalog[own.object].support


def _kept(frame: Frame | None, base: Frame, own: Frame) -> tuple[Term, ...]:
    """The conditions that only the question before has told."""
    told = [term.filter for term in own.terms]
    return tuple(term for term in frame.terms if term in base.terms and term.filter not in told) if frame else ()


def _exact(lexicon: Lexicon, frame: Frame, draft: Draft) -> Reading:
    guessed = [item for item in draft.items if item.guess and item.text.lower() != item.guess.lower()]
    notes = tuple(f"Read “{item.text}” as {item.guess}." for item in guessed)
    frame = replace(frame, notes=(*notes, *frame.notes))
    return Reading("exact", frame=frame, query=query.of(lexicon.catalog, frame), notes=frame.notes)


def _nothing(draft: Draft, found: Attempt, readings: tuple[Suggestion, ...]) -> Reading:
    reason = "ambiguous" if found.ambiguous or found.rivals else "unread"
    unread = (found.ambiguous.text,) if found.ambiguous else tuple(dict.fromkeys(found.unread))
    return Reading("none", unread=unread, readings=readings, reason=reason)
