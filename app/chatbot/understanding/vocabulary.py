"""The words of a catalog: every object, field, option and stage by label, name and synonym, with their inflections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from app.chatbot.understanding import english
from app.chatbot.understanding.meanings import FieldWord, InverseWord, Meaning, ObjectWord, ValueWord
from app.chatbot.understanding.text import compact, fold, plural, singulars, stem, words_of
from app.shared.contract import Catalog, FieldSpec, ObjectSpec

_OFTEN: dict[str, tuple[str, ...]] = {  # what people add to the name of a field of this type
    "phone": ("number", "numbers"),
    "email": ("address", "addresses"),
    "url": ("address", "link"),
}
_WEAK = frozenset("name date time number text type kind status value label first last total".split())


class Vocabulary:
    """The phrases of one version of the catalog. Generic English is kept apart (`english.PHRASES`)."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.phrases: dict[str, list[Meaning]] = defaultdict(list)
        for spec in catalog.objects.values():
            for field in spec.fields if not spec.join else ():
                self._add_field(spec, field)
            if not spec.join:
                self._add_object(spec)
        self._add_inverses()
        self._add_roles()
        self._add_parts()
        self._add_idioms()

    def _add(self, phrase: str, meaning: Meaning) -> None:
        key = compact(phrase)
        if (
            key
            and meaning not in self.phrases[key]
            and not (key in english.CLOSED and not isinstance(meaning, ObjectWord))
        ):
            self.phrases[key].append(meaning)

    def _add_object(self, spec: ObjectSpec) -> None:
        for phrase in (spec.name, spec.singular, spec.label, spec.label_one, *spec.synonyms):
            for form in (phrase, plural(fold(phrase))):
                self._add(form, ObjectWord(spec.name))

    def _add_field(self, spec: ObjectSpec, field: FieldSpec) -> None:
        meaning = FieldWord(spec.name, field.name)
        for phrase in (field.label, field.name.replace("_", " "), *field.synonyms):
            for form in (phrase, plural(fold(phrase)), *verbs(fold(phrase), field)):
                self._add(form, meaning)
        for option in field.options:
            value = ValueWord(spec.name, field.name, option.key, option.label)
            for phrase in (option.label, option.key.replace("_", " "), *option.synonyms):
                for form in (phrase, plural(fold(phrase))):
                    self._add(form, value)

        for phrase in (field.label, *field.synonyms) if field.type == "boolean" else ():  # "strategic deals": true
            self._add(phrase, ValueWord(spec.name, field.name, True, "yes"))
        for phrase in _OFTEN.get(field.type, ()):  # "phone number"
            self._add(f"{field.label} {phrase}", meaning)

    def _add_inverses(self) -> None:
        """The ways back that have a name of their own; others are called as the object that they lead to."""
        for spec in self.catalog.objects.values():
            for field in spec.fields if not spec.join else ():
                phrase = (field.inverse or "").replace("_", " ")
                if phrase and compact(phrase) not in self.phrases:
                    for form in dict.fromkeys((phrase, *singulars(phrase))):
                        self._add(form, ObjectWord(spec.name))
                        self._add(form, InverseWord(spec.name, field.name))

    def _add_roles(self) -> None:
        """Of what connects records only the choices are words: nobody asks for "deal contacts", but for champions."""
        for spec in self.catalog.objects.values():
            for field in spec.fields if spec.join else ():
                for option in field.options:
                    value = ValueWord(spec.name, field.name, option.key, option.label)
                    for form in (option.label, plural(fold(option.label))):
                        known = [one for one in self.phrases.get(compact(form), ()) if not is_join(self.catalog, one)]
                        if not known and compact(form) not in english.PHRASES:
                            self._add(form, value)

    def _add_parts(self) -> None:
        """A telling word of a longer label names the field where nothing else is called so."""
        owners: dict[str, set[FieldWord]] = defaultdict(set)
        for spec in self.catalog.objects.values():
            for field in spec.fields if not spec.join else ():
                for word in set(words_of(field.label)):
                    owners[word].add(FieldWord(spec.name, field.name, exact=False))
        for word, meanings in owners.items():
            if len(word) >= 5 and len(meanings) == 1 and word not in _WEAK and word not in english.PHRASES:
                for form in dict.fromkeys((word, plural(word), stem(word), stem(word) + "ed", stem(word) + "ing")):
                    if form not in self.phrases and form not in english.PHRASES:
                        self.phrases[form].extend(meanings)

    def _add_idioms(self) -> None:
        """Verbs such as "talked" stand for the nouns that a declaration knows ("conversation")."""
        nouns = english.VERB_NOUNS | {compact(phrase): "conversation" for phrase in english.TALK_PHRASES}
        for verb, noun in (nouns | english.ABBREVIATIONS).items():
            for meaning in list(self.phrases.get(compact(noun), ())):
                self._add(verb, meaning)

    def persons(self) -> tuple[str, ...]:
        """The objects that "who" may ask for, and "she" may stand for."""
        found = self.phrases.get("person", ())
        return tuple(one.object for one in found if isinstance(one, ObjectWord) and self.catalog[one.object].has_pages)

    def located(self) -> tuple[FieldWord, ...]:
        """The fields that answer "where"."""
        return self._called("location", "where", "place")

    def towns(self) -> tuple[FieldWord, ...]:
        """The fields that say it more closely."""
        return self._called("city", "town")

    def _called(self, *names: str) -> tuple[FieldWord, ...]:
        found = [meaning for name in names for meaning in self.phrases.get(name, ()) if isinstance(meaning, FieldWord)]
        return tuple(dict.fromkeys(found))

    def words(self) -> Iterator[str]:
        """Every phrase that a misspelling may stand for."""
        yield from self.phrases


def is_join(catalog: Catalog, meaning: Meaning) -> bool:
    """Whether a value is one of what connects two records: a role."""
    return isinstance(meaning, ValueWord) and catalog[meaning.object].join


def verbs(phrase: str, field: FieldSpec) -> tuple[str, ...]:
    """What one does to be it: an owner owns, is owned by; an assignee is assigned to."""
    if field.type != "link" or " " in phrase:
        return ()
    for ending in ("er", "or", "ee"):
        if phrase.endswith(ending) and len(phrase) > 4:
            root = phrase[:-2]
            if root + "ed" in english.PHRASES:  # a closer closes, but "closing" is a day
                return ()
            return tuple(root + form for form in ("", "s", "ed", "ing", "ed by"))
    return ()
