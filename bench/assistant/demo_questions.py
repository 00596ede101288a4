"""Questions for tuning over the demo data: tasks, meetings, roles, pipeline, ages and facts. The last text is judged."""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.crm.demo.data import STANDING
from bench.assistant.demo_oracle import ME as MAYA
from bench.assistant.demo_oracle import Demo
from bench.assistant.expect import Abstains, Number, Order, Pairs, Rows, Says, names
from bench.assistant.oracle import by, mean, rate, total
from bench.assistant.oracle import names as labels


def questions(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    return {**_doing(o), **_selling(o), **_knowing(o)}


def _doing(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    late = o.t(lambda r: r["due"] < o.today, done=False)
    return {
        "tasks": [
            ("overdue tasks", names(labels(late))),
            ("what is overdue", names(labels(late))),
            ("which tasks are late?", names(labels(late))),
            ("my overdue tasks", names(labels([r for r in late if r["owner"] == MAYA]))),
            ("what is due this week", names(labels(o.t(due=o.week())))),
            ("tasks due today", names(labels(o.t(due=(o.today, o.today))))),
            ("what's due tomorrow?", names(labels(o.t(due=(o.day(1), o.day(1)))))),
            ("what do i have to do", names(labels(o.t(owner=MAYA, done=False)))),
            ("what should I do next?", names({"Ask the builder for the roof drawings"})),
            ("open tasks of Priya", names(labels(o.t(owner="Priya Raman", done=False)))),
            ("how many tasks are done", Number(len(o.t(done=True)))),
            ("tasks that aren't finished yet", names(labels(o.t(done=False)))),
            ("high priority tasks", names(labels(o.t(priority="high")))),
            ("how many open tasks does each assignee have", Pairs(by(o.t(done=False), "owner"))),
            ("tasks for Verdant Labs", names(labels(o.t(company="Verdant Labs")))),
            ("todos assigned to Tomás", names(labels(o.t(owner="Tomás Rivera")))),
            ("who has the most open tasks", Order(("Maya Lindqvist",))),
            ("tasks due in the next 7 days", names(labels(o.t(due=(o.today, o.day(6)))))),
            ("do I have anything due today?", Says(("No",))),
            ("low prio tasks", names(labels(o.t(priority="low")))),
            ("tasks by priority", Pairs({k.capitalize(): v for k, v in by(o.tasks, "priority").items()})),
        ],
        "meetings": [
            ("next meeting", Says((f"{o.day(2).day} {o.day(2):%B}",))),
            ("when's the next meeting with Harbour & Pine Hotels", Says((f"{o.day(2).day} {o.day(2):%B}",))),
            ("when do we meet Lotte Visser next", Says((f"{o.day(6).day} {o.day(6):%B}",))),
            ("upcoming meetings", names({"Sign phase 2", "Spare parts guarantee"})),
            ("scheduled calls", names({"Freight"})),
            ("when did we last talk to Dana Whitlock?", Says((f"{o.day(-2).day} {o.day(-2):%B}",))),
            ("when did we last talk to Ingrid Solheim", Says((f"{o.day(-5).day} {o.day(-5):%B}",))),
            ("last meeting with Verdant Labs", Says((f"{o.day(-30).day} {o.day(-30):%B}",))),
            ("last call with Asha Menon", Says((f"{o.day(-8).day} {o.day(-8):%B}",))),
            ("who did we talk to last week", Rows(len(o.a(date=o.week(-1))))),
            ("how many calls did Tomás have in the last 30 days", Number(len(o.a(kind="call", owner="Tomás Rivera", date=(o.day(-29), o.today))))),
            ("meetings in the next 7 days", names({"Sign phase 2", "Spare parts guarantee"})),
            ("what meetings does Priya have coming up", names({"Spare parts guarantee"})),
            ("activities with Summit Coworking", names(labels(o.a(company="Summit Coworking")))),
            ("when was Northgate Clinics last contacted", Says((f"{o.day(-33).day} {o.day(-33):%B}",))),
            ("latest email from Henrik Dahl", Says(("Tender dates",))),
        ],
        "roles": [
            ("who is the champion at Harbour & Pine Hotels?", Says(("Ingrid Solheim",))),
            ("who is the economic buyer of Lobby bars, phase 2", Says(("Mikkel Brandt",))),
            ("champion at verdant labs", Says(("Lotte Visser",))),
            ("deals with a champion", names({"Lobby bars, phase 2", "Roll-out after pilot"})),
            ("open deals without a champion", names(labels(o.d(lambda r: r["name"] not in ("Lobby bars, phase 2", "Roll-out after pilot"), kind="open")))),
            ("who are the economic buyers", Says(("Mikkel Brandt", "Jo Castellanos"))),
            ("how many open deals have no champion", Number(len(o.d(lambda r: r["name"] not in ("Lobby bars, phase 2", "Roll-out after pilot"), kind="open")))),
            ("who is the technical evaluator on Roll-out after pilot?", Says(("Bram de Wit",))),
            ("which deals is Ingrid Solheim champion of", names({"Lobby bars, phase 2"})),
        ],
        "absence": [
            ("companies with no activity in 30 days", names(labels(o.c(lambda r: r["name"] not in {a["company"] for a in o.a(date=(o.day(-29), o.today))})))),
            ("customers we haven't contacted in the last 14 days", names(labels(o.c(lambda r: r["name"] not in {a["company"] for a in o.a(date=(o.day(-13), o.today))})))),
            ("companies without open deals", names(labels(o.c(lambda r: r["name"] not in {d["company"] for d in o.d(kind="open")})))),
            ("companies that don't have a website", names(labels(o.c(website="")))),
            ("open deals without activities", names(labels(o.d(lambda r: r["name"] not in {a["deal"] for a in o.activities}, kind="open")))),
            ("deals with no lost reason that are lost", Rows(0)),
            ("companies without any won deals", names(labels(o.c(lambda r: r["name"] not in {d["company"] for d in o.d(kind="won")})))),
            ("people without a phone number", Rows(len(o.people))),
            ("untagged companies", Abstains()),
            ("companies without tags", names(labels(o.c(lambda r: not r["tags"])))),
        ],
    }


def _selling(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    late = o.d(lambda r: r["close"] < o.today, kind="open")
    return {
        "weighted": [
            ("weighted pipeline", Number(total(o.d(kind="open"), "weighted"))),
            ("what's our weighted pipeline?", Number(total(o.d(kind="open"), "weighted"))),
            ("weighted pipeline by owner", Pairs(by(o.d(kind="open"), "owner", lambda r: total(r, "weighted")))),
            ("weighted value of open deals in negotiation", Number(total(o.d(stage="negotiation"), "weighted"))),
            ("my weighted pipeline", Number(total(o.d(kind="open", owner=MAYA), "weighted"))),
            ("weighted amount of open deals closing next month", Number(total(o.d(kind="open", close=o.month(1)), "weighted"))),
            ("weighted forecast by quarter", Pairs(by(o.d(kind="open"), lambda r: f"Q{(r['close'].month + 2) // 3} {r['close'].year}", lambda r: total(r, "weighted")))),
            ("forecast for next month", Number(total(o.d(kind="open", close=o.month(1)), "weighted"))),
        ],
        "pipeline": [
            ("what is our pipeline worth", Number(total(o.d(kind="open")))),
            ("pipeline by stage", Pairs({k.capitalize(): v for k, v in by(o.d(kind="open"), "stage", total).items()})),
            ("how much is in the pipeline for Summit Coworking", Number(total(o.d(kind="open", company="Summit Coworking")))),
            ("deals closing this month", names(labels(o.d(close=o.month())))),
            ("open deals closing in the next 30 days", names(labels(o.d(kind="open", close=(o.today, o.day(29)))))),
            ("overdue deals", names(labels(late))),
            ("deals past their close date", names(labels(late))),
            ("which open deals should have closed already", names(labels(late))),
            ("deals in negotiation", names(labels(o.d(stage="negotiation")))),
            ("how many deals are in proposal or negotiation", Number(len(o.d(stage={"proposal", "negotiation"})))),
            ("biggest open deals", Order(tuple(r["name"] for r in sorted(o.d(kind="open"), key=lambda r: -r["amount"])[:10]))),
            ("top 3 open deals", Order(tuple(r["name"] for r in sorted(o.d(kind="open"), key=lambda r: -r["amount"])[:3]))),
            ("open deals over 50k", names(labels(o.d(lambda r: r["amount"] > 50_000, kind="open")))),
            ("open deals over $50,000 owned by Tomás Rivera", names(labels(o.d(lambda r: r["amount"] > 50_000, kind="open", owner="Tomás Rivera")))),
            ("lost deals by reason", Pairs(by(o.d(kind="lost"), "reason"))),
            ("lost deals by lost reason", Pairs(by(o.d(kind="lost"), "reason"))),
            ("how many deals are we working on", Number(len(o.d(kind="open")))),
            ("win rate by owner", Pairs(by(o.deals, "owner", rate))),
            ("what did we lose in the last 90 days", names(labels(o.d(kind="lost", close=(o.day(-89), o.today))))),
            ("average open deal size", Number(mean(o.d(kind="open")))),
        ],
        "ages": [
            ("deals open longer than 60 days", Rows(0)),
            ("open deals older than 30 days", Rows(0)),
            ("deals that have been in the same stage for more than 14 days", Rows(sum(days > 14 for days in STANDING.values()))),
            ("how many open deals are older than 90 days", Number(0)),
            ("stuck deals", names(name for name, days in STANDING.items() if days > 30)),
            ("deals created in the last 7 days", Rows(len(o.deals))),
            ("deals stuck in negotiation for over 30 days", Rows(0)),
            ("deals moved to negotiation last week", Abstains()),
        ],
        "money": [
            ("deals between 20k and 50k", names(labels(o.d(lambda r: 20_000 <= r["amount"] <= 50_000)))),
            ("won deals under $10k", names(labels(o.d(lambda r: r["amount"] < 10_000, kind="won")))),
            ("companies with revenue over 30m", names(labels(o.c(lambda r: r["revenue"] > 30_000_000)))),
            ("deals worth at least 0.1m", names(labels(o.d(lambda r: r["amount"] >= 100_000)))),
            ("total won amount per industry", Pairs(by(o.d(kind="won"), "industry", total))),
            ("how much have we sold to summit coworking", Number(72_000)),
            ("sum of open deals for Harbour & Pine Hotels", Number(124_000 + 64_500)),
            ("deals of 26,700", Abstains()),
        ],
    }


def _knowing(o: Demo) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "records": [
            ("Where is Casa Aurora?", Says(("Portugal",))),
            ("what city is Verdant Labs in", Says(("Utrecht",))),
            ("who owns the Ferry tender deal?", Says(("Maya Lindqvist",))),
            ("what's the email of Callum Reid", Says(("callum@kettlecrumb.example",))),
            ("Dana Whitlock's email?", Says(("dana@bluebirdroasters.example",))),
            ("what does Owen Byrne do?", Says(("Facilities manager",))),
            ("what is Owen Byrne's role", Says(("Facilities manager",))),
            ("when does Austin floors close", Says((f"{o.day(18).day} {o.day(18):%B}",))),
            ("how much is Four kitchens worth?", Number(31_000)),
            ("what stage is the Roof bar deal in", Says(("Proposal",))),
            ("why did we lose Filter machines?", Says(("leasing",))),
            ("what was the reason for losing Room capsules", Says(("capsules",))),
            ("who works at Verdant Labs?", names(labels(o.p(company="Verdant Labs")))),
            ("people at summit coworking", names(labels(o.p(company="Summit Coworking")))),
            ("website of Quill Publishing", Says(("quill.example",))),
            ("where does Helen Marsh work", Says(("Northgate Clinics",))),
            ("who is responsible for Fjord Ferries", Says(("Maya Lindqvist",))),
            ("which company is Gianna Ferri from", Says(("Osteria Lumina",))),
            ("tags of Kettle & Crumb", Says(("fast growing",))),
            ("how many employees does \"Old Mill Bakery\" have", Number(31)),
            ("who is our contact at Casa Aurora", names({"Beatriz Moura"})),
            ("phone number of Callum Reid", Says(("No phone",))),
        ],
        "values": [
            ("hospitality customers", names(labels(o.c(industry="Hospitality")))),
            ("customers in the UK", names(labels(o.c(country="United Kingdom")))),
            ("companies in the united kingdom", names(labels(o.c(country="United Kingdom")))),
            ("companies tagged tender", names(labels(o.c(lambda r: "tender" in r["tags"])))),
            ("key accounts", names(labels(o.c(lambda r: "key account" in r["tags"])))),
            ("fast growing companies", names(labels(o.c(lambda r: "fast growing" in r["tags"])))),
            ("companies in bristol or ghent", names(labels(o.c(city={"Bristol", "Ghent"})))),
            ("how many cafés do we have as customers", Number(2)),
            ("companies by country", Pairs(by(o.companies, "country"))),
            ("our subsidiaries of Harbour & Pine Hotels", names({"Harbour & Pine Gothenburg"})),
            ("companies owned by jonas", names(labels(o.c(owner="Jonas Weber")))),
            ("offices with more than 100 employees", names(labels(o.c(lambda r: r["employees"] > 100, industry="Offices")))),
            ("open deals in offices", names(labels(o.d(kind="open", industry="Offices")))),
            ("deals with companies in the united states", names(labels(o.d(country="United States")))),
        ],
        "leaning": [
            (("who owns Ferry tender?", "how much is it worth?"), Number(186_000)),
            (("open deals of Maya", "which of them close this month?"), names(labels(o.d(kind="open", owner=MAYA, close=o.month())))),
            (("open deals by owner", "and by stage"), Pairs({k.capitalize(): v for k, v in by(o.d(kind="open"), "stage").items()})),
            (("my open deals", "and Priya's?"), names(labels(o.d(kind="open", owner="Priya Raman")))),
            (("Where is Verdant Labs based?", "who works there?"), names(labels(o.p(company="Verdant Labs")))),
            (("deals in negotiation", "total?"), Number(total(o.d(stage="negotiation")))),
            (("overdue tasks", "only mine"), names(labels(o.t(lambda r: r["due"] < o.today, done=False, owner=MAYA)))),
            (("when did we last talk to Dana Whitlock?", "what is her email?"), Says(("dana@bluebirdroasters.example",))),
            (("open deals", "over 100k"), names(labels(o.d(lambda r: r["amount"] > 100_000, kind="open")))),
            (("how many deals did we win", "how much was that in total"), Number(total(o.d(kind="won")))),
            (("deals closing in the next 30 days", "by owner"), Pairs(by(o.d(close=(o.today, o.today + timedelta(29))), "owner"))),
        ],
    }
