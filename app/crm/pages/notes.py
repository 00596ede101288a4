"""What notes and other texts have beside their records' pages: pinning, editing in place, preview, whom to mention."""

from flask import Response, make_response, render_template, request

from app.crm.objects import BUILT_IN
from app.crm.pages import undo
from app.crm.pages.markdown import prose
from app.crm.pages.reader import reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Operation
from app.shared.db import text_key
from app.shared.errors import Conflict, Forbidden, Invalid

MOST = 8  # that are offered at a time
_LONGEST = 100_000


def pin(id: int) -> Response:
    """POST /notes/<id>/pin `pinned=true|false`: above the timeline of what it hangs on, or back among the others."""
    pinned = request.form.get("pinned") == "true"
    operation = Operation(action="update", object="notes", id=id, values={"pinned": pinned})
    stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    return undo.answer(undo.came_from(f"/notes/{id}"), "pinned" if pinned else "unpinned", stored.id)


# --- editing in place -------------------------------------------------------------------------------------------------


def editor(object: str, id: int) -> str:
    """GET /notes/<id>/text: the form that stands in place of a text while it is edited."""
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))
    with reading() as reader:
        record = reader.record(object, id)
    return render_template("_text_editor.html", record=record, text=record.values.get("body") or "", problem="")


def save(object: str, id: int) -> Response:
    """POST /notes/<id>/text: the new text, if nobody has changed it meanwhile; the toast and the text as it reads."""
    text, was = (_lines(request.form.get(name, "")) for name in ("body", "_was"))
    operation = Operation(
        action="update", object=object, id=id, values={"body": text or None}, expect={"body": was or None}
    )
    try:
        stored = services().crm.apply(principal(), ChangeSet(operations=(operation,)))
    except (Conflict, Invalid) as error:
        return _refused(object, id, text, was, error)
    return undo.answer(f"/{object}/{id}", f"updated:{object}", stored.id, template="_text_saved.html", text=text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _refused(object: str, id: int, text: str, was: str, error: Conflict | Invalid) -> Response:
    """The form again, with what was typed; what somebody else has written stands beside it."""
    with reading() as reader:
        record = reader.record(object, id)
    theirs = str(record.values.get("body") or "") if isinstance(error, Conflict) else ""
    fresh = theirs or was
    page = render_template(
        "_text_editor.html", record=record, text=text, was=fresh, theirs=theirs, problem=error.detail
    )  # fmt: skip
    return make_response(page, error.status)


def preview() -> str:
    """POST /markdown `text`: as it will read."""
    return render_template("_text_preview.html", text=prose(_lines(request.form.get("text", ""))[:_LONGEST]))


# --- mentions ---------------------------------------------------------------------------------------------------------


def mentions() -> str:
    """GET /mentions?q=&of=users|records: whom or what a text can name, as options to choose from."""
    wanted = request.args.get("q", "").strip()[:100]
    found = _users(wanted) if request.args.get("of") == "users" else _records(wanted)
    icons = {name: spec.icon for name, spec in BUILT_IN.items()}
    return render_template("_mentions.html", found=found[:MOST], icons=icons)


def _users(wanted: str) -> list[tuple[str, int, str]]:
    key = text_key(wanted) or ""
    with reading() as reader:
        labels = reader.labels("users")
    mine = [(text_key(label) or "", id, label) for id, label in labels]
    found = [(not name.startswith(key), name, id, label) for name, id, label in mine if key in name]
    return [("users", id, label) for _later, _name, id, label in sorted(found)]


def _records(wanted: str) -> list[tuple[str, int, str]]:
    """By full text; without any word what was looked at last would be a guess, so nothing is offered."""
    if not wanted:
        return []
    hits = services().crm.search(principal(), wanted, limit=MOST, match_all=True)
    return [(hit.ref.object, hit.ref.id, hit.ref.label) for hit in hits]
