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


def test_each_sentence_stands_with_what_follows_and_with_what_goes_before():
    first, third = "One two three.", "Four five six."
    second = "It was a long day and nobody at the table knew why that was so or what could be done about it."
    assert [part.text for part in chunks.split(document(f"{first} {second}\n\n{third} {second}"))] == [
        f"{first} {second}",
        f"{second}\n\n{third}",
        f"{third} {second}",
    ]


def test_long_texts_are_split_and_numbered():
    parts = chunks.split(document(LONG))
    assert len(parts) > 6
    assert [part.number for part in parts] == list(range(len(parts)))


@given(st.lists(st.text(alphabet="ab. \nÄ", min_size=1, max_size=400), min_size=1, max_size=5).map("\n\n".join))
def test_every_sentence_stands_in_a_chunk_and_in_its_order(text: str):
    parts = [part.text for part in chunks.split(document(text))]
    if len(text.split()) >= chunks.MIN_WORDS:
        place = 0
        for sentence in chunks.sentences(text.replace("\n\n", " ")):
            found = next((n for n in range(place, len(parts)) if sentence.split()[0] in parts[n].split()), None)
            assert found is not None
            place = found if found < len(parts) else place
        assert parts[0].split()[0] == text.split()[0]
        assert parts[-1].split()[-1] == text.split()[-1]


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
