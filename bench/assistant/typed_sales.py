"""Questions over the sales files as they are typed in a hurry, written before the parser had seen any of them.

Every third question is held out: tuning never looks at it (`bench.assistant.sets`).
"""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from typing import Any

from bench.assistant.expect import Number, Order, Pairs, Rows, Says, names
from bench.assistant.oracle import ME, Oracle, best, by, days, mean, month, quarter, rate, top, total
from bench.assistant.oracle import names as labels

Asked = dict[str, list[tuple[Any, Any]]]
Y24, Y25 = days("2024-01-01", "2024-12-31"), days("2025-01-01", "2025-12-31")
Q4, Q1 = days("2024-10-01", "2024-12-31"), days("2025-01-01", "2025-03-31")
FEB = days("2025-02-01", "2025-02-28")


def questions(o: Oracle) -> Asked:
    return {**_plain(o), **_grouped(o), **_loose(o)}


def _plain(o: Oracle) -> Asked:
    company = o.by_name
    return {
        "count": [
            ("number of US companies", Number(len(o.c(country="United States")))),
            ("how many meetings did we have with Cheers last year", Number(len(o.a(kind="meeting", status="completed", company="Cheers", date=Y24)))),
            ("deals we've won at Silis so far, how many?", Number(len(o.d(kind="won", company="Silis")))),
            ("how many of our companies belong to Acme Corporation", Number(len(o.c(parent="Acme Corporation")))),
            ("count wins for hayden neloms in february 2025", Number(len(o.d(kind="won", owner="Hayden Neloms", close=FEB)))),
        ],
        "list": [
            ("every company in the US with over 15000 employees", names(labels(o.c(lambda r: r["employees"] > 15000, country="United States")))),
            ("who are our employment customers?", names(labels(o.c(industry="employment")))),
            ("show me GTK 500 deals still open", Rows(len(o.d(kind="open", product="GTK 500")))),
            ("what did Kami Bicknell lose in Q1 2025", Rows(len(o.d(kind="lost", owner="Kami Bicknell", close=Q1)))),
        ],
        "facts": [
            ("how many people work at Zotware", Number(company["Zotware"]["employees"])),
            ("where is ganjaflex based?", Says(("Japan",))),
            ("founding year of Konex", Number(company["Konex"]["year"])),
            ("who owns Treequote, i mean what's its parent company", Says((company["Treequote"]["parent"],))),
            ("tell me Sunnamplex's revenue", Number(company["Sunnamplex"]["revenue"])),
        ],
        "sum": [
            ("how much revenue did we get from Italian customers", Number(total(o.d(kind="won", country="Italy")))),
            ("total won from customers in Japan", Number(total(o.d(kind="won", country="Japan")))),
            ("what's the dollar value of everything Cassey Cress closed won in december 2024", Number(total(o.d(kind="won", owner="Cassey Cress", close=days("2024-12-01", "2024-12-31"))))),
            ("MG Advanced won amount 2025 vs 2024", Pairs({"2025": total(o.d(kind="won", product="MG Advanced", close=Y25)), "2024": total(o.d(kind="won", product="MG Advanced", close=Y24))})),
        ],
        "average": [
            ("typical deal size we win at Isdom on average", Number(mean(o.d(kind="won", company="Isdom")))),
            ("average headcount of companies in telecommunications", Number(mean(o.c(industry="telecommunications"), "employees"))),
            ("won deals per month on average in q4 2024", Number(len(o.d(kind="won", close=Q4)) / 3)),
            ("avg amount won per owner in 2025", Pairs(by(o.d(kind="won", close=Y25), "owner", mean))),
        ],
        "ranked": [
            ("who sold the most last quarter?", Order(tuple(top(by(o.d(kind="won", close=Q4), "owner", total), 1)))),
            ("best salesperson in 2025", Order(tuple(top(by(o.d(kind="won", close=Y25), "owner", total), 1)))),
            ("second largest company by revenue", Order((sorted(o.companies, key=lambda r: -r["revenue"])[1]["name"],))),
            ("top rep for GTX Basic by deals won", Order(tuple(top(by(o.d(kind="won", product="GTX Basic"), "owner"), 1)))),
            ("which 3 customers lost us the most deals", Order(tuple(top(by(o.d(kind="lost"), "company"), 3)))),
            ("largest deal we ever closed with Xx-holding", Number(best(o.d(kind="won", company="Xx-holding")))),
            ("worst product by win rate", Order(tuple(top(by(o.d(kind={"won", "lost"}), "product", rate), 1, lowest=True)))),
        ],
    }


