"""Long work: the tray that every page may have, stopping a job, and the page with all that is told of."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, current_app, make_response, redirect, render_template, request

from app.crm.pages import locale, shaping, undo
from app.crm.pages.words import gettext as _
from app.crm.transfer import jobs as imports
from app.crm.web import principal, services
from app.shared.contract import Principal
from app.shared.errors import NotFound
from app.shared.jobs import Jobs, Work
from app.shared.types import utc_now

_RECENT = 30
_SURE = 3.0  # seconds of work after which a rate says something


@dataclass(frozen=True, slots=True)
class Line:
    """A job as the tray shows it."""

    work: Work
    kind: str
    state: str
    progress: str  # 1,200 of 5,000
    pace: str  # 400 a second, 9 seconds left


def _parts() -> Sequence[Jobs]:
    found: Sequence[Jobs] = current_app.extensions.get("parley.jobs", ())
    return found


def busy(user: Principal | None) -> bool:
    """Whether a page of this user has a tray. Asked for each page: no I/O."""
    return user is not None and any(part.is_busy(user) for part in _parts())


def _lines() -> list[Line]:
    found = [work for part in _parts() for work in part.listing(principal())]
    return [_line(work) for work in sorted(found, key=lambda work: work.started_at, reverse=True)]


def tray() -> Response:
    """GET /jobs: the tray's content, which a script asks for again while something runs; a page of its own without."""
    lines = _lines()
    if undo.wants_fragment():
        lines = [line for line in lines if line.work.is_active or "active" not in request.args]
        return make_response(render_template("_jobs.html", jobs=lines))
    return make_response(render_template("jobs.html", jobs=lines))


def stop(id: str) -> Response:
    """POST /jobs/<id>/stop."""
    if not any(part.stop(principal(), id) for part in _parts()):
        raise NotFound(_("That job has ended already, or isn't yours."))
    if undo.wants_fragment():
        return tray()
    return make_response(redirect(undo.came_from("/jobs"), 303))


def page() -> str:
    """GET /settings/jobs: what runs, and the imports of everybody."""
    shaping.admin()
    runs, total = imports.listing(services().database, principal(), _RECENT, None)
    running = [line for line in _lines() if line.work.is_active]
    return render_template("settings/jobs.html", jobs=running, runs=runs, total=total, states=_states())


# --- in words --------------------------------------------------------------------------------------------------------


def _states() -> dict[str, str]:
    return {
        "queued": _("Waiting"), "running": _("Running"), "done": _("Done"), "failed": _("Failed"),
        "canceled": _("Stopped"),
    }  # fmt: skip


def _line(work: Work) -> Line:
    kinds = {
        "import": _("Import"), "check": _("Check"), "bulk": _("Bulk edit"), "reindex": _("Reindex"), "pull": _("Model"),
    }  # fmt: skip
    return Line(work, kinds[work.kind], _states()[work.state], _progress(work), _pace(work))


def _progress(work: Work) -> str:
    if not work.total:
        return ""
    show = locale.size if work.unit == "bytes" else locale.number
    return _("%(done)s of %(total)s", done=show(work.done), total=show(work.total))


def _pace(work: Work) -> str:
    """How fast it goes and how long it will take; nothing before that can be told."""
    passed = (utc_now() - work.started_at).total_seconds()
    if not (work.is_active and work.total and work.done and passed > _SURE):
        return ""
    rate = work.done / passed
    told = locale.size(int(rate)) if work.unit == "bytes" else locale.number(round(rate, 1 if rate < 10 else None))
    left = locale.span((work.total - work.done) / rate)
    return _("%(rate)s a second, %(time)s left", rate=told, time=left)
