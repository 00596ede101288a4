"""Questions over the demo as people type them, written before the parser had seen any of them.

Every third question of a family is held out: tuning never looks at it (`bench.assistant.sets`).
"""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import Any

from app.crm.demo.data import NOTES, STANDING, USERS
from bench.assistant.demo_oracle import ME as MAYA
from bench.assistant.demo_oracle import Demo
from bench.assistant.expect import Number, Order, Pairs, Rows, Says, Unanswered, names
from bench.assistant.oracle import by, mean, rate, total
from bench.assistant.oracle import names as labels

Asked = dict[str, list[tuple[Any, Any]]]
TOMAS, PRIYA, JONAS = "Tomás Rivera", "Priya Raman", "Jonas Weber"


def questions(o: Demo) -> Asked:
    return {**_doing(o), **_selling(o), **_knowing(o), **_narrow(o)}


def _day(o: Demo, days: int) -> Says:
    return Says((f"{o.day(days).day} {o.day(days):%B}",))


def _doing(o: Demo) -> Asked:
    late = o.t(lambda r: r["due"] < o.today, done=False)
    return {
        "tasks": [
            ("whats on my plate today and overdue", names(labels(o.t(lambda r: r["due"] <= o.today, done=False, owner=MAYA)))),
            ("tasks nobody has finished yet with high prio", names(labels(o.t(done=False, priority="high")))),
            ("how many todos does jonas still have", Number(len(o.t(done=False, owner=JONAS)))),
            ("priyas tasks due in the next 10 days", names(labels(o.t(owner=PRIYA, due=(o.today, o.day(9)))))),
            ("any tasks for Casa Aurora?", names(labels(o.t(company="Casa Aurora")))),
            ("overdue tasks by assignee", Pairs(by(late, "owner"))),
            ("who has overdue tasks", names({r["owner"] for r in late})),
            ("tasks due after next week", names(labels(o.t(lambda r: r["due"] > o.week(1)[1])))),
        ],
        "meetings": [
            ("when do we next meet verdant labs", _day(o, 6)),
            ("any calls planned with Dana?", names({"Freight"})),
            ("how many meetings were there in the past 30 days", Number(len(o.a(kind="meeting", date=(o.day(-29), o.today))))),
            ("most recent activity with Quill Publishing", _day(o, -14)),
            ("emails sent to Bram de Wit", names({"Contract draft"})),
            ("when was the last time someone called Sara Ekström", _day(o, -11)),
            ("activities with fjord ferries in the last 10 days", Rows(len(o.a(company="Fjord Ferries", date=(o.day(-9), o.today))))),
            ("number of calls per owner", Pairs(by(o.a(kind="call"), "owner"))),
            ("who had the most meetings", Order((MAYA,))),
        ],
        "absence": [
            ("accounts without any activity for 20 days", names(labels(o.c(lambda r: r["name"] not in {a["company"] for a in o.a(date=(o.day(-19), o.today))})))),
            ("companies nobody emailed", names(labels(o.c(lambda r: r["name"] not in {a["company"] for a in o.a(kind="email")})))),
            ("people we have never had an activity with", names({r["name"] for r in o.people} - {a["person"] for a in o.activities})),
            ("open deals without a next task", names(labels(o.d(lambda r: r["name"] not in {t["deal"] for t in o.t(done=False)}, kind="open")))),
            ("companies w/o a website", names(labels(o.c(website="")))),
            ("customers that don't have any tags", names(labels(o.c(lambda r: not r["tags"])))),
        ],
        "notes": [
            ("how many notes do we have about Harbour & Pine Hotels", Number(sum(row[0] == "Harbour & Pine Hotels" for row in NOTES))),
            ("notes by owner", Pairs(by([{"owner": USERS[row[3]]} for row in NOTES], "owner"))),
            ("show notes on the Ferry tender", names({"Competition"})),
        ],
    }


