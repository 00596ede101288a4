"""Orders become proposals: what would change is shown, nothing is written before a person applies it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.chatbot.types import Answer
from app.chatbot.views import today_of
from app.shared.contract import ChangeSet, Operation, Ref
from tests.understanding.conftest import Desk


def _change(answer: Answer) -> tuple[str, str, str, dict[str, Any]]:
    """What the answer proposes: action, object, record and the values after."""
    assert answer.proposals, answer.text
    (operation,) = answer.proposals[0]["operations"]
    record = operation["record"]
    after = {field["name"]: field["after"] for field in operation["fields"] if "follows" not in field}
    return operation["action"], operation["object"], record["label"] if record else "", after


ORDERS = [
    ("remind me to call Mira Stokes on Friday",
     "create", "tasks", "", {"name": "Call Mira Stokes", "due_date": "2025-03-21", "owner": "Anna",
                             "person": "Mira Stokes", "company": "Northwind"}),
    ("please remind Ben tomorrow to send Northwind the offer",
     "create", "tasks", "", {"name": "Send Northwind the offer", "due_date": "2025-03-16", "owner": "Ben",
                             "company": "Northwind"}),
    ("Add a task to prepare the demo by 2025-04-02",
     "create", "tasks", "", {"name": "Prepare the demo", "due_date": "2025-04-02", "owner": "Anna"}),
    ("todo: water the plants", "create", "tasks", "", {"name": "Water the plants", "owner": "Anna"}),
    ("note on Northwind: budget approved",
     "create", "notes", "", {"body": "Budget approved", "company": "Northwind"}),
    ("add a note to jonas ferro: prefers e-mail",
     "create", "notes", "", {"body": "Prefers e-mail", "person": "Jonas Ferro", "company": "Blue Harbour Ltd"}),
    ("log a call with Mira Stokes yesterday: she agreed",
     "create", "activities", "", None),
    ("schedule a meeting with Jonas Ferro next week",
     "create", "activities", "", {"name": "Meeting with Jonas Ferro", "kind": "Meeting",
                                  "date": "2025-03-17T09:00:00", "person": "Jonas Ferro",
                                  "company": "Blue Harbour Ltd"}),
    ("move the Hoses deal to Won", "update", "deals", "Hoses", {"stage": "Won"}),
    ("move Hoses to negotation", "update", "deals", "Hoses", {"stage": "Negotiation"}),
    ("mark Scanner two as lost because of the price",
     "update", "deals", "Scanner two", {"stage": "Lost", "lost_reason": "The price"}),
    ("close hoses as won", "update", "deals", "Hoses", {"stage": "Won"}),
    ("assign Hoses to Anna", "update", "deals", "Hoses", {"owner": "Anna"}),
    ("can you give the Scanner two deal to ben?", "update", "deals", "Scanner two", {"owner": "Ben"}),
    ("set the amount of Hoses to 20k", "update", "deals", "Hoses", {"amount": 20000}),
    ("change the amount of Hoses to 3,000 euros", "update", "deals", "Hoses", {"amount": 3000, "currency": "EUR"}),
    ("change Northwind's industry to logistics", "update", "companies", "Northwind", {"industry": "logistics"}),
    ("move Scanner two to end of next month", "update", "deals", "Scanner two", {"close_date": "2025-04-30"}),
    ("tag Northwind as vip and urgent", "update", "companies", "Northwind", {"tags": ["vip", "urgent"]}),
    ("complete the Send the offer task", "update", "tasks", "Send the offer", {"done": True}),
    ("mark Send the offer as done", "update", "tasks", "Send the offer", {"done": True}),
    ("reschedule Send the offer to Monday", "update", "tasks", "Send the offer", {"due_date": "2025-03-17"}),
    ("rename Empty Rooms to Full Rooms", "update", "companies", "Empty Rooms", {"name": "Full Rooms"}),
    ("delete Empty Rooms", "trash", "companies", "Empty Rooms", {}),
    ("create a deal for Silverline worth $15k closing on 1 June",
     "create", "deals", "", {"name": "Silverline deal", "company": "Silverline", "amount": 15000,
                             "close_date": "2025-06-01"}),
    ("open a new deal for Silverline with 5k closing end of next month",
     "create", "deals", "", {"name": "Silverline deal", "company": "Silverline", "amount": 5000,
                             "close_date": "2025-04-30"}),
    ("add a contact Lena Ort at Northwind, email lena@northwind.example",
     "create", "people", "", {"name": "Lena Ort", "company": "Northwind", "email": "lena@northwind.example"}),
    ("set a reminder for Friday to call Northwind",
     "create", "tasks", "", {"name": "Call Northwind", "due_date": "2025-03-21", "owner": "Anna",
                             "company": "Northwind"}),
    ("make a note that Mira Stokes prefers e-mail",
     "create", "notes", "", {"body": "Mira Stokes prefers e-mail", "person": "Mira Stokes", "company": "Northwind"}),
    ("remind me to send the offer to Northwind tomorrow at 3pm",
     "create", "tasks", "", {"name": "Send the offer to Northwind", "due_date": "2025-03-16", "owner": "Anna",
                             "company": "Northwind", "remind_at": "2025-03-16T15:00+00:00"}),
    ("remind me tomorrow at 9 to call Mira Stokes",
     "create", "tasks", "", {"name": "Call Mira Stokes", "due_date": "2025-03-16", "owner": "Anna",
                             "person": "Mira Stokes", "company": "Northwind",
                             "remind_at": "2025-03-16T09:00+00:00"}),
    ("schedule a meeting with Mira Stokes tomorrow at 14:30",
     "create", "activities", "", {"name": "Meeting with Mira Stokes", "kind": "Meeting", "person": "Mira Stokes",
                                  "company": "Northwind", "date": "2025-03-16T14:30+00:00"}),
    ("email Mira Stokes the offer",
     "create", "tasks", "", {"name": "Email Mira Stokes the offer", "owner": "Anna", "person": "Mira Stokes",
                             "company": "Northwind"}),
    ("call Mira Stokes on Friday",
     "create", "tasks", "", {"name": "Call Mira Stokes", "due_date": "2025-03-21", "owner": "Anna",
                             "person": "Mira Stokes", "company": "Northwind"}),
    ("mark deal 4 as lost", "update", "deals", "Hoses", {"stage": "Lost"}),
    ("create a deal called Floor for Silverline worth $12,500",
     "create", "deals", "", {"name": "Floor", "company": "Silverline", "amount": 12500}),
    ("new contact: Lena Ort, lena@northwind.example, Northwind",
     "create", "people", "", {"name": "Lena Ort", "email": "lena@northwind.example", "company": "Northwind"}),
    ("Hoses is won", "update", "deals", "Hoses", {"stage": "Won"}),
    ("we lost Scanner two because of the price",
     "update", "deals", "Scanner two", {"stage": "Lost", "lost_reason": "The price"}),
    ("Northwind's industry is logistics", "update", "companies", "Northwind", {"industry": "logistics"}),
    ("clear the industry of Northwind", "update", "companies", "Northwind", {"industry": None}),
    ("raise Hoses to 30k", "update", "deals", "Hoses", {"amount": 30000}),
    ("push Send the offer by two weeks", "update", "tasks", "Send the offer", {"due_date": "2025-04-03"}),
    ("push Scanner two by a month", "update", "deals", "Scanner two", {"close_date": "2025-05-01"}),
    ("label Hoses urgent", "update", "deals", "Hoses", {"tags": ["urgent"]}),
    ("i'll take over Valves", "update", "deals", "Valves", {"owner": "Anna"}),
    ("reopen Send the offer", "update", "tasks", "Send the offer", {"done": False}),
    ("new deal Spring valves 20k for Silverline in proposal",
     "create", "deals", "", {"name": "Spring valves", "amount": 20000, "company": "Silverline", "stage": "Proposal"}),
    ("add a 15k deal for Silverline",
     "create", "deals", "", {"name": "Silverline deal", "amount": 15000, "company": "Silverline"}),
    ("add a contact Lena Ort at Northwind as buyer, lena@northwind.example",
     "create", "people", "", {"name": "Lena Ort", "company": "Northwind", "title": "buyer",
                              "email": "lena@northwind.example"}),
    ("create a high priority task to send the plan by Friday",
     "create", "tasks", "", {"name": "Send the plan", "due_date": "2025-03-21", "owner": "Anna", "priority": "High"}),
    ("i need to call Mira Stokes in a month",
     "create", "tasks", "", {"name": "Call Mira Stokes", "due_date": "2025-04-15", "owner": "Anna",
                             "person": "Mira Stokes", "company": "Northwind"}),
    ("task for Ben: water the plants", "create", "tasks", "", {"name": "Water the plants", "owner": "Ben"}),
    ("i called Mira Stokes, she is happy", "create", "activities", "", None),
    ("jot down for Northwind: moving in May",
     "create", "notes", "", {"body": "Moving in May", "company": "Northwind"}),
    ("add a company called Fresh Start", "create", "companies", "", {"name": "Fresh Start"}),
    ("add a contact Lena Ort at Northwind with email lena@northwind.example",
     "create", "people", "", {"name": "Lena Ort", "company": "Northwind", "email": "lena@northwind.example"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "action", "object", "record", "after"), ORDERS, ids=[order[0] for order in ORDERS])
def test_an_order_is_proposed_as_it_was_meant(
    order_desk: Desk, words: str, action: str, object: str, record: str, after: dict[str, Any] | None
) -> None:
    found = _change(order_desk.ask(words))
    assert found[:3] == (action, object, record)
    assert after is None or found[3] == after


def test_nothing_is_written_before_it_is_applied_as_the_user(own_desk: Desk) -> None:
    desk = own_desk
    answer = desk.ask("move the Hoses deal to Won")
    hoses = desk.link("Hoses", "deals")
    assert desk.crm.get(desk.principal, *hoses).values["stage"] == "lead"
    stored = desk.crm.change_set(desk.principal, answer.proposals[0]["id"])
    assert (stored.state, stored.channel, stored.author_id) == ("proposed", "assistant", desk.principal.user_id)
    assert stored.expires_at is not None
    desk.crm.apply(desk.principal, stored.id)
    assert desk.crm.get(desk.principal, *hoses).values["stage"] == "won"
    desk.crm.undo(desk.principal, stored.id)
    assert desk.crm.get(desk.principal, *hoses).values["stage"] == "lead"


def test_what_follows_from_a_won_deal_is_shown_before_it_is_applied(own_desk: Desk) -> None:
    desk = own_desk
    object, id = desk.link("Hoses", "deals")
    planned = "2999-01-01"
    change = Operation(action="update", object=object, id=id, values={"close_date": planned})
    desk.crm.apply(desk.principal, ChangeSet(operations=(change,)))
    answer = desk.ask("move the Hoses deal to Won")
    (operation,) = answer.proposals[0]["operations"]
    following = {
        field["name"]: (field["before"], field["after"]) for field in operation["fields"] if "follows" in field
    }
    assert following["close_date"][0] == planned
    assert following["close_date"][1] < planned
    assert following["probability"][1] == 100
    desk.crm.apply(desk.principal, answer.proposals[0]["id"])
    assert desk.crm.get(desk.principal, object, id).values["close_date"].isoformat() == following["close_date"][1]


def test_it_is_the_record_in_view_or_the_one_just_spoken_of(order_desk: Desk) -> None:
    hoses = Ref("deals", order_desk.link("Hoses", "deals")[1], "Hoses")
    assert _change(order_desk.ask("assign it to Ben", record=hoses))[2:] == ("Hoses", {"owner": "Ben"})
    assert _change(order_desk.ask("move this deal to proposal", record=hoses))[2] == "Hoses"
    for words in ("set amount to 195k", "set the amount to 195k", "change amount to 195,000"):
        assert _change(order_desk.ask(words, record=hoses))[2:] == ("Hoses", {"amount": 195_000}), words
    assert order_desk.ask("set the amount to 195k").mode == "none"  # of nothing in view
    assert _change(order_desk.ask("who owns Scanner two", "move it to won"))[2] == "Scanner two"
    noted = _change(order_desk.ask("note: they want a discount", record=hoses))
    assert noted[3]["deal"] == "Hoses"
    assert noted[3]["company"] == "Northwind"


def test_what_is_said_beside_a_deal_about_its_people_is_about_the_deal_too(order_desk: Desk) -> None:
    hoses = Ref("deals", order_desk.link("Hoses", "deals")[1], "Hoses")
    call = _change(order_desk.ask("log a call with Mira Stokes: she agreed", record=hoses))[3]
    assert (call["person"], call["deal"], call["company"]) == ("Mira Stokes", "Hoses", "Northwind")
    note = _change(order_desk.ask("note: Mira Stokes is on leave", record=hoses))[3]
    assert (note["person"], note["deal"]) == ("Mira Stokes", "Hoses")
    other = _change(order_desk.ask("note: Jonas Ferro is on leave", record=hoses))[3]  # of another company
    assert (other["person"], other.get("deal")) == ("Jonas Ferro", None)


def test_a_call_that_is_logged_has_been_made(order_desk: Desk) -> None:
    today = today_of(order_desk.principal)
    call = _change(order_desk.ask("log a call with Mira Stokes: she agreed", on=today))[3]
    assert call["date"] <= datetime.now(UTC).isoformat()


def test_a_description_that_fits_one_open_record_is_enough(order_desk: Desk) -> None:
    assert _change(order_desk.ask("move the Blue Harbour deal to won"))[2] == "Scanner two"  # the other one is closed


def test_several_records_of_a_name_are_asked_about(order_desk: Desk) -> None:
    found = order_desk.ask("assign Mira to Ben")
    assert found.mode == "none"
    assert found.unread == ("Mira",)
    offered = [reading.question for reading in found.readings]
    assert len(offered) == 2
    assert all("#" in question for question in offered)
    assert _change(order_desk.ask(offered[0]))[2] in ("Mira Stokes", "Mira Quill")


@pytest.mark.parametrize(
    ("words", "unread"),
    [
        ("move the Nosuch deal to won", "the Nosuch deal"),
        ("assign Hoses to Nobodyhere", "Nobodyhere"),
        ("set the colour of Hoses to red", "colour"),
        ("set the amount of Hoses to plenty", "plenty"),
        ("move Hoses to Paradise", "Paradise"),
        ("create a deal for Nosuch worth 5k", "Nosuch"),
    ],
)
def test_what_cant_be_placed_is_named_and_nothing_is_proposed(order_desk: Desk, words: str, unread: str) -> None:
    found = order_desk.ask(words)
    assert (found.mode, found.proposals) == ("none", ())
    assert unread in found.unread
    assert "Nothing is changed" in found.text


@pytest.mark.parametrize(
    "words",
    [
        "how many deals were won", "new deals this month",
        "open deals without a close date", "notes on Northwind", "close date of Hoses",
        "give me the top deals", "show tasks", "complete list of companies", "deals assigned to Ben",
        "changes to deals last week", "what was noted on Northwind?", "deals marked as won",
        "new tasks for Ben", "we won deals in retail", "is Hoses won", "i need to see all deals", "Anna's open deals",
        "how is Hoses", "all deals of Northwind", "deals we lost because of the price",
    ],
)  # fmt: skip
def test_a_question_is_no_order(order_desk: Desk, words: str) -> None:
    assert order_desk.ask(words).proposals == ()


def _changes(answer: Answer) -> dict[str, dict[str, Any]]:
    """The values after of every record of a proposal."""
    assert answer.proposals, answer.text
    made = answer.proposals[0]["operations"]
    return {one["record"]["label"]: {field["name"]: field["after"] for field in one["fields"]} for one in made}


def test_one_order_changes_several_records_as_one_proposal(order_desk: Desk) -> None:
    found = order_desk.ask("assign all open deals to Ben")
    assert found.text.startswith("Change owner of Scanner two")  # the other one is his already
    assert _changes(order_desk.ask("give Anna's deals of Northwind to Ben")) == {
        "Pumps": {"owner": "Ben"}, "More pumps": {"owner": "Ben"},
    }  # fmt: skip
    mine = order_desk.ask("give all my open deals to Ben")
    assert _changes(mine) == {"Scanner two": {"owner": "Ben"}}  # "my" says whose they are
    tagged = order_desk.ask("tag all medical companies as hospital")
    assert _changes(tagged) == {"Northwind": {"tags": ["hospital"]}, "Blue Harbour Ltd": {"tags": ["hospital"]}}
    assert tagged.text.startswith("Change tags of 2 companies.")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("delete all deals", "every one of the deals"),
        ("assign all retail companies in Japan to Ben", "no such companies"),
        ("move everything to won", "everything"),
    ],
)
def test_several_are_changed_only_where_it_is_said_which(order_desk: Desk, words: str, reason: str) -> None:
    found = order_desk.ask(words)
    assert found.proposals == ()
    assert reason in found.text


def test_the_doors_own_reasons_are_told(order_desk: Desk) -> None:
    found = order_desk.ask("change Jonas Ferro's email to mira@northwind.example")
    assert found.mode == "none"
    assert "already a person with this email" in found.text


def test_who_may_only_look_is_told_so(own_desk: Desk) -> None:
    own_desk.principal = replace(own_desk.principal, role="viewer")
    found = own_desk.ask("move the Hoses deal to Won")
    assert found.proposals == ()
    assert found.text == "You can look at records, but not change them."
