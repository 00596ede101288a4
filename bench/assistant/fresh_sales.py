"""Questions over the sales files as people type them, written before the parser had seen any of them.

Every third question of a family is held out: tuning never looks at it (`bench.assistant.sets`).
"""

# ruff: noqa: E501  a question and its answer are a line
# fmt: off

from __future__ import annotations

from datetime import date
from statistics import median
from typing import Any

from bench.assistant.expect import Number, Order, Pairs, Rows, Says, names
from bench.assistant.oracle import ME, Oracle, best, by, days, mean, month, quarter, rate, top, total
from bench.assistant.oracle import names as labels

Asked = dict[str, list[tuple[Any, Any]]]
Y24, Y25 = days("2024-01-01", "2024-12-31"), days("2025-01-01", "2025-12-31")
Q4, Q1 = days("2024-10-01", "2024-12-31"), days("2025-01-01", "2025-03-31")


def questions(o: Oracle) -> Asked:
    return {**_plain(o), **_grouped(o), **_narrow(o), **_loose(o)}


def _plain(o: Oracle) -> Asked:
    won = o.d(kind="won")
    company = o.by_name
    return {
        "count": [
            ("deals count for cheers", Number(len(o.d(company="Cheers")))),
            ("how many did zane levy win in dec 2024?", Number(len(o.d(kind="won", owner="Zane Levy", close=days("2024-12-01", "2024-12-31"))))),
            ("whats the number of gtx plus pro deals we lost", Number(len(o.d(kind="lost", product="GTX Plus Pro")))),
            ("how many opps are sitting in prospecting right now", Number(len(o.d(stage="Prospecting")))),
            ("how many emails are completed", Number(len(o.a(kind="email", status="completed")))),
            ("total number of meetings with Konmatfix", Number(len(o.a(kind="meeting", company="Konmatfix")))),
        ],
        "list": [
            ("show companies w/ more than 5k employees", names(labels(o.c(lambda r: r["employees"] > 5000)))),
            ("which subsidiaries does Sonron have", names(labels(o.c(parent="Sonron")))),
            ("give me all the engaging deals at kan-code that maureen marcano has", Rows(len(o.d(stage="Engaging", company="Kan-code", owner="Maureen Marcano")))),
            ("list everything we lost at Hatfan", Rows(len(o.d(kind="lost", company="Hatfan")))),
            ("pull up the marketing accounts outside the united states", names(labels(o.c(lambda r: r["country"] != "United States", industry="marketing")))),
            ("companies located in kenya, japan or brazil", names(labels(o.c(country={"Kenya", "Japan", "Brazil"})))),
        ],
        "facts": [
            ("what sector's Zumgoity in?", Says((company["Zumgoity"]["industry"],))),
            ("parent company of Bluth Company", Says((company["Bluth Company"]["parent"],))),
            ("what year was Domzoom established?", Number(company["Domzoom"]["year"])),
            ("how many employees has cheers got", Number(company["Cheers"]["employees"])),
            ("annual revenue of ganjaflex?", Number(company["Ganjaflex"]["revenue"])),
            ("which country is Zathunicon in", Says((company["Zathunicon"]["country"],))),
        ],
        "sum": [
            ("how much have we made from Rangreen so far", Number(total(o.d(kind="won", company="Rangreen")))),
            ("add up all deals won in january 2025", Number(total(o.d(kind="won", close=days("2025-01-01", "2025-01-31"))))),
            ("what do the won gtk 500 deals come to in total", Number(total(o.d(kind="won", product="GTK 500")))),
            ("combined annual revenue of medical companies", Number(total(o.c(industry="medical"), "revenue"))),
            ("how many people do our telecommunications customers employ altogether", Number(total(o.c(industry="telecommunications"), "employees"))),
            ("won revenue for Versie Hillebrand in 2025", Number(total(o.d(kind="won", owner="Versie Hillebrand", close=Y25)))),
        ],
        "average": [
            ("average deal size for mg special wins", Number(mean(o.d(kind="won", product="MG Special")))),
            ("on average how big are the companies in retail by employees", Number(mean(o.c(industry="retail"), "employees"))),
            ("whats our avg won deal worth in q1 2025", Number(mean(o.d(kind="won", close=Q1)))),
            ("mean amount of won deals with Condax", Number(mean(o.d(kind="won", company="Condax")))),
            ("median amount of won deals by product", Pairs(by(won, "product", lambda r: median(x["amount"] for x in r)))),
            ("average propensity to buy of finance companies", Number(round(mean(o.c(industry="finance"), "propensity"), 2))),
        ],
        "extremes": [
            ("cheapest won deal of Moses Frase", Number(min(r["amount"] for r in o.d(kind="won", owner="Moses Frase")))),
            ("whats the smallest company by headcount of employees", Order(("Condax",))),
            ("oldest company by year established", Order((min(o.companies, key=lambda r: r["year"])["name"],)) if len([r for r in o.companies if r["year"] == min(c["year"] for c in o.companies)]) == 1 else Says((str(min(r["year"] for r in o.companies)),))),
            ("max amount won at Isdom", Number(best(o.d(kind="won", company="Isdom")))),
            ("which medical company has the least revenue", Order((min(o.c(industry="medical"), key=lambda r: r["revenue"])["name"],))),
            ("biggest deal won in january 2025", Number(best(o.d(kind="won", close=days("2025-01-01", "2025-01-31"))))),
        ],
        "ranked": [
            ("top ten owners by won revenue", Order(tuple(top(by(won, "owner", total), 10)))),
            ("who's our best seller by won amount this year", Order(tuple(top(by(o.d(kind="won", close=Y25), "owner", total), 1)))),
            ("bottom 3 reps by number of won deals", Order(tuple(top(by(won, "owner"), 3, lowest=True)))),
            ("which industry brings in the most won money", Order(tuple(top(by(won, "industry", total), 1)))),
            ("5 largest companies by employees", Order(tuple(r["name"] for r in sorted(o.companies, key=lambda r: -r["employees"])[:5]))),
            ("product with the most losses", Order(tuple(top(by(o.d(kind="lost"), "product"), 1)))),
        ],
    }


