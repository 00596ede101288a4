"""A question to passages: candidates by full text and by vectors, fused, checked for rights, ranked, quoted."""

from collections.abc import Mapping, Sequence

from app.chatbot.retrieval import chunks, fusion, quote, ranking, words
from app.chatbot.retrieval.likeness import Likeness
from app.chatbot.retrieval.meaning import Meaning
from app.chatbot.retrieval.scope import Ref, Scope, candidates, text_objects
from app.chatbot.retrieval.vectors import Neighbour
from app.chatbot.types import Passage
from app.shared.contract import CrmPort, Document, Principal
from app.shared.contract import Ref as Link

DEPTH = 60  # how far the ranking of full text is read
READ = 96  # how many records of both rankings are looked at more closely
NEAR = 0.25  # cosine below which a neighbour that shares no word is noise: unrelated questions reach 0.20 (all-MiniLM)
NEAR_NAMED = 0.1  # the same among the texts of a record that the question names: one of them is meant
FITTING = 0.3  # the words' fit below which it is noise: unrelated questions reach 0.28
Readable = tuple[Link, Document]


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
    meaning: Meaning | None,
    limit: int,
    weigh: fusion.Weigh = fusion.weights,
) -> list[Passage]:
    """Passages, best first. `meaning`: what the vectors find, where there are vectors. Raises as that does."""
    subject = " ".join(words.content_words(text))
    allowed = candidates(port, principal, scope) if scope.narrow else None
    if not subject:
        newest = {ref: 1.0 / (rank + 1) for rank, ref in enumerate(allowed or ())}
        return _quoted(_readable(port, principal, list(newest)[:READ]), newest, subject, {}, limit)
    inside = None if allowed is None else set(allowed)
    nearest = _by_meaning(meaning.near if meaning else (), inside)
    wordy, near = weigh(text, bool(scope.links))
    fused = fusion.fuse(((wordy, _by_words(port, principal, subject, scope, inside)), (near, list(nearest))))
    first = [*list(fused)[: READ // 2], *list(nearest)[: READ // 2], *fused]
    readable = _readable(port, principal, list(dict.fromkeys(first))[:READ])
    documents = [document for _, document in readable.values()]
    fits = meaning.fits(documents, nearest) if meaning else {}
    scores = ranking.scores(text, documents, fused, fits, nearest, scope.beside)
    relevant = _relevant(readable, subject, nearest, fits, NEAR_NAMED if scope.links else NEAR)
    return _quoted(relevant, scores, subject, nearest, limit)


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


def _readable(port: CrmPort, principal: Principal, refs: Sequence[Ref]) -> dict[Ref, Readable]:
    """Those of these records that the principal may see, by rights checked again now, with their texts."""
    records = port.get_many(principal, refs)
    documents = {(item.object, item.id): item for item in port.documents(list(records)) if item.text}
    return {ref: (records[ref].ref, document) for ref, document in documents.items()}


def _relevant(
    readable: Mapping[Ref, Readable],
    subject: str,
    nearest: Mapping[Ref, Neighbour],
    fits: Mapping[Ref, float],
    floor: float,
) -> dict[Ref, Readable]:
    """Without noise: what shares no word with the question, and isn't near it by any measure either."""
    return {
        ref: found
        for ref, found in readable.items()
        if (ref in nearest and nearest[ref].score >= floor)
        or fits.get(ref, 0.0) >= FITTING
        or quote.overlap(f"{found[1].title} {found[1].text}", subject)
    }


def _quoted(
    readable: Mapping[Ref, Readable],
    scores: Mapping[Ref, float],
    subject: str,
    nearest: Mapping[Ref, Neighbour],
    limit: int,
) -> list[Passage]:
    """Quote what fits best, and each thing once."""
    found: list[Passage] = []
    seen = Likeness()
    for ref in sorted(readable, key=lambda ref: -scores[ref]):
        record, document = readable[ref]
        text = quote.best(_best_chunk(document, subject, nearest.get(ref)), subject)
        if seen.before(text):
            continue
        found.append(Passage(record, text, scores[ref], document.date, document.author, document.links))
        if len(found) == limit:
            break
    return found


def _best_chunk(document: Document, subject: str, neighbour: Neighbour | None) -> str:
    """The chunk that shares most words with the question, the vectors' choice among equals."""
    parts = chunks.split(document) or [chunks.Chunk(0, document.text or "")]
    chosen = neighbour.number if neighbour else 0
    best = max(parts, key=lambda part: (quote.overlap(part.text, subject), part.number == chosen, -part.number))
    return best.text
