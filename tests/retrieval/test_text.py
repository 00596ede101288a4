"""How texts become chunks, quotes and rankings."""

from hypothesis import given
from hypothesis import strategies as st

from app.chatbot.retrieval import chunks, fusion, quote, words
from app.shared.contract import Document

LONG = "\n\n".join(f"Paragraph {number} speaks of one thing. " + "It goes on for a while. " * 12 for number in range(6))


def document(text: str | None) -> Document:
    return Document("notes", 1, 1, "Title", text)


def test_a_text_of_a_few_words_is_left_to_full_text():
    assert chunks.split(document("medical, Kenya")) == []
    assert chunks.split(document(None)) == []


def test_short_paragraphs_share_a_chunk_and_long_texts_are_split():
    assert [part.text for part in chunks.split(document("One two three.\n\nFour five six."))] == [
        "One two three.\n\nFour five six."
    ]
    parts = chunks.split(document(LONG))
    assert len(parts) > 2
    assert [part.number for part in parts] == list(range(len(parts)))


@given(st.lists(st.text(alphabet="ab. \nÄ", min_size=1, max_size=400), min_size=1, max_size=5).map("\n\n".join))
def test_no_word_is_lost_or_doubled_by_splitting(text: str):
    joined = " ".join(part.text for part in chunks.split(document(text)))
    if len(text.split()) >= chunks.MIN_WORDS:
        assert joined.split() == text.split()


def test_a_chunk_is_never_longer_than_the_model_reads():
    parts = chunks.split(document("word " * 1000))
    assert max(len(part.text.split()) for part in parts) <= chunks.MAX_WORDS


def test_a_quote_starts_at_the_sentence_that_fits():
    text = "We met on Monday. The price worries them. They asked for a discount.\n\nLunch was good."
    assert quote.best(text, "discount wishes").startswith("They asked for a discount.")
    assert len(quote.best(LONG, "paragraph 3")) <= quote.MAX_CHARACTERS


def test_the_question_s_own_words_are_not_its_subject():
    assert words.content_words("What did they say about the integration?") == ["integration"]


def test_fusion_puts_first_what_both_rankings_know():
    fused = fusion.fuse([(1.0, ["a", "b", "c"]), (1.0, ["b", "d"])])
    assert next(iter(fused)) == "b"
    assert set(fused) == {"a", "b", "c", "d"}


def test_numbers_and_addresses_are_found_by_their_letters():
    exact_words, exact_meaning = fusion.weights("invoice 4711", named=False)
    loose_words, loose_meaning = fusion.weights("unhappy about the cost", named=False)
    assert exact_meaning < exact_words
    assert loose_meaning >= loose_words
