"""A record's form from its declaration: values to texts and back, one rule for each type of field."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.crm import query as door
from app.crm.pages import days, locale, numerals, pickers
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.shared.contract import FieldSpec, ObjectSpec, Option, Record, Ref
from app.shared.values import as_json

Texts = tuple[str, ...]
Form = MultiDict[str, str]
_NUMBERS = ("number", "money")
_LATER = frozenset({"tags", "currency", "pipeline", "lost_reason", "probability", "address", "private", "after"})
_SELECTS = frozenset({"users", "pipelines", "teams"})  # few enough for a plain <select>


@dataclass(frozen=True, slots=True)
class Control:
    """One field of a form, as the template needs it."""

    spec: FieldSpec
    texts: Texts = ()
    label: str = ""  # of a link's record
    problem: str = ""
    choices: Sequence[tuple[str, str]] = ()  # users and pipelines
    theirs: str | None = None  # a conflict: what someone else has put there
    mine: str = ""  # and what this user wants there, in words
    keep: str = ""  # which of them the user has chosen: mine, theirs; nothing is chosen for them
    suggestions: Sequence[tuple[int, str]] = ()  # a link by name that meant several records

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    def stage_value(self, option: Option) -> str:
        """What the choice of a stage sends: with several pipelines the pipeline's id before its key."""
        home = next((id for id, name in self.choices if name == option.pipeline), "")
        return f"{home}/{option.key}" if len(self.choices) > 1 and home else option.key

    @property
    def is_later(self) -> bool:
        """Whether it stands among the further fields: rarely filled, empty, and nothing is wrong with it."""
        rare = self.spec.name in _LATER or (not self.spec.listed and not self.spec.required)
        kept = self.spec.name in ("body", "description", "person", "deal", "email", "phone")
        return rare and not kept and not any(self.texts) and not self.problem and self.theirs is None


def editable(spec: ObjectSpec) -> list[FieldSpec]:
    return [field for field in spec.fields if not field.read_only]


# --- values to texts -------------------------------------------------------------------------------------------------


def exact(field: FieldSpec, value: Any) -> Any:
    """A value of the door as the JSON that the change door takes and compares by."""
    return value.id if isinstance(value, Ref) else as_json(value)


def texts(field: FieldSpec, value: Any) -> Texts:
    """What the form shows for a value that `exact` made."""
    if value is None or value == []:
        return ()
    if field.type == "boolean":
        return ("true",) if value else ()
    if field.type == "datetime":
        moment = datetime.fromisoformat(str(value)).astimezone(locale.zone())
        return (moment.strftime("%Y-%m-%dT%H:%M"),)
    if field.type == "tags":
        return (", ".join(value),)
    if field.type in _NUMBERS:
        return (numerals.write(value),)
    if isinstance(value, list):
        return tuple(map(str, value))
    return (str(value),) if not isinstance(value, Mapping) else (str(value.get("id", "")),)


def exact_values(spec: ObjectSpec, record: Record) -> dict[str, Any]:
    """Every editable value of a record, for the form to remember what it was made from."""
    return {field.name: exact(field, record.values.get(field.name)) for field in editable(spec)}


def remembered(form: Form) -> dict[str, Any]:
    """What the form was made from; nothing where it has been tampered with."""
    try:
        was = json.loads(form.get("_was", "{}"))
    except ValueError:
        return {}
    return was if isinstance(was, dict) else {}


# --- texts to values -------------------------------------------------------------------------------------------------


def posted(field: FieldSpec, form: Form) -> Texts:
    """The texts that were sent for a field, without the empty ones; long texts with the browser's line ends mended."""
    sent = (text.replace("\r\n", "\n") for text in form.getlist(field.name))
    return tuple(text if field.type == "long_text" else text.strip() for text in sent if text.strip())


