"""Questions for tuning, newer families over the sales data: other people's ways of asking. The last text is judged."""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from statistics import median
from typing import Any

from bench.assistant.expect import Abstains, Number, Order, Pairs, Rows, Says, names
from bench.assistant.oracle import ME, Oracle, best, by, days, mean, month, quarter, rate, top, total
from bench.assistant.oracle import names as labels
from bench.assistant.unseen import _two

Y2024, Y2025 = days("2024-01-01", "2024-12-31"), days("2025-01-01", "2025-12-31")
NOV, DEC = days("2024-11-01", "2024-11-30"), days("2024-12-01", "2024-12-31")
Q4, Q1 = days("2024-10-01", "2024-12-31"), days("2025-01-01", "2025-03-31")


def questions(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    return {**_typed(o), **_computed(o), **_leaning(o)}


def _typed(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    won = o.d(kind="won")
    big = {d["company"] for d in o.d(lambda r: (r["amount"] or 0) > 25000, kind="won")}
    return {
        "terse": [
            ("open deals betatech", Rows(6)),
            ("deals won q4 24", Rows(len(o.d(kind="won", close=Q4)))),
            ("sum won 2025", Number(total(o.d(kind="won", close=Y2025)))),
            ("win rate darcel", Number(rate(o.d(owner=ME)))),
            ("cnt lost gtk500", Number(len(o.d(kind="lost", product="GTK 500")))),
            ("top 3 reps by won amt", Order(tuple(top(by(won, "owner", total), 3)))),
            ("industry betatech?", Says(("medical",))),
            ("medical cos >5k employees", names({"Labdrill", "Ron-tech", "Silis"})),
            ("won/lost by product", Pairs(by(o.d(kind={"won", "lost"}), "product"))),
            ("#deals per stage", Pairs(by(o.deals, "stage"))),
            ("avg deal won 2025", Number(mean(o.d(kind="won", close=Y2025)))),
            ("companies brazil", names({"Nam-zim"})),
            ("no. of won deals", Number(4238)),
        ],
        "polite": [
            ("Hi there, could you please let me know how many deals we have lost with Betatech? Thanks a lot!", Number(len(o.d(kind="lost", company="Betatech")))),
            ("Would it be possible to see all companies in the software industry?", names(labels(o.c(industry="software")))),
            ("I'd be grateful if you could tell me the total amount won in 2025.", Number(total(o.d(kind="won", close=Y2025)))),
            ("Please can you give me the average won deal amount, thank you", Number(mean(won))),
            ("Sorry to bother you, but what is our win rate?", Number(rate(o.deals))),
            ("Do you happen to know where Betatech is based?", Says(("Kenya",))),
            ("I need a list of our customers in Germany, please.", names(labels(o.c(country="Germany")))),
            ("when you have a moment, show me the 3 largest companies by employees", Order(("Kan-code", "Xx-holding", "Initech"))),
        ],
        "foreign": [
            ("how much deals did we won in 2024", Number(len(o.d(kind="won", close=Y2024)))),
            ("please to show the companies of medical industry", names(labels(o.c(industry="medical")))),
            ("how many deals has won Anna Snelling", Number(len(o.d(kind="won", owner="Anna Snelling")))),
            ("which is the company with more employees", Order(("Kan-code",))),
            ("in which country is situated Betatech", Says(("Kenya",))),
            ("how many employees are having Betatech", Number(1185)),
            ("what quantity of deals we lost in november 2024", Number(len(o.d(kind="lost", close=NOV)))),
            ("the deals what we won in december 2024", Rows(len(o.d(kind="won", close=DEC)))),
            ("which deals was lost by Carl Lin", Abstains()),
            ("how many companies is in retail", Number(17)),
        ],
        "sloppy": [
            ("how many delas did darcel shlect win", Number(349)),
            ("companies in teh retail industry", names(labels(o.c(industry="retail")))),
            ("avrage won deal amount for GTX Basc", Number(mean(o.d(kind="won", product="GTX Basic")))),
            ("wich product has the most lost deals", Order(tuple(top(by(o.d(kind="lost"), "product"), 1)))),
            ("opne deals of zane levi", Rows(len(o.d(kind="open", owner="Zane Levy")))),
            ("betatechs industry", Says(("medical",))),
            ("how manny companies r in finance", Number(8)),
            ("won deals betwen nov 2024 and dec 2024", Rows(len(o.d(kind="won", close=days("2024-11-01", "2024-12-31"))))),
            ("total anual revenu of sofware companies", Number(total(o.c(industry="software"), "revenue"))),
            ("win rate by prodcut in decmber 2024", Pairs(by(o.d(close=DEC), "product", rate))),
            ("HOW MANY DEALS DID WE WIN IN 2025???", Number(len(o.d(kind="won", close=Y2025)))),
            ("whats the bigest deal we ever won", Number(best(won))),
            ("lst the companies in keyna", names({"Betatech"})),
        ],
        "synonyms": [
            ("how many clients do we have in telecommunications", Number(6)),
            ("which firms have over 15k staff", names(labels(o.c(lambda r: r["employees"] > 15000)))),
            ("headcount of Hottechi", Number(16499)),
            ("turnover of Kan-code", Number(11698.03)),
            ("how many opportunities were won by Carl Lin", Abstains()),
            ("sales reps with more than 200 won deals", names(k for k, v in by(won, "owner").items() if v > 200)),
            ("which sector has the most customers", Order(("retail",))),
            ("how many accounts are headquartered in Korea", Number(1)),
            ("deals by rep", Pairs(by(o.deals, "owner"))),
            ("organisations in entertainment", names(labels(o.c(industry="entertainment")))),
            ("how many conversations with Paul Stokes", Number(len(o.a(person="Paul Stokes")))),
            ("success rate of GTX Pro", Number(rate(o.d(product="GTXPro")))),
        ],
        "combined": [
            ("medical companies in the united states with under 1000 employees", names(labels(o.c(lambda r: r["employees"] < 1000, industry="medical", country="United States")))),
            ("deals that are neither won nor lost", Rows(len(o.d(kind="open")))),
            ("companies that are not in retail and not in the united states", names(labels(o.c(lambda r: r["industry"] != "retail" and r["country"] != "United States")))),
            ("won deals of retail customers over 20k in 2025", Rows(len(o.d(lambda r: (r["amount"] or 0) > 20000, kind="won", industry="retail", close=Y2025)))),
            ("how many deals for GTX Basic or GTX Pro did we lose in december 2024", Number(len(o.d(kind="lost", product={"GTX Basic", "GTXPro"}, close=DEC)))),
            ("companies with won deals over 25k but not in medical", names(labels(o.c(lambda r: r["name"] in big and r["industry"] != "medical")))),
            ("open deals not owned by Darcel Schlecht", Rows(len(o.d(lambda r: r["owner"] != ME, kind="open")))),
            ("how many deals were won by anyone other than Darcel Schlecht", Number(len(o.d(lambda r: r["owner"] != ME, kind="won")))),
            ("how many of our medical customers have more than 5000 employees", Number(3)),
            ("GTX Basic deals lost by Anna Snelling in Q4 2024", Rows(len(o.d(kind="lost", owner="Anna Snelling", product="GTX Basic", close=Q4)))),
            ("companies with an annual revenue between 1000 and 1500 and more than 3000 employees", names(labels(o.c(lambda r: 1000 <= r["revenue"] <= 1500 and r["employees"] > 3000)))),
        ],
    }


def _computed(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    won = o.d(kind="won")
    return {
        "median": [
            ("median won deal amount", Number(median(r["amount"] for r in won))),
            ("what is the median amount of deals won by Anna Snelling?", Number(median(r["amount"] for r in o.d(kind="won", owner="Anna Snelling")))),
            ("median employees of medical companies", Number(median(r["employees"] for r in o.c(industry="medical")))),
            ("median annual revenue", Number(median(r["revenue"] for r in o.companies))),
        ],
        "two_groups": [
            ("won deals by product and quarter", Pairs(_two(won, "product", quarter))),
            ("lost deals by quarter and product", Pairs(_two(o.d(kind="lost"), quarter, "product"))),
            ("number of deals per stage and product", Pairs(_two(o.deals, "stage", "product"))),
            ("activities by kind and status", Pairs({"Meeting, Completed": len(o.a(kind="meeting", status="completed")), "Meeting, Scheduled": len(o.a(kind="meeting", status="scheduled")), "Email, Completed": len(o.a(kind="email", status="completed")), "Email, Scheduled": len(o.a(kind="email", status="scheduled"))})),
        ],
        "between": [
            ("compare Anna Snelling and Zane Levy by won amount", Pairs(by(o.d(kind="won", owner={"Anna Snelling", "Zane Levy"}), "owner", total))),
            ("won deals: medical vs retail", Pairs(by(o.d(kind="won", industry={"medical", "retail"}), "industry"))),
            ("did we win more deals in 2024 or in 2025?", Pairs({"2024": len(o.d(kind="won", close=Y2024)), "2025": len(o.d(kind="won", close=Y2025))})),
            ("which did we sell more of, GTX Basic or GTX Pro?", Pairs({"GTX Basic": len(o.d(kind="won", product="GTX Basic")), "GTXPro": len(o.d(kind="won", product="GTXPro"))})),
            ("is the win rate of GTX Basic better than that of MG Special", Abstains()),
            ("lost deals GTX Basic vs MG Special vs GTX Pro", Pairs({"GTX Basic": len(o.d(kind="lost", product="GTX Basic")), "MG Special": len(o.d(kind="lost", product="MG Special")), "GTXPro": len(o.d(kind="lost", product="GTXPro"))})),
            ("who has more open deals: Anna Snelling or Cecily Lampkin", Pairs(by(o.d(kind="open", owner={"Anna Snelling", "Cecily Lampkin"}), "owner"))),
            ("average won deal amount 2024 versus 2025", Pairs({"2024": mean(o.d(kind="won", close=Y2024)), "2025": mean(o.d(kind="won", close=Y2025))})),
            ("how does Betatech compare to Cancity in won amount", Pairs(by(o.d(kind="won", company={"Betatech", "Cancity"}), "company", total))),
        ],
        "rates": [
            ("how often do we win in medical", Abstains()),
            ("what's the close rate for GTK 500", Number(rate(o.d(product="GTK 500")))),
            ("win rate last quarter", Number(rate(o.d(close=Q4)))),
            ("which owner has the lowest win rate", Order(tuple(top(by(o.deals, "owner", rate), 1, lowest=True)))),
            ("win rate by month in 2025", Pairs(by(o.d(kind={"won", "lost"}, close=Y2025), month, rate))),
            ("what fraction of our companies are in retail", Number(round(100 * 17 / 85, 2))),
            ("what percent of lost deals were GTX Basic", Number(round(100 * len(o.d(kind="lost", product="GTX Basic")) / 2473, 2))),
            ("how many percent of the deals are open", Number(round(100 * len(o.d(kind="open")) / 8800, 2))),
            ("share of won deals that are from retail companies", Number(round(100 * len(o.d(kind="won", industry="retail")) / 4238, 2))),
        ],
        "trends": [
            ("how did won amount develop over the months of 2025", Pairs(by(o.d(kind="won", close=Y2025), month, total))),
            ("deals lost each month in 2025", Pairs(by(o.d(kind="lost", close=Y2025), month))),
            ("won amount over time", Pairs(by(won, month, total))),
            ("number of meetings per quarter", Pairs(by(o.a(kind="meeting"), lambda r: f"Q{(r['date'].month + 2) // 3} {r['date'].year}"))),
            ("quarter by quarter won deals", Pairs(by(won, quarter))),
            ("month by month win rate", Pairs(by(o.d(kind={"won", "lost"}), month, rate))),
            ("average won deal amount per quarter", Pairs(by(won, quarter, mean))),
        ],
        "spans": [
            ("deals won in the past 7 days", Rows(len(o.d(kind="won", close=days("2025-03-09", "2025-03-15"))))),
            ("how much did we win in the last two quarters", Number(total(o.d(kind="won", close=days("2024-09-16", "2025-03-15"))))),
            ("deals lost in 12/2024", Rows(len(o.d(kind="lost", close=DEC)))),
            ("won in Q4'24", Rows(len(o.d(kind="won", close=Q4)))),
            ("deals won from 1/11/2024 to 30/11/2024", Abstains()),
            ("how many deals did we win yesterday", Number(len(o.d(kind="won", close=days("2025-03-14", "2025-03-14"))))),
            ("deals won between christmas and new year", Abstains()),
            ("won amount month to date", Number(total(o.d(kind="won", close=days("2025-03-01", "2025-03-15"))))),
            ("deals lost this quarter so far", Rows(len(o.d(kind="lost", close=Q1)))),
            ("won deals in the second half of 2025", Rows(len(o.d(kind="won", close=days("2025-07-01", "2025-12-31"))))),
            ("how many deals did we win since the beginning of 2025", Number(len(o.d(lambda r: r["close"] and r["close"].isoformat() >= "2025-01-01", kind="won")))),
            ("deals lost up to the end of 2024", Rows(len(o.d(lambda r: r["close"] and r["close"].isoformat() < "2025-01-01", kind="lost")))),
            ("deals won in march and april of 2025", Rows(len(o.d(kind="won", close=days("2025-03-01", "2025-04-30"))))),
            ("fiscal q4 2024 won amount", Number(total(o.d(kind="won", close=Q4)))),
            ("won deals in FY2025", Rows(len(o.d(kind="won", close=Y2025)))),
        ],
    }


def _leaning(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    won = o.d(kind="won")
    return {
        "chains": [
            (("how many deals did Anna Snelling win?", "how about Zane Levy?"), Number(len(o.d(kind="won", owner="Zane Levy")))),
            (("won amount of Betatech", "same for Cancity"), Number(total(o.d(kind="won", company="Cancity")))),
            (("lost deals in 2025", "and by month?"), Pairs(by(o.d(kind="lost", close=Y2025), month))),
            (("how many deals did we win in november 2024", "and in december"), Number(len(o.d(kind="won", close=DEC)))),
            (("won deals by product", "and by owner?"), Pairs(by(won, "owner"))),
            (("won deals by product", "top 3"), Order(tuple(top(by(won, "product"), 3)))),
            (("how many open deals does Betatech have?", "how much are they worth?"), Number(0)),
            (("won deals of Betatech", "only the ones over 5k"), Rows(len(o.d(lambda r: (r["amount"] or 0) > 5000, kind="won", company="Betatech")))),
            (("medical companies", "just those with less than 1000 employees"), names(labels(o.c(lambda r: r["employees"] < 1000, industry="medical")))),
            (("won amount in 2025 by owner", "without Darcel Schlecht"), Pairs({k: v for k, v in by(o.d(kind="won", close=Y2025), "owner", total).items() if k != ME})),
            (("how many retail companies", "list them"), names(labels(o.c(industry="retail")))),
            (("who won the most deals in 2025?", "and in 2024?"), Order(tuple(top(by(o.d(kind="won", close=Y2024), "owner"), 1)))),
            (("Where is Betatech based?", "how many employees do they have?"), Number(1185)),
            (("tell me about Hottechi", "what about its industry?"), Says(("technolgy",))),
            (("average won deal amount by product", "sort by lowest"), Order(tuple(top(by(won, "product", mean), 7, lowest=True)))),
            (("deals lost in q4 2024", "compared to q1 2025"), Pairs({"Q4 2024": len(o.d(kind="lost", close=Q4)), "Q1 2025": len(o.d(kind="lost", close=Q1))})),
            (("win rate of Anna Snelling", "and what's the overall one"), Abstains()),
            (("how many deals did Zane Levy lose", "show me those from 2025"), Rows(len(o.d(kind="lost", owner="Zane Levy", close=Y2025)))),
            (("won amount by product in 2025", "now for 2024"), Pairs(by(o.d(kind="won", close=Y2024), "product", total))),
            (("biggest won deal", "and the smallest?"), Number(min(r["amount"] for r in won))),
        ],
        "facts": [
            ("What's Betatech's revenue?", Number(647.18)),
            ("who is Paul Stokes", Says(("Acme Corporation",))),
            ("when was Condax established", Says(("2017",))),
            ("is Betatech in the medical industry?", Says(("Yes",))),
            ("how big is Hottechi", Abstains()),
            ("parent of Bluth Company", Says(("Acme Corporation",))),
            ("which industry does Umbrella Corp belong to?", Says((str(o.by_name["Umbrella Corporation"]["industry"]),))),
            ("what country are Zumgoity in", Says(("United States",))),
            ("Hottechi employees and industry", Says(("16,499", "technolgy"))),
            ("last interaction with Betatech", Says((f"{max(r['date'] for r in o.a(lambda r: r['date'].isoformat() <= '2025-03-15', company='Betatech')).day} ",))),
            ("does Kan-code have a parent company", Says(("No",))),
        ],
        "superlatives": [
            ("which rep brought in the most money in 2025", Order(tuple(top(by(o.d(kind="won", close=Y2025), "owner", total), 1)))),
            ("most valuable customer by won amount", Order(tuple(top(by(won, "company", total), 1)))),
            ("our best selling product", Abstains()),
            ("which company lost us the most deals", Order(tuple(top(by(o.d(kind="lost"), "company"), 1)))),
            ("three biggest deals won by Zane Levy", Rows(3)),
            ("5 most recent won deals", Rows(5)),
            ("smallest won deal in medical", Number(min(r["amount"] for r in o.d(kind="won", industry="medical")))),
            ("which quarter had the most won deals", Order(tuple(top(by(won, quarter), 1)))),
            ("what was our best month by won amount", Order(tuple(top(by(won, month, total), 1)))),
            ("company with the lowest annual revenue in software", Order((min(o.c(industry="software"), key=lambda r: r["revenue"])["name"],))),
            ("top ten customers by number of won deals", Order(tuple(top(by(won, "company"), 10)))),
            ("who has closed the fewest deals", Order(tuple(top(by(o.d(kind={"won", "lost"}), "owner"), 1, lowest=True)))),
            ("least employees in retail", Order((min(o.c(industry="retail"), key=lambda r: r["employees"])["name"],))),
        ],
    }
