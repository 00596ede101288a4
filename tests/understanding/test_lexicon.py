"""The words come from the declarations and the data, as they are now and as the asking person may see them."""

from dataclasses import replace

import pytest

from app.crm import customization
from app.shared.contract import ChangeSet, Operation, Principal
from tests.understanding.conftest import Desk


def _apply(desk: Desk, action: str, object: str, id: int | None = None, **values: object) -> int:
    made = Operation.model_validate({"action": action, "object": object, "id": id, "values": values})
    return desk.crm.apply(desk.principal, ChangeSet(operations=(made,))).records[0].id


def test_a_new_company_is_known_right_after_its_creation(own_desk: Desk) -> None:
    assert own_desk.ask("how many deals does Zorkware have?").mode == "none"
    _apply(own_desk, "create", "companies", name="Zorkware", industry="farming")
    assert own_desk.value("how many deals does Zorkware have?") == 0
    assert own_desk.labels("farming companies") == ["Zorkware"]


def test_a_renamed_and_a_trashed_company_are_forgotten(own_desk: Desk) -> None:
    made = _apply(own_desk, "create", "companies", name="Zorkware")
    assert own_desk.value("how many deals does Zorkware have?") == 0
    _apply(own_desk, "update", "companies", made, name="Quibble")
    assert own_desk.ask("how many deals does Zorkware have?").mode == "none"
    assert own_desk.value("how many deals does Quibble have?") == 0
    _apply(own_desk, "trash", "companies", made)
    assert own_desk.ask("how many deals does Quibble have?").mode == "none"


def test_a_new_field_and_its_options_are_words_at_once(own_desk: Desk) -> None:
    with own_desk.crm.database.write() as connection:
        customization.create_field(connection, "companies", "Tier", "select", options=["Golden", "Plain"])
    _apply(own_desk, "create", "companies", name="Zorkware", tier="golden")
    assert own_desk.labels("golden companies") == ["Zorkware"]
    assert own_desk.groups("companies by tier")["Golden"] == 1


def test_a_part_of_a_custom_fields_label_is_enough_where_nothing_else_has_it(own_desk: Desk) -> None:
    _apply(own_desk, "create", "companies", name="Old Mill", year_founded=1890)
    assert own_desk.labels("companies founded before 1900") == ["Old Mill"]


def test_a_new_stage_is_a_word_at_once(own_desk: Desk) -> None:
    with own_desk.crm.database.write() as connection:
        customization.create_stage(connection, "Paused")
    assert own_desk.value("how many deals are in paused") == 0


def test_titles_of_records_are_found_where_a_question_has_them(own_desk: Desk) -> None:
    assert "Anna" in own_desk.ask("who owns More pumps?").text


@pytest.mark.parametrize("rule", ["owner", "team"])
def test_what_a_person_may_not_see_is_no_word_of_theirs(own_desk: Desk, rule: str) -> None:
    crm, admin = own_desk.crm, own_desk.principal
    _apply(own_desk, "create", "companies", name="Hidden Works", owner=admin.user_id)
    ben = next(id for id, name in crm.labels(admin, "users") if name == "Ben")
    member = Desk(crm, Principal(user_id=ben, name="Ben", role="member"))
    assert member.value("how many deals does Hidden Works have?") == 0
    with crm.database.write() as connection:
        customization.set_setting(connection, "visibility.companies", rule)
    assert member.ask("how many deals does Hidden Works have?").mode == "none"
    assert own_desk.value("how many deals does Hidden Works have?") == 0


def test_two_people_have_lexicons_of_their_own(own_desk: Desk) -> None:
    ben = next(id for id, name in own_desk.crm.labels(own_desk.principal, "users") if name == "Ben")
    other = replace(own_desk, principal=Principal(user_id=ben, name="Ben", role="member"))
    assert own_desk.labels("my open deals") == ["Scanner two"]
    assert other.labels("my open deals") == ["Hoses"]
