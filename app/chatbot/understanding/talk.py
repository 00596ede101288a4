"""Questions about what was said or written: they become a search, with the records and dates that they name."""

from __future__ import annotations

from datetime import timedelta

from app.chatbot.understanding.draft import Draft, is_filler
from app.chatbot.understanding.frame import Reading
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, Item, ObjectWord, PeriodWord, ValueWord, Word

_SAID = frozenset(
    """say says said saying mention mentions mentioned mentioning discuss discusses discussed discussing wrote write
    writes written comment commented comments raise raised raises complain complained complains complaint complaints
    concern concerns concerned worried worry worries feedback objection objections objected quote quoted topic topics
    agree agreed agreement promise promised request requested asked ask asking think thinks thought feel feels felt
    respond responded reply replied react reacted explain explained express expressed suggest suggested state stated
    told report reported describe described summarise summarize summary propose proposed interested interest""".split()
)
_ABOUT = frozenset("about regarding concerning re on mentioning around".split())
_KNOWN_ABOUT = (
    "know about", "learn about", "learned about", "heard about", "happened with", "happening with", "going on with",
    "anything about", "something about", "background on", "the story with", "search for", "find out about",
    "status of talks", "anything on",
)  # fmt: skip
_SUBJECT_OPENERS = ("did", "does", "has", "have", "do", "was", "were", "what", "when", "who")
_WEAK = frozenset(
    "anything something anyone anybody someone everything things thing ever latest recently points details".split()
)


def wants_search(draft: Draft) -> bool:
    """Whether the question asks for words that were said or written rather than for records."""
    texts = [item.text.lower() for item in draft.items]
    joined = " ".join(texts)
    if any(word in aggregate for aggregate in draft.aggregates for word in ("count", "sum", "avg", "rate", "share")):
        return False
    if any(text in _SAID for text in " ".join(texts).split()):
        return True
    return any(phrase in joined for phrase in _KNOWN_ABOUT) or _writing_about(draft, joined)


def _writing_about(draft: Draft, joined: str) -> bool:
    """notes about pricing, emails regarding the onboarding: a kind of writing with a topic that is no record."""
    writing = [at for at, item in enumerate(draft.items) if item.of(ObjectWord) or item.of(ValueWord)]
    words = joined.split()
    if not writing or not any(word in ("about", "regarding", "concerning", "mentioning") for word in words):
        return False
    return any(not item.known for item in draft.items)


def reading(lexicon: Lexicon, draft: Draft) -> Reading:
    """The search that the question asks for; a speaker who isn't known is named as unread."""
    stranger = _stranger(draft)
    if stranger:
        return Reading("none", unread=stranger, reason="unknown")
    links = tuple(entity for item in draft.items for entity in _certain(item))
    objects = tuple(dict.fromkeys(name for item in draft.items for name in _writings(lexicon, item)))
    periods = [period for item in draft.items for period in item.of(PeriodWord) if not item.of(EntityWord)]
    since = periods[0].first if periods else None
    until = periods[0].after - timedelta(1) if periods and periods[0].after else None
    topic = " ".join(_topic(draft))
    text = topic or " ".join(entity.label for entity in links)
    if not text:
        return Reading("none", reason="unread")
    must = _must(draft, links, topic)
    return Reading("search", text=text, objects=objects, links=links, since=since, until=until, must=must)


def _must(draft: Draft, links: tuple[EntityWord, ...], topic: str) -> tuple[str, ...]:
    """Names that nothing knows, and a topic of one word with no record: what doesn't have them isn't about them."""
    names = [item.text for item in draft.items[1:] if not item.known and item.text[:1].isupper()]
    return tuple(names) or ((topic,) if not links and len(topic.split()) == 1 else ())


def _certain(item: Item) -> tuple[EntityWord, ...]:
    """The one record that a stretch names; of several with the same name each may have said it."""
    return item.of(EntityWord)


def _writings(lexicon: Lexicon, item: Item) -> tuple[str, ...]:
    """The kinds of record that hold what was written: those with a long text and a word for them."""
    found = []
    for word in item.of(ObjectWord):
        spec = lexicon.catalog[word.object]
        if any(one.type == "long_text" and one.required for one in spec.fields) or spec.date_field == "date":
            found.append(word.object)
    return tuple(found)


def _stranger(draft: Draft) -> tuple[str, ...]:
    """Unknown words where the speaker stands: "What did Nobody Special say ..."."""
    words: list[str] = []
    opened = False
    for item in draft.items:
        text = item.text.lower()
        if text.split()[-1:] and text.split()[-1] in _SUBJECT_OPENERS:
            opened, words = True, []
        elif text in _SAID:
            return tuple(words) if opened else ()
        elif opened and not item.known and text not in _WEAK and text not in _ABOUT:
            words.append(item.text)
    return ()


def _topic(draft: Draft) -> list[str]:
    """The words that a search looks for: all but small words, names that are links, and the verbs of saying."""
    found = []
    for item in draft.items:
        text = item.text.lower()
        small = is_filler(item) or text in _SAID or text in _ABOUT or text in _WEAK
        if item.guess and not item.of(EntityWord):
            found.append(item.text)
            continue
        if small or item.of(EntityWord) or item.of(PeriodWord) or _is_small(item):
            continue
        found.append(item.text)
    return found


def _is_small(item: Item) -> bool:
    """Question words and nouns for writings are no topic."""
    if any(isinstance(one, ObjectWord) for one in item.meanings):
        return True
    return bool(item.meanings) and all(isinstance(one, Word) for one in item.meanings)
