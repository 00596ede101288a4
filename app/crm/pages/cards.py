"""A record's card: its key facts, for whoever hovers over a link to it."""

from flask import render_template

from app.crm.pages.reader import reading
from app.shared.contract import FieldSpec, ObjectSpec, Record

MOST = 6  # facts


def show(object: str, id: int) -> str:
    """GET /<object>/<id>/card: a fragment."""
    with reading() as reader:
        spec, record = reader.catalog[object], reader.record(object, id)
    return render_template("_card.html", spec=spec, record=record, facts=_facts(spec, record))


def _facts(spec: ObjectSpec, record: Record) -> list[FieldSpec]:
    """The fields of the list that say something here; then others, as long as there is room."""
    told = [item for item in spec.fields if item.name != spec.label_field and item.type != "long_text"]
    said = [item for item in told if record.values.get(item.name) not in (None, "", ()) and not item.read_only]
    return sorted(said, key=lambda item: not item.listed)[:MOST]
