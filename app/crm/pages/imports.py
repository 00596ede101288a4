"""The import page: choose a file, say what its columns are, see what would happen, run it, read the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from app.crm.objects import BUILT_IN, TYPED_OBJECTS
from app.crm.pages.reader import Reader, reading
from app.crm.pages.undo import wants_fragment
from app.crm.pages.words import gettext as _
from app.crm.transfer import CREATABLE, jobs, own, ownids
from app.crm.web import principal, services
from app.shared.contract import ObjectSpec
from app.shared.db import text_key
from app.shared.errors import Forbidden
from app.shared.jobs import ACTIVE

_RECENT = 5


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of the file: its name, a value for example, and the field that it most likely is."""

    name: str
    sample: str
    field: str
    has_ids: bool = False  # of records that are here

    @property
    def key(self) -> str:
        """What rows are matched by, if by this column."""
        return own.ID.name if self.has_ids else self.field or self.name


def _may_import() -> None:
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not import any."))


def page() -> str:
    """GET /import?object=."""
    _may_import()
    recent, _total = jobs.listing(services().database, principal(), _RECENT, None)
    asked = request.args.get("object", "companies")
    return render_template(
        "import.html",
        objects=[BUILT_IN[name] for name in TYPED_OBJECTS], chosen=asked if asked in TYPED_OBJECTS else "companies",
        recent=recent, labels=_state_labels(),
    )  # fmt: skip


def _state_labels() -> dict[str, str]:
    return {
        "queued": _("Waiting"), "running": _("Running"), "done": _("Done"), "failed": _("Failed"),
        "canceled": _("Canceled"),
    }  # fmt: skip


def guess(spec: ObjectSpec, name: str, taken: set[str]) -> str:
    """The field that a column is called by: its name, label or another word for it; "" where none is."""
    key = (text_key(name) or "").replace("_", " ").strip()
    for field in spec.fields:
        words = {field.name.replace("_", " "), field.label, *field.synonyms}
        if not field.read_only and field.name not in taken and key in {text_key(word) for word in words}:
            return field.name
    return ""


def _headings(reader: Reader, spec: ObjectSpec, names: Sequence[str], samples: Sequence[str]) -> list[Heading]:
    has_ids = ownids.is_named_so(reader.connection, reader.principal, spec, names, samples)
    taken: set[str] = set()
    made = []
    for index, name in enumerate(names):
        field = guess(spec, name, taken)
        taken.add(field)
        made.append(Heading(name, samples[index] if index < len(samples) else "", field, has_ids and not index))
    return made


def columns() -> str:
    """POST /import/columns: the mapping's form for the columns that the browser read from the file's first lines."""
    _may_import()
    names, samples = request.form.getlist("column")[:200], request.form.getlist("sample")[:200]
    chosen = request.form.get("object", "")
    with reading() as reader:
        spec = reader.catalog[chosen if chosen in TYPED_OBJECTS else "companies"]
        headings = _headings(reader, spec, names, samples)
    return render_template(
        "_import_columns.html",
        spec=spec, headings=headings, creatable=_creatable(spec),
        fields=[field for field in spec.fields if not field.read_only],
    )  # fmt: skip


def _creatable(spec: ObjectSpec) -> list[tuple[str, str]]:
    """What an import of this object may create besides its records."""
    words = {
        "fields": _("Fields for the columns that have none"),
        "owners": _("Owners (they can't sign in until they are invited)"),
        "stages": _("Stages"),
        "companies": _("Companies"),
        "people": _("People"),
    }
    targets = {field.target for field in spec.fields}
    wanted = {
        "fields": True,
        "owners": "users" in targets,
        "stages": any(field.type == "stage" for field in spec.fields),
        "companies": "companies" in targets,
        "people": "people" in targets,
    }
    return [(name, words[name]) for name in CREATABLE if wanted.get(name)]


def report(id: int) -> str:
    """GET /import/<id>: how far it is, and what it did."""
    _may_import()
    run: Mapping[str, Any] = jobs.read(services().database, principal(), id)
    name = "_import_report.html" if wants_fragment() else "import_report.html"
    change_set = (run["report"] or {}).get("change_set")
    is_undone = change_set is not None and services().crm.change_set(principal(), change_set).state == "undone"
    has_errors = jobs.errors(services().settings.instance / "imports", id).exists()
    return render_template(
        name, run=run, report=run["report"] or {}, labels=_state_labels(), spec=BUILT_IN[run["object"]],
        active=run["state"] in ACTIVE, has_errors=has_errors, is_undone=is_undone,
    )  # fmt: skip
