"""A question's tokens cut into the stretches that mean most: the longest known ones, misspellings last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app.chatbot.understanding import dates, numbers
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.meanings import EntityWord, FieldWord, Item, Meaning, PeriodWord, ValueWord, Word
from app.chatbot.understanding.names import LONGEST
from app.chatbot.understanding.text import Token, compact, words_of

_MOST_STRETCHES = 120  # texts that the data is asked for at once
_MOST_RUNS = 3  # of unknown words, that titles are looked for by
_EQUALS = ("is", "are", "was", "=", "equals", "equal to", "being")
_GUESS_WORDS = 4  # words of a misspelt name


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens).replace(" 's", "'s")


def _exact(lexicon: Lexicon, tokens: list[Token], at: int, today: date, year: int | None) -> list[Item]:
    """Every known stretch that starts here."""
    found: dict[int, list[Meaning]] = {}
    for end in range(at + 1, min(len(tokens), at + LONGEST) + 1):
        meanings = lexicon.lookup(tokens[at:end])
        if meanings:
            found.setdefault(end, []).extend(meanings)
    for used in (numbers.match(tokens, at), dates.match(tokens, at, today, year, lexicon.catalog.fiscal_start)):
        if used and tokens[at].kind != "quoted":
            found.setdefault(at + used[0], []).append(used[1])
    if tokens[at].kind == "possessive":
        found.setdefault(at + 1, []).append(Word("possessive"))
    return [
        Item(_text(tokens[at:end]), at, end, tuple(meanings), quoted=tokens[at].kind == "quoted")
        for end, meanings in found.items()
    ]


def _worth(item: Item) -> float:
    """Known words count; a longer stretch counts more than the same words apart; guesses and parts less."""
    size = item.end - item.start
    filler = all(isinstance(one, Word) and one.tag == "filler" for one in item.meanings)
    worth = 10.0 * size + 3.0 * (size - 1)
    if filler:
        worth -= 1.0
    elif size > 1 and not all(isinstance(one, Word) for one in item.meanings):
        worth += 1.5  # "phone number" is a field, before "number of" counts something
    return worth - (2.5 if item.guess else 0.0)


def _best(items: list[list[Item]], count: int) -> list[Item]:
    """The cut of the whole question that is worth most."""
    worth, choice = [0.0] * (count + 1), [None] * count  # type: list[float], list[Item | None]
    for at in range(count - 1, -1, -1):
        worth[at] = worth[at + 1]
        for item in items[at]:
            total = _worth(item) + worth[item.end]
            if total > worth[at]:
                worth[at], choice[at] = total, item
    return _walk(choice, count)


def _walk(choice: list[Item | None], count: int) -> list[Item]:
    at, found = 0, []
    while at < count:
        item = choice[at]
        if item is None:
            found.append(Item("", at, at + 1))
        else:
            found.append(item)
        at = found[-1].end
    return found


def _guesses(lexicon: Lexicon, tokens: list[Token], unknown: set[int]) -> dict[int, list[Item]]:
    """Misspellings: stretches that hold an unknown word."""
    found: dict[int, list[Item]] = {}
    for at in range(len(tokens)):
        for end in range(at + 1, min(len(tokens), at + _GUESS_WORDS) + 1):
            touched = unknown.intersection(range(at, end))
            if not touched or not ({at, end - 1} & unknown):
                continue
            guess = lexicon.guess(tokens[at:end])
            if guess and not _swallows(tokens[at:end], touched, at):
                found.setdefault(at, []).append(Item(_text(tokens[at:end]), at, end, guess[1], guess=guess[0]))
    return found


def _swallows(tokens: list[Token], touched: set[int], at: int) -> bool:
    """Whether a guess would eat a small word of the sentence: "for betatach" is not one name."""
    from app.chatbot.understanding.english import CLOSED

    edges = {0, len(tokens) - 1}
    return any(tokens[edge].key in CLOSED and at + edge not in touched for edge in edges)


def tag(lexicon: Lexicon, tokens: list[Token], today: date, year: int | None = None) -> list[Item]:
    """The question as items, in order; an item without meanings is a word that isn't known.

    Words that nothing knows are looked up as titles first, and only then taken for misspellings.
    """
    exact = [_exact(lexicon, tokens, at, today, year) for at in range(len(tokens))]
    items = _best(exact, len(tokens))
    asked = _unknown(items) | _titled(tokens, items)
    if asked and lexicon.look_up_titles(_stretches(tokens, asked)):
        exact = [_exact(lexicon, tokens, at, today, year) for at in range(len(tokens))]
        items = _best(exact, len(tokens))
    if lexicon.look_up_beginnings(_runs(tokens, _unknown(items))):
        exact = [_exact(lexicon, tokens, at, today, year) for at in range(len(tokens))]
        items = _best(exact, len(tokens))
    if _unknown(items):
        items = _certain(_guessed(lexicon, tokens, _unknown(items), today, year))
    return [item if item.known else Item(tokens[item.start].text, item.start, item.end) for item in items]


def _unknown(items: list[Item]) -> set[int]:
    return {at for item in items if not item.known for at in range(item.start, item.end)}


def _titled(tokens: list[Token], items: list[Item]) -> set[int]:
    """Words written as a name that no name or value is known for: they may be a title of plain words."""
    found: set[int] = set()
    for item in items:
        named = item.of(EntityWord) or item.of(ValueWord)
        capitals = [at for at in range(item.start, item.end) if tokens[at].capital and not tokens[at].opens]
        if capitals and not named and not item.of(PeriodWord):
            found.update(capitals)
    return found


def _guessed(
    lexicon: Lexicon, tokens: list[Token], unknown: set[int], today: date, year: int | None
) -> list[Item]:  # fmt: skip
    tokens = _spelled(tokens, unknown)
    exact = [_exact(lexicon, tokens, at, today, year) for at in range(len(tokens))]
    for at, more in _guesses(lexicon, tokens, unknown).items():
        exact[at].extend(more)
    return _best(exact, len(tokens))


def _certain(items: list[Item]) -> list[Item]:
    """The items without misspelt parts of names right beside another name.

    "Umbrella Holdings" is a name that nobody knows, not "Umbrella" and a "Holding".
    """
    found = list(items)
    for at, item in enumerate(items):
        beside = [other for other in (*items[max(0, at - 1) : at], *items[at + 1 : at + 2]) if other.of(EntityWord)]
        strange = any(not set(other.of(EntityWord)) & set(item.of(EntityWord)) for other in beside)
        if strange and item.guess and item.of(EntityWord) and len(words_of(item.guess)) > item.end - item.start:
            found[at] = Item("", item.start, item.end)
    return found


def _stretches(tokens: list[Token], unknown: set[int]) -> list[str]:
    """The stretches around unknown words, as they are written: with the signs that a title may have."""
    found: list[str] = []
    for at in range(len(tokens)):
        for end in range(at + 1, min(len(tokens), at + LONGEST) + 1):
            if unknown.intersection(range(at, end)):
                found += dict.fromkeys((_written(tokens[at:end]), _text(tokens[at:end])))
    return found[:_MOST_STRETCHES]


def _runs(tokens: list[Token], unknown: set[int]) -> list[str]:
    """Unknown words that stand together, two or more of them, or one that is written as a name."""
    found: list[str] = []
    for at in sorted(unknown - {one + 1 for one in unknown}):
        end = next(place for place in range(at, len(tokens) + 1) if place not in unknown)
        name = tokens[at].capital and not tokens[at].opens and len(tokens[at].text) > 3
        if (end > at + 1 or name) and all(token.kind == "word" for token in tokens[at:end]):
            found.append(_written(tokens[at:end]))
    return found[:_MOST_RUNS]


def _written(tokens: Sequence[Token]) -> str:
    return tokens[0].text + "".join(token.lead + token.text for token in tokens[1:])


def _spelled(tokens: list[Token], unknown: set[int]) -> list[Token]:
    """Misspelt months and period words put right: they mean something only with what stands around them."""
    right = {at: dates.spelling(tokens[at].key) for at in unknown if tokens[at].kind == "word"}
    return [replace(token, key=right.get(at) or token.key) for at, token in enumerate(tokens)]


def valued(lexicon: Lexicon, items: list[Item]) -> list[Item]:
    """ "whose job title is owner": after a field and "is", a value of it, though the catalog has the word too."""
    found = list(items)
    for at, item in enumerate(items):
        after = next((place for place in range(at + 1, len(items)) if items[place].text.lower() not in _EQUALS), at)
        if after <= at + 1 or after == at or items[after].of(ValueWord) or not item.of(FieldWord):
            continue
        asked = {(word.object, word.field) for word in item.of(FieldWord)}
        known = [one for one in lexicon.names.find(compact(items[after].text)) if isinstance(one, ValueWord)]
        values = tuple(one for one in known if (one.object, one.field) in asked)
        if values:
            found[after] = replace(items[after], meanings=values)
    return found


def entities(items: Sequence[Item]) -> list[tuple[EntityWord, ...]]:
    """The records that a question names, each with its candidates."""
    return [item.of(EntityWord) for item in items if item.of(EntityWord)]
