"""Questions for tuning, written as people type. A tuple of texts is a conversation: the last one is judged."""

from __future__ import annotations

from typing import Any

from bench.assistant.expect import Abstains, Number, Order, Pairs, Rows, Says, Searches, names
from bench.assistant.oracle import ME, Oracle, best, by, days, mean, month, quarter, rate, top, total
from bench.assistant.oracle import names as company_names

Y2024, Y2025 = days("2024-01-01", "2024-12-31"), days("2025-01-01", "2025-12-31")
NOV, DEC, JAN = days("2024-11-01", "2024-11-30"), days("2024-12-01", "2024-12-31"), days("2025-01-01", "2025-01-31")
Q4, Q1 = days("2024-10-01", "2024-12-31"), days("2025-01-01", "2025-03-31")


def questions(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    return {**_counting(o), **_measuring(o), **_finding(o), **_grouping(o), **_timing(o), **_talking(o)}


def _counting(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "count": [
            ("How many deals did Darcel Schlecht win?", Number(349)),
            ("how many companies are there", Number(85)),
            ("how many deals", Number(8800)),
            ("number of open deals", Number(len(o.d(kind="open")))),
            ("count of won deals", Number(4238)),
            ("how many deals have we lost?", Number(2473)),
            (
                "hi, could you please tell me how many deals we won with Hatfan?",
                Number(len(o.d(kind="won", company="Hatfan"))),
            ),
            ("how many contacts do we have", Number(43)),
            ("how many activities are there", Number(321)),
            ("how many meetings", Number(len(o.a(kind="meeting")))),
            ("how many completed emails", Number(len(o.a(kind="email", status="completed")))),
            ("how many deals are in engaging", Number(len(o.d(stage="Engaging")))),
            ("how many deals does acme corporation have", Number(len(o.d(company="Acme Corporation")))),
            ("how many deals did we close in the medical industry", Abstains()),
            ("total number of lost deals for GTX Basic", Number(len(o.d(kind="lost", product="GTX Basic")))),
            ("how many opportunities did cassey cress lose", Number(len(o.d(kind="lost", owner="Cassey Cress")))),
            (
                "How many won or lost deals does Elease Gluck have?",
                Number(len(o.d(kind={"won", "lost"}, owner="Elease Gluck"))),
            ),
            ("number of retail companies", Number(len(o.c(industry="retail")))),
            (
                "how many closed deals has Rosie Papadopoulos",
                Number(len(o.d(kind={"won", "lost"}, owner="Rosie Papadopoulos"))),
            ),
            ("how many different products do we sell", Number(7)),
            ("how many industries are there", Number(len({r["industry"] for r in o.companies}))),
            ("in how many countries do we have customers?", Number(len({r["country"] for r in o.companies}))),
        ],
        "sum": [
            ("total won amount for Betatech", Number(107408)),
            ("how much did Darcel Schlecht win?", Number(total(o.d(kind="won", owner=ME)))),
            ("How much revenue did we win from Cancity?", Number(total(o.d(kind="won", company="Cancity")))),
            ("sum of won deals amount in finance", Number(total(o.d(kind="won", industry="finance")))),
            ("what is the total amount of all won deals", Number(total(o.d(kind="won")))),
            ("total value of deals won by James Ascencio", Number(total(o.d(kind="won", owner="James Ascencio")))),
            ("won amount GTK 500", Number(total(o.d(kind="won", product="GTK 500")))),
            ("what are the won deals of Conecom worth", Number(total(o.d(kind="won", company="Conecom")))),
            ("total employees in retail", Number(total(o.c(industry="retail"), "employees"))),
            ("combined annual revenue of all software companies", Number(total(o.c(industry="software"), "revenue"))),
            (
                "how many employees do our medical customers have in total",
                Number(total(o.c(industry="medical"), "employees")),
            ),
            ("how much have we won in kenya", Number(total(o.d(kind="won", country="Kenya")))),
            ("total amount of lost deals", Number(0)),
            ("how much did we sell to Betatech", Number(107408)),
            (
                "how much did we sell in the retail industry in 2024?",
                Number(total(o.d(kind="won", industry="retail", close=Y2024))),
            ),
        ],
        "average": [
            ("average won deal amount", Number(mean(o.d(kind="won")))),
            (
                "what is the average size of won deals for retail companies?",
                Number(mean(o.d(kind="won", industry="retail"))),
            ),
            ("avg deal value won by Carl Lin", Abstains()),
            ("average deal size of Reed Clapper's won deals", Number(mean(o.d(kind="won", owner="Reed Clapper")))),
            ("mean employees of companies in marketing", Number(mean(o.c(industry="marketing"), "employees"))),
            ("average annual revenue", Number(mean(o.companies, "revenue"))),
            (
                "whats the average propensity to buy of finance companies",
                Number(round(mean(o.c(industry="finance"), "propensity"), 6)),
            ),
            (
                "on average, how many employees do retail companies have?",
                Number(mean(o.c(industry="retail"), "employees")),
            ),
        ],
        "rate": [
            ("what is our win rate", Number(rate(o.deals))),
            ("win rate of Darcel Schlecht", Number(rate(o.d(owner=ME)))),
            ("win rate for GTX Plus Basic in 2025", Number(rate(o.d(product="GTX Plus Basic", close=Y2025)))),
            ("win rate by product", Pairs(by(o.deals, "product", rate))),
            ("which product has the best win rate?", Order(tuple(top(by(o.deals, "product", rate), 1)))),
            ("top 3 owners by win rate", Order(tuple(top(by(o.deals, "owner", rate), 3)))),
            ("winning percentage in Q1 2025", Number(rate(o.d(close=Q1)))),
        ],
        "share": [
            ("what share of deals did we win?", Number(round(100 * 4238 / 8800, 2))),
            (
                "what percentage of won deals are GTX Basic",
                Number(round(100 * len(o.d(kind="won", product="GTX Basic")) / 4238, 2)),
            ),
            (
                "percentage of companies that are in the united states",
                Number(round(100 * len(o.c(country="United States")) / 85, 2)),
            ),
            ("what % of deals are still open", Number(round(100 * len(o.d(kind="open")) / 8800, 2))),
        ],
    }


def _measuring(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    won = o.d(kind="won")
    return {
        "extremes": [
            ("biggest won deal", Number(best(won))),
            ("what's the highest amount we won with Betatech", Number(best(o.d(kind="won", company="Betatech")))),
            ("largest company by employees", Order(("Kan-code",))),
            ("which company has the most employees?", Order(("Kan-code",))),
            ("smallest company by annual revenue", Order(("Condax",))),
            ("which company has the highest annual revenue in finance", Order(("Xx-holding",))),
            ("maximum deal amount in retail", Number(best(o.d(industry="retail")))),
            ("minimum employees of medical companies", Number(9)),
            ("what is the oldest meeting", Says(("3 January 2024",))),
            (
                "largest deal won by Elease Gluck in 2025",
                Number(best(o.d(kind="won", owner="Elease Gluck", close=Y2025))),
            ),
            ("lowest won deal amount", Number(min(r["amount"] for r in won))),
        ],
        "top": [
            ("the 5 owners with the most won amount", Order(tuple(top(by(won, "owner", total), 5)))),
            (
                "top 10 companies by annual revenue",
                Order(tuple(top(by(o.companies, "name", lambda r: r[0]["revenue"]), 10))),
            ),
            ("top 5 companies by won amount", Order(tuple(top(by(won, "company", total), 5)))),
            ("who won the most deals?", Order((ME,))),
            (
                "who has the highest won amount in 2025",
                Order(tuple(top(by(o.d(kind="won", close=Y2025), "owner", total), 1))),
            ),
            ("which company has the most won deals", Order(tuple(top(by(won, "company"), 1)))),
            ("top 3 products by won deals", Order(tuple(top(by(won, "product"), 3)))),
            ("which industry has the most companies", Order(("retail",))),
            (
                "which owner lost the most deals in december 2024?",
                Order(tuple(top(by(o.d(kind="lost", close=DEC), "owner"), 1))),
            ),
            (
                "3 largest companies by employees",
                Order(tuple(top(by(o.companies, "name", lambda r: r[0]["employees"]), 3))),
            ),
            ("the product with the most lost deals", Order(tuple(top(by(o.d(kind="lost"), "product"), 1)))),
            ("which month had the highest won amount", Order(tuple(top(by(won, month, total), 1)))),
            ("bottom 3 owners by won deals", Order(tuple(top(by(won, "owner"), 3, lowest=True)))),
            ("which countries have the most customers? top 2", Abstains()),
            ("customer with the most open deals", Order(tuple(top(by(o.d(kind="open"), "company"), 1)))),
            ("top 5 sales reps by average won deal amount", Order(tuple(top(by(won, "owner", mean), 5)))),
        ],
        "compare": [
            (
                "companies in the medical industry with more than 5,000 employees",
                names({"Labdrill", "Ron-tech", "Silis"}),
            ),
            ("companies with over 10k employees", names(company_names(o.c(lambda r: r["employees"] > 10000)))),
            ("which companies have at least 20000 employees", names({"Initech", "Kan-code", "Xx-holding"})),
            ("companies with annual revenue over 5000", names(company_names(o.c(lambda r: r["revenue"] > 5000)))),
            (
                "companies with between 1000 and 1200 employees",
                names(company_names(o.c(lambda r: 1000 <= r["employees"] <= 1200))),
            ),
            ("how many won deals above $10,000", Number(len(o.d(lambda r: (r["amount"] or 0) > 10000, kind="won")))),
            ("deals over 30k", Rows(len(o.d(lambda r: (r["amount"] or 0) > 30000)))),
            (
                "how many deals under 100 did we win?",
                Number(len(o.d(lambda r: r["amount"] is not None and r["amount"] < 100, kind="won"))),
            ),
            (
                "retail companies with less than 500 employees",
                names(company_names(o.c(lambda r: r["employees"] < 500, industry="retail"))),
            ),
            ("companies with 5000 or more employees, how many?", Number(len(o.c(lambda r: r["employees"] >= 5000)))),
            ("won deals bigger than 28k by amount", Rows(len(o.d(lambda r: (r["amount"] or 0) > 28000, kind="won")))),
            ("companies established before 1985", names(company_names(o.c(lambda r: r["year"] < 1985)))),
            ("companies established in 1996", names(company_names(o.c(year=1996)))),
            (
                "deals worth between 5k and 6k for Betatech",
                Rows(len(o.d(lambda r: 5000 <= (r["amount"] or 0) <= 6000, company="Betatech"))),
            ),
        ],
        "versus": [
            (
                "won amount Nov 2024 vs Dec 2024",
                Pairs(
                    {
                        "November 2024": total(o.d(kind="won", close=NOV)),
                        "December 2024": total(o.d(kind="won", close=DEC)),
                    }
                ),
            ),
            (
                "Darcel Schlecht vs Anna Snelling won deals",
                Pairs(by(o.d(kind="won", owner={ME, "Anna Snelling"}), "owner")),
            ),
            (
                "compare the win rate of GTX Basic and MG Special",
                Pairs({k: v for k, v in by(o.deals, "product", rate).items() if k in ("GTX Basic", "MG Special")}),
            ),
            (
                "who won more, Kami Bicknell or Zane Levy?",
                Pairs(by(o.d(kind="won", owner={"Kami Bicknell", "Zane Levy"}), "owner")),
            ),
            (
                "won vs lost deals for Betatech",
                Pairs(
                    {"won": len(o.d(kind="won", company="Betatech")), "lost": len(o.d(kind="lost", company="Betatech"))}
                ),
            ),
            (
                "compare Q4 2024 with Q1 2025 by won amount",
                Pairs({"Q4 2024": total(o.d(kind="won", close=Q4)), "Q1 2025": total(o.d(kind="won", close=Q1))}),
            ),
        ],
    }


def _finding(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    busy = {r["company"] for r in o.activities}
    return {
        "list": [
            ("list companies in kenya", names({"Betatech"})),
            ("medical companies", names(company_names(o.c(industry="medical")))),
            ("show me the software companies", names(company_names(o.c(industry="software")))),
            ("which companies are in the employment industry?", names(company_names(o.c(industry="employment")))),
            ("medical and retail companies", names(company_names(o.c(industry={"medical", "retail"})))),
            ("deals won in November 2024", Rows(len(o.d(kind="won", close=NOV)))),
            ("open deals of Versie Hillebrand", Rows(len(o.d(kind="open", owner="Versie Hillebrand")))),
            ("show all GTK 500 deals", Rows(40)),
            ("customers in brazil, norway or panama", names({"Nam-zim", "Globex Corporation", "Rangreen"})),
            ("emails with Paul Stokes", Rows(len(o.a(kind="email", person="Paul Stokes")))),
            (
                "scheduled meetings with Betatech",
                Rows(len(o.a(kind="meeting", status="scheduled", company="Betatech"))),
            ),
            ("contacts at Betatech", names({r["person"] for r in o.a(company="Betatech")})),
            ("subsidiaries of Acme Corporation", names(company_names(o.c(parent="Acme Corporation")))),
            ("companies with parent Sonron", names(company_names(o.c(parent="Sonron")))),
        ],
        "lookup": [
            ("Where is Betatech based?", Says(("Kenya",))),
            ("what industry is Zumgoity in?", Says(("medical",))),
            ("how many employees does Hottechi have", Number(16499)),
            ("what is the annual revenue of Kan-code?", Number(11698.03)),
            ("Betatech's industry", Says(("medical",))),
            ("who is the parent of Bluth Company?", Says(("Acme Corporation",))),
            ("which country is Ganjaflex in", Says(("Japan",))),
            ("what's the year established of Condax", Says(("2017",))),
            ("where is the new york inquirer located", Says(("United States",))),
            ("tell me about Betatech", Says(("Kenya", "medical"))),
            (
                "when did we last talk to Paul Stokes?",
                Says((f"{max(r['date'] for r in o.a(person='Paul Stokes')).day} ",)),
            ),
            ("employees of Golddex", Number(165)),
            ("does Betatech have a website?", Says(("No",))),
            ("which company does Paul Stokes work for?", Says(("Acme Corporation",))),
        ],
        "negation": [
            (
                "companies without deals",
                names(company_names(o.c(lambda r: r["name"] not in {d["company"] for d in o.deals}))),
            ),
            ("companies that have no activities", Rows(len(o.c(lambda r: r["name"] not in busy)))),
            ("how many deals without a company", Number(1425)),
            ("deals with no close date", Rows(2089)),
            ("how many companies are not in retail?", Number(len(o.c(lambda r: r["industry"] != "retail")))),
            (
                "companies outside the united states",
                names(company_names(o.c(lambda r: r["country"] != "United States"))),
            ),
            ("how many deals are not won", Number(8800 - 4238)),
            ("companies without a parent company", Rows(len(o.c(parent="")))),
            (
                "companies with no open deals",
                Rows(len(o.c(lambda r: r["name"] not in {d["company"] for d in o.d(kind="open")}))),
            ),
            (
                "companies with no activity since March 2025",
                Rows(
                    len(
                        o.c(
                            lambda r: (
                                r["name"]
                                not in {a["company"] for a in o.activities if a["date"].isoformat() >= "2025-03-01"}
                            )
                        )
                    )
                ),
            ),
            (
                "customers without any activity in the last 30 days",
                Rows(
                    len(
                        o.c(
                            lambda r: (
                                r["name"] not in {a["company"] for a in o.a(date=days("2025-02-14", "2025-03-15"))}
                            )
                        )
                    )
                ),
            ),
            (
                "how many won deals do we have excluding GTX Basic",
                Number(len(o.d(lambda r: r["product"] != "GTX Basic", kind="won"))),
            ),
        ],
        "yes_no": [
            ("does Betatech have any open deals?", Number(6)),
            ("do we have customers in Germany?", Number(1)),
            ("are there any deals lost in November 2024", Number(len(o.d(kind="lost", close=NOV)))),
            (
                "did Anna Snelling win any deals in 2025?",
                Number(len(o.d(kind="won", owner="Anna Snelling", close=Y2025))),
            ),
        ],
        "relations": [
            (
                "companies with more than 130 won deals",
                names(k for k, v in by(o.d(kind="won"), "company").items() if v > 130),
            ),
            (
                "which companies have open deals with Cecily Lampkin?",
                names(by(o.d(kind="open", owner="Cecily Lampkin"), "company")),
            ),
            ("how many deals do medical companies have", Number(len(o.d(industry="medical")))),
            ("how many companies have open deals", Number(len(by(o.d(kind="open"), "company")))),
            (
                "owners with at least 200 won deals",
                names(k for k, v in by(o.d(kind="won"), "owner").items() if v >= 200),
            ),
            (
                "companies with won deals over 25k",
                names(by(o.d(lambda r: (r["amount"] or 0) > 25000, kind="won"), "company")),
            ),
            ("deals of companies in japan", Rows(len(o.d(country="Japan")))),
            (
                "which companies did we win deals with in August 2025?",
                Rows(len(by(o.d(kind="won", close=days("2025-08-01", "2025-08-31")), "company"))),
            ),
            (
                "won amount of companies with over 15000 employees",
                Number(total(o.d(lambda r: r["employees"] > 15000, kind="won"))),
            ),
        ],
    }


def _grouping(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    won = o.d(kind="won")
    return {
        "groups": [
            ("average won deal amount by product", Pairs(by(won, "product", mean))),
            ("deals by stage", Pairs(by(o.deals, "stage"))),
            ("number of companies per industry", Pairs(by(o.companies, "industry"))),
            ("how many won deals per owner?", Pairs(by(won, "owner"))),
            ("won amount by industry", Pairs(by(won, "industry", total))),
            ("total annual revenue by country", Pairs(by(o.companies, "country", lambda r: total(r, "revenue")))),
            ("breakdown of open deals by product", Pairs(by(o.d(kind="open"), "product"))),
            ("lost deals for each product in 2025", Pairs(by(o.d(kind="lost", close=Y2025), "product"))),
            ("average employees per industry", Pairs(by(o.companies, "industry", lambda r: mean(r, "employees")))),
            ("highest won amount by product", Pairs(by(won, "product", best))),
            ("activities by kind", Pairs({"Meeting": 201, "Email": 120})),
            ("activities per status", Pairs({"Completed": 158, "Scheduled": 163})),
            ("count deals by owner for Acme Corporation", Pairs(by(o.d(company="Acme Corporation"), "owner"))),
            ("revenue won by product", Pairs(by(won, "product", total))),
            ("win rate per industry", Pairs(by(o.deals, "industry", rate))),
        ],
        "trend": [
            ("won deals by month", Pairs(by(won, month))),
            ("won amount per month in 2025", Pairs(by(o.d(kind="won", close=Y2025), month, total))),
            ("monthly lost deals", Pairs(by(o.d(kind="lost"), month))),
            ("won amount by quarter", Pairs(by(won, quarter, total))),
            ("quarterly win rate", Pairs(by(o.d(kind={"won", "lost"}), quarter, rate))),
            ("trend of won deals by month for GTX Basic", Pairs(by(o.d(kind="won", product="GTX Basic"), month))),
        ],
        "custom": [
            ("deals for GTX Pro", Rows(len(o.d(product="GTXPro")))),
            (
                "how many MG Special deals did Niesha Huffines win",
                Number(len(o.d(kind="won", owner="Niesha Huffines", product="MG Special"))),
            ),
            ("companies with propensity to buy over 0.65", names(company_names(o.c(lambda r: r["propensity"] > 0.65)))),
            ("deals with engage date in June 2024", Rows(len(o.d(engage=days("2024-06-01", "2024-06-30"))))),
            ("oldest company by year established", Order(("Zotware",))),
            ("won deals by product in december 2024", Pairs(by(o.d(kind="won", close=DEC), "product"))),
            ("which products did we sell to Betatech?", Pairs(by(o.d(kind="won", company="Betatech"), "product"))),
            ("how many deals were engaged in 2023", Number(len(o.d(engage=days("2023-01-01", "2023-12-31"))))),
        ],
    }


def _timing(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "dates": [
            ("how many deals were won in november 2024", Number(515)),
            ("won deals in Q4 2024", Rows(len(o.d(kind="won", close=Q4)))),
            ("how much did we win in 2025?", Number(total(o.d(kind="won", close=Y2025)))),
            (
                "deals lost between 1 May and 30 June 2025",
                Rows(len(o.d(kind="lost", close=days("2025-05-01", "2025-06-30")))),
            ),
            (
                "how many deals did Marty Freudenburg win from January 2025 to March 2025",
                Number(len(o.d(kind="won", owner="Marty Freudenburg", close=Q1))),
            ),
            (
                "deals won since July 2025",
                Rows(len(o.d(lambda r: r["close"] and r["close"].isoformat() >= "2025-07-01", kind="won"))),
            ),
            (
                "deals won before december 2024",
                Rows(len(o.d(lambda r: r["close"] and r["close"].isoformat() < "2024-12-01", kind="won"))),
            ),
            (
                "won amount in the first half of 2025",
                Number(total(o.d(kind="won", close=days("2025-01-01", "2025-06-30")))),
            ),
            ("how many deals closed in nov 2024", Number(len(o.d(kind={"won", "lost"}, close=NOV)))),
            ("deals won on 2024-12-24", Rows(len(o.d(kind="won", close=days("2024-12-24", "2024-12-24"))))),
            (
                "how many meetings did we have in June 2024?",
                Number(len(o.a(kind="meeting", date=days("2024-06-01", "2024-06-30")))),
            ),
            ("won deals december 24th 2024", Rows(len(o.d(kind="won", close=days("2024-12-24", "2024-12-24"))))),
            (
                "how many deals were lost in the second quarter of 2025",
                Number(len(o.d(kind="lost", close=days("2025-04-01", "2025-06-30")))),
            ),
            ("activities after 1 march 2025", Rows(len(o.a(lambda r: r["date"].isoformat() > "2025-03-01")))),
            (
                "how many deals did we win in november and december 2024",
                Number(len(o.d(kind="won", close=days("2024-11-01", "2024-12-31")))),
            ),
        ],
        "relative": [
            ("deals won last quarter", Rows(len(o.d(kind="won", close=Q4)))),
            ("how many deals did we win this year", Number(len(o.d(kind="won", close=Y2025)))),
            ("won amount last month", Number(total(o.d(kind="won", close=days("2025-02-01", "2025-02-28"))))),
            (
                "how many deals were lost this month?",
                Number(len(o.d(kind="lost", close=days("2025-03-01", "2025-03-31")))),
            ),
            ("deals won in the last 30 days", Rows(len(o.d(kind="won", close=days("2025-02-14", "2025-03-15"))))),
            ("meetings last year", Rows(len(o.a(kind="meeting", date=Y2024)))),
            ("deals lost last week", Rows(len(o.d(kind="lost", close=days("2025-03-03", "2025-03-09"))))),
            ("won deals today", Rows(len(o.d(kind="won", close=days("2025-03-15", "2025-03-15"))))),
            (
                "how many deals did we win in february",
                Number(len(o.d(kind="won", close=days("2025-02-01", "2025-02-28")))),
            ),
            ("won amount year to date", Number(total(o.d(kind="won", close=days("2025-01-01", "2025-03-15"))))),
            (
                "how many deals did we win in the last 3 months",
                Number(len(o.d(kind="won", close=days("2024-12-16", "2025-03-15")))),
            ),
        ],
        "me": [
            ("how many deals have I won?", Number(349)),
            ("my open deals", Rows(len(o.d(kind="open", owner=ME)))),
            ("how much did i win in november 2024", Number(total(o.d(kind="won", owner=ME, close=NOV)))),
            ("our win rate in 2025", Number(rate(o.d(close=Y2025)))),
            ("my biggest won deal", Number(best(o.d(kind="won", owner=ME)))),
        ],
        "follow_up": [
            (("Where is Betatech based?", "Who owns it?"), Says(("owner",))),
            (("how many deals does Betatech have?", "and which of those are still open?"), Rows(6)),
            (("how many deals did we win in 2024?", "what about 2025?"), Number(len(o.d(kind="won", close=Y2025)))),
            (("how many deals did Darcel Schlecht win?", "and Lost?"), Number(len(o.d(kind="lost", owner=ME)))),
            (("won deals in november 2024", "by owner?"), Pairs(by(o.d(kind="won", close=NOV), "owner"))),
            (("total won amount for Betatech", "and for Cancity?"), Number(total(o.d(kind="won", company="Cancity")))),
            (("total won amount in 2025", "and the average?"), Number(mean(o.d(kind="won", close=Y2025)))),
            (
                ("medical companies", "which of them have more than 5000 employees?"),
                names({"Labdrill", "Ron-tech", "Silis"}),
            ),
            (("how many employees does Hottechi have", "and Betatech?"), Number(1185)),
            (("win rate of Darcel Schlecht", "and Anna Snelling?"), Number(rate(o.d(owner="Anna Snelling")))),
            (("won amount by product", "only in 2025"), Pairs(by(o.d(kind="won", close=Y2025), "product", total))),
            (
                ("how many won deals in retail", "and in finance?", "in 2025?"),
                Number(len(o.d(kind="won", industry="finance", close=Y2025))),
            ),
            (("show me companies in kenya", "how many deals do they have?"), Number(len(o.d(country="Kenya")))),
            (
                ("tell me about Betatech", "how many won deals does it have?"),
                Number(len(o.d(kind="won", company="Betatech"))),
            ),
        ],
    }


def _talking(o: Oracle) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "typos": [
            ("how many dels did Darcel Shlecht win", Number(349)),
            ("companys in the medicl industry", names(company_names(o.c(industry="medical")))),
            ("totl won amount for betatec", Number(107408)),
            ("averge won deal amount by prodct", Pairs(by(o.d(kind="won"), "product", mean))),
            ("deals won in novmber 2024", Rows(515)),
            ("how many emploees does Hottechi have", Number(16499)),
            (
                "top 5 comapnies by anual revenue",
                Order(tuple(top(by(o.companies, "name", lambda r: r[0]["revenue"]), 5))),
            ),
            ("win rate of wilbrun farren", Number(rate(o.d(owner="Wilburn Farren")))),
            ("technology companies", names(company_names(o.c(industry="technolgy")))),
        ],
        "unknown": [
            ("How many deals does Nosuchcorp have?", Abstains()),
            ("what is the weather today", Abstains()),
            ("how many unicorns did we win", Abstains()),
            ("total won amount for Foo Bar Industries", Abstains()),
            ("deals by favourite colour", Abstains()),
            ("how many deals did John Smith win", Abstains()),
            ("what is the profit of Betatech", Abstains()),
            ("companies in the space industry", Abstains()),
            ("qwerty", Abstains()),
            ("why did we lose so many deals", Abstains()),
            ("growth of won amount", Abstains()),
            ("will we win the next deal with Betatech?", Abstains()),
            ("how many deals did Anthony win", Abstains()),
            ("standard deviation of deal amounts", Abstains()),
            ("revenue per employee by industry", Abstains()),
            ("deals won by the best manager", Abstains()),
            ("half of the deals", Abstains()),
            ("delete all deals", Abstains()),
            ("move the Betatech deal to won", Abstains()),
            ("how many deals were won on weekends", Abstains()),
            ("how long does it take to close a deal", Abstains()),
            ("what about it?", Abstains()),
        ],
        "search": [
            ("What did Paul Stokes say about integration?", Searches(frozenset({"Paul Stokes"}), ("integration",))),
            ("what did melanie henry say about onboarding", Searches(frozenset({"Melanie Henry"}), ("onboarding",))),
            ("what do we know about Golddex's concerns on support", Searches(frozenset({"Golddex"}), ("support",))),
            ("notes about pricing", Searches(frozenset(), ("pricing",))),
            ("what was discussed with Betatech in 2024?", Searches(frozenset({"Betatech"}))),
            ("who mentioned scalability?", Searches(frozenset(), ("scalability",))),
            ("did Laura Reyes mention any competitors", Searches(frozenset({"Laura Reyes"}), ("competitors",))),
            ("What did Bob Unknown say about pricing?", Abstains()),
        ],
    }
