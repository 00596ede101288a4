"""The order of the records that both rankings brought: by their words' fit, with small weights for what stands around.

Weights were set on one half of the questions of `bench/retrieval`; the other half judges them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from app.chatbot.retrieval.vectors import Neighbour
from app.shared.contract import Document

Ref = tuple[str, int]
CLOSE = 0.3  # of the nearest chunk's cosine, beside 1 for the words' fit
EXACT = 0.3  # of the share of the question's numbers and addresses that the record has
BESIDE = 0.04  # at most so much more for what belongs to the record in view
RECENT = 0.02  # and for what is of today; half of it after
HALF_LIFE = 180  # days
_EXACT = re.compile(r"[^\s\"“”]*[\d@][^\s\"“”]*|://\S+")


def scores(
    text: str,
    documents: Sequence[Document],
    fused: Mapping[Ref, float],
    fits: Mapping[Ref, float],
    nearest: Mapping[Ref, Neighbour],
    beside: Ref | None,
) -> dict[Ref, float]:
    """The score of each record. Where the model tells no words (`fits` is empty), that of the fusion counts.

    One that couldn't be read comes after those that could, in the fusion's order.
    """
    base = {ref: fit + CLOSE * _closeness(nearest.get(ref)) for ref, fit in fits.items()}
    lowest, highest = min(base.values(), default=1.0), max(fused.values(), default=1.0)
    exact = [word.strip(".,;:!?()'").casefold() for word in _EXACT.findall(text)]
    found: dict[Ref, float] = {}
    for document in documents:
        ref = (document.object, document.id)
        score = base.get(ref, lowest * fused[ref] / highest)
        share = _share(exact, document)
        found[ref] = (score + EXACT * share) * _around(document, beside)
    return found


def _closeness(neighbour: Neighbour | None) -> float:
    return max(0.0, neighbour.score) if neighbour else 0.0


def _share(exact: Sequence[str], document: Document) -> float:
    if not exact:
        return 0.0
    text = f"{document.title} {document.text}".casefold()
    return sum(word in text for word in exact) / len(exact)


def _around(document: Document, beside: Ref | None) -> float:
    """A factor near 1 from the record in view and the date."""
    own = {(document.object, document.id), *((link.object, link.id) for link in document.links)}
    return 1.0 + BESIDE * (beside in own) + RECENT * _recency(document.date)


def _recency(moment: datetime | date | None) -> float:
    """1 for today and what is to come, half of it every `HALF_LIFE` days."""
    if moment is None:
        return 0.0
    day = moment.date() if isinstance(moment, datetime) else moment
    return float(0.5 ** (max(0, (datetime.now(UTC).date() - day).days) / HALF_LIFE))
