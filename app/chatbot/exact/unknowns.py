"""Records without a value meet every "not": an answer says how many of them it holds."""

from __future__ import annotations

from collections.abc import Iterator

from app.chatbot.exact import phrases
from app.chatbot.exact.asker import Asker
from app.chatbot.understanding.frame import Frame, Term, condition
from app.shared.contract import Condition


def notes(asker: Asker, frame: Frame) -> Iterator[str]:
    """One sentence for each field by which records are left out: "Including 3 without a country." """
    spec = asker.spec(frame)
    for term in frame.terms if not frame.versus else ():
        field = phrases.field_at(asker.catalog, spec, term.slot)
        if field is None or not isinstance(term.filter, Condition) or term.filter.op not in ("ne", "not_in"):
            continue
        empty = Term(condition(term.filter.field, "empty", True), term.slot)
        query = frame.rows_query((empty,)).model_copy(update={"sort": (), "limit": 50})
        if count := asker.number(query):
            yield f"Including {count:,} without {phrases.article(field.label.lower())}."