def _grouped(o: Oracle) -> Asked:
    won = o.d(kind="won")
    return {
        "rate": [
            ("what share of won revenue comes from retail", Number(round(100 * total(o.d(kind="won", industry="retail")) / total(won), 2))),
            ("percentage of won deals by industry", Pairs({k: round(100 * v / len(won), 2) for k, v in by(won, "industry").items()})),
            ("how good is Zane Levy's win rate in 2025", Number(rate(o.d(owner="Zane Levy", close=Y25)))),
            ("win % by product last quarter", Pairs(by(o.d(kind={"won", "lost"}, close=Q4), "product", rate))),
        ],
        "between": [
            ("how much more did Zane Levy win than Reed Clapper", Number(total(o.d(kind="won", owner="Zane Levy")) - total(o.d(kind="won", owner="Reed Clapper")))),
            ("are we winning more this quarter than last?", Pairs({"this quarter": len(o.d(kind="won", close=Q1)), "last quarter": len(o.d(kind="won", close=Q4))})),
            ("GTXPro or MG Advanced, which has a better win rate", Pairs(by(o.d(product={"GTXPro", "MG Advanced"}), "product", rate))),
        ],
        "trend": [
            ("how have wins been going month over month in 2025", Pairs(by(o.d(kind="won", close=Y25), month))),
            ("lost per quarter, Donn Cantrell only", Pairs(by(o.d(kind="lost", owner="Donn Cantrell"), quarter))),
            ("monthly won amount for retail in 2024", Pairs(by(o.d(kind="won", industry="retail", close=Y24), month, total))),
        ],
        "groups": [
            ("how many companies do we have in each country", Pairs(by(o.companies, "country"))),
            ("how are the open deals spread across products", Pairs(by(o.d(kind="open"), "product"))),
            ("biggest won deal of each product", Pairs(by(won, "product", best))),
        ],
    }


def _loose(o: Oracle) -> Asked:
    won = o.d(kind="won")
    return {
        "narrow": [
            ("open deals that aren't in prospecting", Rows(len(o.d(lambda r: r["stage"] != "Prospecting", kind="open")))),
            ("US retail companies without a parent", names(labels(o.c(country="United States", industry="retail", parent="")))),
            ("my wins over 5k in feb 2025", Rows(len(o.d(lambda r: (r["amount"] or 0) > 5000, kind="won", owner=ME, close=FEB)))),
            ("lost deals from jan 10 to jan 20, 2025", Rows(len(o.d(kind="lost", close=days("2025-01-10", "2025-01-20"))))),
            ("companies founded in the 80s", names(labels(o.c(lambda r: 1980 <= r["year"] <= 1989)))),
        ],
        "sloppy": [
            ("won dels at sonrn", Rows(len(o.d(kind="won", company="Sonron")))),
            ("companys in japn", names(labels(o.c(country="Japan")))),
            ("lsot deals of cecily lampkn in 2025", Rows(len(o.d(kind="lost", owner="Cecily Lampkin", close=Y25)))),
        ],
        "leaning": [
            (("how many deals did we win in 2025?", "and lose?"), Number(len(o.d(kind="lost", close=Y25)))),
            (("won amount by owner", "top 5 only"), Order(tuple(top(by(won, "owner", total), 5)))),
            (("software companies", "which of those are in the US?"), names(labels(o.c(industry="software", country="United States")))),
        ],
    }
