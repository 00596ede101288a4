"""The palette on the server: what fits what was typed, what the page in view offers, and nothing hidden."""

import pytest

from app.crm import customization
from app.crm.pages.palette import score
from app.shared.contract import Principal
from tests.pages.site import Client, Maker, text


@pytest.mark.parametrize(
    ("wanted", "label", "least"),
    [("deal", "Deal board", 5), ("board", "Deal board", 4), ("new deal", "New deal …", 5), ("oar", "Deal board", 3),
     ("nwdl", "New deal …", 1), ("set", "Profile", 4)],
)  # fmt: skip
def test_beginnings_come_before_parts_and_parts_before_letters(wanted: str, label: str, least: int) -> None:
    assert score(wanted, label, "settings") == least
    assert score("xyz", label) == 0


def _rows(client: Client, query: str) -> str:
    return text(client.get(f"/search/palette?{query}").text)


def test_a_page_offers_what_can_be_done_there(client: Client, make: Maker, viewer: Principal) -> None:
    deal = make("deals", name="Pilot")
    said = _rows(client, f"object=deals&record={deal}")
    for words in ("Edit", "Move to Won", "Copy link", "Unfollow", "Move to trash"):
        assert words in said
    looking = _rows(client.as_user(viewer), f"object=deals&record={deal}")
    assert "Copy link" in looking
    for words in ("Edit", "Move to", "New deal", "Import"):
        assert words not in looking


def test_what_was_seen_last_comes_first_and_only_what_may_be_seen(
    client: Client, make: Maker, member: Principal
) -> None:
    ids = [make("companies", name=f"Firm {index}") for index in range(3)]
    bens = client.as_user(member)
    for id in ids:
        bens.get(f"/companies/{id}")
    said = _rows(bens, "q=")
    assert said.index("Firm 2") < said.index("Firm 1") < said.index("Firm 0")
    assert "Firm 1" not in _rows(bens, f"object=companies&record={ids[1]}").split("Firm 0")[0].split("Firm 2")[0]
    with make.crm.database.write() as connection:
        customization.set_setting(connection, "visibility.companies", "owner")
    assert "Firm" not in _rows(bens, "q=")


def test_words_find_records_with_their_kind_and_the_assistant_is_the_last_row(client: Client, make: Maker) -> None:
    make("notes", name="Call", body="They asked for a pilot in spring.")
    said = _rows(client, "q=pilot")
    assert "Call Note" in said
    assert said.rstrip(" Ctrl↵").endswith("Ask the assistant: “pilot”")


def test_taking_a_record_over_is_one_click(client: Client, make: Maker, member: Principal) -> None:
    deal = make("deals", name="Pilot")
    client.as_user(member).post(f"/assign/deals/{deal}")
    assert make.crm.get(make.principal, "deals", deal).values["owner"].id == member.user_id


def test_looked_at_records_are_stored_beside_the_requests_twenty_a_user(make: Maker) -> None:
    from app.crm.recent import KEPT, Recent

    ids = [make("companies", name=f"Firm {index}") for index in range(KEPT + 5)]
    recent, database, me = Recent(), make.crm.database, make.principal
    for id in ids[:3]:
        recent.note(me.user_id, "companies", id)
    recent.flush(database)
    for id in (ids[0], *ids[3:]):
        recent.note(me.user_id, "companies", id)
    recent.start(database)
    recent.stop()
    with database.read() as connection:
        kept = Recent().refs(connection, me.user_id or 0)
    assert kept == [("companies", id) for id in reversed((ids[0], *ids[3:]))][:KEPT]


def test_an_order_for_the_record_in_view_comes_before_records_with_its_word(client: Client, make: Maker) -> None:
    deal = make("deals", name="Pumps", stage="proposal")
    make("notes", name="Move the meeting", body="Move it to June")
    said = text(client.get(f"/search/palette?q=move&object=deals&record={deal}").text)
    assert said.index("Move to Won") < said.index("Move the meeting")
    said = text(client.get(f"/search/palette?q=meeting&object=deals&record={deal}").text)
    assert "Move the meeting" in said