def _grouped(o: Oracle) -> Asked:
    won = o.d(kind="won")
    return {
        "rate": [
            ("win rate in q4 2024", Number(rate(o.d(close=Q4)))),
            ("what % of deals does gladys colclough win", Number(rate(o.d(owner="Gladys Colclough")))),
            ("what's the win rate on GTXPro for retail customers", Number(rate(o.d(product="GTXPro", industry="retail")))),
            ("who has the best win rate", Order(tuple(top(by(o.d(kind={"won", "lost"}), "owner", rate), 1)))),
            ("share of won amount by product", Pairs({k: round(100 * v / total(won), 2) for k, v in by(won, "product", total).items()})),
            ("what share of Zane Levy's closed deals did he win", Number(rate(o.d(owner="Zane Levy")))),
        ],
        "between": [
            ("gtx basic vs mg special won deals", Pairs(by(o.d(kind="won", product={"GTX Basic", "MG Special"}), "product"))),
            ("who sold more, Cassey Cress or Donn Cantrell?", Pairs(by(o.d(kind="won", owner={"Cassey Cress", "Donn Cantrell"}), "owner", total))),
            ("q4 2024 compared to q1 2025 by won amount", Pairs({"Q4 2024": total(o.d(kind="won", close=Q4)), "Q1 2025": total(o.d(kind="won", close=Q1))})),
            ("won versus lost for Kary Hendrixson", Pairs({"won": len(o.d(kind="won", owner="Kary Hendrixson")), "lost": len(o.d(kind="lost", owner="Kary Hendrixson"))})),
            ("win rate software vs finance", Pairs(by(o.d(industry={"software", "finance"}), "industry", rate))),
            ("number of companies in retail compared with medical", Pairs(by(o.c(industry={"retail", "medical"}), "industry"))),
        ],
        "trend": [
            ("won amount month by month in 2024", Pairs(by(o.d(kind="won", close=Y24), month, total))),
            ("how did lost deals develop per quarter", Pairs(by(o.d(kind="lost"), quarter))),
            ("quarterly won revenue for hottechi", Pairs(by(o.d(kind="won", company="Hottechi"), quarter, total))),
            ("deals won each month by Boris Faz", Pairs(by(o.d(kind="won", owner="Boris Faz"), month))),
            ("win rate over time by quarter", Pairs(by(o.d(kind={"won", "lost"}), quarter, rate))),
            ("avg won deal size per month this year", Pairs(by(o.d(kind="won", close=Y25), month, mean))),
        ],
        "groups": [
            ("break down open deals by stage", Pairs(by(o.d(kind="open"), "stage"))),
            ("customers per industry", Pairs(by(o.companies, "industry"))),
            ("lost deals split by industry and year", Pairs({f"{a}, {b}": n for (a, b), n in by([r for r in o.d(kind="lost") if r["industry"] and r["close"]], lambda r: (r["industry"], str(r["close"].year))).items()})),
            ("sum of employees by sector", Pairs(by(o.companies, "industry", lambda r: total(r, "employees")))),
            ("how many open deals does every rep have", Pairs(by(o.d(kind="open"), "owner"))),
            ("activities by type and status", Pairs({f"{a.capitalize()}, {b.capitalize()}": n for (a, b), n in by(o.activities, lambda r: (r["kind"], r["status"])).items()})),
        ],
    }


