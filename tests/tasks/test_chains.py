"""Chains of tasks: no circle by any way, steps that hand on, and an order that costs the same at any length."""

from datetime import date

import pytest

from app.crm import chains
from app.crm.changes.chains import next_working_day
from app.crm.port import Crm
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid
from tests.notifications.conftest import change, made
from tests.pages.test_statements import statements


def _chain(crm: Crm, principal: Principal, length: int) -> list[int]:
    """Step 0, step 1 after it, and so on, in one set."""
    rows = [
        Operation(action="create", object="tasks", ref=f"s{index}",
                  values={"name": f"Step {index}"} | ({"after": f"$s{index - 1}"} if index else {}))
        for index in range(length)
    ]  # fmt: skip
    return [ref.id for ref in crm.apply(principal, ChangeSet(operations=tuple(rows))).records]


def _refused(crm: Crm, principal: Principal, *operations: Operation) -> str:
    with pytest.raises(Invalid) as refused:
        crm.apply(principal, ChangeSet(operations=operations))
    assert {error.field for error in refused.value.errors} == {"after"}
    return refused.value.errors[0].message


def _after(id: int, after: int | None) -> Operation:
    return Operation(action="update", object="tasks", id=id, values={"after": after})


def test_a_circle_is_refused_and_named(any_database: Database, crm: Crm, admin: Principal) -> None:
    first, second, third = _chain(crm, admin, 3)
    said = "That would make a circle: “Step 2” comes after this task already."
    assert _refused(crm, admin, _after(first, third)) == said
    assert "Step 1" in _refused(crm, admin, _after(first, second))
    assert crm.get(admin, "tasks", first).values["after"] is None


def test_a_circle_within_one_set_is_refused(any_database: Database, crm: Crm, admin: Principal) -> None:
    one, two = made(crm, admin, "tasks", name="One"), made(crm, admin, "tasks", name="Two")
    _refused(crm, admin, _after(one, two), _after(two, one))


def test_a_chain_can_be_turned_round_in_one_set(crm: Crm, admin: Principal) -> None:
    one, two = _chain(crm, admin, 2)
    crm.apply(admin, ChangeSet(operations=(_after(two, None), _after(one, two))))
    assert [step.record.id for step in _steps(crm, admin, one)] == [two, one]


def test_an_undo_makes_no_circle_either(any_database: Database, crm: Crm, admin: Principal) -> None:
    one, two = _chain(crm, admin, 2)
    freed = change(crm, admin, "tasks", two, after=None)
    change(crm, admin, "tasks", one, after=two)
    with pytest.raises(Conflict) as caught:
        crm.undo(admin, freed)
    assert "circle" in caught.value.errors[0].message


def _steps(crm: Crm, principal: Principal, task: int) -> list[chains.Step]:
    with crm.database.read() as connection:
        return chains.of(connection, principal, task)


def test_a_chain_is_the_same_from_each_of_its_steps(any_database: Database, crm: Crm, admin: Principal) -> None:
    ids = _chain(crm, admin, 4)
    aside = made(crm, admin, "tasks", name="Aside", after=ids[1])
    for id in (*ids, aside):
        steps = _steps(crm, admin, id)
        assert [(step.record.label, step.depth) for step in steps] == [
            ("Step 0", 0), ("Step 1", 0), ("Step 2", 1), ("Step 3", 1), ("Aside", 0),
        ]  # fmt: skip
    change(crm, admin, "tasks", ids[0], done=True)
    waiting = [step.waits_for.label if step.waits_for else "" for step in _steps(crm, admin, ids[0])]
    assert waiting == ["", "", "Step 1", "Step 2", "Step 1"]


def test_a_task_alone_is_no_chain(crm: Crm, admin: Principal) -> None:
    assert _steps(crm, admin, made(crm, admin, "tasks", name="Alone")) == []


def test_the_order_of_a_long_chain_takes_as_many_statements_as_of_a_short_one(crm: Crm, admin: Principal) -> None:
    short, long = _chain(crm, admin, 2), _chain(crm, admin, 120)
    _steps(crm, admin, short[0])
    with statements(crm.database) as few:
        _steps(crm, admin, short[0])
    with statements(crm.database) as many:
        assert len(_steps(crm, admin, long[60])) == 120
    assert len(many) == len(few)
    with statements(crm.database) as asked, pytest.raises(Invalid):
        crm.apply(admin, ChangeSet(operations=(_after(long[0], long[-1]),)))
    assert len([one for one in asked if "WITH RECURSIVE" in one]) == 1


def test_steps_that_the_reader_may_not_see_are_left_out(crm: Crm, admin: Principal, member: Principal) -> None:
    from app.crm import customization

    mine = made(crm, member, "tasks", name="Mine")
    made(crm, admin, "tasks", name="Hidden", after=mine)
    with crm.database.write() as connection:
        customization.set_setting(connection, "visibility.tasks", "owner")
    assert _steps(crm, member, mine) == []  # as if it stood alone
    assert [step.record.label for step in _steps(crm, admin, mine)] == ["Mine", "Hidden"]


# --- handing on -------------------------------------------------------------------------------------------------------


def test_the_next_step_without_a_date_becomes_due_on_the_next_working_day_and_undo_takes_both_back(
    any_database: Database, crm: Crm, admin: Principal
) -> None:
    from datetime import UTC, datetime

    first, second = _chain(crm, admin, 2)
    dated = made(crm, admin, "tasks", name="Dated", after=first, due_date="2030-01-01")
    done = change(crm, admin, "tasks", first, done=True)
    due = crm.get(admin, "tasks", second).values["due_date"]
    assert due == next_working_day(datetime.now(UTC).date())
    assert crm.get(admin, "tasks", dated).values["due_date"] == date(2030, 1, 1)
    crm.undo(admin, done)
    assert crm.get(admin, "tasks", second).values["due_date"] is None
    assert crm.get(admin, "tasks", first).values["done"] is False


@pytest.mark.parametrize(("day", "following"), [(25, 26), (26, 27), (27, 30), (28, 30), (29, 30)])
def test_the_working_days_are_monday_to_friday(day: int, following: int) -> None:
    assert next_working_day(date(2026, 11, day)) == date(2026, 11, following)
