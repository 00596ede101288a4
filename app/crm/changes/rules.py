"""What the program fills in by itself, per object. Explicit values always win; an undo goes past these rules."""

from collections.abc import Callable

from app.crm.changes.codec import State
from app.crm.changes.context import Context


def fill(context: Context, object: str, values: State, *, new: bool) -> None:
    """Defaults, as if they had been given (before stages and links are looked up)."""
    author = context.principal.user_id if object == "notes" else context.author_id
    if new and author is not None:
        values.setdefault("owner", author)
    if object == "deals" and (new or "pipeline" in values) and context.stages.pipelines:
        values["pipeline"] = values.get("pipeline") or context.stages.pipelines[0]


def derive(context: Context, index: int, object: str, was: State | None, state: State, given: State) -> None:
    """What follows from the new values. `was` is the state before, None for a new record."""
    if rule := _DERIVE.get(object):
        rule(context, index, was, state, given)


def _deal(context: Context, index: int, was: State | None, state: State, given: State) -> None:
    _stage_of_its_pipeline(context, state)
    if was is None or was["stage"] != state["stage"]:
        _new_stage(context, state, given)
    probability = state["probability"]
    if probability is not None and not 0 <= probability <= 100:
        context.problems.refuse(index, "probability", "Expected a percentage from 0 to 100.")


def _stage_of_its_pipeline(context: Context, state: State) -> None:
    stage = context.stages.all.get(state["stage"] or 0)
    if stage is None or stage.pipeline_id != state["pipeline"]:
        first = context.stages.first(state["pipeline"])
        state["stage"] = first.id if first else None


def _new_stage(context: Context, state: State, given: State) -> None:
    state["stage_changed_at"] = given.get("stage_changed_at") or context.now  # given: a made-up past, the demo's
    stage = context.stages.all.get(state["stage"] or 0)
    if stage is None:
        return
    if given.get("probability") is None:
        state["probability"] = stage.probability
    if stage.kind != "open" and "close_date" not in given and not context.is_import:
        _closed_by_today(context, state)


def _closed_by_today(context: Context, state: State) -> None:
    """A deal that is decided was so today at the latest: a day that was only planned would keep it out of the past."""
    if not state["close_date"] or state["close_date"] > context.today:
        state["close_date"] = context.today


def _task(context: Context, index: int, was: State | None, state: State, given: State) -> None:
    state["done"] = bool(state["done"])
    if state["done"] != bool(was and was["done"]):
        state["done_at"] = context.now if state["done"] else None


def _note(context: Context, index: int, was: State | None, state: State, given: State) -> None:
    state["private"] = bool(state["private"])
    turned = state["private"] and not (was and was["private"])
    if turned and (state["owner"] is None or state["owner"] != context.principal.user_id):
        context.problems.refuse(index, "private", "Only its author can make a note private.")


_DERIVE: dict[str, Callable[[Context, int, State | None, State, State], None]] = {
    "deals": _deal,
    "tasks": _task,
    "notes": _note,
}