def _selling(o: Demo) -> Asked:
    still = o.d(kind="open")
    stuck = {name for name, days in STANDING.items() if days > 30}
    return {
        "pipeline": [
            ("how much is still open at kettle & crumb", Number(total(o.d(kind="open", company="Kettle & Crumb")))),
            ("whats the total value of my deals in negotiation", Number(total(o.d(stage="negotiation", owner=MAYA)))),
            ("deals due to close next month", names(labels(o.d(close=o.month(1))))),
            ("pipeline per rep", Pairs(by(still, "owner", total))),
            ("number of open deals by country", Pairs(by(still, "country"))),
            ("weighted pipeline for priya", Number(total(o.d(kind="open", owner=PRIYA), "weighted"))),
            ("expected revenue by stage", Pairs({k.capitalize(): v for k, v in by(still, "stage", lambda r: total(r, "weighted")).items()})),
            ("which deals slipped past their close date", names(labels(o.d(lambda r: r["close"] < o.today, kind="open")))),
            ("leads", names(labels(o.d(stage="lead")))),
        ],
        "ages": [
            ("deals stuck for more than 30 days", names(stuck)),
            ("deals in the same stage for over 45 days", names({name for name, days in STANDING.items() if days > 45})),
            ("my deals that haven't moved in 40 days", names({"Staff rooms", "Ferry tender"})),
        ],
        "rates": [
            ("win rate of tomas", Number(rate(o.d(owner=TOMAS)))),
            ("conversion rate by industry", Pairs(by(o.d(kind={"won", "lost"}), "industry", rate))),
            ("best win rate among owners", Order((TOMAS,))),
            ("share of open deals by owner", Pairs({k: round(100 * v / len(still), 2) for k, v in by(still, "owner").items()})),
            ("what percentage of our companies are in the United Kingdom", Number(round(100 * len(o.c(country="United Kingdom")) / len(o.companies), 2))),
            ("percent of tasks done", Number(round(100 * len(o.t(done=True)) / len(o.tasks), 2))),
        ],
        "measures": [
            ("median open deal amount", Number(median(r["amount"] for r in still))),
            ("average deal value by stage", Pairs({k.capitalize(): v for k, v in by(o.deals, "stage", mean).items()})),
            ("largest won deal", Number(86_400)),
            ("median deal amount per owner", Pairs(by(o.deals, "owner", lambda r: median(x["amount"] for x in r)))),
            ("sum up the lost deals", Number(total(o.d(kind="lost")))),
            ("total employees of hospitality companies", Number(total(o.c(industry="Hospitality"), "employees"))),
            ("whats the avg revenue of companies with over 100 employees", Number(mean(o.c(lambda r: r["employees"] > 100), "revenue"))),
            ("how much did we win in the last 60 days", Number(total(o.d(kind="won", close=(o.day(-59), o.today))))),
            ("two biggest lost deals", Order(("Canteen tender", "Reception areas"))),
        ],
        "amounts": [
            ("deals > 100k", names(labels(o.d(lambda r: r["amount"] > 100_000)))),
            ("open deals under 20 grand", names(labels(o.d(lambda r: r["amount"] < 20_000, kind="open")))),
            ("won deals worth 10-15k", names(labels(o.d(lambda r: 10_000 <= r["amount"] <= 15_000, kind="won")))),
            ("companies making more than $50m", names(labels(o.c(lambda r: r["revenue"] > 50_000_000)))),
            ("deals over €50k", Unanswered()),
            ("companies with revenue below 3 million", names(labels(o.c(lambda r: r["revenue"] < 3_000_000)))),
        ],
        "between": [
            ("tomas vs priya won amount", Pairs(by(o.d(kind="won", owner={TOMAS, PRIYA}), "owner", total))),
            ("who has more open deals, maya or jonas", Pairs(by(o.d(kind="open", owner={MAYA, JONAS}), "owner"))),
            ("compare open pipeline of offices and hospitality", Pairs(by(o.d(kind="open", industry={"Offices", "Hospitality"}), "industry", total))),
        ],
        "trends": [
            ("won amount by month", Pairs(by(o.d(kind="won"), lambda r: f"{r['close']:%B %Y}", total))),
            ("open deals per closing month", Pairs(by(still, lambda r: f"{r['close']:%B %Y}"))),
            ("lost deals each quarter", Pairs(by(o.d(kind="lost"), lambda r: f"Q{(r['close'].month + 2) // 3} {r['close'].year}"))),
        ],
    }


