"""The forms of an order: which words stand for the record, the field, the value and the free text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "remind",
    "task",
    "write",
    "log",
    "create",
    "set",
    "turn",
    "assign",
    "tag",
    "untag",
    "rename",
    "finish",
    "delete",
    "reopen",
    "shift",
    "state",
    "fact",
]


@dataclass(frozen=True, slots=True)
class Order:
    """One reading of an order's words. What it hasn't got is "".

    `record` is what is changed (or what a note is about), `noun` the kind of record that is made, `field` the field
    that is set, `value` what it is set to (an owner, a stage, a tag), `text` free words, `reason` why.
    """

    kind: Kind
    record: str = ""
    noun: str = ""
    field: str = ""
    value: str = ""
    text: str = ""
    reason: str = ""
    sure: bool = True  # False: the same words may ask a question


_POLITE = re.compile(
    r"""^(?:(?:please|pls|kindly|hey|hi|hello|ok|okay|so|now|and|then|also|just|parley)\b[\s,]*
        |(?:can|could|would|will)\s+you\s+(?:please\s+)?
        |i(?:\s+would|'d)?\s+(?:want|need|like)\s+(?:you\s+)?to\s+
        |let(?:'s|\s+us)\s+)+""",
    re.IGNORECASE | re.VERBOSE,
)
_THANKS = re.compile(r"[\s,]*(?:\bplease\b|\bpls\b|\bthanks?\b(?:\s+you)?|\bthx\b)[\s.!]*$", re.IGNORECASE)
_A = r"(?:(?:a|an|the|another|new|one)\s+)*"
_ABOUT = r"(?:on|for|about|to|with|at|in|under|from)"
_MAKE = rf"(?:(?:add|create|make|start|register|set\s+up)\s+{_A}|open\s+(?:a|an|another|one)\s+(?:new\s+)?)"
_NEW = rf"(?:{_MAKE}|new\s+)"
_WHY = r"(?:\s*(?:,|:|\bbecause(?:\s+of)?|\bdue\s+to)\s*(?P<reason>.+))?"
_MUST = (
    r"(?:(?:i|we)\s+(?:need|have|ought)\s+to|(?:i|we)\s+(?:must|should)|remember\s+to|(?:don't|do\s+not)\s+forget\s+to)"
)
_DEEDS = (
    r"(?:call|phone|ring|e-?mail|visit|send|prepare|chase|invite|follow\s+up|check\s+in|get\s+back\s+to|reply\s+to|"
    r"answer|order|pay)"
)
_DEEDS_TO = r"call|phone|ring|e-?mail|visit|send|invite|chase|meet(?:\s+with)?|write\s+to|reply\s+to|answer|thank"
_NO_NOUN = (
    r"(?!(?:of|for|from|with|to|by|in|on|at|and|or|per|is|are|was|were|me|us|address(?:es)?|sent|log|count|volume|"
    r"activity|activities)\b)"
)
_DID = r"(?:called|phoned|rang|emailed|mailed|met(?:\s+with)?|spoke\s+(?:to|with)|talked\s+(?:to|with))"
_NO_QUESTION = r"(?!(?:who|whom|whose|what|which|when|where|how|why|is|are|was|were|did|does|do|has|have|if|all|any)\b)"
_FORMS: tuple[tuple[Kind, bool, str], ...] = (
    ("remind", True, r"remind\s+(?P<value>me|us|myself|[^,:]+?)\s+(?P<text>(?:to|about|that|of)\s+.+)"),
    ("remind", True, r"remind\s+(?P<value>me|us|myself)\s+(?P<text>(?:on|in|by|next|tomorrow|today|this)\b.+)"),
    ("remind", True, r"(?:don't|do\s+not)\s+let\s+(?P<value>me|us)\s+forget\s+(?P<text>(?:to|about|that)\s+.+)"),
    ("remind", True, rf"{_MUST}\s+(?P<text>{_DEEDS}\b.+)"),
    ("task", False, rf"(?P<text>(?:{_DEEDS_TO})\s+{_NO_NOUN}.+)"),
    ("remind", True, r"(?P<text>follow\s+up\s+(?:with|on)\s+.+)"),
    ("log", True, r"(?:i\s+|we\s+)?(?:just\s+)?(?:logged|had)\s+(?:a|an|another)\s+(?P<noun>\w+)\s+"
                  r"(?:with|to|from|at)\s+(?P<record>[^:,]+?)(?:\s*[:,]\s*(?P<text>.+))?"),
    ("log", True, rf"(?:i|we)\s+(?:just\s+|have\s+)?(?P<noun>{_DID})\s+(?P<record>[^:,]+?)(?:\s*[:,]\s*(?P<text>.+))?"),
    ("write", True, rf"(?:jot|note|write|put)\s+down\s+{_ABOUT}\s+(?P<record>[^:]+?)\s*(?::|\s[-–—]\s)\s*(?P<text>.+)"),
    ("write", True, r"(?:jot|note|write|put)\s+down\s+that\s+(?P<text>.+)"),
    ("write", True, rf"(?:add|write|make|create|put|leave|take)\s+{_A}(?P<noun>\w+)\s+{_ABOUT}\s+(?P<record>[^:]+?)\s*"
                    r"(?::|\s[-–—]\s|,?\s+(?:saying|that\s+says))\s*(?P<text>.+)"),
    ("write", True, rf"{_A}(?P<noun>\w+)\s+{_ABOUT}\s+(?P<record>[^:?]+?)\s*(?::|\s[-–—]\s)\s*(?P<text>.+)"),
    ("write", True, rf"(?:(?:add|write|make|create|take)\s+)?{_A}(?P<noun>\w+)\s*:\s*(?P<text>.+)"),
    ("write", True, rf"(?:add|write|make|take|leave)\s+{_A}(?P<noun>\w+)\s+(?:that|saying)\s+(?P<text>.+)"),
    ("create", False, r"(?:set|make|give|leave)\s+(?:me\s+)?(?:a|an)\s+(?P<noun>\w+)\s+"
                        r"(?P<text>(?:for|to|about|on)\s+.+)"),
    ("log", True, rf"(?:log|record|register|schedule|book|plan|set\s+up)\s+{_A}(?P<noun>\w+)\s+(?:with|to|from|at)\s+"
                  r"(?P<record>(?:[^:]|:(?=\d\d\b))+?)(?:\s*(?::(?!\d)|\s[-–—]\s)\s*(?P<text>.+))?"),
    ("create", True, rf"{_MAKE}(?P<noun>\w+(?:\s\w+)?)\s+"
                     r"(?P<text>(?:to|for|called|named|with|at|about|on|that)\s+.+)"),
    ("create", False, rf"{_NEW}(?P<noun>\w+)\s*:?\s+(?P<text>.+)"),
    ("create", False, rf"{_NEW}(?P<value>\S+(?:\s\S+){{0,2}}?)\s+(?P<noun>\w+)\s+"
                      r"(?P<text>(?:to|for|called|named|with|at|about|on|that|by)\s+.+)"),
    ("assign", True, r"(?:assign|re-?assign|hand\s+over|hand|transfer|pass)\s+(?P<record>.+?)\s+(?:over\s+)?to\s+"
                     r"(?P<value>.+)"),
    ("assign", False, r"give\s+(?P<record>.+?)\s+to\s+(?P<value>.+)"),
    ("assign", False, r"(?:i|i'll|i\s+will|let\s+me)\s+take\s+over\s+(?P<record>.+)"),
    ("assign", True, r"make\s+(?P<value>.+?)\s+(?:the\s+)?(?P<field>\w+)\s+(?:of|for)\s+(?P<record>.+)"),
    ("rename", True, r"(?:rename|retitle)\s+(?P<record>.+?)\s+(?:to|as|into)\s+(?P<value>.+)"),
    ("tag", True, r"(?:tag|label)\s+(?P<record>.+?)\s+(?:as|with)\s+(?P<value>.+)"),
    ("tag", True, r"add\s+(?:the\s+)?(?:tag|label)\s+(?P<value>.+?)\s+(?:to|on)\s+(?P<record>.+)"),
    ("untag", True, r"(?:remove|drop|take)\s+(?:the\s+)?(?:tag|label)\s+(?P<value>.+?)\s+(?:from|off)\s+"
                    r"(?P<record>.+)"),
    ("untag", True, r"untag\s+(?P<record>.+?)\s+(?:as|from|with)\s+(?P<value>.+)"),
    ("tag", False, r"(?:tag|label)\s+(?P<text>.+)"),
    ("untag", False, r"untag\s+(?P<text>.+)"),
    ("set", True, r"(?:set|change|update|correct|fix|raise|lower|increase|decrease|reduce|edit)\s+(?P<record>.+?)"
                  r"(?:'s|’s|(?<=s)['’])\s+(?P<field>.+?)\s+(?:to|as|=|at)\s+(?P<value>.+)"),
    ("set", True, r"(?:set|change|update|correct|fix|raise|lower|increase|decrease|reduce|edit)\s+(?:the\s+)?"
                  r"(?P<field>.+?)\s+(?:of|for|on)\s+(?P<record>.+?)\s+(?:to|as|=|at)\s+(?P<value>.+)"),
    ("set", True, r"(?:set|change|update)\s+(?P<record>its|his|her|their)\s+(?P<field>.+?)\s+(?:to|as|=|at)\s+"
                  r"(?P<value>.+)"),
    ("set", True, r"(?:set|change|update|raise|lower|increase|decrease|reduce)\s+(?:the\s+)?"
                  r"(?P<field>\w+(?:\s\w+){0,2})\s+(?:to|as|=|at)\s+(?P<value>.+)"),
    ("set", True, r"(?:clear|empty|erase|unset|remove|delete)\s+(?:the\s+)?(?P<field>\w+(?:\s\w+){0,2})\s+"
                  r"(?:of|for|from|on)\s+(?P<record>.+)"),
    ("shift", True, r"(?:push|move|postpone|delay|shift|put\s+off|reschedule)\s+(?P<record>.+?)\s+"
                    r"(?:back\s+|out\s+)?by\s+(?P<value>.+)"),
    ("turn", True, r"close\s+(?P<record>.+?)\s+as\s+(?P<value>\w+)(?:\s*(?:,|:|-|because(?:\s+of)?|due\s+to)\s*"
                   r"(?P<reason>.+))?"),
    ("turn", True, r"(?:move|mark|set|change|switch|advance|put|push|reschedule|postpone|shift|update|turn|flag|bring|"
                   r"drag|progress|raise|lower|increase|decrease|reduce|bump)\s+(?P<record>.+?)\s+(?:back\s+)?(?:to|as|into|in|until|till|for|on)\s+"
                   r"(?P<value>[^:,]+?)(?:\s*(?:,|:|\bbecause(?:\s+of)?|\bdue\s+to)\s*(?P<reason>.+))?"),
    ("turn", False, r"(?:mark|set)\s+(?P<record>.+)\s+(?P<value>\w+)"),
    ("reopen", True, r"(?:re-?open|undo|uncheck|untick)\s+(?P<record>.+)"),
    ("finish", False, r"(?P<value>complete|finish|tick\s+off|check\s+off|close)\s+(?P<record>.+)"),
    ("delete", True, r"(?:delete|trash|bin|remove|get\s+rid\s+of)\s+(?P<record>.+)"),
    ("state", False, rf"(?:we|i)\s+(?:have\s+|just\s+|finally\s+)*(?P<value>won|lost)\s+(?P<record>.+?){_WHY}"),
    ("state", False, rf"{_NO_QUESTION}(?P<record>.+?)\s+(?:is|are|was|has\s+been)\s+(?:now\s+|finally\s+)?"
                     rf"(?P<value>\w+){_WHY}"),
    ("state", False, rf"{_NO_QUESTION}(?P<record>.+?)\s+(?P<value>won|lost)\s*(?:,|:|\bbecause(?:\s+of)?|\bdue\s+to)\s*"
                     r"(?P<reason>.+)"),
    ("fact", False, rf"{_NO_QUESTION}(?P<record>.+?)(?:'s|’s|(?<=s)['’])\s+(?P<field>.+?)\s+"
                    r"(?:is\s+now|is|should\s+be|to)\s+(?P<value>.+)"),
    ("fact", False, rf"{_NO_QUESTION}(?:the\s+)?(?P<field>.+?)\s+of\s+(?P<record>.+?)\s+(?:is\s+now|should\s+be|to)\s+"
                    r"(?P<value>.+)"),
    ("fact", False, rf"{_NO_QUESTION}(?P<text>.+?)\s+(?:is\s+now|should\s+be)\s+(?P<value>.+)"),
)  # fmt: skip
_COMPILED = tuple((kind, sure, re.compile(form, re.IGNORECASE | re.DOTALL)) for kind, sure, form in _FORMS)


def plain(question: str) -> str:
    """The order without its courtesies."""
    words = _THANKS.sub("", _POLITE.sub("", question.strip())).strip()
    return words.rstrip(".!") if not words.endswith("...") else words


def readings(question: str) -> Iterator[Order]:
    """Every form that the words have, the likeliest first."""
    words, whole = plain(question), question.strip().rstrip(".!")
    if words.endswith("?") and not _POLITE.match(question.strip()):
        return
    for kind, sure, form in _COMPILED:
        found = form.fullmatch(words.rstrip("?")) or (form.fullmatch(whole) if kind == "remind" else None)
        if found:
            parts = {name: (text or "").strip() for name, text in found.groupdict().items()}
            yield Order(kind, sure=sure, **parts)
