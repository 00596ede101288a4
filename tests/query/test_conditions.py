from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.crm import query
from app.shared.contract import Condition, Query
from app.shared.errors import Invalid
from tests.query import rows
from tests.query.conftest import Door


@pytest.fixture
def door(door: Door) -> Door:
    with door.write() as connection:
        beta = rows.add(connection, "companies", name="Betatech", industry="Medical", employees=6000)
        acme = rows.add(connection, "companies", name="Acme", industry="medical", employees=10, tagged=("VIP",))
        rows.add(connection, "companies", name="Zeta", industry="")
        won, lead = rows.stage(connection, "won"), rows.stage(connection, "lead")
        me = door.principal.user_id
        deal = {"owner": me, "close_date": date(2024, 11, 5), "amount": 1_000_000}
        rows.add(connection, "deals", name="Big", company=beta, stage=won, **deal)
        rows.add(connection, "deals", name="Small", company=acme, stage=lead, amount=9_999)
        rows.add(connection, "deals", name="Bare")
    return door


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("industry=MEDICAL", ["Acme", "Betatech"]),
        ("industry__ne=medical", ["Zeta"]),
        ("industry__empty=true", ["Zeta"]),
        ("industry=", ["Zeta"]),
        ("employees__gt=10", ["Betatech"]),
        ("employees__gte=9.5", ["Acme", "Betatech"]),
        ("employees__not_in=10", ["Betatech", "Zeta"]),
        ("name__contains=ETA", ["Betatech", "Zeta"]),
        ("name__starts_with=be", ["Betatech"]),
        ("name__between=b,c", ["Betatech"]),
        ("tags=vip", ["Acme"]),
        ("tags__ne=vip", ["Betatech", "Zeta"]),
        ("tags__empty=true", ["Betatech", "Zeta"]),
        ("deals.amount__gt=5000", ["Betatech"]),
        ("deals.owner=me", ["Betatech"]),
        ("deals.stage__ne=won", ["Acme"]),
        ("deals__empty=true", ["Zeta"]),
        ('where={"not":{"field":"industry","value":"medical"}}', ["Zeta"]),
        ('where={"relation":"deals","quantifier":"none"}', ["Zeta"]),
        ('where={"or":[{"field":"name","value":"acme"},{"field":"deals.stage","value":"Won"}]}', ["Acme", "Betatech"]),
        ('where={"or":[]}', []),
        ('where={"and":[]}', ["Acme", "Betatech", "Zeta"]),
    ],
)
def test_companies_are_filtered(door: Door, params: str, expected: list[str]) -> None:
    assert door.names("companies", params + "&sort=name") == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("stage=won", ["Big"]),
        ("stage=WON", ["Big"]),
        ("stage=open", ["Small"]),
        ("stage__ne=won", ["Bare", "Small"]),
        ("stage.kind__in=open,won", ["Big", "Small"]),
        ("stage.probability__gte=100", ["Big"]),
        ("stage.label__starts_with=le", ["Small"]),
        ("company.industry=medical", ["Big", "Small"]),
        ("company.industry__empty=true", ["Bare"]),
        ("company.tags=vip", ["Small"]),
        ("company.deals.amount__gt=5000", ["Big"]),
        ("owner=me", ["Big"]),
        ("owner__empty=true", ["Bare", "Small"]),
        ("amount=99.99", ["Small"]),
        ("amount__lt=100", ["Small"]),
        ("amount__between=99.99,10000", ["Big", "Small"]),
        ("close_date=2024-11-05", ["Big"]),
        ("close_date__during=2024-Q4", ["Big"]),
        ("close_date__lt=2024-11-05", []),
        ("close_date__lte=2024-11", ["Big"]),
        ("id__in=1,3", ["Bare", "Big"]),
    ],
)
def test_deals_are_filtered(door: Door, params: str, expected: list[str]) -> None:
    assert door.names("deals", params + "&sort=name") == expected


@pytest.mark.parametrize(
    ("type", "stored", "params"),
    [
        ("text", "Straße", "x=STRASSE"),
        ("long_text", "Über alles\nund mehr", "x__contains=ÜBER ALLES"),
        ("number", 2.5, "x__between=2.5,3"),
        ("money", 12_34, "x__gt=12.33"),
        ("date", "2024-02-29", "x__during=2024-02"),
        ("datetime", "2024-02-29T10:00:00.000000Z", "x__lte=2024-02-29T10:00:00Z"),
        ("boolean", True, "x=yes"),
        ("select", "gold", "x=Gold Plate"),
        ("multi_select", ["gold", "tin"], "x=gold"),
        ("link", 1, "x.name=betatech"),
        ("email", "Anna@Example.com", "x=anna@example.com"),
        ("key", "ABC-1", "x=abc-1"),
    ],
)
def test_a_custom_field_is_filtered_and_sorted_like_any_other(door: Door, type: str, stored: Any, params: str) -> None:
    options = [["gold", "Gold plate"], ["tin", "Tin"]]
    with door.write() as connection:
        target = "companies" if type == "link" else None
        name = rows.custom_field(connection, "deals", "x", type, options=options, target=target)
        rows.add(connection, "deals", name="Odd", custom=rows.custom(name, stored, type))
    assert door.names("deals", params) == ["Odd"]
    assert door.names("deals", "x__empty=true&sort=name") == ["Bare", "Big", "Small"]
    if type != "multi_select":
        assert door.names("deals", "sort=-x,name")[0] == "Odd"
        assert door.names("deals", "sort=x,name")[0] == "Odd"
    if type != "long_text":
        assert door.groups("deals", "group_by=x").group_count == (3 if type == "multi_select" else 2)