def _narrow(o: Oracle) -> Asked:
    dealt = {r["company"] for r in o.deals if r["kind"] == "open"}
    gtk = {r["company"] for r in o.d(kind="won", product="GTK 500")}
    touched = {r["company"] for r in o.activities}
    return {
        "negation": [
            ("won deals not in retail or finance", Rows(len(o.d(lambda r: r["industry"] not in ("retail", "finance"), kind="won")))),
            ("how many lost deals other than gtx basic", Number(len(o.d(lambda r: r["product"] != "GTX Basic", kind="lost")))),
            ("all software companies except Konmatfix and Plusstrip", names(labels(o.c(lambda r: r["name"] not in ("Konmatfix", "Plusstrip"), industry="software")))),
            ("deals without a company", Rows(len(o.d(company="")))),
            ("companies that arent a subsidiary of anyone", names(labels(o.c(parent="")))),
            ("count of open deals not owned by me", Number(len(o.d(lambda r: r["owner"] != ME, kind="open")))),
        ],
        "absence": [
            ("companies we never won a gtk 500 deal with", names({r["name"] for r in o.companies} - gtk)),
            ("accounts with no activity at all", names({r["name"] for r in o.companies} - touched)),
            ("retail customers who have no open deals", names(labels(o.c(lambda r: r["name"] not in dealt, industry="retail")))),
            ("how many companies have no meetings", Number(len({r["name"] for r in o.companies} - {r["company"] for r in o.a(kind="meeting")}))),
            ("companies with at least two subsidiaries", names({"Acme Corporation", "Sonron", "Bubba Gump", "Inity", "Golddex"})),
            ("companies with neither meetings nor open deals", names({r["name"] for r in o.companies} - dealt - {r["company"] for r in o.a(kind="meeting")})),
        ],
        "mine": [
            ("how much have i won this year", Number(total(o.d(kind="won", owner=ME, close=Y25)))),
            ("my win rate?", Number(rate(o.d(owner=ME)))),
            ("our biggest customers by won amount, top 3", Order(tuple(top(by(o.d(kind="won"), "company", total), 3)))),
            ("deals i lost last month", Rows(len(o.d(kind="lost", owner=ME, close=days("2025-02-01", "2025-02-28"))))),
            ("which of my open deals are with Dontechi", Rows(len(o.d(kind="open", owner=ME, company="Dontechi")))),
            ("mine by product, won only", Pairs(by(o.d(kind="won", owner=ME), "product"))),
        ],
        "ranges": [
            ("won deals between 2 and 3 thousand", Rows(len(o.d(lambda r: 2000 <= (r["amount"] or 0) <= 3000, kind="won")))),
            ("companies with 500-1000 employees", names(labels(o.c(lambda r: 500 <= r["employees"] <= 1000)))),
            ("how many won deals from 1k up to 5k did Reed Clapper have", Number(len(o.d(lambda r: 1000 <= (r["amount"] or 0) <= 5000, kind="won", owner="Reed Clapper")))),
            ("won deals >= 20k", Rows(len(o.d(lambda r: (r["amount"] or 0) >= 20000, kind="won")))),
            ("companies established before 1985", names(labels(o.c(lambda r: r["year"] < 1985)))),
            ("deals won for no more than $50", Rows(len(o.d(lambda r: r["amount"] is not None and r["amount"] <= 50, kind="won")))),
        ],
        "dates": [
            ("how much did we win between 15 nov and 15 dec 2024", Number(total(o.d(kind="won", close=days("2024-11-15", "2024-12-15"))))),
            ("deals lost since feb 1st 2025", Rows(len(o.d(lambda r: r["close"] and r["close"] >= date(2025, 2, 1), kind="lost")))),
            ("number of deals won in the 2nd half of 2024", Number(len(o.d(kind="won", close=days("2024-07-01", "2024-12-31"))))),
            ("won on 12/24/2024", Rows(len(o.d(kind="won", close=days("2024-12-24", "2024-12-24"))))),
            ("deals closed won before christmas 2024", Rows(len(o.d(kind="won", close=days("2024-01-01", "2024-12-24"))))),
            ("how many deals did we win on the 3rd of february 2025", Number(len(o.d(kind="won", close=days("2025-02-03", "2025-02-03"))))),
            ("meetings in june 2024", Rows(len(o.a(kind="meeting", date=days("2024-06-01", "2024-06-30"))))),
            ("deals engaged in october 2024", Rows(len(o.d(engage=days("2024-10-01", "2024-10-31"))))),
            ("how many deals did we lose ytd", Number(len(o.d(kind="lost", close=days("2025-01-01", "2025-03-15"))))),
        ],
    }


