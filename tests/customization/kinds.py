"""One custom field of every type, and what is written into it: by JSON, in a form, in a file, in a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of field. `ours` is what the first deal holds, `theirs` the second; a third holds nothing."""

    type: str
    label: str
    ours: Any
    theirs: Any
    bad: str  # what a form refuses; "": anything is good
    find: str  # a parameter of a list that finds the first deal alone, after the field's key
    more: Mapping[str, Any] = field(default_factory=dict)  # of its making
    typed: tuple[str, ...] = ()  # what a form sends for `ours`; else its text
    shown: str = ""  # what a page shows for `ours`; else its text
    cell: str = ""  # what a raw export has for `ours`; else its text
    sorts: bool = True
    groups: bool = True
    question: str = ""  # finds the first deal alone
    said: str = ""  # words of `ours` that full text finds

    @property
    def name(self) -> str:
        return self.label.lower().replace(" ", "_").replace("-", "_")

    @property
    def form(self) -> tuple[str, ...]:
        return self.typed or (str(self.ours),)


KINDS = (
    Kind("text", "Region", "Northern fjords", "South", "", "=northern fjords",
         question="deals with region Northern fjords", said="fjords"),
    Kind("long_text", "Background", "They asked for zeppelins\nand hangars.", "Nothing yet", "", "__contains=zeppelins",
         shown="zeppelins", groups=False, said="zeppelins"),
    Kind("number", "Seats", 42, 7, "many", "__gt=40", {"integer": True}, groups=True,
         question="deals with more than 40 seats"),
    Kind("money", "Budget", 12500.5, 10, "lots", "__gte=12500", shown="12,500.50", cell="12500.50", groups=False,
         question="deals with a budget over 10k"),
    Kind("date", "Contract end", "2031-05-31", "2030-01-15", "soon", "__during=2031", shown="May 31, 2031",
         question="deals with contract end in 2031"),
    Kind("datetime", "Kick-off", "2031-03-01T09:30:00Z", "2030-01-01T00:00:00Z", "soon", "__gte=2031-01-01",
         typed=("2031-03-01T09:30",), shown="Mar 1, 2031", question="deals with kick-off in March 2031"),
    Kind("boolean", "Strategic", True, False, "", "=true", typed=("true",), shown="Yes", cell="true",
         question="strategic deals"),
    Kind("select", "Level", "gold", "silver", "platinum", "=gold", {"options": ["Gold", "Silver"]}, shown="Gold",
         question="deals with level gold", said="Gold"),
    Kind("multi_select", "Modules", ["billing", "core"], ["core"], "none", "=billing",
         {"options": ["Billing", "Core"]}, typed=("billing", "core"), shown="Billing", cell="billing;core",
         sorts=False, groups=False, said="Billing"),
    Kind("link", "Reseller", 1, 2, "", "=1", {"target": "companies"}, typed=("1",), shown="Acme", cell="Acme",
         question="deals with reseller Acme"),
    Kind("url", "Portal", "https://fjord.example/in", "https://b.example", "not an address", "__contains=fjord",
         shown="fjord.example", said="fjord"),
    Kind("email", "Billing address", "pay@fjordbank.example", "b@b.example", "nobody", "__contains=fjordbank",
         said="fjordbank"),
    Kind("phone", "Hotline", "+47 22 33 44 55", "+44 20 7946 0000", "call me", "__starts_with=+47"),
)  # fmt: skip
