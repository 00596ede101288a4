"""Chains of tasks: no circle is made, and a step that is done hands on to the next."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.crm.changes import rows
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.schema import TABLES

if TYPE_CHECKING:
    from app.crm.changes.plan import Plan

_TASKS = TABLES["tasks"]


# --- circles ----------------------------------------------------------------------------------------------------------


def check(context: Context, plan: "Plan") -> None:
    """Refuse what would let a task come after itself, by however many steps; one statement for the whole set."""
    tasks = [work for work in plan.works.values() if work.spec.name == "tasks" and not work.purged]
    claims = [work for work in tasks if work.state["after"] is not None and _is_claim(work)]
    if not claims:
        return
    after = _earlier(context, {work.state["after"] for work in claims})
    after |= {work.id: work.state["after"] for work in tasks}
    for work in claims:
        if _leads_back(work.id, after):
            message = f"That would make a circle: {_name(context, work)} comes after this task already."
            context.problems.refuse(work.index, "after", message)


def _is_claim(work: Work) -> bool:
    return work.created or work.state["after"] != work.was["after"]


def _earlier(context: Context, ids: Collection[int]) -> dict[int, int | None]:
    """Each task from which one of these follows, with what that follows itself; the chains to their beginnings."""
    up = select(_TASKS.c.id, _TASKS.c.after_id).where(_TASKS.c.id.in_(sorted(ids))).cte("up", recursive=True)
    up = up.union(select(_TASKS.c.id, _TASKS.c.after_id).join(up, _TASKS.c.id == up.c.after_id))
    return {row.id: row.after_id for row in context.connection.execute(select(up.c.id, up.c.after_id))}


def _leads_back(start: int, after: Mapping[int, int | None]) -> bool:
    seen: set[int] = set()
    here = after.get(start)
    while here is not None and here not in seen:
        if here == start:
            return True
        seen.add(here)
        here = after.get(here)
    return False


def _name(context: Context, work: Work) -> str:
    id = work.state["after"]
    target = rows.targets(context, "tasks", [id]).get(id)
    return f"“{target.label}”" if target and target.visible else "that task"


# --- the next step ----------------------------------------------------------------------------------------------------


def unlock(context: Context, plan: "Plan") -> None:
    """Steps whose turn has come by this set, and that have no due date, become due on the next working day."""
    done = [work.id for work in plan.works.values() if work.spec.name == "tasks" and _is_done_now(work)]
    if not done or context.is_import:
        return
    waiting = (_TASKS.c.done.is_not(True), _TASKS.c.trashed_at.is_(None), _TASKS.c.due_date.is_(None))
    statement = select(_TASKS.c.id).where(_TASKS.c.after_id.in_(sorted(done)), *waiting)
    ids = [id for id in context.connection.execute(statement).scalars() if ("tasks", id) not in plan.works]
    for work in rows.load(context, context.catalog["tasks"], ids, with_tags=False).values() if ids else ():
        before = dict(work.state)
        work.state["due_date"] = next_working_day(context.today)
        plan.works[work.key] = work
        plan.update(work, before)


def _is_done_now(work: Work) -> bool:
    return bool(work.state["done"]) and not work.was["done"] and not (work.created or work.trashed_at or work.purged)


def next_working_day(day: date) -> date:
    return day + timedelta(days={4: 3, 5: 2}.get(day.weekday(), 1))