def test_a_link_of_a_custom_field_has_a_way_back(door: Door) -> None:
    with door.write() as connection:
        name = rows.custom_field(connection, "deals", "partner", "link", target="companies")
        rows.add(connection, "deals", name="Joint", custom={name: 2})
    assert door.names("companies", "deals_by_partner.name=joint") == ["Acme"]


def test_a_date_on_a_moment_means_the_whole_day_where_the_principal_is(door: Door) -> None:
    with door.write() as connection:
        moment = datetime(2024, 11, 5, 23, 30, tzinfo=UTC)  # the sixth in Berlin
        rows.add(connection, "activities", name="Call", kind="call", date=moment)
    berlin = type(door.principal)(1, "Anna", "admin", timezone="Europe/Berlin")
    assert door.names("activities", "date=2024-11-05") == ["Call"]
    assert door.names("activities", "date=2024-11-05", berlin) == []
    assert door.names("activities", "date__gt=2024-11-05", berlin) == ["Call"]
    assert door.names("activities", "date__lte=2024-11-06T00:30", berlin) == ["Call"]


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ("stge=won", "stge", "Did you mean stage?"),
        ("sector=x", "sector", "no field 'sector'"),
        ("company.sector=x", "company.sector", "Did you mean industry?"),
        ("company.name.x=1", "company.name.x", "leads nowhere"),
        ("amount__gtt=5", "amount__gtt", "operator"),
        ("amount__contains=5", "amount", "contains isn't for it"),
        ("amount__gt=abc", "amount", "expected a number"),
        ("amount__gt=true", "amount", "expected a number"),
        ("stage=Wonn", "stage", "Did you mean Won"),
        ("close_date__during=lst_quarter", "close_date", "Did you mean last_quarter"),
        ("close_date=2024-02-30", "close_date", "expected a date"),
        ("owner=bob", "owner", "owner.name"),
        ("company=me", "company", "expected an id"),
        ("name__contains=", "name", "at least one character"),
        ("close_date__between=2024", "close_date", "two values"),
        ("sort=stge", "stge", "Did you mean stage?"),
        ("sort=tags", "tags", "several values"),
        ("fields=name,nmae", "nmae", "Did you mean name?"),
        ("group_by=company.deals", "company.deals", "many deals"),
        ("group_by=description", "description", "long text"),
        ("group_by=name:month", "name", "only dates"),
        ("measure=sum:name", "name", "needs a number"),
        ("measure=sum", "sum", "needs a field"),
        ("group_by=stage&sort=amount", "amount", "only by count, stage"),
        ("group_by=stage&cursor=x", "cursor", "no pages"),
        ('where={"relation":"company"}', "company", "no relation to many"),
        ("name=a\x00b", "name", "control character"),
    ],
)
def test_a_bad_query_is_refused_by_name_with_what_was_perhaps_meant(
    sqlite_door: Door, params: str, field: str, words: str
) -> None:
    with pytest.raises(Invalid) as caught:
        sqlite_door.run("deals", params)
    assert [error.field for error in caught.value.errors] == [field]
    assert words in caught.value.errors[0].message


def test_every_bad_part_of_a_query_is_named_at_once(sqlite_door: Door) -> None:
    with pytest.raises(Invalid) as caught:
        sqlite_door.run("deals", "x=1&amount__gt=much&sort=-y&fields=z")
    assert [error.field for error in caught.value.errors] == ["x", "amount", "y", "z"]


def test_an_unknown_object_is_refused_with_near_names(sqlite_door: Door) -> None:
    with pytest.raises(Invalid, match="Did you mean companies"):
        sqlite_door.run("company")


@pytest.mark.parametrize("levels", [60, 5000])
def test_a_filter_as_deep_as_a_well_is_refused(sqlite_door: Door, levels: int) -> None:
    from app.shared.contract import Not

    where: Any = Condition(field="name", value="x")
    for _ in range(levels):
        where = Not.model_construct(item=where)
    with pytest.raises(Invalid, match="too large"), sqlite_door.read() as connection:
        query.run(connection, sqlite_door.principal, Query.model_construct(**_plain("deals"), where=where))


def _plain(object: str) -> dict[str, Any]:
    return {**{name: field.default for name, field in Query.model_fields.items() if name != "where"}, "object": object}


@pytest.mark.parametrize("value", [10**30, -(10**30), "1e200", 0.1 + 0.2])
@pytest.mark.parametrize("op", ["eq", "gt", "lte"])
def test_numbers_of_any_size_are_compared(door: Door, op: str, value: Any) -> None:
    with door.read() as connection:
        for field in ("amount", "company.employees", "id"):
            asked = Query(object="deals", where=Condition(field=field, op=op, value=value))  # type: ignore[arg-type]
            query.run(connection, door.principal, asked)


def test_a_retired_stage_can_still_be_asked_for(door: Door) -> None:
    from sqlalchemy import update

    from app.crm import catalog
    from app.crm.schema import stages

    with door.write() as connection:
        connection.execute(update(stages).where(stages.c.key == "lead").values(retired=True))
        catalog.bump(connection)
    assert door.names("deals", "stage=lead") == ["Small"]


def test_full_text_is_a_filter(door: Door) -> None:
    with door.write() as connection:
        rows.document(connection, "deals", 1, "Big", "They want a faster integration")
        rows.document(connection, "companies", 2, "Acme", "integration partner")
    assert door.names("deals", "q=Faster integr") == ["Big"]
    assert door.names("deals", 'q=integration "AND" -*') == []
    assert door.names("deals", "q=&sort=name") == ["Bare", "Big", "Small"]
    assert door.names("deals", "q=***") == []
    assert door.groups("companies", "q=integration&measure=count").totals == (1,)
