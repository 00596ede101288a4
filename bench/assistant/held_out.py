"""Questions that are never looked at while the parser is tuned: they are run and reported apart.

A question is a text, or a tuple of texts where the last one leans on those before it.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from bench.assistant.expect import Abstains, Number, Order, Pairs, Rows, Says, Searches, names
from bench.assistant.oracle import ME, Oracle, best, by, days, mean, month, quarter, rate, top, total
from bench.assistant.oracle import names as company_names


def questions(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    won = o.d(kind="won")
    return {
        "count": [
            ("how many accounts do we have in total", Number(85)),
            ("count all opportunities", Number(8800)),
            ("number of lost deals for Hottechi", Number(len(o.d(kind="lost", company="Hottechi")))),
            ("pls tell me how many deals Vicki Laflamme has won", Number(len(o.d(kind="won", owner="Vicki Laflamme")))),
            ("how many GTK 500 deals are there", Number(len(o.d(product="GTK 500")))),
            ("how many clients are in finance", Number(len(o.c(industry="finance")))),
            ("deals in prospecting, how many?", Number(len(o.d(stage="Prospecting")))),
            (
                "how many open opportunities does Kary Hendrixson own",
                Number(len(o.d(kind="open", owner="Kary Hendrixson"))),
            ),
        ],
        "sum": [
            ("what's the total value of won deals for Isdom?", Number(total(o.d(kind="won", company="Isdom")))),
            ("how much did Anna Snelling win in total", Number(total(o.d(kind="won", owner="Anna Snelling")))),
            ("sum of amounts of won deals in retail", Number(total(o.d(kind="won", industry="retail")))),
            ("total won amount GTX Plus Pro", Number(total(o.d(kind="won", product="GTX Plus Pro")))),
            ("how much money did we win from Condax", Number(total(o.d(kind="won", company="Condax")))),
            ("total employees of our software companies", Number(total(o.c(industry="software"), "employees"))),
        ],
        "average": [
            ("whats the avg amount of deals won by Zane Levy", Number(mean(o.d(kind="won", owner="Zane Levy")))),
            ("mean annual revenue of marketing companies", Number(mean(o.c(industry="marketing"), "revenue"))),
            (
                "average number of employees of companies in the united states",
                Number(mean(o.c(country="United States"), "employees")),
            ),
            ("typical won deal size for MG Advanced", Number(mean(o.d(kind="won", product="MG Advanced")))),
        ],
        "extremes": [
            ("what is the largest deal we ever won?", Number(best(won))),
            ("highest annual revenue among retail companies", Number(best(o.c(industry="retail"), "revenue"))),
            ("who has the most employees of all our customers", Order(("Kan-code",))),
            ("which company has the fewest employees?", Order(("Condax",))),
            ("biggest deal of Marty Freudenburg", Number(best(o.d(owner="Marty Freudenburg")))),
        ],
        "top": [
            ("top 3 owners by number of won deals", Order(tuple(top(by(won, "owner"), 3)))),
            ("best 5 companies by won amount", Order(tuple(top(by(won, "company", total), 5)))),
            (
                "who won the most deals in 2024?",
                Order(tuple(top(by(o.d(kind="won", close=days("2024-01-01", "2024-12-31")), "owner"), 1))),
            ),
            ("which product brought the highest total won amount", Order(tuple(top(by(won, "product", total), 1)))),
            ("the 3 companies with the highest annual revenue", Order(("Kan-code", "Hottechi", "Konex"))),
            ("which sales rep lost the most deals", Order(tuple(top(by(o.d(kind="lost"), "owner"), 1)))),
        ],
        "list": [
            (
                "show me all companies in the entertainment industry",
                names(company_names(o.c(industry="entertainment"))),
            ),
            ("list the deals of Bioholding that are still open", Rows(len(o.d(kind="open", company="Bioholding")))),
            ("which of our customers are in germany or japan", names({"Newex", "Ganjaflex"})),
            (
                "GTK 500 deals lost in 2025",
                Rows(len(o.d(kind="lost", product="GTK 500", close=days("2025-01-01", "2025-12-31")))),
            ),
            ("services firms please", names(company_names(o.c(industry="services")))),
        ],
        "lookup": [
            ("in which country is Zencorporation located?", Says(("China",))),
            ("what sector is Plexzap in", Says(("retail",))),
            ("how many employees does Initech have?", Number(20275)),
            ("Who is the parent company of Scotfind", Says(("Bubba Gump",))),
            ("annual revenue of Xx-holding", Number(7537.24)),
            ("when was Kinnamplus established", Says(("2004",))),
        ],
        "compare": [
            ("companies with fewer than 200 employees", names(company_names(o.c(lambda r: r["employees"] < 200)))),
            ("how many deals over 20k did we win", Number(len(o.d(lambda r: (r["amount"] or 0) > 20000, kind="won")))),
            (
                "companies with annual revenue between 5000 and 7000",
                names(company_names(o.c(lambda r: 5000 <= r["revenue"] <= 7000))),
            ),
            ("won deals worth at least $25,000", Rows(len(o.d(lambda r: (r["amount"] or 0) >= 25000, kind="won")))),
            ("firms founded before 1985", names(company_names(o.c(lambda r: r["year"] < 1985)))),
            ("companies established after 2010", names(company_names(o.c(lambda r: r["year"] > 2010)))),
        ],
        "rate": [
            ("what was the win rate in december 2024", Number(rate(o.d(close=days("2024-12-01", "2024-12-31"))))),
            ("success rate of Hayden Neloms", Number(rate(o.d(owner="Hayden Neloms")))),
            ("win rate for medical accounts?", Number(rate(o.d(industry="medical")))),
            ("which owner has the lowest win rate", Order(tuple(top(by(o.deals, "owner", rate), 1, lowest=True)))),
        ],
        "negation": [
            (
                "companies that are not in the united states",
                names(company_names(o.c(lambda r: r["country"] != "United States"))),
            ),
            ("how many deals have no company?", Number(len(o.d(company="")))),
            ("deals without a close date, how many", Number(len(o.d(close=None)))),
            (
                "customers with no interactions",
                Rows(len(o.c(lambda r: r["name"] not in {a["company"] for a in o.activities}))),
            ),
            (
                "how many won deals were not GTX Basic",
                Number(len(o.d(lambda r: r["product"] != "GTX Basic", kind="won"))),
            ),
        ],
        "groups": [
            ("number of companies per country", Pairs(by(o.companies, "country"))),
            ("won amount broken down by product", Pairs(by(won, "product", total))),
            ("deals per stage", Pairs(by(o.deals, "stage"))),
            ("average employees by industry", Pairs(by(o.companies, "industry", lambda r: mean(r, "employees")))),
            ("lost deals by industry", Pairs(by(o.d(kind="lost"), "industry"))),
            ("count of activities by kind", Pairs({"Meeting": 201, "Email": 120})),
        ],
        "trend": [
            ("won deals per quarter", Pairs(by(won, quarter))),
            ("monthly won amount for Kami Bicknell", Pairs(by(o.d(kind="won", owner="Kami Bicknell"), month, total))),
            ("in which month did we win the most deals", Order(tuple(top(by(won, month), 1)))),
        ],
        "dates": [
            (
                "how many deals did we win between 1 December 2024 and 15 January 2025",
                Number(len(o.d(kind="won", close=days("2024-12-01", "2025-01-15")))),
            ),
            ("deals lost in Q1 2025", Rows(len(o.d(kind="lost", close=days("2025-01-01", "2025-03-31"))))),
            ("won amount in Feb 2025", Number(total(o.d(kind="won", close=days("2025-02-01", "2025-02-28"))))),
            (
                "how many deals were won since 1 June 2025",
                Number(len(o.d(lambda r: r["close"] and r["close"].isoformat() >= "2025-06-01", kind="won"))),
            ),
            ("meetings in march 2024", Rows(len(o.a(kind="meeting", date=days("2024-03-01", "2024-03-31"))))),
            ("how many deals closed on 2025-01-20", Number(len(o.d(close=days("2025-01-20", "2025-01-20"))))),
        ],
        "relative": [
            (
                "how many deals did we win last month",
                Number(len(o.d(kind="won", close=days("2025-02-01", "2025-02-28")))),
            ),
            ("won amount this quarter", Number(total(o.d(kind="won", close=days("2025-01-01", "2025-03-31"))))),
            ("deals lost in the past 2 weeks", Rows(len(o.d(kind="lost", close=days("2025-03-02", "2025-03-15"))))),
            ("how many deals were won yesterday", Number(len(o.d(kind="won", close=days("2025-03-14", "2025-03-14"))))),
        ],
        "versus": [
            (
                "compare won deals of Violet Mclelland and Boris Faz",
                Pairs(by(o.d(kind="won", owner={"Violet Mclelland", "Boris Faz"}), "owner")),
            ),
            (
                "Nov 2024 vs Dec 2024 won amount",
                Pairs(by(o.d(kind="won", close=days("2024-11-01", "2024-12-31")), month, total)),
            ),
            (
                "who won more deals, Reed Clapper or Donn Cantrell?",
                Pairs(by(o.d(kind="won", owner={"Reed Clapper", "Donn Cantrell"}), "owner")),
            ),
        ],
        "share": [
            (
                "what percentage of our companies are in retail",
                Number(round(100 * len(o.c(industry="retail")) / 85, 2)),
            ),
            ("share of deals that were lost", Number(round(100 * len(o.d(kind="lost")) / 8800, 2))),
        ],
        "follow_up": [
            (("how many deals did Moses Frase win", "and lost?"), Number(len(o.d(kind="lost", owner="Moses Frase")))),
            (
                ("how many deals does Rangreen have?", "which of them are open?"),
                Rows(len(o.d(kind="open", company="Rangreen"))),
            ),
            (
                ("total won amount in november 2024", "what about december 2024?"),
                Number(total(o.d(kind="won", close=days("2024-12-01", "2024-12-31")))),
            ),
            (
                ("won deals of Garret Kinder", "how many of those were GTX Basic?"),
                Number(len(o.d(kind="won", owner="Garret Kinder", product="GTX Basic"))),
            ),
            (("where is Nam-zim based?", "how many employees does it have?"), Number(1179)),
            (("total won amount", "by industry"), Pairs(by(won, "industry", total))),
        ],
        "me": [
            ("how many deals did i win", Number(len(o.d(kind="won", owner=ME)))),
            ("my open deals", Rows(len(o.d(kind="open", owner=ME)))),
            ("what is my win rate", Number(rate(o.d(owner=ME)))),
        ],
        "typos": [
            ("how many deals did Darcel Schlect win", Number(len(o.d(kind="won", owner=ME)))),
            ("compnies in kenya", names({"Betatech"})),
            ("total won ammount for Konmatfx", Number(total(o.d(kind="won", company="Konmatfix")))),
            ("avrage employees of medical companies", Number(mean(o.c(industry="medical"), "employees"))),
            ("deals won by jonathan bertholet", Rows(len(o.d(kind="won", owner="Jonathan Berthelot")))),
        ],
        "unknown": [
            ("how many deals does Zyxwvut Ltd have", Abstains()),
            ("what is the profit margin of Betatech", Abstains()),
            ("deals won by Santa Claus", Abstains()),
            ("is it going to rain in kenya", Abstains()),
            ("median deal amount", Number(median(r["amount"] for r in o.deals if r["amount"] is not None))),
            ("how many deals did we win in the automotive industry", Abstains()),
            ("asdf qwer zxcv", Abstains()),
        ],
        "search": [
            ("what did James Ware say about pricing", Searches(frozenset({"James Ware"}), ("pricing",))),
            ("what was discussed with Golddex about onboarding?", Searches(frozenset({"Golddex"}), ("onboarding",))),
            ("what do we know about competitor OmniSuite", Searches(frozenset(), ("omnisuite",))),
            ("What did Peter Nobody say about integration?", Abstains()),
        ],
        "relations": [
            ("companies with more than 120 won deals", names(k for k, v in by(won, "company").items() if v > 120)),
            (
                "which companies have open deals in germany",
                names(k for k in by(o.d(kind="open", country="Germany"), "company")),
            ),
            (
                "deals of companies with more than 20000 employees, how many",
                Number(len(o.d(lambda r: r["employees"] > 20000))),
            ),
        ],
        "custom": [
            (
                "companies with a propensity to buy above 0.66",
                names(company_names(o.c(lambda r: r["propensity"] > 0.66))),
            ),
            ("how many deals were engaged in october 2024", Number(len(o.d(engage=days("2024-10-01", "2024-10-31"))))),
            ("deals by product", Pairs(by(o.deals, "product"))),
        ],
    }
