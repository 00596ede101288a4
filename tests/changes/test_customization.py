"""Custom fields, stages, tags and settings, as admins shape them without a restart."""

from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from app.crm import catalog, customization, query
from app.crm.schema import stages
from app.shared.contract import Condition, Principal, Query
from app.shared.db import Database
from app.shared.errors import Invalid, NotFound
from tests.changes.helpers import create, row, update


def make(database: Database, object: str, label: str, type: Any = "text", **rest: Any) -> Any:
    with database.write() as connection:
        return customization.create_field(connection, object, label, type, **rest)


def field_names(database: Database, object: str) -> list[str]:
    with database.read() as connection:
        return [field.name for field in catalog.load(connection)[object].fields if field.custom_id]


def test_a_new_field_is_there_at_once_for_both_doors(any_database: Database, admin: Principal) -> None:
    made = make(any_database, "companies", "Customer since", "date")
    assert (made.name, made.label, made.type) == ("customer_since", "Customer since", "date")
    acme = create(any_database, admin, "companies", name="Acme", customer_since="2020-01-31")
    with any_database.read() as connection:
        wanted = Query(object="companies", where=Condition(field="customer_since", op="lt", value="2021-01-01"))
        page = query.run(connection, admin, wanted)
    assert [record.id for record in page.records] == [acme.id]


def test_keys_follow_from_labels_and_clash_with_nothing(database: Database) -> None:
    keys = [
        make(database, "companies", label).name
        for label in (
            "Account ID (old)",
            "account-id: OLD",
            "(Name)",
            "Deals",
            "ID",
            "Größe",
            "2nd name",
            "日本",
            "Sort",
        )
    ]
    assert keys == [
        "account_id_old", "account_id_old_2", "name_2", "deals_2", "id_2", "grosse", "field_2nd_name", "field",
        "sort_2",
    ]  # fmt: skip
    assert make(database, "companies", "Anything", name="region").name == "region"
    for name in ("region", "name", "Bad Name", "a__b"):
        with pytest.raises(Invalid):
            make(database, "companies", "Other", name=name)


def test_two_fields_of_one_object_are_never_called_the_same(database: Database) -> None:
    make(database, "companies", "Region")
    for label in ("Region", "REGION", "Name"):
        with pytest.raises(Invalid, match="already"):
            make(database, "companies", label)
    assert make(database, "people", "Region").name == "region"


