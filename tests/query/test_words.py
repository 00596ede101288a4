from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crm import catalog, query
from app.crm.query import spelling
from app.shared.contract import Catalog, Condition, Query
from tests.query import queries, rows, world
from tests.query.conftest import Door


@pytest.fixture
def known(sqlite_door: Door) -> Catalog:
    with sqlite_door.write() as connection:
        rows.custom_field(connection, "deals", "product", "text")
        return catalog.load(connection)


def _asked(params: str, object: str = "deals") -> Query:
    return query.from_params(object, [tuple(item.split("=", 1)) for item in params.split("&")])  # type: ignore[misc]


@pytest.mark.parametrize(
    ("params", "chip"),
    [
        ("stage__in=proposal,negotiation", "Stage is Proposal or Negotiation"),
        ("stage__in=lead,won,lost", "Stage is Lead, Won or Lost"),
        ("stage=open", "Stage is Open"),
        ("amount__gt=10000", "Amount over $10,000"),
        ("amount__lte=99.5", "Amount at most $99.5"),
        ("amount__lt=-5", "Amount under -$5"),
        ("amount__between=1,2", "Amount from $1 to $2"),
        ("company.industry=Medical", "Company › Industry is Medical"),
        ("company.deals.amount__gte=5", "Company › Deals › Amount at least $5"),
        ("company.employees__gt=5000", "Company › Employees over 5,000"),
        ("owner=me", "Owner is me"),
        ("owner=7", "Owner is Olaf"),
        ("owner=8", "Owner is number 8"),
        ("owner__empty=true", "Owner is empty"),
        ("owner__empty=false", "Owner is not empty"),
        ("owner=null", "Owner is empty"),
        ("name__contains=x", "Name contains x"),
        ("tags__ne=vip", "Tags is not vip"),
        ("tags__not_in=vip,cold", "Tags is not vip or cold"),
        ("close_date__during=last_quarter", "Close date is last quarter"),
        ("close_date__during=last_30_days", "Close date in the last 30 days"),
        ("close_date__lt=30_days_ago", "Close date more than 30 days ago"),
        ("close_date__gte=30_days_ago", "Close date on or after 30 days ago"),
        ("close_date__gt=in_2_weeks", "Close date more than 2 weeks from now"),
        ("close_date__during=2024-11", "Close date in Nov 2024"),
        ("close_date__during=2024-q4", "Close date in Q4 2024"),
        ("close_date__during=2024", "Close date in 2024"),
        ("close_date__gt=2024-11-05", "Close date after 5 Nov 2024"),
        ("updated_at__gte=2024-11-05T10:30:00Z", "Updated on or after 5 Nov 2024 10:30"),
        ("id__in=1,2000", "ID is 1 or 2000"),
        ("product=GTX", "Product is GTX"),
        ("nonsense=1", "nonsense is 1"),
        ("q=blue sky", "Text has “blue sky”"),
        ("trashed=true", "In the trash"),
        ('where={"not":{"field":"stage","value":"won"}}', "not (Stage is Won)"),
        ('where={"or":[{"field":"name","value":"a"},{"field":"name","value":"b"}]}', "Name is a or Name is b"),
        ('where={"relation":"company.people","quantifier":"none"}', "has no company › people"),
    ],
)
def test_a_condition_reads_as_a_phrase(known: Catalog, params: str, chip: str) -> None:
    assert query.chips(known, _asked(params), {("users", 7): "Olaf"}) == (chip,)


def test_related_conditions_are_words_of_the_other_object(known: Catalog) -> None:
    asked = _asked('where={"relation":"deals","where":{"field":"amount","op":"gt","value":5}}', "companies")
    assert query.chips(known, asked) == ("has some deals where Amount over $5",)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ("sort=-amount", "Deals, sorted by amount, descending"),
        ("stage=won&amount__gt=10", "Deals: Stage is Won · Amount over $10"),
        ("group_by=owner&measure=sum:amount&stage=won", "Total amount of deals by owner: Stage is Won"),
        ("group_by=close_date:month", "Number of deals by month of close date"),
        ("measure=weighted", "Weighted amount of deals"),
        ("measure=avg:amount,count_distinct:company", "Average amount and number of different company of deals"),
        ("group_by=owner&sort=-count", "Number of deals by owner, sorted by number, descending"),
    ],
)
def test_a_query_reads_as_a_sentence(known: Catalog, params: str, words: str) -> None:
    assert query.sentence(known, _asked(params)) == words


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_every_query_has_words(data: Any) -> None:
    known = Catalog(dict(world.static_catalog().objects))
    asked = data.draw(queries.listed(known) | queries.grouped(known))
    assert query.sentence(known, asked)
    assert all(query.chips(known, asked))


def test_amounts_in_other_currencies_carry_their_code() -> None:
    assert spelling.amount(10000, "CHF") == "10,000 CHF"
    assert spelling.amount("12.50", "EUR") == "€12.5"


def test_what_is_wrong_in_a_query_does_not_keep_it_from_being_shown(known: Catalog) -> None:
    for value in (None, [], {}, ["x", {}], True, "2024-99-99"):
        for field in ("close_date", "amount", "owner", "stage", "id", "deals", "a.b.c"):
            for op in ("eq", "in", "between", "during", "gt", "empty"):
                where = Condition(field=field, op=op, value=value)  # type: ignore[arg-type]
                assert query.sentence(known, Query(object="deals", where=where))
    assert query.sentence(known, Query(object="nothing")) == "nothing"
