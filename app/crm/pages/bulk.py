"""Changes of the selected records of a list: what to do is asked, shown as it would come out, and then done as one.

Every step is a form that carries the selection and what was said before; nothing is kept on the server until it runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from app.crm import query as door
from app.crm.bulk import runs, selection, work
from app.crm.bulk.selection import Selection
from app.crm.pages import bulk_asked, queries, undo
from app.crm.pages.board_moves import reasons
from app.crm.pages.bulk_asked import Asked, choices
from app.crm.pages.reader import Reader, reading
from app.crm.pages.timeline_changes import value_text
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ObjectSpec, Query
from app.shared.errors import Conflict, Invalid
from app.shared.jobs import ACTIVE

PATIENCE = 2.0  # seconds that a request waits for a run's end before it shows the progress
_STATE = ("_step", "_seal", "_more")  # of one step alone; the rest goes on to the next


def _selection(object: str, form: Any) -> Selection:
    ids = [part for text in form.getlist("_ids") for part in text.split(",") if part] + form.getlist("_id")
    is_all = form.get("_all") == "1"
    left_out = [part for part in form.get("_ids", "").split(",") if part]
    return selection.read(object, form.get("_query", ""), left_out if is_all else ids, is_all=is_all)


def actions(spec: ObjectSpec) -> list[tuple[str, str, str]]:
    """What can be done to a selection of living records: key, words, icon."""
    has = {item.name for item in spec.fields}
    found = [("edit", _("Edit"), "pencil")]
    if "owner" in has:
        found.append(("assign", _("Assign"), "user-round"))
    if "tags" in has:
        found.append(("tags", _("Tags"), "tag"))
    if any(item.type == "stage" for item in spec.fields):
        found.append(("stage", _("Move stage"), "move-right"))
    if spec.name == "tasks":
        found.append(("complete", _("Complete"), "check"))
    return [*found, ("trash", _("Move to trash"), "trash-2")]


def bar(spec: ObjectSpec, query: Query, columns: Sequence[Any]) -> dict[str, Any]:
    """What a list's selection bar needs: its actions, the list's query, and the order and columns of an export."""
    shape = Query(object=spec.name, sort=query.sort, columns=tuple(column.path for column in columns))
    return {
        "bulk_actions": actions(spec),
        "bulk_query": selection.words(query),
        "bulk_shape": urlencode(queries.params(shape)),
    }


# --- the steps -------------------------------------------------------------------------------------------------------


def ask(object: str) -> Response | Answer | str:
    """POST /<object>/bulk: `_action` on a selection; `_step` is empty, `preview` or `apply`."""
    form = request.form
    chosen = _selection(object, form)
    action, step = form.get("_action", ""), form.get("_step", "")
    with reading() as reader:
        spec = reader.catalog[object]
        known = {key for key, _label, _icon in actions(spec)} | {"restore"}
        if action not in known:
            raise Invalid(_("Choose what to do with the selected records."))
        asked = bulk_asked.read(reader, spec, action, form)
        direct = action in ("trash", "restore", "complete")
        if asked.work is None or not (step or direct) or "_more" in form:
            return _form(reader, spec, chosen, action, asked, shows_problem=step == "preview" and "_more" not in form)
        if step != "apply":
            return _preview(reader, spec, chosen, action, asked)
        found = len(chosen.read(reader.connection, reader.principal, ("id",)))
        if str(found) != form.get("_seal"):
            return _preview(reader, spec, chosen, action, asked, is_anew=True)
    id = runs.start(services().database, principal(), chosen, asked.work, PATIENCE)
    return _after(id, f"/{object}?{selection.words(chosen.query)}")


def _render(name: str, status: int = 200, **values: Any) -> Response:
    """The dialog's content for a script, else the page around it."""
    template = f"_{name}.html" if undo.wants_fragment() else "bulk.html"
    return make_response(render_template(template, inner=f"_{name}.html", **values), status)


def _carried(*without: str) -> list[tuple[str, str]]:
    """The form as it came, as hidden inputs of the next step."""
    return [pair for pair in request.form.items(multi=True) if pair[0] not in (*_STATE, *without)]


def _form(
    reader: Reader, spec: ObjectSpec, chosen: Selection, action: str, asked: Asked, *, shows_problem: bool
) -> Response:
    own = {item.spec.name for item in asked.controls}
    named = [name for item in own for name in (item, f"{item}__text", f"{item}__label", f"_has.{item}")]
    kept = _carried("_action", "_f", "_add", "_remove", "lost_reason", "_keep_reasons", *named)
    problem, unsaid = (asked.problem, asked.reason_problem) if shows_problem else ("", "")
    count = reader.count(chosen.wanted())
    offered = [item for item in choices(spec) if item.name not in own]
    return _render(
        "bulk_form", 422 if problem or unsaid else 200,
        spec=spec, action=action, asked=asked, problem=problem, pairs=kept, count=count, offered=offered,
        title=_title(action, spec), back=_back(chosen),
        reason=request.form.get("lost_reason", ""), unsaid=unsaid, asks_why=action == "stage" or bool(unsaid),
        reasons=reasons(reader, spec.name) if spec.field("lost_reason") else (),
    )  # fmt: skip


