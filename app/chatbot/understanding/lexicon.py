"""A lexicon: all words that one principal's questions may use, from English, the catalog and the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.chatbot.understanding import english
from app.chatbot.understanding.meanings import (
    EntityWord,
    FieldWord,
    Item,
    KindWord,
    Meaning,
    ObjectWord,
    ValueWord,
    Word,
)
from app.chatbot.understanding.names import Names, nearest
from app.chatbot.understanding.text import Token, compact, singulars
from app.chatbot.understanding.vocabulary import Vocabulary
from app.shared.contract import Catalog

Probe = Callable[[Sequence[str]], Sequence[tuple[str, Meaning]]]  # texts to (text, what it is) of those that exist


class Lexicon:
    """Looks up stretches of tokens."""

    def __init__(self, vocabulary: Vocabulary, names: Names, probe: Probe | None = None) -> None:
        self.vocabulary, self.names, self.probe = vocabulary, names, probe
        self.titles: dict[str, list[Meaning]] = {}  # what a probe has found, by compact key

    def look_up_titles(self, texts: Sequence[str]) -> bool:
        """Asks the data for stretches that nothing else knows: titles of records, and values of long lists."""
        found = self.probe(texts) if self.probe and texts else []
        for label, meaning in found:
            self.titles.setdefault(compact(label), []).append(meaning)
        return bool(found)

    @property
    def catalog(self) -> Catalog:
        return self.vocabulary.catalog

    def lookup(self, tokens: list[Token]) -> tuple[Meaning, ...]:
        """Everything that exactly these tokens mean, inflections included."""
        # "Harbour & Pine" and "Harbour and Pine" are one name: within one the sign is left out, as in its own key.
        said = [token for token in tokens if token.kind != "possessive" and (token.text != "&" or len(tokens) == 1)]
        key = "".join(compact(token.text) or token.text for token in said)
        if not key or any(token.kind == "possessive" for token in tokens[:-1]):
            return ()
        if tokens[-1].kind == "possessive":
            return ()
        generic = english.PHRASES.get(key, ()) if tokens[0].kind != "quoted" else ()
        if len(tokens) == 1 and tokens[0].key in english.CLOSED and tokens[0].kind != "quoted":
            return tuple(generic) or tuple(self.vocabulary.phrases.get(key, ()))
        declared = tuple(self.vocabulary.phrases.get(key, ())) if tokens[0].kind != "quoted" else ()
        found = (
            *generic,
            *self._kinds(tokens, declared),
            *declared,
            *self._data(key, tokens, bool(declared or _content(generic))),
        )
        return tuple(dict.fromkeys(found))

    def _kinds(self, tokens: list[Token], declared: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
        """ "won on" is a date, and still says that the deals are won."""
        if len(tokens) != 2 or not any(self._is_date(one) for one in declared):
            return ()
        return tuple(one for one in english.PHRASES.get(tokens[0].key, ()) if isinstance(one, KindWord))

    def _is_date(self, meaning: Meaning) -> bool:
        spec = self.catalog[meaning.object].field(meaning.field) if isinstance(meaning, FieldWord) else None
        return spec is not None and spec.type in ("date", "datetime")

    def _data(self, key: str, tokens: list[Token], taken: bool) -> tuple[Meaning, ...]:
        """Names and values; a value that is also a word of the declarations counts where it is written as a name."""
        as_name = tokens[0].kind == "quoted" or any(token.capital and not token.opens for token in tokens)
        whole = self.names.find(key)
        if key.isdigit() and tokens[0].kind != "quoted":
            whole = tuple(one for one in whole if isinstance(one, EntityWord))
        if taken and not as_name:
            whole = ()
        whole = (*whole, *self.titles.get(key, ()))
        if whole or taken or key in english.PHRASES:
            return whole
        for form in singulars(key)[1:]:
            values = tuple(one for one in self.names.find(form) if isinstance(one, ValueWord))
            if values:
                return values
        return self.names.find_part(key) or self.names.find_firm([compact(token.text) for token in tokens])

    def guess(self, tokens: list[Token]) -> tuple[str, tuple[Meaning, ...]] | None:
        """What a misspelling stands for: a name or value first, then a word of the declarations or of English."""
        key = "".join(compact(token.text) for token in tokens)
        if any(token.kind not in ("word", "quoted", "number") for token in tokens) or not key:
            return None
        if len(tokens) == 1 and (key in english.COMMON or any(form in english.COMMON for form in singulars(key))):
            return None
        named = self.names.guess(key)
        if named and (named[0] in self.vocabulary.phrases or named[0] in english.PHRASES):
            named = None  # a name that is also a plain word: the word is meant
        if named and len(tokens) > 1:
            return self._label(named[1]), named[1]
        spoken = self._guess_word(key) if len(tokens) == 1 and tokens[0].kind == "word" else None
        if spoken and named and spoken[1] != named[1]:
            return None  # it could be either: not sure
        found = spoken or named
        return (self._label(found[1]) or found[0], found[1]) if found else None

    def _guess_word(self, key: str) -> tuple[str, tuple[Meaning, ...]] | None:
        choices = [*self.vocabulary.phrases, *_SPELLABLE]
        if len(key) == 4:
            near = [word for word in choices if word[:1] == key[:1] and _slip(key, word)]
            senses = {self._phrase(word) for word in near}
            return (near[0], senses.pop()) if len(senses) == 1 else None
        best = nearest(key, (word for word in choices if len(word) >= 4), 1 if len(key) < 12 else 2)
        short = [
            word for word in choices if len(key) == 5 and len(word) == 4 and word[0] == key[0] and _slip(word, key)
        ]
        if {self._phrase(word) for word in short} - {self._phrase(best or "")}:
            return None  # "loast": the least, or lost?
        if best is None or not (_content(self._phrase(best)) or sorted(set(best)) == sorted(set(key))):
            return None  # an unknown word taken for one that says nothing would be dropped
        return best, self._phrase(best)

    def _phrase(self, key: str) -> tuple[Meaning, ...]:
        return tuple(dict.fromkeys((*english.PHRASES.get(key, ()), *self.vocabulary.phrases.get(key, ()))))

    @staticmethod
    def _label(meanings: tuple[Meaning, ...]) -> str:
        return next((one.label for one in meanings if isinstance(one, EntityWord | ValueWord)), "")


def _content(meanings: tuple[Meaning, ...]) -> bool:
    return any(not (isinstance(one, Word) and one.tag == "filler") for one in meanings)


def _slip(key: str, word: str) -> bool:
    """A letter left out or two changed about: "dels", "deasl"; never one put for another in so short a word."""
    if len(word) == len(key) + 1:
        return any(word[:at] + word[at + 1 :] == key for at in range(len(word)))
    if len(word) != len(key):
        return False
    differing = [at for at in range(len(key)) if key[at] != word[at]]
    return len(differing) == 2 and key[differing[0]] == word[differing[1]] and key[differing[1]] == word[differing[0]]


# English words that are recognised when misspelt: the long ones, where a slip is plain.
_SPELLABLE = tuple(key for key in english.PHRASES if key.isalpha() and len(key) >= 4)

__all__ = ["FieldWord", "Item", "KindWord", "Lexicon", "ObjectWord"]
