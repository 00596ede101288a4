"""Two pipelines with stages that are called the same: each group opens its own rows."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from app.crm import catalog, customization, query
from app.crm.pages import groups
from app.shared.contract import SYSTEM, Query
from app.shared.errors import Invalid
from tests.query import rows
from tests.query.conftest import Door


@pytest.fixture
def door(door: Door) -> Door:
    with door.write() as connection:
        customization.create_pipeline(connection, "Partners", actor=SYSTEM)
        for place, key in enumerate(("lead", "lead_2", "lead_2", "won", "won_2", "won_2", "lost")):
            rows.add(connection, "deals", name=f"{key} {place}", stage=rows.stage(connection, key))
    return door


def test_a_stages_key_means_that_stage_alone(door: Door) -> None:
    assert door.names("deals", "stage=lead") == ["lead 0"]
    assert door.page("deals", "stage=LEAD").total == 3  # what both are called
    assert door.page("deals", "stage=lead_2").total == 2
    assert door.page("deals", "stage__ne=lead").total == 6
    assert door.page("deals", "stage=won").total == 3  # the kind, in every pipeline
    assert door.names("deals", "stage.key=won") == ["won 3"]


def test_each_group_by_stage_opens_as_many_rows_as_it_counts(door: Door) -> None:
    known = catalog.load(door.connection)
    for by in ("stage", "stage,name"):
        answer = door.groups("deals", f"group_by={by}&measure=count")
        for row in answer.rows:
            parts = urlsplit(query.url(groups.drill(answer.query, row, known)))
            assert door.page("deals", parts.query).total == row.measures[0], row.keys


def test_over_a_path_too(door: Door) -> None:
    answer = door.groups("activities", "group_by=deal.stage&measure=count")
    assert answer.rows == ()
    link = groups.condition(answer.query.group_by[0], "won", [catalog.load(door.connection)["deals"].field("stage")])
    assert link.field == "deal.stage.key"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ("stage=lead", "Stage is Lead (Sales)"),
        ("stage=lead_2", "Stage is Lead (Partners)"),
        ("stage=won", "Stage is Won"),
        ("stage.key=won", "Stage is Won (Sales)"),
        ("stage__in=won_2,qualified", "Stage is Won (Partners) or Qualified"),
    ],
)
def test_words_say_the_pipeline_where_stages_are_called_the_same(door: Door, params: str, words: str) -> None:
    asked = query.from_params("deals", parse_qsl(params))
    assert query.chips(catalog.load(door.connection), asked) == (words,)


@pytest.mark.parametrize(
    "name", ["q", "sort", "fields", "limit", "cursor", "group_by", "measure", "having", "convert", "trashed"]
)
def test_a_parameter_that_stands_twice_is_refused_by_name(name: str) -> None:
    value = {"limit": "1", "trashed": "true", "measure": "count", "having": "count__gte:1"}.get(name, "name")
    assert query.from_params("deals", [(name, value)]).object == "deals"
    with pytest.raises(Invalid, match="stands more than once") as refused:
        query.from_params("deals", [(name, value), (name, value)])
    assert [error.field for error in refused.value.errors] == [name]


def test_a_condition_may_stand_twice() -> None:
    asked = query.from_params("deals", [("name__contains", "a"), ("name__contains", "b"), ("limit", "5")])
    assert isinstance(asked, Query)
    assert len(query.parts(asked)) == 2
