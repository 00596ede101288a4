from dataclasses import replace

import pytest
from sqlalchemy import select

from app.crm import query
from app.crm.schema import TABLES
from app.shared.contract import Principal, Ref
from app.shared.errors import Forbidden
from tests.query import rows
from tests.query.conftest import Door

EVERYONE = ["Ann's", "Ben's", "Cal's", "Made by Ben", "Nobody's"]


@pytest.fixture
def people(door: Door) -> dict[str, Principal]:
    with door.write() as connection:
        north = rows.add(connection, "teams", name="North")
    found = {
        "admin": door.principal,
        "ann": door.user("Ann", "member", team_id=north),
        "ben": door.user("Ben", "viewer", team_id=north),
        "cal": door.user("Cal", "member"),
    }
    _fill(door, found)
    return found


def _fill(door: Door, people: dict[str, Principal]) -> None:
    with door.write() as connection:
        owners = {name.title(): who.user_id for name, who in people.items() if name != "admin"}
        for number, (name, owner) in enumerate(owners.items()):
            values = {"owner": owner, "industry": f"Trade {number}"}
            company = rows.add(connection, "companies", name=f"{name}'s", tagged=(f"tag {name}",), **values)
            rows.add(
                connection, "deals", name=f"Deal of {name}", company=company, owner=owner, amount=100 * (number + 1)
            )
        rows.add(connection, "companies", name="Nobody's")
        rows.add(connection, "companies", name="Made by Ben", created_by=people["ben"].user_id)


def _rule(door: Door, object: str, who: str) -> None:
    with door.write() as connection:
        rows.rule(connection, object, who)


@pytest.mark.parametrize(
    ("rule", "who", "expected"),
    [
        (None, "ann", EVERYONE),
        ("everyone", "ben", EVERYONE),
        ("team", "admin", EVERYONE),
        ("team", "ann", ["Ann's", "Ben's", "Made by Ben"]),
        ("team", "ben", ["Ann's", "Ben's", "Made by Ben"]),
        ("team", "cal", ["Cal's"]),
        ("owner", "ann", ["Ann's"]),
        ("owner", "ben", ["Ben's", "Made by Ben"]),
        ("owner", "admin", EVERYONE),
        ("a typo", "ann", ["Ann's"]),
    ],
)
def test_each_role_sees_what_the_objects_rule_says(
    door: Door, people: dict[str, Principal], rule: str | None, who: str, expected: list[str]
) -> None:
    if rule:
        _rule(door, "companies", rule)
    assert door.names("companies", "sort=name", people[who]) == expected
    assert door.page("companies", "limit=1", people[who]).total == len(expected)
    assert door.groups("companies", "measure=count", people[who]).totals == (len(expected),)
    with door.read() as connection:
        ids = range(1, 6)
        table = TABLES["companies"]
        found = query.fetch(connection, people[who], "companies", ids)
        assert sorted(record.label for record in found.values()) == expected
        assert sorted(label for _, label in query.labels(connection, people[who], "companies")) == expected
        by_itself = select(table.c.name).where(query.visible(people[who], "companies")).order_by(table.c.name)
        assert sorted(connection.scalars(by_itself)) == expected


def test_a_link_to_a_record_that_may_not_be_seen_is_withheld_everywhere(
    door: Door, people: dict[str, Principal]
) -> None:
    _rule(door, "companies", "owner")
    ann, foreign = people["ann"], "Ben's"
    shown = {record.label: record.values["company"] for record in door.page("deals", "", ann).records}
    assert shown == {"Deal of Ann": Ref("companies", 1, "Ann's"), "Deal of Ben": None, "Deal of Cal": None}
    columns = door.page("deals", "fields=company.industry,company.tags&name=deal of ben", ann).records[0].values
    assert columns == {"company.industry": None, "company.tags": ()}
    assert door.names("deals", "company=2", ann) == []
    assert door.names("deals", f"company.name={foreign}", ann) == []
    assert door.names("deals", "company.name__starts_with=b", ann) == []
    assert door.names("deals", "company.tags=tag ben", ann) == []
    assert door.names("deals", "company__empty=true&sort=name", ann) == ["Deal of Ben", "Deal of Cal"]
    assert door.names("deals", "company.deals.amount__gt=0", ann) == ["Deal of Ann"]


