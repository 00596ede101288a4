"""Custom fields over the years: renamed, reordered, made unique or required, retired and brought back."""

from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text

from app.crm import catalog, changes, customization, customvalues, query
from app.crm.customfields import row_of, stored_fields
from app.crm.schema import custom_fields, security_events
from app.shared.contract import Condition, Measure, Page, Principal, Query
from app.shared.db import Database
from app.shared.errors import Forbidden, Invalid
from tests.changes.helpers import create, row, update


def make(database: Database, label: str, type: Any = "text", **rest: Any) -> Any:
    with database.write() as connection:
        return customization.create_field(connection, "companies", label, type, **rest)


def order(connection: Connection) -> list[str]:
    return [item.name for item in stored_fields(connection, "companies") if item.retired_at is None]


def test_fields_are_put_in_order(database: Database) -> None:
    ids = [make(database, label).custom_id for label in ("One", "Two", "Three")]
    with database.write() as connection:
        for place, expected in (
            (1, ["three", "one", "two"]),
            (99, ["one", "two", "three"]),
            (2, ["one", "three", "two"]),
        ):
            customization.place_field(connection, ids[2], place)
            assert order(connection) == expected
        customization.retire(connection, ids[0])
        with pytest.raises(Invalid, match="retired"):
            customization.place_field(connection, ids[0], 1)
        customization.unretire(connection, ids[0])
        assert order(connection) == ["three", "two", "one"]
        spec = catalog.load(connection)["companies"]
    assert [field.name for field in spec.fields if field.custom_id] == ["three", "two", "one"]


def test_a_field_that_becomes_required_leaves_records_as_they_are(any_database: Database, admin: Principal) -> None:
    made = make(any_database, "Region")
    acme = create(any_database, admin, "companies", name="Acme")
    with any_database.write() as connection:
        customization.change_field(connection, made.custom_id, required=True, help="Where  they\nbuy")
    update(any_database, admin, acme, industry="steel")
    with pytest.raises(Invalid, match="Region is needed"):
        update(any_database, admin, acme, region=None)
    with pytest.raises(Invalid, match="Region is needed"):
        create(any_database, admin, "companies", name="Betatech")
    with any_database.read() as connection:
        field = catalog.load(connection)["companies"].field("region")
    assert field is not None
    assert field.help == "Where they buy"


def test_a_field_with_twins_cannot_become_unique(any_database: Database, admin: Principal) -> None:
    made = make(any_database, "Code")
    refs = [create(any_database, admin, "companies", name=name, code=code) for name, code in
            (("A", "x-1"), ("B", "X-1"), ("C", "y"), ("D", None), ("E", None))]  # fmt: skip
    with any_database.write() as connection, pytest.raises(Invalid, match="in companies 1 and 2") as refused:
        customization.change_field(connection, made.custom_id, unique=True)
    assert refused.value.errors[0].as_json()["twins"] == [{"value": "x-1", "object": "companies", "ids": [1, 2]}]
    update(any_database, admin, refs[1], code="z")
    with any_database.write() as connection:
        assert customization.change_field(connection, made.custom_id, unique=True).unique
    with pytest.raises(Invalid, match="already"):
        update(any_database, admin, refs[3], code="X-1")
    with any_database.write() as connection:  # twins that come while it is retired keep it from coming back
        customization.retire(connection, made.custom_id)
        connection.execute(text(f'UPDATE companies SET custom = \'{{"f{made.custom_id}k": "y"}}\' WHERE id = 4'))
        with pytest.raises(Invalid, match="can't be unique"):
            customization.unretire(connection, made.custom_id)


def test_rules_that_make_no_sense_are_refused(database: Database) -> None:
    for type, rule in (("boolean", {"required": True}), ("number", {"unique": True})):
        made = make(database, f"A {type}", type)
        with database.write() as connection, pytest.raises(Invalid):
            customization.change_field(connection, made.custom_id, **rule)
        with pytest.raises(Invalid):
            make(database, f"Another {type}", type, **rule)


def test_a_retired_field_is_named_where_it_is_asked_for_and_comes_back_with_its_data(
    any_database: Database, admin: Principal
) -> None:
    made = make(any_database, "Region")
    acme = create(any_database, admin, "companies", name="Acme", region="North")
    saved = Query(object="companies", where=Condition(field="region", value="north"))
    link = make(any_database, "Partner", "link", target="companies")
    with any_database.write() as connection:
        for field in (made, link):
            customization.retire(connection, field.custom_id)
        assert customvalues.holders(connection, row_of(connection, made.custom_id)) == 1
        with pytest.raises(Invalid, match=r"field Region \(region\) is retired"):
            query.run(connection, admin, saved)
        back = saved.model_copy(
            update={"where": Condition(field="companies_by_partner.name", value="x"), "columns": ()}
        )
        with pytest.raises(Invalid, match="Partner"):
            query.run(connection, admin, back)
    with pytest.raises(Invalid, match="is retired"):
        update(any_database, admin, acme, region="South")
    with any_database.write() as connection:
        customization.unretire(connection, made.custom_id)
        found = query.run(connection, admin, saved)
    assert isinstance(found, Page)
    assert found.records[0].values["region"] == "North"
    with any_database.write() as connection:  # and its key was never given away
        customization.retire(connection, made.custom_id)
        assert customization.create_field(connection, "companies", "Region").name == "region_2"


