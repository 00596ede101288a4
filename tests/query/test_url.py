import os
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crm import query
from app.crm.port import Crm
from app.crm.query.chips import bare, joined, plain
from app.shared.contract import (
    And,
    Bucket,
    Condition,
    Group,
    Having,
    Measure,
    MeasureName,
    Not,
    Op,
    Or,
    Query,
    Related,
    Text,
)
from app.shared.db import Database
from app.shared.errors import BadRequest, Invalid
from tests.query import world

EXAMPLES = int(os.environ.get("QUERY_EXAMPLES", "150"))
words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["null", "true", "1", "-0", "1.50", "01", '"x"', '"', "a,b", "a\\,b", "\\", "", "1e5", "١", "a__in"]
)
fields = st.sampled_from(
    ["name", "company.industry", "q", "limit", "where", "a__gt", "größe", "x_1.y", "sort__eq", "_", "having", "convert"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(words, scalars, max_size=2)
conditions = st.builds(Condition, field=fields | words, op=st.sampled_from(get_args(Op)), value=values)
leaves = conditions | st.builds(Text, text=words)
measure_keys = st.sampled_from(["count", "sum:amount", "count__gte:5", "[", ""]) | words
havings = st.builds(
    Having, measure=measure_keys, op=st.sampled_from(get_args(Having.model_fields["op"].annotation)), value=values
)


def _combined(inner: Any) -> Any:
    several = st.lists(inner, max_size=3).map(tuple)
    return (
        several.map(lambda items: And.model_validate({"and": items}))
        | several.map(lambda items: Or.model_validate({"or": items}))
        | inner.map(lambda item: Not.model_validate({"not": item}))
        | st.builds(Related, relation=words, quantifier=st.sampled_from(("any", "none")), where=st.none() | inner)
    )


paths = st.sampled_from(["name", "company", "company.industry", "größe"])
names = paths | st.sampled_from(["-name", "-sum:amount", "close_date:month", "a,b"])
queries = st.builds(
    Query,
    object=st.just("deals"),
    where=st.none() | st.recursive(leaves, _combined, max_leaves=6),
    text=st.none() | words.filter(bool),
    group_by=st.lists(st.builds(Group, field=paths, bucket=st.none() | st.sampled_from(get_args(Bucket)))).map(tuple),
    measures=st.lists(
        st.builds(Measure, fn=st.sampled_from(get_args(MeasureName)), field=st.none() | paths), max_size=3
    ).map(tuple),
    having=st.lists(havings, max_size=3).map(tuple),
    currency=st.none() | st.sampled_from(["EUR", "JPY", "x,y"]),
    sort=st.lists(names, max_size=3).map(tuple),
    columns=st.lists(paths, max_size=3).map(tuple),
    limit=st.integers(1, 1000),
    cursor=st.none() | st.just("abc-_"),
    trashed=st.booleans(),
)


@pytest.fixture(scope="module")
def crm_of_nothing(empty_sqlite: Database) -> Crm:
    return Crm(empty_sqlite)


@settings(max_examples=EXAMPLES, deadline=None)
@given(asked=queries)
def test_every_query_survives_its_address(asked: Query) -> None:
    params = query.to_params(asked)
    assert query.from_params("deals", params) == asked
    assert all(value for _, value in params)  # nothing goes where empty parameters are dropped
    address = urlsplit(query.url(asked))
    assert address.path == "/deals"
    back = query.from_params("deals", parse_qsl(address.query, keep_blank_values=True))
    assert back == asked
    assert back.model_dump_json() == asked.model_dump_json()  # 1 and 1.0 and true are equal in Python, not here


@settings(max_examples=EXAMPLES, deadline=None)
@given(asked=queries)
def test_every_query_survives_json(asked: Query) -> None:
    assert Query.model_validate_json(asked.model_dump_json()) == asked


@settings(max_examples=EXAMPLES, deadline=None)
@given(asked=queries)
def test_every_query_survives_its_page(crm_of_nothing: Crm, asked: Query) -> None:
    assert crm_of_nothing.view(crm_of_nothing.url(asked)) == asked


@settings(max_examples=EXAMPLES, deadline=None)
@given(asked=queries)
def test_the_chips_of_a_query_make_it_again(asked: Query) -> None:
    """Each condition is one chip; all of them together ask the same, and each leaves the rest when it goes."""
    found = query.chip_parts(world.static_catalog(), asked)
    canonical = plain(asked)
    assert joined(bare(asked), found) == canonical
    assert plain(canonical) == canonical
    for place, chip in enumerate(found):
        rest = found[:place] + found[place + 1 :]
        assert chip.without == joined(bare(asked), rest)
        assert chip.text
        back = query.from_params("deals", query.to_params(chip.without))
        assert back == chip.without


@settings(max_examples=EXAMPLES, deadline=None)
@given(asked=queries)
def test_every_query_has_a_sentence(asked: Query) -> None:
    assert query.sentence(world.static_catalog(), asked)
    assert query.sentence(world.static_catalog(), asked.model_copy(update={"object": "nothing"}))


@settings(max_examples=EXAMPLES, deadline=None)
@given(params=st.lists(st.tuples(fields | words, words), max_size=4))
def test_any_address_is_read_or_refused_and_what_is_read_survives(params: list[tuple[str, str]]) -> None:
    try:
        asked = query.from_params("deals", params)
    except (BadRequest, Invalid):
        return
    assert query.from_params("deals", query.to_params(asked)) == asked


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ("stage=won", Condition(field="stage", value="won")),
        ("amount__gte=10000", Condition(field="amount", op="gte", value=10000)),
        ("name=01", Condition(field="name", value="01")),
        ('name="1"', Condition(field="name", value="1")),
        ("stage__in=won,lost", Condition(field="stage", op="in", value=["won", "lost"])),
        ("name__in=Smith\\, John,x", Condition(field="name", op="in", value=["Smith, John", "x"])),
        ("name=Smith, John", Condition(field="name", value="Smith, John")),
        ("stage__in=", Condition(field="stage", op="in", value=[])),
        ("limit__eq=5", Condition(field="limit", value=5)),
        ("industry__empty=true", Condition(field="industry", op="empty", value=True)),
        ("owner=null", Condition(field="owner", value=None)),
    ],
)
def test_the_flat_form_is_what_one_would_type(params: str, where: Condition) -> None:
    asked = query.from_params("deals", [tuple(params.split("=", 1))])  # type: ignore[list-item]
    assert asked.where == where


