"""What the settings pages share that shape the workspace: who may, what was sent, and how a step is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Response, make_response, redirect, request
from sqlalchemy import Connection

from app.crm import changes
from app.crm.pages import undo
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.errors import Forbidden, Invalid

Step = Callable[[Connection], int | None]  # gives the change set that it applied, where it applied one
Show = Callable[["Refused"], str]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was wrong with a form: sentences by their field. `form` says which one of several on the page it was."""

    problems: Mapping[str, str] = field(default_factory=dict)
    form: str = ""

    def of(self, name: str, form: str = "") -> str:
        """What is wrong with a field of this form; "" where nothing is."""
        return self.problems.get(name, "") if form == self.form else ""

    def any_of(self, form: str) -> str:
        """The first thing that is wrong with this form."""
        return next(iter(self.problems.values()), "") if form == self.form else ""


NOTHING = Refused()


def admin() -> None:
    if not principal().is_admin:
        raise Forbidden(_("Only an admin can change these settings."))


def number(name: str) -> int | None:
    """A whole number that was sent; None for nothing or anything else."""
    text = request.form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def sent(name: str) -> str:
    return request.form.get(name, "").strip()


def ticked(name: str) -> bool:
    return request.form.get(name) == "true"


def take(step: Step, target: str, show: Show, *, form: str = "", what: str = "saved") -> Response:
    """Take a step in one transaction: on to `target` with a toast, or the page again with what was refused."""
    try:
        with services().database.write() as connection:
            change_set = step(connection)
    except Invalid as error:
        problems = {one.field: one.message for one in error.errors} or {"": error.detail}
        return make_response(show(Refused(problems, form)), 422)
    if change_set is not None:
        changes.announce(change_set)
    return undo.answer(target, what, change_set)


def choose(steps: Mapping[str, Step], target: str, show: Show, *, form: str = "") -> Response:
    """The step that the button named."""
    step = steps.get(request.form.get("action", ""))
    return take(step, target, show, form=form) if step else make_response(redirect(target, 303))


def place(up_or_down: str, at: int) -> int:
    """The place one up or down, counted from 1."""
    return at - 1 if up_or_down == "up" else at + 1