def _back(chosen: Selection) -> str:
    return queries.url(chosen.query)


def _title(action: str, spec: ObjectSpec) -> str:
    return {
        "edit": _("Edit fields"), "assign": _("Assign"), "tags": _("Change tags"), "stage": _("Move stage"),
        "complete": _("Complete tasks"), "trash": _("Move to trash"), "restore": _("Restore"),
    }[action]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TurnText:
    """A turn of the preview in words."""

    before: str
    after: str
    count: int


def _preview(
    reader: Reader, spec: ObjectSpec, chosen: Selection, action: str, asked: Asked, *, is_anew: bool = False
) -> Response:
    if asked.work is None:
        raise Invalid(_("Choose what to do with the selected records."))
    seen = work.preview(reader.connection, reader.principal, chosen, asked.work, spec)
    turns = [
        (item, [TurnText(value_text(item, turn.before), value_text(item, turn.after), turn.count) for turn in found],
         seen.more[name])
        for name, found in seen.turns.items() if (item := spec.field(name))
    ]  # fmt: skip
    samples = [(line, _steps(spec, line)) for line in seen.samples]
    return _render(
        "bulk_preview", spec=spec, action=action, seen=seen, turns=turns, samples=samples, pairs=_carried(),
        title=_title(action, spec), is_anew=is_anew, back=_back(chosen), seal=str(seen.found),
    )  # fmt: skip


def _steps(spec: ObjectSpec, line: Any) -> list[tuple[str, str, str]]:
    """What changes of a record that a preview names: field, old, new."""
    fields = [(name, item) for name in line.after if (item := spec.field(name)) and not item.read_only]
    return [
        (item.label, value_text(item, line.before.get(name)), value_text(item, line.after[name]))
        for name, item in fields
    ]


# --- the run ---------------------------------------------------------------------------------------------------------


def _after(id: int, target: str) -> Response | Answer:
    """Where a run that has begun leads: its toast and the list, or its page while it runs, or what was left out."""
    run = runs.read(services().database, principal(), id)
    report: Mapping[str, Any] = run["report"] or {}
    if run["state"] == "done" and not report["refused"]:
        return undo.answer(target, f"bulk-{run['action']}:{report['changed']}", report["change_set"])
    if undo.wants_fragment():
        return make_response(_fragment(run))
    return redirect(f"/bulk/{id}", 303)


def _fragment(run: Mapping[str, Any]) -> str:
    """How far a run is; once it is done, with its toast."""
    from app.crm.pages import frame

    report = run["report"] or {}
    is_done = run["state"] == "done" and report.get("change_set")
    action = run["action"]
    what = undo.said(action) if action in ("undo", "redo") else f"bulk-{action}:{report.get('changed', 0)}"
    toast = frame.made_toast(what, report["change_set"]) if is_done else None
    return render_template("_bulk_run.html", run=run, report=report, active=run["state"] in ACTIVE, toast=toast)


def report(id: int) -> str:
    """GET /bulk/<id>: how far a bulk change is, and what it did."""
    run = runs.read(services().database, principal(), id)
    if undo.wants_fragment():
        return _fragment(run)
    active = run["state"] in ACTIVE
    return render_template("bulk_run.html", run=run, report=run["report"] or {}, active=active, toast=None)


def cancel(id: int) -> Response | Answer:
    """POST /bulk/<id>/cancel: nothing of it is kept."""
    try:
        run = runs.cancel(services().database, principal(), id)
    except Conflict:  # it has just ended: its page says how
        run = runs.read(services().database, principal(), id)
    return make_response(_fragment(run)) if undo.wants_fragment() else redirect(f"/bulk/{id}", 303)


def export(object: str) -> Answer:
    """GET /<object>/bulk/export: the selected rows as a CSV file, with the list's order and columns."""
    form = request.args
    chosen = _selection(object, form)
    shape = door.from_params(object, parse_qsl(form.get("_shape", ""), keep_blank_values=True))
    usual: Any = Query.model_fields["limit"].default
    wanted = chosen.wanted().model_copy(update={"sort": shape.sort, "columns": shape.columns, "limit": usual})
    return redirect(queries.address(f"/export/{object}.csv", queries.params(wanted)))


__all__ = ["actions", "ask", "cancel", "export", "report"]
