"""Questions over the demo as they are typed in a hurry, written before the parser had seen any of them.

Every third question is held out: tuning never looks at it (`bench.assistant.sets`).
"""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from typing import Any

from app.crm.demo.data import NOTES, STANDING
from bench.assistant.demo_oracle import ME as MAYA
from bench.assistant.demo_oracle import Demo
from bench.assistant.expect import Abstains, Number, Order, Pairs, Says, Searches, Unanswered, names
from bench.assistant.oracle import best, by, mean, rate, top, total
from bench.assistant.oracle import names as labels

Asked = dict[str, list[tuple[Any, Any]]]
TOMAS, PRIYA, JONAS = "Tomás Rivera", "Priya Raman", "Jonas Weber"


def questions(o: Demo) -> Asked:
    return {**_doing(o), **_selling(o), **_knowing(o)}


def _day(o: Demo, days: int) -> Says:
    return Says((f"{o.day(days).day} {o.day(days):%B}",))


def _doing(o: Demo) -> Asked:
    late = o.t(lambda r: r["due"] < o.today, done=False)
    return {
        "tasks": [
            ("what do i still have to do", names(labels(o.t(done=False, owner=MAYA)))),
            ("anything due today?", names(labels(o.t(done=False, due=(o.today, o.today))))),
            ("tasks due next week", names(labels(o.t(done=False, due=o.week(1))))),
            ("is priya behind on any tasks?", names(labels([r for r in late if r["owner"] == PRIYA]))),
            ("how many high prio tasks are left for tomas", Number(len(o.t(done=False, owner=TOMAS, priority="high")))),
            ("finished tasks", names(labels(o.t(done=True)))),
            ("open taks of jonas", names(labels(o.t(done=False, owner=JONAS)))),
        ],
        "meetings": [
            ("how many calls did we make", Number(len(o.a(kind="call", status="completed")))),
            ("what meetings are coming up", names({r["name"] for r in o.a(kind="meeting", status="scheduled")})),
            ("when did we last talk to Pieter Claes?", _day(o, -25)),
            ("who met with Northgate Clinics", Says((MAYA,))),
            ("emails tomas sent this month", names({r["name"] for r in o.a(kind="email", owner=TOMAS, date=(o.month()[0], o.today))})),
            ("calls made by each rep", Pairs(by(o.a(kind="call", status="completed"), "owner"))),
        ],
        "absence": [
            ("which contacts haven't we talked to in over 40 days", names(labels(o.p(lambda r: r["name"] not in {a["person"] for a in o.a(date=(o.day(-40), o.today))})))),
            ("companies we've never met with", names(labels(o.c(lambda r: r["name"] not in {a["company"] for a in o.a(kind="meeting")})))),
            ("companies with no notes", names(labels(o.c(lambda r: r["name"] not in {n[0] for n in NOTES})))),
            ("open deals with nothing scheduled", names(labels(o.d(lambda r: r["name"] not in {a["deal"] for a in o.a(status="scheduled")}, kind="open")))),
        ],
        "written": [
            ("what did Ingrid say about delivery", Searches(frozenset({"Ingrid Solheim"}), ("delivery",))),
            ("who mentioned the milk fridge?", Unanswered()),
        ],
    }


def _selling(o: Demo) -> Asked:
    still, won = o.d(kind="open"), o.d(kind="won")
    stale = {name for name, days in STANDING.items() if days > 30}
    return {
        "pipeline": [
            ("what's my forecast, weighted", Number(total(o.d(kind="open", owner=MAYA), "weighted"))),
            ("UK pipeline value", Number(total(o.d(kind="open", country="United Kingdom")))),
            ("open deals in the US", names(labels(o.d(kind="open", country="United States")))),
            ("which deals are stuck?", names(stale)),
            ("deals lost because of price", names({"Filter machines"})),
            ("anything closing this month that's not won yet", names(labels(o.d(kind="open", close=o.month())))),
            ("deals in proposal above 25k", names(labels(o.d(lambda r: r["amount"] > 25_000, stage="proposal")))),
            ("how much did we lose in total", Number(total(o.d(kind="lost")))),
        ],
        "measures": [
            ("average won deal in hospitality", Number(mean(o.d(kind="won", industry="Hospitality")))),
            ("second biggest open deal", Order((sorted(still, key=lambda r: -r["amount"])[1]["name"],))),
            ("biggest open deal per rep", Pairs(by(still, "owner", best))),
            ("who has the largest pipeline", Order(tuple(top(by(still, "owner", total), 1)))),
            ("best performing rep by amount won", Order(tuple(top(by(won, "owner", total), 1)))),
            ("how much more did tomas win than priya", Number(total(o.d(kind="won", owner=TOMAS)) - total(o.d(kind="won", owner=PRIYA)))),
        ],
        "rates": [
            ("what % of deals does maya win", Number(rate(o.d(owner=MAYA)))),
            ("share of won revenue from offices", Number(round(100 * total(o.d(kind="won", industry="Offices")) / total(won), 2))),
            ("percentage of open deals by stage", Pairs({k.capitalize(): round(100 * v / len(still), 2) for k, v in by(still, "stage").items()})),
        ],
    }


def _knowing(o: Demo) -> Asked:
    return {
        "facts": [
            ("who is the champion of Lobby bars?", Abstains()),
            ("economic buyer at Summit Coworking?", Says(("Jo Castellanos",))),
            ("where is Verdant Labs based?", Says(("Utrecht", "Netherlands"))),
            ("how long has Staff rooms been in its stage", Number(STANDING["Staff rooms"])),
            ("how many days until Austin floors closes", Number(18)),
            ("whats pieters email", Says(("pieter@oldmill.example",))),
            ("what does Astrid Nygård do at Fjord Ferries", Says(("Catering manager",))),
            ("why did we lose Room capsules", Says(("dropped capsules",))),
        ],
        "people": [
            ("who do we know at Verdant", names(labels(o.p(company="Verdant Labs")))),
            ("contacts in italy", names(labels(o.p(lambda r: o.by_name[r["company"]]["country"] == "Italy")))),
            ("how many contacts per company", Pairs(by(o.people, "company"))),
        ],
        "values": [
            ("companies in the UK", names(labels(o.c(country="United Kingdom")))),
            ("fast growing cafés", names(labels(o.c(lambda r: "fast growing" in r["tags"], industry="Cafés")))),
            ("compnies in itly", names(labels(o.c(country="Italy")))),
        ],
        "leaning": [
            (("deals of tomas", "only the open ones"), names(labels(o.d(kind="open", owner=TOMAS)))),
            (("who owns Fjord Ferries", "what's their industry?"), Says(("Transport",))),
            (("pipeline by stage", "just mine"), Pairs({k.capitalize(): v for k, v in by(o.d(kind="open", owner=MAYA), "stage", total).items()})),
        ],
    }
