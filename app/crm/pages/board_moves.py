"""Moving a card: one change set that can be undone. A loss asks why, a win asks when; nothing is asked twice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from pydantic import JsonValue

from app.crm.pages import board, board_shape, frame, locale, queries, undo
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Condition, FieldSpec, Group, Measure, Operation, Option, Record
from app.shared.errors import Conflict, FieldError, Forbidden, Invalid

_REASONS = 8  # that are offered: those given most often
_ASKED = "_asked"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a card moves: `why` it was lost, `when` it was won, or `where` to; and what is offered."""

    kind: str
    option: Option | None
    reasons: tuple[str, ...] = ()
    reason: str = ""
    day: str = ""
    planned: date | None = None
    problem: str = ""


def ask(object: str, id: int) -> str:
    """GET /<object>/<id>/move: where to, and what a move asks; the way of those whose browser runs no scripts."""
    _may_move()
    with reading() as reader:
        field = _field(reader, object, request.args.get("by", ""))
        record = reader.record(object, id)
        option = field.option(request.args.get("to", ""))
        question = (option and _question(reader, record, option)) or Question("where", option)
        options = _options(field, record)
        back = undo.local(request.args.get("next"), "") or undo.came_from(board_shape.path(object, field.name))
    return render_template(
        "move.html",
        spec=reader.catalog[object], record=record, field=field, question=question, options=options, back=back,
    )  # fmt: skip


def move(object: str, id: int) -> Response:
    """POST /<object>/<id>/move: the field `by` becomes `to`; where it isn't `from` any more, nothing is changed.

    A script gets the toast and the two columns as they are then, or the question that is to be answered first.
    """
    _may_move()
    form = request.form
    with reading() as reader:
        field = _field(reader, object, form.get("by", ""))
        record = reader.record(object, id)
        option = field.option(form.get("to", ""))
        question = None if _ASKED in form or option is None else _question(reader, record, option)
    if question:
        return _asked(record, field, question)
    try:
        stored = services().crm.apply(principal(), ChangeSet(operations=(_operation(record, field),)))
    except Conflict as error:
        if not undo.wants_fragment():
            raise
        said = frame.Toast(_elsewhere(record, field, error), None, True)
        return make_response(render_template("_moved.html", toast=said, lanes=_fresh(object)), 409)
    except Invalid as error:
        if _ASKED not in form or option is None:
            raise
        return _again(record, field, option, error.errors)
    target = undo.local(form.get("_next"), "") or undo.came_from(board_shape.path(object, field.name))
    if not undo.wants_fragment():
        return undo.answer(target, f"moved:{object}", stored.id)
    return undo.answer(target, f"moved:{object}", stored.id, template="_moved.html", lanes=_fresh(object))


def _may_move() -> None:
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))


def _field(reader: Reader, object: str, by: str) -> FieldSpec:
    """The field of the board; a board without columns has nowhere to move to."""
    field = board_shape.chosen(reader.catalog[object], by)
    if field is None or by not in ("", field.name):
        reason = _("A board is made of a field with choices; this is none.")
        raise Invalid(reason, errors=(FieldError("by", reason),))
    return field


def _options(field: FieldSpec, record: Record) -> list[Option]:
    """Where the record can go: the stages of its own pipeline, or every option."""
    now = field.option(str(record.values.get(field.name) or ""))
    mine = [item for item in field.options if now is None or item.pipeline == now.pipeline]
    return [item for item in mine if item is not now]


def _operation(record: Record, field: FieldSpec) -> Operation:
    form = request.form
    values: dict[str, Any] = {field.name: form.get("to") or None}
    for name in ("lost_reason", "close_date"):
        if name in form:
            values[name] = form[name].strip() or None
    expect: dict[str, JsonValue] | None = {field.name: form["from"] or None} if "from" in form else None
    return Operation(action="update", object=record.object, id=record.id, values=values, expect=expect)


def _fresh(object: str) -> str:
    """The two columns that a card has left and come to."""
    keys = {request.form.get("to", ""), request.form.get("from", "")}
    return board.fresh(object, undo.came_from(""), keys)


def _elsewhere(record: Record, field: FieldSpec, error: Conflict) -> str:
    with reading() as reader:
        now = reader.record(record.object, record.id).values.get(field.name)
    option = field.option(str(now or ""))
    if option is None:
        return error.detail
    return _("%(card)s has been moved to %(lane)s meanwhile.", card=record.label, lane=option.label)


# --- questions --------------------------------------------------------------------------------------------------------


def _question(reader: Reader, record: Record, option: Option) -> Question | None:
    """What is to be known of this move, if anything: nothing where the record says it already."""
    spec = reader.catalog[record.object]
    if option.kind == "lost" and spec.field("lost_reason"):
        given = str(record.values.get("lost_reason") or "")
        return Question("why", option, reasons(reader, record.object), given)
    planned, today = record.values.get("close_date"), locale.today()
    if option.kind == "won" and planned and planned != today:
        return Question("when", option, day=today.isoformat(), planned=planned)
    return None


def reasons(reader: Reader, object: str) -> tuple[str, ...]:
    """The reasons that were given so far, the most frequent first."""
    given = Condition(field="lost_reason", op="empty", value=False)
    by = (Group(field="lost_reason"),)
    query = queries.of(object, given, group_by=by, measures=(Measure(),), sort=("-count",), limit=_REASONS)
    return tuple(str(row.keys[0]) for row in reader.groups(query).rows)


def _asked(record: Record, field: FieldSpec, question: Question) -> Response:
    if undo.wants_fragment():
        html = render_template("_move_ask.html", record=record, field=field, question=question, back="")
        return make_response(html)
    asked = [("by", field.name), ("to", request.form.get("to", "")), ("next", undo.came_from(""))]
    return _redirect(queries.address(f"{record.url}/move", asked))


def _again(record: Record, field: FieldSpec, option: Option, errors: tuple[FieldError, ...]) -> Response:
    """The question once more, with what was answered and what is wrong with it."""
    form, problem = request.form, " ".join(error.message for error in errors)
    with reading() as reader:
        found = _question(reader, record, option) or Question("why", option)
        question = Question(
            found.kind, option, found.reasons, form.get("lost_reason", ""), form.get("close_date", ""),
            found.planned, problem,
        )  # fmt: skip
        shown = {"record": record, "field": field, "question": question, "back": undo.local(form.get("_next"), "")}
        if undo.wants_fragment():
            return make_response(render_template("_move_ask.html", **shown), 422)
        page = render_template("move.html", spec=reader.catalog[record.object], options=(), **shown)
    return make_response(page, 422)


def _redirect(target: str) -> Response:
    return make_response(redirect(target, 303))