def parsed(field: FieldSpec, sent: Texts) -> Any:
    """The JSON value of what was sent; what can't be read goes on as it is, for the change door to refuse in words.

    But for a number: raises `numerals.Unreadable` where the user's locale doesn't write it so.
    """
    if field.type == "boolean":
        return sent[:1] == ("true",)
    if field.type == "multi_select":
        return list(sent)
    if field.type == "tags":
        return [part.strip() for text in sent for part in text.split(",") if part.strip()]
    if not sent:
        return None
    return numerals.plain(sent[0]) if field.type in _NUMBERS else sent[0]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form says: the texts as they were typed, the values that they mean, and what is wrong with them."""

    texts: dict[str, Texts]
    values: dict[str, Any]
    problems: dict[str, str]
    labels: dict[str, str]
    suggestions: dict[str, Sequence[tuple[int, str]]]


def read(reader: Reader, spec: ObjectSpec, form: Form) -> Sent:
    """Read a sent form; a link that was typed as a name is looked up."""
    return read_some(reader, editable(spec), form)


def read_some(reader: Reader, fields: Sequence[FieldSpec], form: Form) -> Sent:
    """Read these fields of a sent form."""
    sent = Sent({}, {}, {}, {}, {})
    for field in fields:
        found = posted(field, form)
        if field.type == "link" and field.target not in _SELECTS:
            found = _link(reader, field, form, found, sent)
        elif field.type == "date" and found:
            found = (days.read(found[0]),)
        sent.texts[field.name] = found
        try:
            sent.values[field.name] = parsed(field, found)
        except numerals.Unreadable as error:
            sent.values[field.name], sent.problems[field.name] = None, str(error)
    _split_stage(sent)
    return sent


def _split_stage(sent: Sent) -> None:
    """With several pipelines one choice says both: `2/lead` is the stage lead of the pipeline 2."""
    if sent.texts.get("stage") and "pipeline" in sent.texts:
        pipeline, slash, key = sent.texts["stage"][0].partition("/")
        if slash and pipeline.isdecimal():
            sent.texts.update(stage=(key,), pipeline=(pipeline,))
            sent.values.update(stage=key, pipeline=pipeline)


def _joined_stage(item: Control, stage: Texts, pipeline: Texts) -> Texts:
    """The way back: what the choice of the stage shows."""
    if item.spec.type != "stage" or len(item.choices) < 2 or not stage:
        return stage
    option = item.spec.option(stage[0])
    return (f"{pipeline[0]}/{stage[0]}",) if pipeline else ((item.stage_value(option),) if option else stage)


def _link(reader: Reader, field: FieldSpec, form: Form, found: Texts, sent: Sent) -> Texts:
    """A link's id: the hidden one where it still belongs to the shown name, else the record with the typed name."""
    typed = form.get(f"{field.name}__text", "").strip()
    sent.labels[field.name] = typed
    if not typed:
        return () if f"{field.name}__text" in form else found
    if found and form.get(f"{field.name}__label", "").strip() == typed:
        return found
    matches = pickers.by_name(reader, field.target or "", typed)
    if len(matches) == 1:
        return (str(matches[0][0]),)
    near = matches or pickers.matches(reader, field.target or "", typed, 5)
    sent.suggestions[field.name] = near
    several = _("Several are called “%(name)s”: choose one.", name=typed)
    nothing = _("Nothing is called “%(name)s”: choose one, or create it first.", name=typed)
    sent.problems[field.name] = several if matches else nothing
    return ()


# --- controls --------------------------------------------------------------------------------------------------------


def _choices(reader: Reader, spec: ObjectSpec) -> dict[str, Sequence[tuple[str, str]]]:
    targets = {field.target for field in editable(spec) if field.type == "link"} & _SELECTS
    return {
        target: [(str(id), label) for id, label in reader.labels(target)]
        for target in sorted(filter(None, targets))
    }  # fmt: skip


def controls(reader: Reader, spec: ObjectSpec, values: Mapping[str, Any], labels: Mapping[str, str]) -> list[Control]:
    """The form's controls showing these exact values; `labels` are the names of linked records."""
    choices = _choices(reader, spec)
    found = [
        Control(
            field, texts(field, values.get(field.name)), labels.get(field.name, ""), choices=_of(choices, field)
        )
        for field in editable(spec)
        if field.target != "pipelines" or field.custom_id is not None  # the choice of the stage says it
    ]  # fmt: skip
    pipeline = values.get("pipeline")
    chosen = () if pipeline in (None, "") else (str(pipeline),)
    return [replace(item, texts=_joined_stage(item, item.texts, chosen)) for item in found]


def _of(choices: Mapping[str, Sequence[tuple[str, str]]], field: FieldSpec) -> Sequence[tuple[str, str]]:
    return choices.get("pipelines" if field.type == "stage" else field.target or "", ())


def with_sent(items: Sequence[Control], sent: Sent, problems: Mapping[str, str]) -> list[Control]:
    """The controls as the user left them, each with what is wrong with it."""
    return [
        replace(
            item,
            texts=_joined_stage(item, sent.texts.get(item.spec.name, ()), sent.texts.get("pipeline", ())),
            label=sent.labels.get(item.spec.name, item.label),
            problem=problems.get(item.spec.name, ""),
            suggestions=sent.suggestions.get(item.spec.name, ()),
        )
        for item in items
    ]


def link_labels(reader: Reader, spec: ObjectSpec, values: Mapping[str, Any]) -> dict[str, str]:
    """The names of the records that exact values link to: one look-up for each object that is linked."""
    wanted: dict[str, set[int]] = {}
    links = [field for field in editable(spec) if field.type == "link" and field.target]
    for field in links:
        if str(values.get(field.name) or "").isdecimal():
            wanted.setdefault(field.target or "", set()).add(int(values[field.name]))
    found = {
        (target, id): record.label
        for target, ids in sorted(wanted.items())
        for id, record in door.fetch(reader.connection, reader.principal, target, sorted(ids), trashed=True).items()
    }
    return {
        field.name: found.get((field.target or "", int(values[field.name])), "")
        for field in links
        if str(values.get(field.name) or "").isdecimal()
    }
