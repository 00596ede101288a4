"""Orders as people type them, over the demo, with the change sets that they should become, written down by hand.

A change set is compared by its operations: action, kind of record, record, and the values that are set. `~` before an
expected text: the value need only hold it. Links that a new record gets from the one it is about may be there or not.
"""

# ruff: noqa: E501  an order and its change set are a line
# fmt: off

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.crm.demo.data import USERS
from bench.assistant.demo_oracle import Demo

MAYA, TOMAS, PRIYA, JONAS = USERS
_LINKS = frozenset({"company", "person", "deal", "owner", "name", "currency", "date", "kind", "status"})
Expected = tuple[str, str, str, Mapping[str, Any]]


@dataclass(frozen=True)
class Proposes:
    """A proposal with exactly these operations."""

    operations: tuple[Expected, ...]

    def holds(self, answer: Any, _seen: Any) -> bool:
        if len(answer.proposals) != 1:
            return False
        made = [*answer.proposals[0]["operations"]]
        return len(made) == len(self.operations) and all(any(_same(one, it) for it in made) for one in self.operations)


@dataclass(frozen=True)
class AsksWhich:
    """No proposal, but the choices that the words leave."""

    def holds(self, answer: Any, _seen: Any) -> bool:
        return not answer.proposals and bool(answer.readings) and answer.mode == "none"


@dataclass(frozen=True)
class Names:
    """No proposal, and the words that couldn't be placed."""

    word: str

    def holds(self, answer: Any, _seen: Any) -> bool:
        return not answer.proposals and self.word.lower() in answer.text.lower()


@dataclass(frozen=True)
class NoOrder:
    """A question: nothing is proposed."""

    def holds(self, answer: Any, _seen: Any) -> bool:
        return not answer.proposals


def _same(wanted: Expected, made: Mapping[str, Any]) -> bool:
    action, object, record, values = wanted
    label = made["record"]["label"] if made["record"] else ""
    after = {field["name"]: field["after"] for field in made["fields"] if not field.get("follows")}
    more = set(after) - set(values) - (_LINKS if action == "create" else set())
    same = (made["action"], made["object"], label) == (action, object, record)
    return same and not more and all(_fits(value, after.get(name)) for name, value in values.items())


def _fits(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, date):
        return isinstance(found, str) and found[:10] == wanted.isoformat()
    if isinstance(wanted, str) and wanted.startswith("~"):
        return isinstance(found, str) and wanted[1:].lower() in found.lower()
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted.lower() == found.lower()
    return bool(wanted == found)


def _new(object: str, **values: Any) -> Proposes:
    return Proposes((("create", object, "", values),))


def _set(object: str, record: str, **values: Any) -> Proposes:
    return Proposes((("update", object, record, values),))


def _all(object: str, records: list[str], **values: Any) -> Proposes:
    return Proposes(tuple(("update", object, record, values) for record in records))


def _gone(object: str, record: str) -> Proposes:
    return Proposes((("trash", object, record, {}),))


def _weekday(o: Demo, number: int, weeks: int = 0) -> date:
    """The next such day after today; or the one of a later week."""
    return o.today + timedelta((number - o.today.weekday() - 1) % 7 + 1 + 7 * weeks)


def _month_later(day: date) -> date:
    """The same day of the next month, or its last."""
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    return first.replace(day=min(day.day, last.day))


def _march(o: Demo) -> date:
    """The first day of the next March."""
    return date(o.today.year + (o.today.month >= 3), 3, 1)


def _next_week(o: Demo, number: int) -> date:
    return o.week(1)[0] + timedelta(number)


