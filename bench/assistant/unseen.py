"""Questions of the newer families that are never looked at while the parser is tuned: run at the end, reported apart."""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import Any

from bench.assistant.demo_oracle import ME as MAYA
from bench.assistant.demo_oracle import Demo
from bench.assistant.expect import Number, Order, Pairs, Rows, Says, names
from bench.assistant.oracle import ME, Oracle, best, by, days, mean, month, quarter, rate, top, total
from bench.assistant.oracle import names as labels

Asked = dict[str, list[tuple[Any, Any]]]


def sales(o: Oracle) -> Asked:
    won = o.d(kind="won")
    return {
        "terse": [
            ("won hottechi", Rows(len(o.d(kind="won", company="Hottechi")))),
            ("# lost deals q1 2025", Number(len(o.d(kind="lost", close=days("2025-01-01", "2025-03-31"))))),
            ("avg won amt by owner", Pairs(by(won, "owner", mean))),
            ("top5 companies won amount", Order(tuple(top(by(won, "company", total), 5)))),
            ("darcel open deals cnt", Number(len(o.d(kind="open", owner=ME)))),
            ("employees betatech", Number(1185)),
        ],
        "polite": [
            ("Good morning! Would you mind telling me how many deals Zane Levy has lost so far? Thank you!", Number(len(o.d(kind="lost", owner="Zane Levy")))),
            ("I was wondering if you could show me the medical companies, please", names(labels(o.c(industry="medical")))),
            ("could you kindly tell me what the total amount of won deals in finance is", Number(total(o.d(kind="won", industry="finance")))),
            ("hey, i'd love to know which owner has won the most deals", Order((ME,))),
        ],
        "foreign": [
            ("how much deals we have won in november 2024", Number(515)),
            ("what is the number of the companies from Germany", Number(1)),
            ("give me please all company which are in retail", names(labels(o.c(industry="retail")))),
            ("how many deals Reed Clapper have lost", Number(len(o.d(kind="lost", owner="Reed Clapper")))),
        ],
        "sloppy": [
            ("how mnay deals did anna snelling lose", Number(len(o.d(kind="lost", owner="Anna Snelling")))),
            ("biggst won deal", Number(best(won))),
            ("wnat is the win rate of vicki laflame", Number(rate(o.d(owner="Vicki Laflamme")))),
            ("lost delas by produt", Pairs(by(o.d(kind="lost"), "product"))),
            ("companies in the finace sector", names(labels(o.c(industry="finance")))),
        ],
        "median": [
            ("median won deal amount", Number(median(r["amount"] for r in won))),
            ("what's the median number of employees in retail", Number(median(r["employees"] for r in o.c(industry="retail")))),
        ],
        "two_groups": [
            ("won deals by owner and product", Number(4238)),
            ("how many lost deals per product per quarter", Pairs(_two(o.d(kind="lost"), "product", quarter))),
        ],
        "between": [
            ("compare won amount of Anna Snelling, Zane Levy and Carl Lin", Pairs(by(o.d(kind="won", owner={"Anna Snelling", "Zane Levy", "Carl Lin"}), "owner", total))),
            ("did we win more in november or december 2024?", Pairs({"November 2024": 515, "December 2024": len(o.d(kind="won", close=days("2024-12-01", "2024-12-31")))})),
            ("who lost fewer deals, Mei-Mei Johns or Donn Cantrell", Pairs(by(o.d(kind="lost", owner={"Mei-Mei Johns", "Donn Cantrell"}), "owner"))),
        ],
        "combined": [
            ("retail or software companies outside the united states", names(labels(o.c(lambda r: r["country"] != "United States", industry={"retail", "software"})))),
            ("won GTX Pro deals above 5k not owned by Darcel Schlecht", Rows(len(o.d(lambda r: (r["amount"] or 0) > 5000 and r["owner"] != ME, kind="won", product="GTXPro")))),
            ("companies with more than 1000 employees without open deals", names(labels(o.c(lambda r: r["employees"] > 1000 and r["name"] not in {d["company"] for d in o.d(kind="open")})))),
        ],
        "chains": [
            (("how many deals did Anna Snelling win", "same for Zane Levy", "and how much?"), Number(total(o.d(kind="won", owner="Zane Levy")))),
            (("won amount in 2025", "and by month?"), Pairs(by(o.d(kind="won", close=days("2025-01-01", "2025-12-31")), month, total))),
            (("deals lost in november 2024", "how about december?"), Rows(len(o.d(kind="lost", close=days("2024-12-01", "2024-12-31"))))),
            (("win rate by product", "only for Anna Snelling"), Pairs(by(o.d(owner="Anna Snelling"), "product", rate))),
            (("retail companies", "how many of them have more than 1000 employees"), Number(len(o.c(lambda r: r["employees"] > 1000, industry="retail")))),
        ],
    }


def _two(rows: list[dict[str, Any]], one: Any, other: Any) -> dict[str, float]:
    def value(row: dict[str, Any], key: Any) -> Any:
        return key(row) if callable(key) else row[key]

    return {f"{a}, {b}": n for (a, b), n in by([r for r in rows if value(r, one) and value(r, other)], lambda r: (value(r, one), value(r, other))).items()}


