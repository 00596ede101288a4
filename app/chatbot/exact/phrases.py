"""The conditions of a frame in words, for the sentence of an answer."""

from __future__ import annotations

from app.chatbot.exact import wording
from app.chatbot.understanding.clauses import period_words
from app.chatbot.understanding.frame import Frame, Term
from app.chatbot.understanding.paths import done_field, kind_field
from app.chatbot.understanding.text import plural
from app.shared.contract import Catalog, Condition, FieldSpec, ObjectSpec

_DONE = {"won or lost": "finished"}


def nouns(catalog: Catalog, frame: Frame) -> tuple[str, str]:
    """The singular and the plural of what is asked for, with its stage kind: "won deal", "won deals"."""
    spec = catalog[frame.object]
    kinds = [term.label if kind_field(spec) else _DONE.get(term.label, term.label) for term in _states(spec, frame)]
    kind = f"{kinds[0]} " if len(kinds) == 1 else ""
    return f"{kind}{spec.singular}", f"{kind}{spec.label.lower()}"


def _states(spec: ObjectSpec, frame: Frame) -> list[Term]:
    """The terms that say how far a record is: open, won or lost; or done."""
    stage, done = kind_field(spec), done_field(spec)
    return [
        term
        for term in frame.terms
        if term.label
        and not term.negated
        and ((stage and term.slot == stage.name) or (done and term.slot == done.name and term.kind))
    ]


def conditions(catalog: Catalog, frame: Frame, skip: tuple[Term, ...] = ()) -> str:
    """The other conditions, after the noun: " for Betatech, in November 2024"."""
    spec = catalog[frame.object]
    own = _states(spec, frame)
    words = [
        condition(catalog, spec, term)
        for term in frame.terms
        if term not in skip and not (len(own) == 1 and term in own)
    ]
    words = [word for word in words if word]
    chips = " and ".join(f"{term.chip[:1].lower()}{term.chip[1:]}" for term in frame.terms if term.chip)
    where = f" where {chips}" if chips else ""
    return f" {', '.join(words)}{where}" if words else where


def condition(catalog: Catalog, spec: ObjectSpec, term: Term) -> str:
    """One condition: "with industry medical", "of Darcel Schlecht", "in November 2024"."""
    if term.period is not None:
        return _period(spec, term)
    field = field_at(catalog, spec, term.slot)
    without = "not " if term.negated else ""
    if isinstance(term.filter, Condition) and term.filter.op == "empty" and field is not None:
        return f"{'with' if term.filter.value is False else 'without'} {article(field.label.lower())}"
    if "*" in term.slot:
        return f"{'without' if term.negated else 'with'} {term.label}"
    if not term.label:
        return ""
    if field is None:
        return f"{without}{term.label}"
    if field.type == "boolean":
        return f"{'not ' if term.negated or term.label == 'no' else ''}marked {field.label.lower()}"
    far = f"with {article(_first(catalog, spec, term.slot))} " if "." in term.slot and field.target == "users" else ""
    if term.label == "you":
        return f"{far}{without}of yours"
    if far:
        return f"{far}{without}of {term.label}"
    return f"{without}with {field.label.lower()} {term.label}" if field.type != "link" else f"{without}of {term.label}"


def _first(catalog: Catalog, spec: ObjectSpec, path: str) -> str:
    field = field_at(catalog, spec, path.split(".")[0])
    return field.label.lower() if field else ""


def article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def _period(spec: ObjectSpec, term: Term) -> str:
    assert term.period is not None
    label = term.period.label
    field = spec.field(term.slot)
    named = f"{field.label.lower()} " if field and term.slot != spec.date_field else ""
    return f"{named}{'not ' if term.negated else ''}{period_words(label)}"


def field_at(catalog: Catalog, spec: ObjectSpec, path: str) -> FieldSpec | None:
    """The field at the end of a to-one path."""
    here: ObjectSpec | None = spec
    field: FieldSpec | None = None
    for step in path.split("."):
        field = here.field(step) if here else None
        if field is None:
            return None
        here = catalog.objects.get(field.target or "")
    return field


def field_label(catalog: Catalog, spec: ObjectSpec, path: str) -> str:
    """A path in words: the last step's label, with the link's before it where both would be called the same."""
    field = field_at(catalog, spec, path)
    return field.label if field else path


def measure_label(catalog: Catalog, frame: Frame) -> str:
    """Total amount; Average employees; Number of deals."""
    spec = catalog[frame.object]
    if frame.shape == "rate":
        return "Win rate"
    if not frame.measure.field:
        return spec.label
    label = field_label(catalog, spec, frame.measure.field).lower()
    words = {
        "sum": "Total",
        "weighted": "Weighted",
        "avg": "Average",
        "min": "Lowest",
        "max": "Highest",
        "count_distinct": "Number of different",
    }
    if frame.measure.fn == "count_distinct":
        label = plural(label)
    return f"{words.get(frame.measure.fn, frame.measure.fn)} {label}"


def deed(catalog: Catalog, frame: Frame, count: int) -> str | None:
    """ "Darcel Schlecht won 349 deals in 2024.", where one user's won or lost records are counted."""
    spec = catalog[frame.object]
    stage = kind_field(spec)
    kinds = [
        term
        for term in frame.terms
        if stage and term.slot == stage.name and term.label in ("won", "lost") and not term.negated
    ]
    users = [
        term
        for term in frame.terms
        if ((term.entity and term.entity.object == "users") or term.label == "you") and not term.negated
    ]
    if len(kinds) != 1 or len(users) != 1 or frame.yes_no:
        return None
    rest = conditions(catalog, frame, (kinds[0], users[0]))
    who = users[0].label if users[0].label != "you" else "You"
    counted = wording.counted(count, spec.singular, spec.label.lower()).replace("No ", "no ")
    return f"{who} {kinds[0].label} {counted}{rest}."