def test_nothing_can_be_sorted_or_grouped_by_what_may_not_be_seen(door: Door, people: dict[str, Principal]) -> None:
    _rule(door, "companies", "owner")
    ann = people["ann"]
    assert door.names("deals", "sort=-company.name,-name", ann) == ["Deal of Ann", "Deal of Cal", "Deal of Ben"]
    assert door.names("deals", "sort=-company,-name", ann) == ["Deal of Ann", "Deal of Cal", "Deal of Ben"]
    by_company = door.groups("deals", "group_by=company&measure=count,count_distinct:company", ann)
    assert [(row.keys, row.measures) for row in by_company.rows] == [
        ((Ref("companies", 1, "Ann's"),), (1, 1)),
        ((None,), (2, 0)),
    ]
    by_tag = door.groups("deals", "group_by=company.tags", ann)
    assert [row.keys for row in by_tag.rows] == [("tag Ann",), (None,)]


def test_relations_hold_only_what_may_be_seen(door: Door, people: dict[str, Principal]) -> None:
    _rule(door, "deals", "owner")
    assert door.names("companies", "deals.amount__gt=0", people["ann"]) == ["Ann's"]
    assert door.names("companies", "deals=2", people["ann"]) == []
    none = 'sort=name&where={"relation":"deals","quantifier":"none"}'
    assert door.names("companies", none, people["ann"]) == ["Ben's", "Cal's", "Made by Ben", "Nobody's"]


def test_a_private_note_is_its_authors_alone(door: Door, people: dict[str, Principal]) -> None:
    with door.write() as connection:
        values = {"owner": people["ann"].user_id, "company": 1}
        secret = rows.add(connection, "notes", name="Secret", body="x", private=True, **values)
        rows.add(connection, "notes", name="Open", body="x", private=False, **values)
        rows.document(connection, "notes", secret, "Secret", "x")
    assert door.names("notes", "sort=name", people["ann"]) == ["Open", "Secret"]
    system = Principal(None, "Parley", "admin")
    for other in (people["admin"], people["ben"], system):
        assert door.names("notes", "", other) == ["Open"]
        assert door.names("notes", "q=secret", other) == []
        assert door.names("companies", "notes.name=secret", other) == []
        assert door.groups("notes", "group_by=name", other).group_count == 1
        with door.read() as connection:
            assert query.fetch(connection, other, "notes", [secret], trashed=True) == {}


@pytest.mark.usefixtures("people")
def test_paths_and_links_leave_out_the_trash(door: Door) -> None:
    with door.write() as connection:
        table = TABLES["companies"]
        connection.execute(table.update().where(table.c.id == 1).values(trashed_at=rows.LONG_AGO))
    assert door.names("deals", "company=1") == []
    assert door.names("deals", "company__empty=true") == ["Deal of Ann"]
    assert door.page("deals", "name=deal of ann").records[0].values["company"] is None
    assert door.names("companies", "trashed=true") == ["Ann's"]


def test_a_token_without_the_read_scope_reads_nothing(door: Door) -> None:
    blind = replace(door.principal, scopes=frozenset({"write"}))
    with pytest.raises(Forbidden):
        door.page("deals", "", blind)
    with door.read() as connection, pytest.raises(Forbidden):
        query.fetch(connection, blind, "deals", [1])
    with door.read() as connection, pytest.raises(Forbidden):
        query.labels(connection, blind, "deals")


def test_every_rule_read_by_sql_is_the_one_read_before(door: Door, people: dict[str, Principal]) -> None:
    for object in ("companies", "deals", "notes"):
        for who in people.values():
            for rule in ("everyone", "team", "owner"):
                with door.connection.begin_nested() as nothing_kept:
                    connection = door.connection
                    rows.rule(connection, object, rule)
                    table = TABLES[object]
                    ids = select(table.c.id).order_by(table.c.id)
                    stored = ids.where(query.visible(who, object))
                    known = ids.where(query.visible(who, object, rules={object: rule}))
                    assert list(connection.scalars(stored)) == list(connection.scalars(known))
                    nothing_kept.rollback()