def orders(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    return {**_making(o), **_changing(o), **_asking(o)}


def _making(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "remind": [
            ("remind me tomorrow to call Asha Menon", _new("tasks", name="Call Asha Menon", due_date=o.day(1), owner=MAYA)),
            ("remind me to send Quill Publishing the noise figures in 3 days", _new("tasks", name="~noise figures", due_date=o.day(3), owner=MAYA)),
            ("reminder to check in with Helen Marsh next tue", _new("tasks", name="~check in with Helen Marsh", due_date=_next_week(o, 1))),
            ("task: call dana tomorrow 3pm", _new("tasks", name="Call dana", due_date=o.day(1), remind_at="~T15:00")),
            ("add a task to follow up with Fjord Ferries in two weeks", _new("tasks", name="~follow up with Fjord Ferries", due_date=o.day(14), company="Fjord Ferries")),
            ("pls remind tomás to ring Marcus Hale on monday", _new("tasks", name="~ring Marcus Hale", due_date=_weekday(o, 0), owner=TOMAS)),
            ("new todo order cups due end of month", _new("tasks", name="~order cups", due_date=o.month()[1])),
            ("create a high priority task to send the tender by friday", _new("tasks", name="~send the tender", due_date=_weekday(o, 4), priority="High")),
            ("add task for priya: prepare the contract, due 15 january", _new("tasks", name="~prepare the contract", owner=PRIYA, due_date=date(o.today.year + (o.today >= date(o.today.year, 1, 15)), 1, 15))),
            ("i need to call Beatriz Moura next week", _new("tasks", name="~call Beatriz Moura", due_date=o.week(1)[0])),
            ("follow up with Jo Castellanos in 10 days", _new("tasks", name="~follow up with Jo Castellanos", due_date=o.day(10))),
            ("remind me about the Ferry tender in a month", _new("tasks", name="~Ferry tender", deal="Ferry tender", due_date=_month_later(o.today))),
        ],
        "note": [
            ("note on Casa Aurora: wants a green machine", _new("notes", body="Wants a green machine", company="Casa Aurora")),
            ("add note to Ferry tender: price counts for half", _new("notes", body="Price counts for half", deal="Ferry tender")),
            ("add a note for Owen Byrne saying he left the company", _new("notes", body="~left the company", person="Owen Byrne")),
            ("jot down for Summit Coworking: new floor in May", _new("notes", body="~new floor in May", company="Summit Coworking")),
            ("Take a note about Verdant Labs - lawyer is on holiday", _new("notes", body="~lawyer is on holiday", company="Verdant Labs")),
            ("write down that Gianna Ferri prefers lunch", _new("notes", body="~Gianna Ferri prefers lunch", person="Gianna Ferri")),
        ],
        "log": [
            ("log a call with Dana Whitlock: she takes three machines", _new("activities", kind="Call", person="Dana Whitlock", body="~three machines")),
            ("logged a call with helen marsh yesterday", _new("activities", kind="Call", person="Helen Marsh", date=o.day(-1))),
            ("had a meeting with Wei Ling Tan today, she wants Mandarin screens", _new("activities", kind="Meeting", person="Wei Ling Tan", date=o.today, body="~Mandarin screens")),
            ("i called Pieter Claes, he is happy", _new("activities", kind="Call", person="Pieter Claes", body="~he is happy")),
            ("schedule a meeting with Fiona Drummond next monday", _new("activities", kind="Meeting", person="Fiona Drummond", date=_next_week(o, 0))),
            ("book a call with Bram de Wit tomorrow at 10am", _new("activities", kind="Call", person="Bram de Wit", date=o.day(1))),
            ("log an email to Callum Reid about the leasing offer", _new("activities", kind="Email", person="Callum Reid", body="~leasing offer")),
            ("record a meeting with Quill Publishing on the 3rd of december: they liked the grinder", _new("activities", kind="Meeting", company="Quill Publishing", body="~liked the grinder")),
        ],
        "create": [
            ("new company Bean Street", _new("companies", name="Bean Street")),
            ("add a company called Nordic Beans in Oslo", _new("companies", name="Nordic Beans", city="Oslo")),
            ("create contact Lars Holm at Fjord Ferries", _new("people", name="Lars Holm", company="Fjord Ferries")),
            ("new contact: Emma Stone, emma@quill.example, Quill Publishing", _new("people", name="Emma Stone", email="emma@quill.example", company="Quill Publishing")),
            ("add person Tom Ford as barista at Kettle & Crumb", _new("people", name="Tom Ford", company="Kettle & Crumb", title="barista")),
            ("new deal Spring machines 20k for Casa Aurora closing in march", _new("deals", name="Spring machines", amount=20_000, company="Casa Aurora", close_date=_march(o))),
            ("create a deal called Second floor for Quill Publishing worth $12,500", _new("deals", name="Second floor", amount=12_500, company="Quill Publishing")),
            ("add a 15k deal for Old Mill Bakery", _new("deals", amount=15_000, company="Old Mill Bakery")),
            ("new opportunity with Northgate Clinics, 30k, closing end of next month", _new("deals", amount=30_000, company="Northgate Clinics", close_date=o.month(1)[1])),
            ("create company Alpine Cups with website https://alpine.example", _new("companies", name="Alpine Cups", website="https://alpine.example")),
            ("add deal Tea corner to Paper Lantern Tea in qualified", _new("deals", name="Tea corner", company="Paper Lantern Tea", stage="Qualified")),
        ],
    }


def _changing(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    late = [r["name"] for r in o.t(lambda r: r["due"] < o.today, done=False)]
    return {
        "stage": [
            ("move Roof bar to negotiation", _set("deals", "Roof bar", stage="Negotiation")),
            ("mark Ferry tender as won", _set("deals", "Ferry tender", stage="Won")),
            ("Four kitchens is won", _set("deals", "Four kitchens", stage="Won")),
            ("we lost Austin floors because of the price", _set("deals", "Austin floors", stage="Lost", lost_reason="The price")),
            ("set the stage of Staff rooms to qualified", _set("deals", "Staff rooms", stage="Qualified")),
            ("Pay per cup lost, too expensive", _set("deals", "Pay per cup", stage="Lost", lost_reason="Too expensive")),
            ("close the Rooftop and lobby deal as lost: architect said no", _set("deals", "Rooftop and lobby", stage="Lost", lost_reason="Architect said no")),
            ("push breakfast rooms to proposal", _set("deals", "Breakfast rooms", stage="Proposal")),
            ("we won the Second restaurant deal", _set("deals", "Second restaurant", stage="Won")),
            ("mark all deals of Summit Coworking in proposal as won", _all("deals", ["Austin floors"], stage="Won")),
        ],
        "set": [
            ("set the amount of Roof bar to 21k", _set("deals", "Roof bar", amount=21_000)),
            ("change Ferry tender's value to $190,000", _set("deals", "Ferry tender", amount=190_000)),
            ("close date of Austin floors to next friday", _set("deals", "Austin floors", close_date=_next_week(o, 4))),
            ("update Quill Publishing's industry to Media", _set("companies", "Quill Publishing", industry="Media")),
            ("Helen Marsh's phone is +44 161 555 010", _set("people", "Helen Marsh", phone="~555 010")),
            ("set employees of Casa Aurora to 70", _set("companies", "Casa Aurora", employees=70)),
            ("change the job title of Owen Byrne to Office lead", _set("people", "Owen Byrne", title="Office lead")),
            ("raise Pay per cup to 35k", _set("deals", "Pay per cup", amount=35_000)),
            ("move the close date of Staff rooms to the end of next month", _set("deals", "Staff rooms", close_date=o.month(1)[1])),
            ("set Grinder upgrade's probability to 40%", _set("deals", "Grinder upgrade", probability=40)),
            ("Verdant Labs website should be https://verdant.example", _set("companies", "Verdant Labs", website="https://verdant.example")),
            ("clear the website of Casa Aurora", _set("companies", "Casa Aurora", website=None)),
        ],
        "assign": [
            ("assign Roof bar to Priya", _set("deals", "Roof bar", owner=PRIYA)),
            ("give Ferry tender to jonas", _set("deals", "Ferry tender", owner=JONAS)),
            ("make Tomás the owner of Quill Publishing", _set("companies", "Quill Publishing", owner=TOMAS)),
            ("reassign the task Find a technician in Bergen to Priya", _set("tasks", "Find a technician in Bergen", owner=PRIYA)),
            ("assign all of Tomás's open tasks to me", _all("tasks", [r["name"] for r in o.t(owner=TOMAS, done=False)], owner=MAYA)),
            ("hand over jonas's open deals to priya", _all("deals", [r["name"] for r in o.d(kind="open", owner=JONAS)], owner=PRIYA)),
            ("assign Canteen tender, next year to me", _set("deals", "Canteen tender, next year", owner=MAYA)),
            ("i take over Old Mill Bakery", _set("companies", "Old Mill Bakery", owner=MAYA)),
        ],
        "tags": [
            ("tag Casa Aurora as key account", _set("companies", "Casa Aurora", tags=["key account"])),
            ("add the tag renovation to Northgate Clinics", _set("companies", "Northgate Clinics", tags=["renovation"])),
            ("remove the tag tender from Fjord Ferries", _set("companies", "Fjord Ferries", tags=[])),
            ("untag Bluebird Roasters partner", _set("companies", "Bluebird Roasters", tags=[])),
            ("tag all companies in offices with workplace", Proposes(tuple(("update", "companies", r["name"], {"tags": [*r["tags"], "workplace"]}) for r in o.c(industry="Offices")))),
            ("label Ferry tender urgent", _set("deals", "Ferry tender", tags=["urgent"])),
        ],
        "tasks": [
            ("complete Send the service contract with the penalty clause", _set("tasks", "Send the service contract with the penalty clause", done=True)),
            ("mark Book a table at the osteria as done", _set("tasks", "Book a table at the osteria", done=True)),
            ("Work out a price per cup is done", _set("tasks", "Work out a price per cup", done=True)),
            ("reopen Send the energy summary", _set("tasks", "Send the energy summary", done=False)),
            ("postpone Find a technician in Bergen to next friday", _set("tasks", "Find a technician in Bergen", due_date=_next_week(o, 4))),
            ("set the priority of Book a table at the osteria to high", _set("tasks", "Book a table at the osteria", priority="High")),
            ("move all overdue tasks to tomorrow", _all("tasks", late, due_date=o.day(1))),
            ("finish all my overdue tasks", _all("tasks", [r["name"] for r in o.t(lambda r: r["due"] < o.today, done=False, owner=MAYA)], done=True)),
            ("push Ask the factory about the green by a week", _set("tasks", "Ask the factory about the green", due_date=o.day(3))),
        ],
        "delete": [
            ("delete the deal Grinder upgrade", _gone("deals", "Grinder upgrade")),
            ("remove Ravi Chandran", _gone("people", "Ravi Chandran")),
            ("trash the task Register for the supplier day", _gone("tasks", "Register for the supplier day")),
        ],
        "rename": [
            ("rename Roof bar to Roof bar, spring", _set("deals", "Roof bar", name="Roof bar, spring")),
            ("change the name of Test ship to First ship", _set("deals", "Test ship", name="First ship")),
            ("call Staff rooms Clinic staff rooms from now on", _set("deals", "Staff rooms", name="Clinic staff rooms")),
        ],
    }


def _asking(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "unclear": [
            ("assign Harbour & Pine to Priya", AsksWhich()),
            ("move the Moonbase deal to won", Names("Moonbase")),
            ("set the colour of Roof bar to green", Names("colour")),
            ("assign Roof bar to Peter Parker", Names("Peter Parker")),
            ("move Roof bar to Paradise", Names("Paradise")),
            ("log a call with Nobody Atall: hello", Names("Nobody Atall")),
            ("set the amount of Roof bar to lots", Names("lots")),
            ("move the Kettle & Crumb deal to qualified", _set("deals", "Shops 10 and 11", stage="Qualified")),
        ],
        "questions": [
            ("which deals did we move to won", NoOrder()),
            ("deals assigned to priya", NoOrder()),
            ("tasks to complete this week", NoOrder()),
            ("what notes are on Casa Aurora", NoOrder()),
            ("new companies this month", NoOrder()),
            ("lost deals because of price", NoOrder()),
            ("who should i call tomorrow", NoOrder()),
            ("did we win Four kitchens", NoOrder()),
        ],
    }
