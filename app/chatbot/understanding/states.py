"""What today makes of a record: overdue, still to come, or past. Which day counts, the declaration says."""

from __future__ import annotations

from collections.abc import Container, Sequence

from app.chatbot.understanding import english, paths
from app.chatbot.understanding.draft import Draft, is_content
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.meanings import NumberWord, PeriodWord
from app.chatbot.understanding.text import compact
from app.shared.contract import Catalog, FieldSpec, ObjectSpec


def scan(draft: Draft) -> None:
    """Takes "overdue" and "next" out of a draft; "late" before a period, as in "late 2024", is no such word."""
    for at, item in list(draft.untaken()):
        if item.word("late") and not _dated(draft, at):
            draft.take(at)
            draft.late.append(at)
        elif item.word("next") and not is_content(item):
            draft.take(at)
            draft.coming = at
            _take_count(draft, at + 1)


def _take_count(draft: Draft, at: int) -> None:
    """The next three meetings."""
    item = draft.free(at)
    numbers = item.of(NumberWord) if item is not None and not is_content(item) else ()
    if numbers and isinstance(numbers[0].value, int) and not item.of(PeriodWord):  # type: ignore[union-attr]
        draft.take(at)
        draft.coming_count = numbers[0].value


def _dated(draft: Draft, at: int) -> bool:
    following = draft.item(at + 1)
    return following is not None and bool(following.of(PeriodWord)) and len(draft.items[at].text.split()) == 1


def day_of(spec: ObjectSpec) -> FieldSpec | None:
    """The day that a record is for, where people set it."""
    found = spec.field(spec.date_field or "")
    return found if found is not None and not found.read_only else None


def is_event(spec: ObjectSpec) -> bool:
    """Whether its records happen at a time: a meeting, a call."""
    day = day_of(spec)
    return day is not None and day.type == "datetime"


def has_doer(spec: ObjectSpec) -> bool:
    """Whether "who" asks which user: of what is won, done or held. Who has the most employees is a company."""
    return bool(paths.kind_field(spec) or paths.done_field(spec) or is_event(spec))


def can_be_late(catalog: Catalog, spec: ObjectSpec) -> bool:
    """Whether it has a day and is open or not; of those the ones that are done rather than won are meant first."""
    return day_of(spec) is not None and (paths.done_field(spec) or paths.kind_field(spec)) is not None


def bygone_terms(draft: Draft, spec: ObjectSpec, terms: Sequence[Term], label: str) -> list[Term]:
    """What has taken place; of a time that is over only what was not called off."""
    day = day_of(spec)
    ends = [term.period.after for term in terms if day and term.slot == day.name and term.period and not term.negated]
    over = any(end is not None and end <= draft.today for end in ends)
    return _held(spec, -1) if over else past_terms(spec, draft.moment, label, -1)


def past_terms(spec: ObjectSpec, moment: str, label: str, at: int) -> list[Term]:
    """What has taken place: up to now, and not called off."""
    day = day_of(spec)
    assert day is not None
    return [Term(condition(day.name, "lte", moment), f"{day.name}<", label, at), *_held(spec, at)]


def is_bygone(draft: Draft, spec: ObjectSpec, named: Container[str]) -> bool:
    """ "Calls that we made": whether what is asked for happens at a time and is told in the past. Where it is said how
    far they are, as in "the meetings that were scheduled", that holds instead."""
    if not is_event(spec) or any(field.name in named for field in spec.fields if _can_be_off(field)):
        return False
    words = {word for item in draft.items for word in item.text.lower().split()}
    return bool(words & english.PAST)


def ahead_terms(draft: Draft, spec: ObjectSpec, terms: Sequence[Term]) -> list[Term]:
    """ "Tasks due next week": what is done by then is no more due, where nothing else is said."""
    done, day = paths.done_field(spec), day_of(spec)
    if done is None or day is None or any(term.slot == done.name for term in terms):
        return []
    dated = [term.period for term in terms if term.slot == day.name and term.period and not term.negated]
    if not dated or any(period.first is None or period.first < draft.today for period in dated):
        return []
    return [Term(condition(done.name, "eq", False), done.name, "open", -1, kind=True)]


def coming_terms(spec: ObjectSpec, moment: str, at: int) -> list[Term]:
    """What is still to come: from now on, and not called off."""
    day = day_of(spec)
    assert day is not None
    return [Term(condition(day.name, "gte", moment), f"{day.name}>", "from now on", at), *_held(spec, at)]


def _held(spec: ObjectSpec, at: int) -> list[Term]:
    for field in filter(_can_be_off, spec.fields):
        off = [one.key for one in field.options if compact(one.label) in english.CALLED_OFF]
        if off:
            return [Term(condition(field.name, "not_in", off), f"{field.name}!", "", at)]
    return []


def _can_be_off(field: FieldSpec) -> bool:
    """Whether it says that what was planned was called off."""
    return field.type == "select" and any(compact(one.label) in english.CALLED_OFF for one in field.options)
