"""Lists, rankings, lookups and what is missing."""

from tests.understanding.conftest import Desk

LISTS = [
    ("companies in kenya", {"Northwind", "Silverline"}),
    ("companies in the medical industry with more than 5,000 employees", {"Blue Harbour Ltd"}),
    ("companies with between 500 and 6000 employees", {"Northwind", "Silverline"}),
    ("medical and finance companies", {"Northwind", "Blue Harbour Ltd", "Empty Rooms"}),
    ("companies without deals", {"Silverline", "Empty Rooms"}),
    ("companies with open deals", {"Northwind", "Blue Harbour Ltd"}),
    ("companies with no open deals", {"Grünwald & Söhne", "Silverline", "Empty Rooms"}),
    ("companies without won deals in 2024", {"Blue Harbour Ltd", "Grünwald & Söhne", "Silverline", "Empty Rooms"}),
    ("companies with won deals over 10k", {"Blue Harbour Ltd"}),
    ("companies with no activity in 30 days", {"Blue Harbour Ltd", "Grünwald & Söhne", "Silverline", "Empty Rooms"}),
    ("companies without a country", {"Empty Rooms"}),
    ("companies outside kenya", {"Blue Harbour Ltd", "Grünwald & Söhne", "Empty Rooms"}),
    ("companies with more than 2 deals", {"Northwind"}),
    ("companies with exactly 2 deals", {"Blue Harbour Ltd"}),
    ("people at companies without deals", {"Mira Quill"}),
    ("people without an email", {"Mira Quill"}),
    ("deals without a company", {"Loose end"}),
    ("deals with no close date", {"Hoses"}),
    ("deals won by Ben", {"Scanner", "Loose end"}),
    ("deals not won by ben", {"Valves", "Hoses"}),
    ("deals for alpha-max lost or open", set()),
    ("Gamma 500 deals", {"Scanner two"}),
    ("deals where owner is Anna and amount > 2000", {"More pumps", "Scanner two"}),
    ("deals with amount over 400 and under 2000", {"Pumps", "Shelves"}),
    ("my open deals", {"Scanner two"}),
    ("open tasks", {"Send the offer"}),
    ("tasks due in 7 days", {"Send the offer"}),
    ("meetings with Jonas Ferro", {"Visit"}),
]


def test_lists_hold_exactly_the_records_that_fit(desk: Desk) -> None:
    assert {question: set(desk.labels(question)) for question, _ in LISTS} == dict(LISTS)


def test_rankings_come_in_order_and_leave_out_what_has_no_value(desk: Desk) -> None:
    assert desk.labels("top 2 companies by employees") == ["Blue Harbour Ltd", "Silverline"]
    assert desk.labels("the 3 biggest deals") == ["Scanner", "Scanner two", "Hoses"]
    assert desk.labels("which company has the lowest annual revenue?") == ["Blue Harbour Ltd"]
    assert desk.labels("who won the most deals?") in (["Anna"], ["Ben"])
    assert desk.labels("the 2 owners with the most won amount") == ["Ben", "Anna"]
    assert desk.labels("which product has the best win rate") == ["Alpha Max"]
    assert desk.labels("top 3 products by won amount") == ["Alpha Max"]
    assert desk.labels("which month had the highest won amount") == ["February 2025"]


def test_facts_about_one_record(desk: Desk) -> None:
    assert "Kenya" in desk.ask("Where is Northwind based?").text
    assert desk.value("how many employees does Blue Harbour have") == 12_000
    assert "mira@northwind.example" in desk.ask("What is Mira Stokes's email?").text
    assert "Northwind" in desk.ask("which company does Mira Stokes work for?").text
    assert "medical" in desk.ask("tell me about Northwind").text
    assert "10 March 2025" in desk.ask("when did we last talk to Mira Stokes?").text
    assert desk.ask("who owns Northwind?").text == "Owner of Northwind: Anna."
    assert desk.ask("what is the website of Northwind?").text == "No website is recorded for Northwind."
    assert "lead" in desk.ask("what is the stage of Hoses?").text.lower()


def test_names_with_accents_signs_and_other_spacings_are_met(desk: Desk) -> None:
    for name in ("Grünwald & Söhne", "grunwald and sohne", "Gruenwald & Söhne", '"grünwald & söhne"'):
        assert desk.value(f"how many deals does {name} have") == 1
    assert desk.value("how many deals for alphamax") == 3


def test_groups_and_trends(desk: Desk) -> None:
    assert desk.groups("average won deal amount by product") == {"Alpha Max": 8_000, "No product": 250}
    assert desk.groups("deals by owner") == {"Anna": 4, "Ben": 4}
    assert desk.groups("won amount by industry in 2024") == {"medical": 4_000}
    assert desk.groups("win rate by owner") == {"Anna": 66.67, "Ben": 66.67}
    assert desk.groups("won deals per quarter") == {"Q4 2024": 2, "Q1 2025": 2}
    assert list(desk.groups("monthly won amount")) == ["November 2024", "December 2024", "February 2025", "March 2025"]
    assert desk.labels("employees by company")[:2] == ["Blue Harbour Ltd", "Silverline"]
    assert set(desk.ask("deals by owner and stage").rows[0]) >= {"owner", "stage", "count"}


def test_comparisons_compute_each_side(desk: Desk) -> None:
    assert desk.groups("Anna vs Ben won deals") == {"Anna": 2, "Ben": 2}
    assert desk.groups("won amount Nov 2024 vs Dec 2024") == {"November 2024": 1_000, "December 2024": 3_000}
    assert desk.groups("won vs lost deals for Northwind") == {"won": 2, "lost": 1}
    assert desk.ask("who won more deals, Anna or Ben?").figures[0].value == 2
    assert "higher by $2,000" in desk.ask("won amount Nov 2024 vs Dec 2024").text
