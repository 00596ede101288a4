"""The part of a text that answers: a few sentences around the ones that speak of the question's words."""

from app.chatbot.retrieval import words
from app.chatbot.retrieval.chunks import sentences

MAX_CHARACTERS = 420


def best(text: str, question: str) -> str:
    """At most about `MAX_CHARACTERS` of `text`, whole sentences, starting at the one that fits the question best."""
    wanted = {words.stem(word) for word in words.content_words(question)}
    parts = [part for paragraph in text.split("\n\n") for part in sentences(paragraph)]
    if not parts:
        return text[:MAX_CHARACTERS]
    scores = [len(wanted & {words.stem(word) for word in words.content_words(part)}) for part in parts]
    first = max(range(len(parts)), key=lambda index: (scores[index], -index))
    chosen = parts[first]
    for part in parts[first + 1 :]:
        if len(chosen) + len(part) > MAX_CHARACTERS:
            break
        chosen += " " + part
    return chosen if len(chosen) <= 2 * MAX_CHARACTERS else chosen[: 2 * MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"


def overlap(text: str, question: str) -> float:
    """The share of the question's words that the text has, 0 to 1."""
    wanted = {words.stem(word) for word in words.content_words(question)}
    if not wanted:
        return 0.0
    return len(wanted & {words.stem(word) for word in words.content_words(text)}) / len(wanted)
