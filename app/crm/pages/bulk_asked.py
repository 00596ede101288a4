"""What is asked for a change of the selected records: read from the form, with what is still missing of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.crm.bulk.work import Work
from app.crm.pages import forms
from app.crm.pages.reader import Reader
from app.crm.pages.words import gettext as _
from app.shared.contract import FieldSpec, ObjectSpec

_MOST_FIELDS = 10


@dataclass
class Asked:
    """What the form says so far: the work where it is all there, else what is missing.

    `is_lost`: a lost stage was chosen, so it is asked why; `reason_problem`: no answer has been given.
    """

    work: Work | None = None
    controls: list[forms.Control] = field(default_factory=list)
    problem: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    is_lost: bool = False
    reason_problem: str = ""


def choices(spec: ObjectSpec) -> list[FieldSpec]:
    """The fields that "edit" offers: tags have an action of their own, the stage brings its pipeline along."""
    return [item for item in forms.editable(spec) if item.type != "tags" and item.target != "pipelines"]


def read(reader: Reader, spec: ObjectSpec, action: str, form: Any) -> Asked:
    if action in ("trash", "restore"):
        return Asked(Work("trash" if action == "trash" else "restore"))
    if action == "complete":
        return Asked(Work("update", {"done": True}))
    if action == "tags":
        return _asked_tags(form)
    return _asked_values(reader, spec, action, form)


def _asked_tags(form: Any) -> Asked:
    typed = {name: form.get(name, "") for name in ("_add", "_remove")}
    add, remove = (tuple(part.strip() for part in text.split(",") if part.strip()) for text in typed.values())
    if not add and not remove:
        return Asked(problem=_("Type a tag to add or to remove."), tags=typed)
    return Asked(Work("update", {}, add, remove), tags=typed)


def _names(spec: ObjectSpec, action: str, form: Any) -> list[str]:
    if action == "assign":
        return ["owner"]
    if action == "stage":
        return [item.name for item in spec.fields if item.type == "stage"]
    known = {item.name for item in choices(spec)}
    return [name for name in dict.fromkeys(form.getlist("_f")) if name in known][:_MOST_FIELDS]


def _asked_values(reader: Reader, spec: ObjectSpec, action: str, form: Any) -> Asked:
    names = _names(spec, action, form)
    fields = [item for name in names if (item := spec.field(name))]
    stage = next((item for item in fields if item.type == "stage"), None)
    extra = ["pipeline", "lost_reason"] if stage else []
    beside = [item for name in extra if name not in names and (item := spec.field(name))]
    sent = forms.read_some(reader, [*fields, *beside], form)
    shown = forms.with_sent(forms.controls(reader, spec, {}, {}), sent, sent.problems)
    controls = [item for name in names for item in shown if item.spec.name == name]
    values = {name: sent.values.get(name) for name in names}
    values |= _beside_stage(stage, sent)
    problem = "" if names else _("Choose a field.")
    if stage is not None and not sent.texts.get(stage.name):
        problem = _("Choose a stage.")
    is_lost = _is_lost(stage, sent)
    unsaid = (
        is_lost and "lost_reason" not in names and not sent.texts.get("lost_reason") and "_keep_reasons" not in form
    )
    why = _("Say why they were lost, or leave the reasons as they are.") if unsaid else ""
    is_whole = not problem and not sent.problems and not why
    return Asked(Work("update", values) if is_whole else None, controls, problem, {}, is_lost, why)


def _is_lost(stage: FieldSpec | None, sent: forms.Sent) -> bool:
    option = stage.option(str(sent.values.get(stage.name) or "")) if stage else None
    return option is not None and option.kind == "lost"


def _beside_stage(stage: FieldSpec | None, sent: forms.Sent) -> dict[str, Any]:
    """What a chosen stage brings along: its pipeline where there are several, and why a deal was lost."""
    if stage is None:
        return {}
    found = {"pipeline": sent.values["pipeline"]} if sent.texts.get("pipeline") else {}
    given = _is_lost(stage, sent) and sent.texts.get("lost_reason")
    return found | ({"lost_reason": sent.values["lost_reason"]} if given else {})