@pytest.mark.parametrize(
    ("label", "type", "rest"),
    [
        ("", "text", {}),
        ("x" * 81, "text", {}),
        ("a\x00b", "text", {}),
        ("Level", "select", {}),
        ("Level", "text", {"options": ["a"]}),
        ("Level", "stage", {}),
        ("Partner", "link", {}),
        ("Partner", "link", {"target": "nothing"}),
        ("Score", "number", {"unique": True}),
    ],
)
def test_what_makes_no_field_is_refused(database: Database, label: str, type: str, rest: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        make(database, "companies", label, type, **rest)
    with pytest.raises(Invalid):
        make(database, "users", "Nickname")


def test_retiring_keeps_the_data(any_database: Database, admin: Principal) -> None:
    made = make(any_database, "companies", "Region")
    acme = create(any_database, admin, "companies", name="Acme", region="North")
    with any_database.write() as connection:
        customization.retire(connection, made.custom_id)
    assert field_names(any_database, "companies") == []
    with pytest.raises(Invalid, match="retired: an admin can bring it back"):
        update(any_database, admin, acme, region="South")
    update(any_database, admin, acme, name="B")
    with any_database.write() as connection:
        assert customization.unretire(connection, made.custom_id).name == "region"
    assert row(any_database, acme)["custom"][f"f{made.custom_id}"] == "North"


def test_renaming_keeps_the_key(database: Database) -> None:
    made = make(database, "companies", "Region")
    with database.write() as connection:
        renamed = customization.rename(connection, made.custom_id, "Territory")
        assert (renamed.name, renamed.label) == ("region", "Territory")
        with pytest.raises(NotFound):
            customization.rename(connection, 99, "Nothing")


def test_options_keep_their_keys_by_their_labels(database: Database, admin: Principal) -> None:
    made = make(database, "companies", "Level", "select", options=["Gold", "gold", "Silver plus"])
    assert [(option.key, option.label) for option in made.options] == [("gold", "Gold"), ("silver_plus", "Silver plus")]
    acme = create(database, admin, "companies", name="Acme", level="Silver plus")
    with database.write() as connection:
        changed = customization.set_options(connection, made.custom_id, ["Bronze", "SILVER PLUS"])
    assert [(option.key, option.label) for option in changed.options] == [
        ("bronze", "Bronze"),
        ("silver_plus", "SILVER PLUS"),
    ]
    assert row(database, acme)["custom"] == {f"f{made.custom_id}": "silver_plus"}


def test_other_processes_see_a_new_field(database: Database) -> None:
    other = Database(database.url)
    assert field_names(other, "deals") == []
    make(database, "deals", "Product")
    assert field_names(other, "deals") == ["product"]
    other.close()


def test_a_field_that_is_rolled_back_is_forgotten(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            customization.create_field(connection, "deals", "Product")
            raise RuntimeError("afterwards")

    with pytest.raises(RuntimeError):
        fail()
    assert field_names(database, "deals") == []


def test_indexes_are_built_and_dropped_apart_and_serve_the_queries(any_database: Database, admin: Principal) -> None:
    kinds = [
        ("Code", "key", {}), ("Score", "number", {}), ("Rank", "number", {"integer": True}), ("Budget", "money", {}),
        ("Active", "boolean", {}), ("Partner", "link", {"target": "companies"}), ("Signed", "date", {}),
        ("Level", "select", {"options": ["Gold"]}), ("Story", "long_text", {}),
    ]  # fmt: skip
    fields = [make(any_database, "companies", label, type, **rest) for label, type, rest in kinds]
    create(any_database, admin, "companies", name="Acme", code="A-1", score=1.5, rank=1, budget=2, active=True)
    wanted = {f"ix_custom_{field.custom_id}" for field in fields if field.type != "long_text"}
    assert set(customization.build_indexes(any_database)) == wanted
    assert customization.build_indexes(any_database) == []
    with any_database.write() as connection:
        customization.retire(connection, fields[0].custom_id)
    assert customization.build_indexes(any_database) == []
    with any_database.write() as connection:
        customization.unretire(connection, fields[0].custom_id)
    assert customization.build_indexes(any_database) == [f"ix_custom_{fields[0].custom_id}"]


def test_an_index_is_used_where_a_custom_field_is_asked_for(database: Database) -> None:
    code = make(database, "companies", "Code", "key")
    customization.build_indexes(database)
    condition = f"json_extract(custom, '$.f{code.custom_id}k') = 'a'"
    with database.read() as connection:
        plan = connection.execute(
            text(f"EXPLAIN QUERY PLAN SELECT id FROM companies WHERE {condition} AND trashed_at IS NULL")
        ).all()
    assert f"ix_custom_{code.custom_id}" in str(plan)


def test_a_stage_takes_its_place_among_its_kind(any_database: Database, admin: Principal) -> None:
    with any_database.write() as connection:
        made = customization.create_stage(connection, "Engaging", pipeline="sales")
        customization.create_stage(connection, "Deferred", kind="lost")
        with pytest.raises(Invalid, match="already"):
            customization.create_stage(connection, "engaging")
        for bad in ({"kind": "maybe"}, {"probability": 101}, {"pipeline": "Nothing"}):
            with pytest.raises(Invalid):
                customization.create_stage(connection, "Other", **bad)
    assert (made.key, made.kind, made.probability, made.pipeline) == ("engaging", "open", None, "Sales")
    with any_database.read() as connection:
        labels = [option.label for option in catalog.load(connection)["deals"].field("stage").options]
    assert labels == ["Lead", "Qualified", "Proposal", "Negotiation", "Engaging", "Won", "Lost", "Deferred"]
    assert row(any_database, create(any_database, admin, "deals", name="D", stage="Engaging"))["probability"] is None


def stage_id(connection: Connection, key: str) -> int:
    return int(connection.scalar(select(stages.c.id).where(stages.c.key == key)) or 0)


def test_a_retired_stage_gives_its_deals_away_and_takes_no_more(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D", stage="proposal")
    with database.write() as connection:
        proposal = stage_id(connection, "proposal")
        with pytest.raises(Invalid, match="1 deal stands there"):
            customization.retire_stage(connection, proposal)
        customization.retire_stage(connection, proposal, move_to=stage_id(connection, "lead"))
        with pytest.raises(Invalid, match="retired already"):
            customization.retire_stage(connection, proposal)
    update(database, admin, deal, name="E")
    with pytest.raises(Invalid):
        create(database, admin, "deals", name="F", stage="proposal")
    with database.write() as connection:
        negotiation = stage_id(connection, "negotiation")
        for key in ("lead", "qualified"):
            customization.retire_stage(connection, stage_id(connection, key), move_to=negotiation)
        for key in ("negotiation", "won", "lost"):
            with pytest.raises(Invalid, match="the last"):
                customization.retire_stage(connection, stage_id(connection, key))
        assert connection.scalar(select(stages.c.retired).where(stages.c.key == "proposal"))


def test_settings_are_checked_and_move_the_catalog(database: Database) -> None:
    with database.write() as connection:
        assert customization.setting(connection, "workspace", "Parley") == "Parley"
        customization.set_setting(connection, "workspace", "Acme CRM")
        customization.set_setting(connection, "currency", "eur")
        customization.set_setting(connection, "visibility.deals", "team")
        for key, value in (
            ("currency", "XXX"),
            ("visibility.deals", "nobody"),
            ("catalog_version", 1),
            ("workspace", ""),
        ):
            with pytest.raises(Invalid):
                customization.set_setting(connection, key, value)
    with database.read() as connection:
        state = catalog.state(connection)
        assert customization.setting(connection, "workspace") == "Acme CRM"
    assert (state.catalog.currency, dict(state.rules)) == ("EUR", {"deals": "team"})


def test_tags_are_made_once(any_database: Database) -> None:
    with any_database.write() as connection:
        first = customization.ensure_tags(connection, ["VIP", "new"])
        assert customization.ensure_tags(connection, ["vip"]) == {"vip": first["VIP"]}