def _loose(o: Oracle) -> Asked:
    won = o.d(kind="won")
    return {
        "fiscal": [
            ("won amount fy 2024", Number(total(o.d(kind="won", close=Y24)))),
            ("how many deals did we win last fiscal quarter", Number(len(o.d(kind="won", close=Q4)))),
            ("lost deals in the fourth quarter of 2024", Rows(len(o.d(kind="lost", close=Q4)))),
        ],
        "sloppy": [
            ("how many deels did darcel schlect win", Number(len(o.d(kind="won", owner=ME)))),
            ("totl won amuont for hotechi", Number(total(o.d(kind="won", company="Hottechi")))),
            ("avrage employes of entertainmnet companies", Number(mean(o.c(industry="entertainment"), "employees"))),
            ("who own the most opne deals", Order(tuple(top(by(o.d(kind="open"), "owner"), 1)))),
            ("compnies in itly", names(labels(o.c(country="Italy")))),
            ("win rte of jonathan bertholet", Number(rate(o.d(owner="Jonathan Berthelot")))),
        ],
        "quoted": [
            ('won deals for "Bubba Gump"', Rows(len(o.d(kind="won", company="Bubba Gump")))),
            ("how many deals does 'The New York Inquirer' have", Number(len(o.d(company="The New York Inquirer")))),
            ('sum of won amounts at “Gekko & Co”', Number(total(o.d(kind="won", company="Gekko & Co")))),
        ],
        "custom": [
            ("companies with propensity to buy over 0.8", names(labels(o.c(lambda r: r["propensity"] > 0.8)))),
            ("deals by product", Pairs(by(o.deals, "product"))),
            ("which company has the highest propensity to buy", Order((max(o.companies, key=lambda r: r["propensity"])["name"],))),
            ("companies established in the 1990s", names(labels(o.c(lambda r: 1990 <= r["year"] <= 1999)))),
            ("average year established of software companies", Number(round(mean(o.c(industry="software"), "year"), 2))),
            ("won mg advanced deals engaged before november 2024", Rows(len(o.d(lambda r: r["engage"] and r["engage"] < date(2024, 11, 1), kind="won", product="MG Advanced")))),
        ],
        "leaning": [
            (("how many deals did we win in q4 2024", "and in q1 2025?"), Number(len(o.d(kind="won", close=Q1)))),
            (("won deals by product", "just for hottechi please"), Pairs(by(o.d(kind="won", company="Hottechi"), "product"))),
            (("retail companies with more than 2000 employees", "sort by lowest revenue"), Order(tuple(r["name"] for r in sorted(o.c(lambda r: r["employees"] > 2000, industry="retail"), key=lambda r: r["revenue"])))),
            (("top 3 products by won amount", "top 5 instead"), Order(tuple(top(by(won, "product", total), 5)))),
            (("lost deals of vicki laflamme", "how much were they worth", "and anna snelling?"), Number(total(o.d(kind="lost", owner="Anna Snelling")))),
            (("open deals by owner", "what about won ones"), Pairs(by(won, "owner"))),
            (("companies in finance", "which of these are in the united states", "how many employees do they have in total"), Number(total(o.c(industry="finance", country="United States"), "employees"))),
            (("won amount in november 2024", "average instead of total"), Number(mean(o.d(kind="won", close=days("2024-11-01", "2024-11-30"))))),
            (("how many deals did zane levy win", "what was the biggest one"), Number(best(o.d(kind="won", owner="Zane Levy")))),
        ],
        "nested": [
            ("won deals over 3k in retail owned by anna snelling or zane levy", Rows(len(o.d(lambda r: (r["amount"] or 0) > 3000, kind="won", industry="retail", owner={"Anna Snelling", "Zane Levy"})))),
            ("companies that have both won deals and meetings", names({r["company"] for r in won if r["company"]} & {r["company"] for r in o.a(kind="meeting")})),
            ("companies with more than 50 won deals", names({k for k, n in by(won, "company").items() if n > 50})),
            ("how many deals worth more than 5000 did we win in 2024 outside retail", Number(len(o.d(lambda r: (r["amount"] or 0) > 5000 and r["industry"] != "retail", kind="won", close=Y24)))),
            ("reps who won more than 200 deals", names({k for k, n in by(won, "owner").items() if n > 200})),
            ("owners with a win rate above 65%", names({k for k, v in by(o.d(kind={"won", "lost"}), "owner", rate).items() if v > 65})),
        ],
    }