def _knowing(o: Demo) -> Asked:
    return {
        "facts": [
            ("who is the contact for Austin floors?", Says(("Jo Castellanos",))),
            ("what's helen marsh's job", Says(("Estates manager",))),
            ("which stage is four kitchens at?", Says(("Proposal",))),
            ("how much is the rooftop and lobby deal", Number(26_700)),
            ("gianna ferri email address", Says(("gianna@osterialumina.example",))),
            ("who looks after Summit Coworking", Says((TOMAS,))),
            ("how many staff does northgate clinics have", Number(480)),
            ("when will Pay per cup close", _day(o, 90)),
            ("why was the canteen tender lost", Says(("Missed two requirements",))),
            ("where are fjord ferries located", Says(("Norway",))),
            ("what's the probability of Lobby bars, phase 2", Says(("75",))),
            ("which industry is old mill bakery in", Says(("Bakeries",))),
        ],
        "people": [
            ("list our contacts at Harbour & Pine Hotels", names(labels(o.p(company="Harbour & Pine Hotels")))),
            ("people whose job title is owner", names(labels(o.p(title="Owner")))),
            ("how many contacts does Northgate have", Number(2)),
            ("everyone at summit coworking", names(labels(o.p(company="Summit Coworking")))),
            ("who's the champion on Roll-out after pilot", Says(("Lotte Visser",))),
            ("deals Dana Whitlock is the contact of", names(labels(o.d(person="Dana Whitlock")))),
        ],
        "leaning": [
            (("open deals in hospitality", "just the ones over 25k"), names(labels(o.d(lambda r: r["amount"] > 25_000, kind="open", industry="Hospitality")))),
            (("who owns Verdant Labs?", "how many open deals does she have"), Number(len(o.d(kind="open", owner=PRIYA)))),
            (("my open tasks", "what about tomas"), names(labels(o.t(owner=TOMAS, done=False)))),
            (("deals closing next month", "how much is that", "and the month after?"), Number(total(o.d(close=o.month(2))))),
            (("open deals", "sort by lowest"), Order(tuple(r["name"] for r in sorted(o.d(kind="open"), key=lambda r: r["amount"])))),
            (("pipeline by owner", "as percentage"), Pairs({k: round(100 * v / total(o.d(kind="open")), 2) for k, v in by(o.d(kind="open"), "owner", total).items()})),
        ],
        "sloppy": [
            ("opne deals of thomas rivera", names(labels(o.d(kind="open", owner=TOMAS)))),
            ("emial of owen burne", Says(("owen@quill.example",))),
            ("overdeu taks", names(labels(o.t(lambda r: r["due"] < o.today, done=False)))),
            ("deals with sumit coworkng", names(labels(o.d(company="Summit Coworking")))),
            ("compaines in the unted kingdom", names(labels(o.c(country="United Kingdom")))),
            ("loast deals by reson", Pairs(by(o.d(kind="lost"), "reason"))),
        ],
    }


def _narrow(o: Demo) -> Asked:
    return {
        "negation": [
            ("open deals not owned by maya", names(labels(o.d(lambda r: r["owner"] != MAYA, kind="open")))),
            ("companies that are not in offices or hospitality", names(labels(o.c(lambda r: r["industry"] not in ("Offices", "Hospitality"))))),
            ("tasks other than high priority that are open", names(labels(o.t(lambda r: r["priority"] != "high", done=False)))),
            ("companies except those in the united kingdom and the united states", names(labels(o.c(lambda r: r["country"] not in ("United Kingdom", "United States"))))),
            ("deals that are neither won nor lost", names(labels(o.d(kind="open")))),
            ("open deals excluding lead stage", names(labels(o.d(lambda r: r["stage"] != "lead", kind="open")))),
        ],
        "nested": [
            ("open deals over 30k closing in the next 60 days with companies in the united states", names(labels(o.d(lambda r: r["amount"] > 30_000, kind="open", country="United States", close=(o.today, o.today + timedelta(59)))))),
            ("companies with both a won and a lost deal", names({d["company"] for d in o.d(kind="won")} & {d["company"] for d in o.d(kind="lost")})),
            ("companies with more than one open deal", names({k for k, n in by(o.d(kind="open"), "company").items() if n > 1})),
            ("key accounts with open deals over 100k", names({"Harbour & Pine Hotels"})),
            ("my companies with at least 2 contacts", names({k for k, n in by(o.people, "company").items() if n > 1 and o.by_name[k]["owner"] == MAYA})),
            ("companies tagged tender or partner owned by maya", names(labels(o.c(lambda r: {"tender", "partner"} & set(r["tags"]), owner=MAYA)))),
        ],
        "values": [
            ("cafés", names(labels(o.c(industry="Cafés")))),
            ("bakery customers", names(labels(o.c(industry="Bakeries")))),
            ("accounts based in lisbon", names(labels(o.c(city="Lisbon")))),
            ("who do we know in healthcare", names(labels(o.p(lambda r: o.by_name[r["company"]]["industry"] == "Healthcare")))),
            ("sustainability tagged companies", names(labels(o.c(lambda r: "sustainability" in r["tags"])))),
            ("deals in transport or education", names(labels(o.d(industry={"Transport", "Education"})))),
        ],
    }
