"""What looks wrong is reported and kept as written: by general means, without a word of any data set."""

import pytest

from tests.transfer.conftest import Import, Rows


def doubts(run: Import, object: str, column: str, values: list[str], *maps: str) -> dict[str, tuple[str, ...]]:
    kind = "kind,date," if object == "activities" else "name,"
    rest = "call,2024-01-01," if object == "activities" else "x,"
    text = f"{kind}{column}\n" + "".join(f'{rest}"{value}"\n' for value in values)
    report = run(object, text, *maps, create="fields,companies,people")
    return {item.value: item.meant for item in report.suspects if item.column == column}


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("Philipines", "Philippines"),
        ("Germny", "Germany"),
        ("Untied States", "United States"),
        ("Switzerlnad", "Switzerland"),
    ],
)
def test_a_misspelt_country_is_reported_with_its_name(run: Import, value: str, meant: str) -> None:
    assert doubts(
        run, "companies", "office_location", [value, "Kenya", "USA", "UK", "US"], "office_location=country"
    ) == {value: (meant,)}


def test_a_part_of_a_country_s_name_is_reported_with_the_candidates(run: Import) -> None:
    found = doubts(run, "companies", "country", ["Korea", "Japan"])
    assert found == {"Korea": ("North Korea", "South Korea")}


@pytest.mark.parametrize(
    ("value", "meant"), [("technolgy", "technology"), ("Helthcare", "healthcare"), ("Retial", "retail")]
)
def test_a_misspelt_industry_is_reported(run: Import, value: str, meant: str) -> None:
    found = doubts(run, "companies", "sector", [value, "medical", "software", "services"], "sector=industry")
    assert found == {value: (meant,)}


def test_words_run_together_are_reported(run: Import) -> None:
    values = ["Alpha Basic"] * 3 + ["Alpha Plus Pro", "AlphaPro", "Beta Special"]
    assert doubts(run, "deals", "product", values) == {"AlphaPro": ("Alpha Pro",)}


def test_a_rare_value_that_is_spelt_almost_like_a_frequent_one_is_reported(run: Import) -> None:
    found = doubts(run, "deals", "channel", ["Newsletter"] * 5 + ["Newsleter", "Webinar"])
    assert found == {"Newsleter": ("Newsletter",)}


def test_digits_and_initials_make_another_thing(run: Import) -> None:
    assert (
        doubts(run, "deals", "model", ["Series 500", "Series 600", "Plan AB 1", "Plan AC 1", "Q1 2024", "Q2 2024"])
        == {}
    )


def test_one_thing_written_in_two_ways_is_reported(run: Import) -> None:
    assert doubts(run, "deals", "channel", ["Web Shop", "Web Shop", "web shop", "Fair"]) == {"web shop": ("Web Shop",)}


def test_a_name_almost_like_one_that_the_crm_has_is_reported(run: Import) -> None:
    run("companies", "name\nVehement Capital\n")
    found = doubts(run, "deals", "account", ["Vehment Capital", "Other"], "account=company")
    assert found == {"Vehment Capital": ("Vehement Capital",)}


def test_a_value_almost_like_one_that_the_crm_has_is_reported(run: Import) -> None:
    run("companies", "name,industry\nA,Falconry\n")
    assert doubts(run, "companies", "industry", ["Falcorny"]) == {"Falcorny": ("Falconry",)}


def test_what_looks_wrong_is_kept_as_written(run: Import, rows: Rows) -> None:
    run("companies", "name,industry,country\nA,technolgy,Philipines\n")
    assert rows("companies", "industry", "country") == [{"industry": "technolgy", "country": "Philipines"}]


def test_plain_data_raises_no_doubts(run: Import) -> None:
    values = ["Anna Bell", "Ann Hall", "Joan Marsh", "John March", "Reed Clapper", "Zane Levy"]
    assert doubts(run, "activities", "contact", values, "contact=person") == {}
