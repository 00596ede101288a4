"""Parts of a question that speak of related records, and the words for what narrows a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.chatbot.understanding.draft import Compare
from app.chatbot.understanding.frame import Term, condition
from app.chatbot.understanding.meanings import EntityWord, KindWord, Meaning, PeriodWord, ValueWord
from app.shared.contract import And, Condition, Filter, Not, Related

_BOUNDED = ("since", "before", "after", "until", "last", "this", "next", "today", "yesterday", "tomorrow", "previous")


class Unplaced(Exception):
    """Words that have no place in a question about this object."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.texts = texts


class Unsettled(Unplaced):
    """Words about the likeliest object that it isn't safe to pass over by reading them of another one."""


class Ambiguous(Exception):
    """Words that may mean several things: `choices` are what may be said instead of `text`, `questions` whole ones."""

    def __init__(self, text: str, choices: Sequence[str], questions: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.text, self.choices, self.questions = text, tuple(dict.fromkeys(choices)), tuple(questions)


@dataclass(slots=True)
class Clause:
    """A part of the question that speaks of records over a to-many relation: "without open deals in 2024"."""

    relation: str
    object: str
    start: int
    stop: int
    negated: bool
    filters: list[Filter] = field(default_factory=list)
    kinds: str = ""
    words: str = ""
    implied: bool = False  # no noun opened it: a value of related records did
    bare: bool = False  # its relation has no name that people use: "with a champion"

    def add(self, filter_: Filter, label: str, listed: bool) -> None:
        """Narrows the related records. A second value of one field is an alternative where it is `listed` with "or".

        Raises Unplaced where two conditions on one field could not both hold of one record.
        """
        twin = next((one for one in self.filters if _rivals(one, filter_)), None)
        if twin is None:
            self.filters.append(filter_)
            return
        if not listed or not isinstance(twin, Condition) or not isinstance(filter_, Condition):
            raise Unplaced(label)
        values = [*(twin.value if isinstance(twin.value, list | tuple) else [twin.value]), filter_.value]
        self.filters[self.filters.index(twin)] = condition(twin.field, "in", values)

    def say(self, label: str, is_kind: bool) -> None:
        """Adds a condition to the clause's words: "open" deals "for Betatech"."""
        if is_kind:
            self.kinds = f"{label} "
        else:
            self.words += f" {label}"

    def holds(self, at: int) -> bool:
        return self.start <= at < self.stop

    def term(self) -> Term:
        where = self.filters[0] if len(self.filters) == 1 else And(items=tuple(self.filters)) if self.filters else None
        related = Related(relation=self.relation, quantifier="none" if self.negated else "any", where=where)
        name = "" if self.bare else self.relation.replace("_", " ")
        label = f"{self.kinds}{name}{self.words}".strip()
        return Term(related, f"{self.relation}*", label, self.start, negated=self.negated)


def _rivals(one: Filter, other: Filter) -> bool:
    """Whether both are plain values of one field."""
    if not isinstance(one, Condition) or not isinstance(other, Condition) or one.field != other.field:
        return False
    return one.op in ("eq", "in") and other.op == "eq"


def negate(filter_: Filter) -> Filter:
    """The filter that is true where this one isn't."""
    if isinstance(filter_, Condition) and filter_.op in ("eq", "in"):
        return filter_.model_copy(update={"op": "ne" if filter_.op == "eq" else "not_in"})
    if isinstance(filter_, Related):
        return filter_.model_copy(update={"quantifier": "none"})
    return Not(item=filter_)


def period_condition(path: str, period: PeriodWord) -> Condition:
    if period.during:
        return condition(path, "during", period.during)
    if period.first and period.after:
        return condition(path, "between", [period.first.isoformat(), (period.after - timedelta(1)).isoformat()])
    if period.first:
        return condition(path, "gte", period.first.isoformat())
    return condition(path, "lt", period.after.isoformat() if period.after else None)


def period_words(label: str) -> str:
    """A period as part of a sentence: in November 2024, since March 2025, in the last 30 days."""
    first = label.split()[0]
    if first.isdigit() and len(label.split()) == 3:
        return f"on {label}"
    if first in ("last", "next") and label.split()[1].isdigit():
        return f"in the {label}"
    return label if first in _BOUNDED else f"from {label}" if " to " in label else f"in {label}"


def label_of(meaning: Meaning) -> str:
    if isinstance(meaning, EntityWord | ValueWord):
        return meaning.label
    return " or ".join(meaning.kinds) if isinstance(meaning, KindWord) else ""


def same_value(one: Meaning, other: Meaning) -> bool:
    """The same value in fields of different objects: the nearer one is meant; else two things are called the same."""
    return isinstance(one, ValueWord) and isinstance(other, ValueWord) and one.object != other.object


def bound_label(compare: Compare, own: str = "") -> str:
    """A bound in words, with its currency where that isn't the workspace's own."""
    words = {"gt": "more than", "gte": "at least", "lt": "less than", "lte": "at most", "eq": "", "ne": "not"}
    low = compare.low
    unit = f" {low.currency}" if low.currency not in (None, own) else ""
    if compare.high:
        return f"{low.value:,} to {compare.high.value:,}{unit}"
    return f"{words.get(compare.op, '')} {low.value:,}{unit}".strip()