def demo(o: Demo) -> Asked:
    late = o.t(lambda r: r["due"] < o.today, done=False)
    return {
        "tasks": [
            ("what's overdue?", names(labels(late))),
            ("high priority tasks that are still open", names(labels(o.t(priority="high", done=False)))),
            ("which tasks are due tomorrow", names(labels(o.t(due=(o.day(1), o.day(1)))))),
            ("my todos", names(labels(o.t(owner=MAYA)))),
            ("how many tasks has Jonas finished", Number(len(o.t(owner="Jonas Weber", done=True)))),
        ],
        "meetings": [
            ("when is my next meeting", Says((f"{o.day(2).day} {o.day(2):%B}",))),
            ("next meeting with Lotte", Says((f"{o.day(6).day} {o.day(6):%B}",))),
            ("when did we last speak with Callum Reid", Says((f"{o.day(-20).day} {o.day(-20):%B}",))),
            ("last contact with Fjord Ferries?", Says((f"{o.day(-7).day} {o.day(-7):%B}",))),
        ],
        "roles": [
            ("who's the champion for Verdant Labs?", Says(("Lotte Visser",))),
            ("who is the decision maker on the Ferry tender", Says(("Henrik Dahl",))),
            ("open deals without an economic buyer", names(labels(o.d(lambda r: r["name"] not in ("Lobby bars, phase 2", "Austin floors"), kind="open")))),
        ],
        "weighted": [
            ("weighted pipeline", Number(total(o.d(kind="open"), "weighted"))),
            ("what is the weighted pipeline per owner", Pairs(by(o.d(kind="open"), "owner", lambda r: total(r, "weighted")))),
        ],
        "pipeline": [
            ("how big is my pipeline", Number(total(o.d(kind="open", owner=MAYA)))),
            ("open pipeline by stage", Pairs({k.capitalize(): v for k, v in by(o.d(kind="open"), "stage", total).items()})),
            ("deals stuck past their close date", names(labels(o.d(lambda r: r["close"] < o.today, kind="open")))),
            ("deals closing in the next two weeks", names(labels(o.d(close=(o.today, o.today + timedelta(13)), kind="open")))),
        ],
        "facts": [
            ("Ingrid Solheim's job title?", Says(("Head of procurement",))),
            ("email of Bram de Wit", Says(("bram@verdantlabs.example",))),
            ("which city is Old Mill Bakery in", Says(("Ghent",))),
            ("whats the value of the ferry tender", Number(186_000)),
            ("why did we lose Reception areas?", Says(("Hygiene",))),
            ("who works at Quill Publishing", names(labels(o.p(company="Quill Publishing")))),
            ("what stage is Rooftop and lobby in", Says(("Negotiation",))),
        ],
        "values": [
            ("companies tagged key account", names(labels(o.c(lambda r: "key account" in r["tags"])))),
            ("which of our customers are fast growing", names(labels(o.c(lambda r: "fast growing" in r["tags"])))),
            ("cafes in singapore", names({"Paper Lantern Tea"})),
            ("how many hospitality customers does Maya own", Number(len(o.c(industry="Hospitality", owner=MAYA)))),
        ],
        "numbers": [
            ("lost deals by reason", Pairs(by(o.d(kind="lost"), "reason"))),
            ("which open deal is the biggest", Says(("Ferry tender",))),
            ("average amount of open deals per owner", Pairs(by(o.d(kind="open"), "owner", mean))),
            ("how much is in negotiation", Number(total(o.d(stage="negotiation")))),
            ("number of people per company", Pairs(by(o.people, "company"))),
            ("what's priya's win rate", Number(rate(o.d(owner="Priya Raman")))),
        ],
        "absence": [
            ("companies with no meeting in the last 14 days", names(labels(o.c(lambda r: r["name"] not in {a["company"] for a in o.a(kind="meeting", date=(o.day(-13), o.today))})))),
            ("customers we have never won a deal with", names(labels(o.c(lambda r: r["name"] not in {d["company"] for d in o.d(kind="won")})))),
            ("open deals with no task", names(labels(o.d(lambda r: r["name"] not in {t["deal"] for t in o.t()}, kind="open")))),
        ],
    }


HOSTILE: tuple[Any, ...] = (
    "how many deals did Angelina Snellington win",
    "what is the margin on the GTX Basic deals",
    "deals won by employees with red hair",
    "who is the best salesperson's manager",
    "how many deals moved from Engaging to Won last week",
    "won and lost deals that are still open",
    "how many deals did we win on a friday",
    "deals that were reopened",
    "what will revenue be next year",
    "average discount given to Betatech",
    "which customers are unhappy",
    "compare betatech to the industry average",
    "how many deals did the north region win",
    "companies near nairobi",
    "deals created before they were closed",
    "year over year growth of won deals",
    "how many deals did Anna win more than Zane",
    "what share did we win of those we lost",
    "how many times was the amount of Betatech's deal changed",
    "how many hours did we spend on Kan-code",
    "deals with a probability that is too high",
    "list deals except",
    "cumulative won amount by month",
    "how many of the last 10 deals did we win",
)