def test_an_address_reads_like_the_question() -> None:
    asked = Query(
        object="deals",
        where=And.model_validate(
            {
                "and": [
                    {"field": "stage", "op": "in", "value": ["won", "lost"]},
                    {"field": "company.industry", "value": "medical"},
                    {"or": [{"field": "amount", "op": "gt", "value": 5}, {"field": "name", "value": "x"}]},
                ]
            }
        ),
        group_by=(Group(field="close_date", bucket="month"), Group(field="owner")),
        measures=(Measure(fn="sum", field="amount"), Measure()),
        sort=("-sum:amount",),
    )
    assert query.url(asked).startswith("/deals?stage__in=won,lost&company.industry=medical&where=%7B%22or%22:")
    assert query.url(asked).endswith("&group_by=close_date:month,owner&measure=sum:amount,count&sort=-sum:amount")
    assert query.url(Query(object="deals")) == "/deals"


def test_words_bounds_and_a_currency_have_an_address() -> None:
    asked = Query(
        object="deals",
        where=And(items=(Condition(field="stage", value="won"), Text(text="pricing"))),
        text="blue sky",
        group_by=(Group(field="owner"),),
        measures=(Measure(fn="sum", field="amount"), Measure()),
        having=(Having(measure="sum:amount", value=1000), Having(measure="count", op="between", value=[1, 5])),
        currency="EUR",
    )
    found = dict(query.to_params(asked))
    assert found["q"] == "blue sky"
    assert found["where"] == '{"text":"pricing"}'
    assert found["having"] == "sum:amount__gte:1000,count__between:1\\,5"
    assert found["convert"] == "EUR"


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("having", "count", Invalid, "sum:amount__gte:1000"),
        ("having", "count__near:5", Invalid, "op"),
        ("having", "[{", BadRequest, "having holds no JSON"),
        ("limit", "many", Invalid, "limit is 'many'"),
        ("limit", "0", Invalid, "limit"),
        ("limit", "1001", Invalid, "limit"),
        ("trashed", "maybe", Invalid, "true or false"),
        ("group_by", "close_date:mnth", Invalid, "Did you mean month?"),
        ("measure", "summ:amount", Invalid, "Did you mean sum?"),
        ("where", "{", BadRequest, "no JSON"),
        ("where", '{"field": "name", "opp": "eq"}', Invalid, "opp"),
        ("where", "[" * 100_000, BadRequest, "read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(name: str, value: str, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        query.from_params("deals", [(name, value)])
