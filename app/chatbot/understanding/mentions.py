"""What narrows the records: names, values, stage kinds, presence and absence; and the nouns that stand free."""

from __future__ import annotations

from app.chatbot.understanding import negation
from app.chatbot.understanding.draft import (
    Draft,
    Mention,
    Presence,
    fields_of,
    is_content,
    is_filler,
    is_plural,
    kinds_of,
    objects_of,
)
from app.chatbot.understanding.meanings import EntityWord, Item, KindWord, Meaning, ValueWord

_REACH = 5  # items over which a "without" looks for its noun


class Mentions:
    """Takes what narrows the records out of a draft; must run after the shapes, numbers and times."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def scan(self) -> None:
        self._presences()
        for at, item in list(self.draft.untaken()):
            if is_content(item):
                self._place(at, item)
        self._people()
        negation.spread(self.draft)

    def _presences(self) -> None:
        for at, _ in list(self.draft.untaken()):
            word = self.draft.word(at, "without", "with")
            if word is None:
                continue
            noun = self._noun_after(at + 1)
            if noun is not None and not (word.tag == "with" and self._is_head(at, noun)):
                self.draft.take(at, noun)
                self.draft.presences.append(Presence(noun, self.draft.items[noun], at, word.tag == "without"))
                self._listed_with(at, noun, word.tag == "without")

    def _listed_with(self, start: int, noun: int, negated: bool) -> None:
        """ "without an email and a phone": every noun that ends the list."""
        following = noun + 1
        while negated and self.draft.word(following, "and", "or"):
            other = self.draft.skip(following + 1)
            item = self.draft.free(other)
            last = self.draft.item(other + 1)
            if item is None or not _names_field(item) or (last is not None and is_content(last)):
                return
            self.draft.take(following, other)
            self.draft.presences.append(Presence(other, item, start, negated))
            following = other + 1

    def _is_head(self, at: int, noun: int) -> bool:
        """ "does Betatech have any deals": where no other noun stands before, what follows is what is asked for."""
        before = [item for position, item in enumerate(self.draft.items[:at]) if not self.draft.taken[position]]
        return bool(objects_of(self.draft.items[noun])) and not any(
            objects_of(item) or fields_of(item) for item in before
        )

    def _noun_after(self, at: int) -> int | None:
        """The noun or field that "with" or "without" speaks of, over adjectives: without (any open) deals."""
        for position in range(at, min(at + _REACH, len(self.draft.items))):
            item = self.draft.free(position)
            if position in self.draft.late or position == self.draft.coming:
                continue
            if item is None:
                return None
            following = self.draft.free(position + 1)
            if not objects_of(item) and fields_of(item) and following is not None and objects_of(following):
                continue  # "with high priority tasks"
            if objects_of(item) or (fields_of(item) and not _narrows(item)) or _names_field(item):
                return None if self._has_value(position) else position
            if not (_narrows(item) or is_filler(item, "us", "me", "only", "and", "or")):
                return None
        return None

    def _has_value(self, position: int) -> bool:
        """ "with parent Sonron": the field's value follows, so it is more than there."""
        following = self.draft.free(position + 1)
        return following is not None and fields_of(self.draft.items[position]) != () and _narrows(following)

    def _place(self, at: int, item: Item) -> None:
        self.draft.take(at)
        if _narrows(item):
            self.draft.mentions.append(Mention(at, item, _narrowing(item), self._negated(at)))
        else:
            self.draft.nouns.append((at, item))

    def _negated(self, at: int) -> bool:
        """A "not" before it, over fillers; how far it reaches is settled by `negation.spread`."""
        position = at - 1
        while position >= 0:
            item = self.draft.items[position]
            if self.draft.taken[position] and not _is_deed(item):
                return False
            if item.word("not") or (item.word("without") and not is_content(item)):
                self.draft.take(position)
                return True
            if not (is_filler(item, "only", "or") or _is_deed(item)):
                return False
            position -= 1
        return False

    def _people(self) -> None:
        for at, item in list(self.draft.untaken()):
            if is_content(item):
                continue
            pronoun = item.word("pronoun")
            if pronoun:
                self.draft.pronouns.append((at, str(pronoun.value)))
            elif item.word("me"):
                self.draft.me.append((at, self._negated(at)))
            elif item.word("this") and self._points_at_noun(at):
                self.draft.pronouns.append((at, "one"))
            else:
                continue
            self.draft.take(at)

    def _points_at_noun(self, at: int) -> bool:
        """this company, that deal; but not "companies that have"."""
        following = self.draft.item(at + 1)
        return following is not None and bool(objects_of(following)) and not following.text.lower().endswith("s")


def _names_field(item: Item) -> bool:
    """A singular word that is a field and an option alike: "without an email" means the field."""
    return bool(fields_of(item)) and not (is_plural(item) or kinds_of(item) or item.of(EntityWord))


def _is_deed(item: Item) -> bool:
    """ "owned by": what somebody does, between a "not" and who it is."""
    return bool(fields_of(item)) and not objects_of(item) and item.text.lower().endswith((" by", "owned", "assigned"))


def _narrowing(item: Item) -> tuple[Meaning, ...]:
    return tuple(one for one in item.meanings if isinstance(one, ValueWord | EntityWord | KindWord))


def _narrows(item: Item) -> bool:
    return bool(kinds_of(item) or item.of(ValueWord) or item.of(EntityWord))
