"""A question to passages: candidates by full text and by vectors, fused, checked for rights, quoted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.chatbot.retrieval import chunks, fusion, quote, words
from app.chatbot.retrieval.vectors import Neighbour
from app.chatbot.types import Passage
from app.shared.contract import (
    And,
    Catalog,
    Condition,
    CrmPort,
    Document,
    Filter,
    ObjectSpec,
    Or,
    Page,
    Principal,
    Query,
)

Ref = tuple[str, int]
DEPTH = 60  # how far each ranking of records is read
CHUNKS = 240  # how far that of chunks is: a record has several, which overlap
NEAR = 0.25  # cosine below which a neighbour that shares no word is noise: unrelated questions reach 0.20 (all-MiniLM)
NEAR_NAMED = 0.1  # the same among the texts of a record that the question names: one of them is meant
_MAX_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search is narrowed to."""

    links: tuple[Ref, ...] = ()
    objects: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def by_kind(self) -> dict[str, list[str]]:
        """The links as the vectors know them."""
        kinds: dict[str, list[str]] = {}
        for name, record in self.links:
            kinds.setdefault(name, []).append(f"{name}:{record}")
        return kinds

    @property
    def narrow(self) -> bool:
        return bool(self.links or self.since or self.until)


def text_objects(catalog: Catalog, objects: Sequence[str] = ()) -> list[ObjectSpec]:
    """The objects whose records carry prose."""
    return [
        spec
        for spec in catalog.objects.values()
        if spec.has_pages
        and (not objects or spec.name in objects)
        and any(field.type == "long_text" and field.searchable for field in spec.fields)
    ]


def candidates(port: CrmPort, principal: Principal, scope: Scope) -> list[Ref]:
    """The records of a narrow scope, newest first, as the principal may see them."""
    found: list[tuple[str, Ref]] = []
    for spec in text_objects(port.catalog(), scope.objects):
        where = _conditions(spec, scope)
        if where is None:
            continue
        by_date = spec.date_field or "created_at"
        page = port.query(
            principal,
            Query(object=spec.name, where=where, sort=(f"-{by_date}",), columns=(by_date,), limit=_MAX_CANDIDATES),
        )
        if isinstance(page, Page):
            found += [(str(record.values[by_date] or ""), (spec.name, record.id)) for record in page.records]
    return [ref for _, ref in sorted(found, reverse=True)]


def _conditions(spec: ObjectSpec, scope: Scope) -> Filter | None:
    """The scope as a filter on one object; None where this object can't be in it."""
    parts: list[Filter] = []
    for kind in dict.fromkeys(name for name, _ in scope.links):
        ids = [record for name, record in scope.links if name == kind]
        ways: list[Filter] = [
            Condition(field=field.name, op="in", value=list(ids))
            for field in spec.fields
            if field.type == "link" and field.target == kind
        ]
        if spec.name == kind:
            ways.append(Condition(field="id", op="in", value=list(ids)))
        if not ways:
            return None
        parts.append(ways[0] if len(ways) == 1 else Or(items=tuple(ways)))
    by_date = spec.date_field or "created_at"
    if scope.since:
        parts.append(Condition(field=by_date, op="gte", value=scope.since.isoformat()))
    if scope.until:
        parts.append(Condition(field=by_date, op="lt", value=(scope.until + timedelta(days=1)).isoformat()))
    return And(items=tuple(parts))


def topic(port: CrmPort, principal: Principal, text: str, scope: Scope) -> str:
    """What is asked about the records that the search is narrowed to: their names are in each of their texts."""
    if not scope.links:
        return text
    return words.without(text, (record.label for record in port.get_many(principal, scope.links).values()))


def passages(
    port: CrmPort,
    principal: Principal,
    text: str,
    scope: Scope,
    near: Sequence[Neighbour],
    limit: int,
    weigh: fusion.Weigh = fusion.weights,
) -> list[Passage]:
    """Passages, best first. `near`: the nearest chunks by vectors, where there are vectors."""
    subject = " ".join(words.content_words(text))
    allowed = candidates(port, principal, scope) if scope.narrow else None
    if not subject:
        ranked = {ref: 1.0 / (rank + 1) for rank, ref in enumerate(allowed or ())}
        return _quoted(port, principal, subject, ranked, {}, limit, NEAR)
    inside = None if allowed is None else set(allowed)
    by_words = _by_words(port, principal, subject, scope, inside)
    chunk_of = _by_meaning(near, inside)
    wordy, meaning = weigh(text, bool(scope.links))
    ranked = fusion.fuse(((wordy, by_words), (meaning, list(chunk_of))))
    return _quoted(port, principal, subject, ranked, chunk_of, limit, NEAR_NAMED if scope.links else NEAR)


def _by_words(port: CrmPort, principal: Principal, subject: str, scope: Scope, inside: set[Ref] | None) -> list[Ref]:
    objects = [spec.name for spec in text_objects(port.catalog(), scope.objects)]
    depth = DEPTH if inside is None else 10 * DEPTH
    hits = port.search(principal, subject, objects=objects, limit=depth)
    refs = [(hit.ref.object, hit.ref.id) for hit in hits]
    return [ref for ref in refs if inside is None or ref in inside][:DEPTH]


def _by_meaning(near: Sequence[Neighbour], inside: set[Ref] | None) -> dict[Ref, Neighbour]:
    """The best chunk of each record, nearest first."""
    best: dict[Ref, Neighbour] = {}
    for neighbour in near:
        name, _, number = neighbour.record.rpartition(":")
        ref = (name, int(number))
        if inside is None or ref in inside:
            best.setdefault(ref, neighbour)
    return best


def _quoted(
    port: CrmPort,
    principal: Principal,
    subject: str,
    ranked: dict[Ref, float],
    chunk_of: dict[Ref, Neighbour],
    limit: int,
    floor: float,
) -> list[Passage]:
    """Check the rights on each hit again, drop noise and near-duplicates, and quote what fits.

    `floor`: the cosine below which a hit that shares no word is noise.
    """
    refs = list(ranked)[: 4 * limit]
    records = port.get_many(principal, refs)
    documents = {(item.object, item.id): item for item in port.documents(list(records))}
    found: list[Passage] = []
    seen: set[str] = set()
    for ref in refs:
        document = documents.get(ref)
        if document is None or not document.text:
            continue
        part, fit = _best_chunk(document, subject, chunk_of.get(ref))
        near = chunk_of[ref].score if ref in chunk_of else 0.0
        if subject and not fit and near < floor:
            continue
        text = quote.best(part, subject)
        if (folded := " ".join(text.split()).casefold()) in seen:
            continue
        seen.add(folded)
        found.append(Passage(records[ref].ref, text, ranked[ref], document.date, document.author, document.links))
        if len(found) == limit:
            break
    return found


def _best_chunk(document: Document, subject: str, neighbour: Neighbour | None) -> tuple[str, float]:
    """The chunk that shares most words with the question, the vectors' choice among equals; and that share."""
    parts = chunks.split(document) or [chunks.Chunk(0, document.text or "")]
    chosen = neighbour.number if neighbour else 0
    best = max(parts, key=lambda part: (quote.overlap(part.text, subject), part.number == chosen, -part.number))
    return best.text, quote.overlap(f"{document.title} {best.text}", subject)