def test_options_come_and_go_and_what_records_hold_stays(any_database: Database, admin: Principal) -> None:
    level = make(any_database, "Level", "select", options=["Gold", "Silver"])
    parts = make(any_database, "Parts", "multi_select", options=["Core", "Billing", "Mail"])
    acme = create(any_database, admin, "companies", name="Acme", level="gold", parts=["core", "billing"])
    with any_database.write() as connection:
        customization.add_option(connection, level.custom_id, "Bronze")
        customization.rename_option(connection, level.custom_id, "silver", "Second")
        customization.place_option(connection, level.custom_id, "bronze", 1)
        changed = customization.retire_option(connection, level.custom_id, "gold")
        customization.retire_option(connection, parts.custom_id, "billing")
        assert [(item.key, item.label) for item in changed.options] == [("bronze", "Bronze"), ("silver", "Second")]
        assert [item.label for item in changed.retired_options] == ["Gold"]
        with pytest.raises(Invalid, match="already"):
            customization.add_option(connection, level.custom_id, "second")
        with pytest.raises(Invalid, match="bring it back"):
            customization.add_option(connection, level.custom_id, "gold")
        assert customvalues.holders_of_option(connection, row_of(connection, parts.custom_id), "billing") == 1
        wanted = Query(object="companies", where=Condition(field="level", value="Gold"))
        page = query.run(connection, admin, wanted)
        assert isinstance(page, Page)
        assert page.total == 1  # records may hold it, so it can be asked for
    update(any_database, admin, acme, parts=["core", "billing", "mail"])  # what is held can be held on to
    assert row(any_database, acme)["custom"][f"f{parts.custom_id}"] == ["core", "mail", "billing"]
    with pytest.raises(Invalid, match="Gold is retired"):
        create(any_database, admin, "companies", name="Betatech", level="gold")
    with any_database.write() as connection:
        customization.retire_option(connection, level.custom_id, "bronze")
        with pytest.raises(Invalid, match="one option at least"):
            customization.retire_option(connection, level.custom_id, "silver")
        assert customization.restore_option(connection, level.custom_id, "gold").options[-1].key == "gold"
    create(any_database, admin, "companies", name="Betatech", level="gold")


def test_only_admins_shape_and_the_audit_log_tells_it(database: Database, admin: Principal, member: Principal) -> None:
    with database.write() as connection:
        with pytest.raises(Forbidden):
            customization.create_field(connection, "companies", "Region", actor=member)
        made = customization.create_field(connection, "companies", "Region", actor=admin)
        customization.rename(connection, made.custom_id or 0, "Territory", actor=admin)
        customization.rename(connection, made.custom_id or 0, "Territory", actor=admin)  # changes nothing
        customization.retire(connection, made.custom_id or 0, actor=admin)
        lines = connection.execute(select(security_events).order_by(security_events.c.id)).all()
    assert [line.kind for line in lines] == ["field.created", "field.changed", "field.retired"]
    assert (lines[1].actor, lines[1].detail["was"], lines[1].detail["now"]) == (
        "Anna", {"label": "Region"}, {"label": "Territory"},
    )  # fmt: skip


_INDEXED = ("text", "number", "money", "date", "datetime", "boolean", "select", "link", "email", "url", "phone", "key")


def test_lists_use_the_indexes_of_custom_fields(any_database: Database, admin: Principal) -> None:
    rest: dict[str, dict[str, Any]] = {"select": {"options": ["Gold"]}, "link": {"target": "users"}}
    fields = [make(any_database, f"A {type}", type, **rest.get(type, {})) for type in _INDEXED]
    assert len(customization.build_indexes(any_database)) == len(_INDEXED)
    statements: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(any_database.engine, "before_cursor_execute", note)
    with any_database.read() as connection:
        if not any_database.is_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        for field in fields:
            statements.clear()
            wanted = Query(object="companies", sort=(field.name,))
            if field.type in ("select", "link"):  # they sort by what they are called
                by = Condition(field=field.name, value={"select": "Gold", "link": 1}[field.type])
                wanted = Query(object="companies", where=by, measures=(Measure(),))
            query.run(connection, admin, wanted)
            listed = next(one for one in statements if "FROM companies AS companies_1" in one[0])
            explain = "EXPLAIN QUERY PLAN " if any_database.is_sqlite else "EXPLAIN "
            plan = str(connection.exec_driver_sql(explain + listed[0], listed[1]).all())
            assert f"ix_custom_{field.custom_id}" in plan, (field.type, plan)
    event.remove(any_database.engine, "before_cursor_execute", note)


def test_the_index_of_moments_that_could_not_serve_is_replaced(database: Database) -> None:
    made = make(database, "Kick-off", "datetime")
    with database.write() as connection:
        connection.execute(text(f"CREATE INDEX ix_custom_{made.custom_id} ON companies (json_extract(custom, '$.f1'))"))
    assert customization.build_indexes(database) == [f"ix_custom_{made.custom_id}_at"]
    with database.read() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE name LIKE 'ix_custom_%'")).scalars().all()
        assert connection.scalar(select(func.count()).select_from(custom_fields)) == 1
    assert names == [f"ix_custom_{made.custom_id}_at"]


def test_undo_goes_on_past_a_retired_option(database: Database, admin: Principal) -> None:
    level = make(database, "Level", "select", options=["Gold", "Silver"])
    acme = create(database, admin, "companies", name="Acme", level="gold")
    changed = update(database, admin, acme, level="silver")
    with database.write() as connection:
        customization.retire_option(connection, level.custom_id, "gold")
    changes.undo(database, admin, changed.id)
    assert row(database, acme)["custom"][f"f{level.custom_id}"] == "gold"
