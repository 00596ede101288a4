"""Pipelines and stages: made, renamed, put in order, and retired; their deals are moved as one change."""

from typing import Any

import pytest
from sqlalchemy import select

from app.crm import catalog, changes, customization, query
from app.crm.customstages import deals_in, of_pipeline
from app.crm.schema import security_events, stages
from app.shared.contract import Condition, Page, Principal, Query
from app.shared.db import Database
from app.shared.errors import Invalid
from tests.changes.helpers import act, create


def stage(database: Database, label: str, pipeline: int = 1) -> int:
    with database.read() as connection:
        return int(next(item.id for item in of_pipeline(connection, pipeline) if item.label == label))


def pipeline(database: Database, name: str = "Renewals", *labels: tuple[str, str]) -> int:
    with database.write() as connection:
        more = (labels,) if labels else ()
        return customization.create_pipeline(connection, name, *more)


def value(database: Database, admin: Principal, id: int, name: str) -> Any:
    with database.read() as connection:
        return query.fetch(connection, admin, "deals", [id], trashed=True)[id].values[name]


def test_stages_that_are_called_alike_have_keys_of_their_own(any_database: Database, admin: Principal) -> None:
    other = pipeline(any_database)
    first = create(any_database, admin, "deals", name="A", stage="Lead")
    second = create(any_database, admin, "deals", name="B", stage="Lead", pipeline=other)
    assert [value(any_database, admin, ref.id, "stage") for ref in (first, second)] == ["lead", "lead_2"]
    with any_database.read() as connection:
        for asked, found in (("lead_2", {second.id}), ("Lead", {first.id, second.id}), ("open", {first.id, second.id})):
            page = query.run(connection, admin, Query(object="deals", where=Condition(field="stage", value=asked)))
            assert isinstance(page, Page)
            assert {record.id for record in page.records} == found, asked


def test_a_retired_stage_gives_its_deals_to_another_as_one_change(any_database: Database, admin: Principal) -> None:
    refs = [create(any_database, admin, "deals", name=name, stage="proposal") for name in "ABC"]
    act(any_database, admin, "trash", refs[2])
    proposal, lead = stage(any_database, "Proposal"), stage(any_database, "Lead")
    with any_database.write() as connection:
        assert deals_in(connection, proposal) == 2
        for bad in (None, proposal):
            with pytest.raises(Invalid) as refused:
                customization.retire_stage(connection, proposal, move_to=bad, actor=admin)
            assert refused.value.errors[0].field == "move_to"
        moved = customization.retire_stage(connection, proposal, move_to=lead, actor=admin)
    assert moved is not None
    assert [value(any_database, admin, ref.id, "stage") for ref in refs] == ["lead", "lead", "proposal"]
    with pytest.raises(Invalid):
        create(any_database, admin, "deals", name="D", stage="proposal")
    changes.undo(any_database, admin, moved)  # they stand in the retired stage again, which shows itself for them
    assert value(any_database, admin, refs[0].id, "stage") == "proposal"
    with any_database.read() as connection:
        field = catalog.load(connection)["deals"].field("stage")
        page = query.run(connection, admin, Query(object="deals", where=Condition(field="stage", value="Proposal")))
    assert isinstance(page, Page)
    assert page.total == 2
    assert field is not None
    assert [option.key for option in field.retired_options] == ["proposal"]
    with any_database.write() as connection:
        customization.restore_stage(connection, proposal, actor=admin)
    create(any_database, admin, "deals", name="D", stage="proposal")


def test_the_last_stage_of_a_kind_and_the_last_pipeline_stay(database: Database) -> None:
    with database.write() as connection:
        for label in ("Won", "Lost"):
            id = next(item.id for item in of_pipeline(connection, 1) if item.label == label)
            with pytest.raises(Invalid, match="the last"):
                customization.retire_stage(connection, id)
            with pytest.raises(Invalid, match="the last"):
                customization.change_stage(connection, id, kind="open")
        with pytest.raises(Invalid, match="last pipeline"):
            customization.retire_pipeline(connection, 1)


def test_a_stage_changes_its_name_kind_probability_and_place(database: Database) -> None:
    id = stage(database, "Qualified")
    with database.write() as connection:
        customization.change_stage(connection, id, label="Fits", probability=30)
        customization.place_stage(connection, id, 1)
        mine = of_pipeline(connection, 1)
        assert [(item.label, item.key, item.probability) for item in mine][:2] == [
            ("Fits", "qualified", 30), ("Lead", "lead", 10),
        ]  # fmt: skip
        customization.change_stage(connection, id, probability=None)
        customization.change_stage(connection, id, kind="lost")
        assert connection.execute(select(stages.c.kind, stages.c.probability).where(stages.c.id == id)).one() == (
            "lost",
            0,
        )
        for bad in ({"label": "lead"}, {"label": ""}, {"kind": "maybe"}, {"probability": 101}):
            with pytest.raises(Invalid):
                customization.change_stage(connection, id, **bad)  # type: ignore[arg-type]  # on purpose
        kinds = list(connection.execute(select(security_events.c.kind)).scalars())
    assert set(kinds) == {"stage.changed"}


def test_pipelines_are_renamed_put_in_order_and_retired_with_their_deals(
    any_database: Database, admin: Principal
) -> None:
    other = pipeline(any_database, "Renewals", ("Due", "open"), ("Renewed", "won"))
    deal = create(any_database, admin, "deals", name="A", pipeline=other, stage="due", amount=5)
    with any_database.write() as connection:
        customization.rename_pipeline(connection, other, "Contracts")
        with pytest.raises(Invalid, match="already"):
            customization.rename_pipeline(connection, other, "sales")
        customization.place_pipeline(connection, other, 1)
    first = create(any_database, admin, "deals", name="B")
    assert value(any_database, admin, first.id, "stage") == "due"  # new deals begin in the first pipeline
    with any_database.write() as connection:
        with pytest.raises(Invalid, match="2 deals stand there"):
            customization.retire_pipeline(connection, other, actor=admin)
        moved = customization.retire_pipeline(connection, other, move_to=stage(any_database, "Lead"), actor=admin)
        with pytest.raises(Invalid, match="bring it back"):
            customization.create_pipeline(connection, "Contracts")
        with pytest.raises(Invalid, match="retired"):
            customization.create_stage(connection, "New", pipeline=other)
    assert value(any_database, admin, deal.id, "stage") == "lead"
    assert value(any_database, admin, deal.id, "pipeline").label == "Sales"
    with pytest.raises(Invalid):
        create(any_database, admin, "deals", name="C", pipeline=other, stage="due")
    assert moved is not None
    changes.undo(any_database, admin, moved)
    assert value(any_database, admin, deal.id, "stage") == "due"
    with any_database.write() as connection:
        customization.restore_pipeline(connection, other)
    create(any_database, admin, "deals", name="C", pipeline=other, stage="due")
