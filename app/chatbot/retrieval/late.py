"""Late interaction: how well a passage's words fit those of a question, each by what it means where it stands.

Each word of the question looks for the word of the passage that is nearest to it; their mean is the fit. Khattab and
Zaharia, "ColBERT", SIGIR 2020; here with the word pieces that the embedding model sees anyway. A vector of a whole
chunk must hold all that it says; this need not, so it tells apart what the vectors have brought near.
"""

import base64
from collections.abc import Sequence
from typing import Any

from app.chatbot.retrieval import words
from app.chatbot.retrieval.embed import Tokens

SECTION = 12  # chunks that are compared as one: about as much as an activity says, so that long texts win nothing


def telling(text: str, tokens: Tokens, start: int = 0) -> Any:
    """The vectors of the content words of a text, from a character on: an array of word pieces by dimensions."""
    spans = [span for span in words.content_spans(text) if span[0] >= start]
    kept: list[int] = []
    place = 0
    for index, (begin, end) in enumerate(tokens.spans):
        while place < len(spans) and spans[place][1] <= begin:
            place += 1
        if end > begin and place < len(spans) and begin >= spans[place][0]:
            kept.append(index)
    return tokens.vectors[kept]


def fit(question: Any, passage: Any) -> float:
    """The mean cosine of each of the question's word pieces to its nearest one in the passage."""
    return float((question @ passage.T).max(axis=1).mean()) if len(question) and len(passage) else 0.0


def joined(vectors: Sequence[Any]) -> Any:
    """Several arrays as one."""
    import numpy as np

    return np.concatenate(vectors)


def pack(vectors: Any) -> str:
    """Vectors as text: of each number its sign alone, which costs one answer in a hundred and saves 31 bits of 32."""
    import numpy as np

    return base64.b64encode(np.packbits(vectors > 0, axis=1).tobytes()).decode()


def unpack(packed: str, dimension: int) -> Any:
    """The vectors that were packed, nearly, each with length 1."""
    import numpy as np

    rows = np.frombuffer(base64.b64decode(packed), dtype=np.uint8).reshape(-1, (dimension + 7) // 8)
    signs = np.unpackbits(rows, axis=1, count=dimension)
    return (signs.astype(np.float32) * 2 - 1) / np.float32(dimension**0.5)
