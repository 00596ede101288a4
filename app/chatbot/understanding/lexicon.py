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
from app.chatbot.understanding.spellings import slip, swapped
from app.chatbot.understanding.text import Token, compact, singulars
from app.chatbot.understanding.vocabulary import Vocabulary
from app.shared.contract import Catalog

Found = Sequence[tuple[str, Meaning]]
Probe = Callable[[Sequence[str]], Found]  # texts to (text, what it is) of those that exist


class Lexicon:
    """Looks up stretches of tokens."""

    def __init__(
        self, vocabulary: Vocabulary, names: Names, probe: Probe | None = None, begun: Probe | None = None
    ) -> None:
        self.vocabulary, self.names, self.probe, self.begun = vocabulary, names, probe, begun
        self.titles: dict[str, list[Meaning]] = {}  # what a probe has found, by compact key

    def look_up_titles(self, texts: Sequence[str]) -> bool:
        """Asks the data for stretches that nothing else knows: titles of records, and values of long lists."""
        return self._keep(self.probe(texts) if self.probe and texts else [])

    def look_up_beginnings(self, texts: Sequence[str]) -> bool:
        """Asks the data for titles that begin with these words."""
        return self._keep(self.begun(texts) if self.begun and texts else [])

    def _keep(self, found: Found) -> bool:
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
        if len(tokens) == 1 and tokens[0].capitals and (short := self._in_capitals(key)) is not None:
            return short
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
        return (
            self.names.find_part(key)
            or self._initials(key, tokens)
            or self.names.find_firm([compact(token.text) for token in tokens])
        )

    def _in_capitals(self, key: str) -> tuple[Meaning, ...] | None:
        """ "US" is no "us": what data calls so, itself or by its initials; nothing where no data does."""
        if key in english.CLOSED and key not in english.PRONOUNS:
            return None  # "AND" is said with force
        named = (*self.names.find(key), *self.names.find_initials(key))
        return named if named or key in english.PRONOUNS else None

    def _initials(self, key: str, tokens: list[Token]) -> tuple[Meaning, ...]:
        """ "uk" in small letters: a word that is none of its own."""
        alone = len(tokens) == 1 and tokens[0].kind == "word" and len(key) > 1
        return self.names.find_initials(key) if alone and key not in english.COMMON else ()

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
        if len(key) in (4, 5):
            slips = [word for word in choices if len(word) >= 4 and word[0] == key[0] and slip(key, word)]
            near = [word for word in slips if swapped(key, word)] or slips  # "taks" is a task before it is talks
            senses = {self._phrase(word) for word in near}
            if len(senses) == 1:
                return (near[0], senses.pop()) if _content(self._phrase(near[0])) else None
            if senses or len(key) == 4:
                return None
        best = nearest(key, (word for word in choices if len(word) >= 4), 1 if len(key) < 12 else 2)
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


# English words that are recognised when misspelt: the long ones, where a slip is plain.
_SPELLABLE = tuple(key for key in english.PHRASES if key.isalpha() and len(key) >= 4)

__all__ = ["FieldWord", "Item", "KindWord", "Lexicon", "ObjectWord"]
