"""The nearest readings where a question can't be read: questions that can be, each checked by reading it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.chatbot.types import Suggestion
from app.chatbot.understanding.attempt import Attempt, head_noun
from app.chatbot.understanding.draft import Draft, objects_of
from app.chatbot.understanding.frame import Frame
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.text import compact
from app.shared.contract import Catalog, ObjectSpec, Query

MOST = 3
_DANGLING = frozenset("a an and are at by do does for from has have in is of on or the to were with".split())
_LOOKS_LIKE = 72.0  # of 100: how near a name must be to be offered
_FNS = {
    "sum": "total",
    "weighted": "weighted",
    "avg": "average",
    "min": "lowest",
    "max": "highest",
    "count_distinct": "number of different",
}
Check = Callable[[str], Query | None]  # a question to the Query that it would ask


def suggestions(
    lexicon: Lexicon, question: str, draft: Draft, attempt: Attempt, check: Check
) -> tuple[Suggestion, ...]:
    """Up to three readings, the likeliest first."""
    found: list[Suggestion] = []
    for offered in _offers(lexicon, question, draft, attempt):
        query = check(offered) if offered.lower() != question.lower() else None
        if query is not None and all(offered != one.question for one in found):
            found.append(Suggestion(offered, query))
        if len(found) == MOST:
            break
    return tuple(found)


def _offers(lexicon: Lexicon, question: str, draft: Draft, attempt: Attempt) -> Iterator[str]:
    if attempt.ambiguous is not None:
        for choice in attempt.ambiguous.choices:
            yield _with(question, attempt.ambiguous.text, choice)
        yield from attempt.ambiguous.questions
    for frame in attempt.rivals:
        if frame.ranked or any("*" in term.slot for term in frame.terms):
            continue
        yield phrase(lexicon.catalog, frame)
    if attempt.unread:
        unread = " ".join(attempt.unread)
        for label in _near_names(lexicon, unread):
            yield _with(question, unread, label)
        yield from _without(question, draft)
    yield from _basic(lexicon.catalog, draft)


def _with(question: str, old: str, new: str) -> str:
    at = question.lower().find(old.lower())
    return question[:at] + new + question[at + len(old) :] if at >= 0 else question


def _near_names(lexicon: Lexicon, unread: str) -> list[str]:
    """Names that look like the words that weren't known."""
    return lexicon.names.look_alikes(compact(unread), _LOOKS_LIKE, 2)


def _without(question: str, draft: Draft) -> Iterator[str]:
    """The question without what wasn't known, where it is the last part of it."""
    unknown = [item.text for item in draft.items if not item.known]
    if unknown and question.rstrip(" ?.!").endswith(unknown[-1]):
        words = question.rstrip(" ?.!").split()[: -len(" ".join(unknown).split())]
        while words and words[-1].lower().strip(",") in _DANGLING:
            words.pop()
        if head_noun(draft) is not None and len(words) > 1:
            yield " ".join(words).rstrip(" ,") + "?"


def _basic(catalog: Catalog, draft: Draft) -> Iterator[str]:
    """What can be asked of the object that was spoken of, or of the first ones."""
    head = head_noun(draft)
    names = [name for name in objects_of(head) if not catalog[name].support]
    names = names or [name for name, spec in catalog.objects.items() if any(one.type == "stage" for one in spec.fields)]
    for name in names[:1]:
        spec = catalog[name]
        yield f"How many {spec.label.lower()} are there?"
        field = _grouping(spec)
        if field:
            yield f"{spec.label} by {field}"
        if spec.date_field:
            yield f"{spec.label} this year"


def _grouping(spec: ObjectSpec) -> str | None:
    listed = [one for one in spec.fields if one.listed and one.type in ("stage", "select", "link")]
    texts = [one for one in spec.fields if one.listed and one.type == "text" and one.name != spec.label_field]
    fields = [one for one in listed if one.type == "stage"] or listed or texts
    return fields[0].label.lower() if fields else None


def phrase(catalog: Catalog, frame: Frame) -> str:
    """A frame as a question."""
    spec = catalog[frame.object]
    noun = spec.label.lower()
    kinds = "".join(f"{term.label} " for term in frame.terms if term.slot == _stage(spec))
    rest = "".join(_condition(term.label, term.period is not None) for term in frame.terms if term.slot != _stage(spec))
    field = spec.field(frame.measure.field or "")
    if frame.shape == "lookup" and frame.record:
        asked = spec.field(frame.asked[0]) if frame.asked else None
        return f"What is the {asked.label.lower()} of {frame.record.label}?" if asked else frame.record.label
    by = "".join(f" by {_group_label(catalog, spec, group.field)}" for group in frame.groups[:1])
    if field is not None:
        return (
            f"{_FNS.get(frame.measure.fn, '')} {field.label.lower()} of {kinds}{noun}{by}{rest}".strip().capitalize()
            + "?"
        )
    if frame.shape == "list":
        return f"List {kinds}{noun}{rest}"
    return f"How many {kinds}{noun}{by}{rest}?"


def _condition(label: str, is_period: bool) -> str:
    if is_period:
        return (
            f" {label}"
            if label.startswith(("since", "before", "after", "until", "last", "this", "next"))
            else f" in {label}"
        )
    return f" for {label}" if label else ""


def _stage(spec: ObjectSpec) -> str:
    return next((one.name for one in spec.fields if one.type == "stage"), "")


def _group_label(catalog: Catalog, spec: ObjectSpec, path: str) -> str:
    here: ObjectSpec | None = spec
    for step in path.split("."):
        field = here.field(step) if here else None
        if field is None:
            return path
        here = catalog.objects.get(field.target or "")
    return field.label.lower() if field else path


def sentence_words(words: Sequence[str]) -> str:
    """Words in quotes, for a sentence: “a”, “b” and “c”."""
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}" if quoted else ""
