"""The comparison of words with words, and what of them is kept."""

import numpy as np
import pytest

from app.chatbot.retrieval import chunks, late
from app.chatbot.retrieval.embed import MiniLm, Tokens
from app.chatbot.retrieval.likeness import Likeness
from app.shared.contract import Document


def tokens(*spans: tuple[int, int]) -> Tokens:
    return Tokens(spans, np.eye(len(spans), 8, dtype=np.float32))


def test_only_words_that_mean_something_count():
    text = "is the price high"
    found = late.telling(text, tokens((0, 0), (0, 2), (3, 6), (7, 12), (13, 17), (0, 0)))
    assert [int(row.argmax()) for row in found] == [3, 4]


def test_word_pieces_of_one_word_count_each_and_only_from_the_start_asked_for():
    text = "price unaffordable"
    pieces = tokens((0, 5), (6, 8), (8, 18))
    assert len(late.telling(text, pieces)) == 3
    assert len(late.telling(text, pieces, 6)) == 2


def test_each_word_of_the_question_looks_for_its_nearest():
    question, passage = np.eye(2, 8), np.eye(1, 8)
    assert late.fit(question, passage) == pytest.approx(0.5)
    assert late.fit(question, np.eye(0, 8)) == 0.0


def test_packed_words_keep_their_directions_in_a_thirtieth_of_the_space():
    vectors = np.random.default_rng(7).normal(size=(40, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    packed = late.pack(vectors)
    assert len(packed) == 40 * 384 / 8 * 4 / 3
    back = late.unpack(packed, 384)
    assert back.shape == vectors.shape
    assert ((back @ vectors.T).argmax(axis=1) == np.arange(40)).all()


def test_a_passage_that_says_it_in_other_words_fits_better_than_another():
    model = MiniLm()
    texts = ["whose attorney quit", "Their lawyer has left the firm.", "The grinder is too loud."]
    question, yes, no = (late.telling(text, one.tokens) for text, one in zip(texts, model.embed(texts), strict=True))
    assert late.fit(question, yes) > late.fit(question, no) + 0.1


def test_what_a_chunk_says_anew_begins_where_the_one_before_ends():
    text = " ".join(f"Sentence {number} is long enough to stand beside one other in a chunk." for number in range(4))
    parts = chunks.split(Document("notes", 1, 0, "", text))
    assert len(parts) > 1
    assert parts[0].fresh == 0
    assert parts[0].text + "".join(part.text[part.fresh :] for part in parts[1:]) == text


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("We met at the fair and they want an offer by Friday", True),
        ("We met at the fair and they want an offer by Friday, please", True),
        ("They want an offer by Friday", False),
        ("We met at the fair and they want an offer by 3 May", False),
        ("", False),
    ],
)
def test_what_says_the_same_in_nearly_the_same_words_is_known_again(text: str, again: bool):
    seen = Likeness()
    assert not seen.before("We met at the fair and they want an offer by Friday")
    assert seen.before(text) is again
