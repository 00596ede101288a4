"""A record's timeline: one order, gathered from what is near, folded, filtered, read page by page, undone in place."""

from datetime import timedelta
from typing import Any

import pytest

from app.crm.port import Crm
from app.shared.contract import SYSTEM, ChangeSet, Operation, Principal
from app.shared.types import utc_now
from tests.conftest import add_user
from tests.pages import site
from tests.pages.site import Client, Maker
from tests.pages.test_statements import statements
from tests.uploads import uploaded


def timeline(client: Client, url: str, kind: str = "") -> str:
    """The HTML of a record's timeline."""
    page = client.get(f"{url}?timeline={kind}" if kind else url).text
    start = page.index('id="timeline"')
    return page[start : page.index("</section>", start)]


def said(client: Client, url: str, kind: str = "") -> str:
    return site.text(timeline(client, url, kind))


def test_a_company_tells_what_hangs_at_its_people_and_deals(client: Client, make: Maker) -> None:
    acme, other = make("companies", name="Acme"), make("companies", name="Other")
    paula, deal = make("people", name="Paula", company=acme), make("deals", name="Big deal", company=acme)
    make("notes", body="Said at the deal.", deal=deal)
    make("notes", body="Said to Paula.", person=paula)
    make("activities", kind="call", name="Call with Paula", date="2025-03-04T10:30:00Z", person=paula)
    uploaded(make.crm.database, make.principal, "offer.pdf", deal=deal)
    make("notes", body="Said elsewhere.", company=other)
    found = said(client, f"/companies/{acme}")
    for words in ("Said at the deal.", "Said to Paula.", "Call with Paula", "offer.pdf", "on Big deal", "with Paula"):
        assert words in found
    assert "Said elsewhere." not in found


def test_a_person_tells_what_hangs_at_their_deals(client: Client, make: Maker) -> None:
    paula = make("people", name="Paula")
    first, second = make("deals", name="First", person=paula), make("deals", name="Second")
    make("deal_contacts", deal=second, person=paula, role="champion")
    make("notes", body="Said at the first.", deal=first)
    make("notes", body="Said at the second.", deal=second)
    found = said(client, f"/people/{paula}")
    assert "Said at the first." in found
    assert "Said at the second." in found


def test_a_thing_that_hangs_on_two_ways_stands_once(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")
    deal = make("deals", name="Big", company=acme)
    make("notes", body="Both of them.", company=acme, deal=deal)
    assert said(client, f"/companies/{acme}").count("Both of them.") == 1


def test_what_others_may_not_see_is_in_no_timeline(client: Client, make: Maker, crm: Crm) -> None:
    otto = add_user(crm.database, "Otto", "member")
    acme = make("companies", name="Acme")
    deal = make("deals", name="Secret", company=acme)
    make("notes", body="Between us.", company=acme, private=True)
    note = make("notes", body="Private with a file", private=True, deal=deal)
    uploaded(crm.database, make.principal, "secret.pdf", note=note)
    found = said(client.as_user(otto), f"/companies/{acme}")
    assert "Between us." not in found
    assert "secret.pdf" not in found


def test_a_text_that_mentions_a_record_stands_in_its_timeline(client: Client, make: Maker) -> None:
    acme, other = make("companies", name="Acme"), make("companies", name="Other")
    note = make("notes", body=f"As with [Acme](/companies/{acme}) before.", company=other)
    url = f"/companies/{acme}"
    assert "Mentioned here" in said(client, url)
    assert 'class="mention"' in timeline(client, url)
    make.change("notes", note, body="Nothing of them any more.")
    assert "Mentioned here" not in said(client, url)


def test_a_purged_or_trashed_text_mentions_nothing(client: Client, make: Maker, crm: Crm) -> None:
    acme = make("companies", name="Acme")
    note = make("notes", body=f"See [Acme](/companies/{acme}).")
    crm.apply(SYSTEM, ChangeSet(operations=(Operation(action="trash", object="notes", id=note),)))
    assert "Mentioned here" not in said(client, f"/companies/{acme}")


# --- folding, undo ----------------------------------------------------------------------------------------------------


def test_changes_of_one_person_within_minutes_are_one_line_that_unfolds(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme", employees=10)
    make.change("companies", acme, employees=20)
    make.change("companies", acme, employees=30)
    make.change("companies", acme, city="Oslo")
    html, found = timeline(client, f"/companies/{acme}"), said(client, f"/companies/{acme}")
    assert "changed employees, city" in found
    assert "3 changes" in found
    assert html.count("event-part") == 3
    assert found.count("Anna changed") == 1


def test_what_was_changed_and_changed_back_says_so(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme", employees=10)
    make.change("companies", acme, employees=20)
    make.change("companies", acme, employees=10)
    assert "changed something and changed it back" in said(client, f"/companies/{acme}")


def test_a_move_to_another_stage_stands_alone(client: Client, make: Maker) -> None:
    deal = make("deals", name="Big", stage="lead", amount=5)
    make.change("deals", deal, stage="won")
    make.change("deals", deal, amount=6)
    found = said(client, f"/deals/{deal}")
    assert "changed stage from Lead to Won" in found
    assert "changed amount from $5 to $6" in found


def test_changes_of_two_people_stay_apart(client: Client, make: Maker, crm: Crm) -> None:
    ben = Maker(crm, add_user(crm.database, "Ben", "member"))
    acme = make("companies", name="Acme", employees=10)
    make.change("companies", acme, employees=20)
    ben.change("companies", acme, employees=30)
    found = said(client, f"/companies/{acme}")
    assert "Ben changed employees from 20 to 30" in found
    assert "Anna changed employees from 10 to 20" in found


def test_a_line_can_be_undone_while_nothing_stands_in_the_way(client: Client, make: Maker) -> None:
    deal = make("deals", name="Big", stage="lead")
    moved = make.change("deals", deal, stage="won")
    url = f"/deals/{deal}"
    assert f'action="/changes/{moved}/undo"' in timeline(client, url)
    assert client.post(f"/changes/{moved}/undo").status_code == 303
    html = timeline(client, url)
    assert f'action="/changes/{moved}/undo"' not in html
    assert "Undone" in site.text(html)
    assert "Lead" in site.text(client.get(url).text)


def test_a_change_that_was_changed_again_offers_no_undo(client: Client, make: Maker, crm: Crm) -> None:
    ben = Maker(crm, add_user(crm.database, "Ben", "member"))
    acme = make("companies", name="Acme", employees=10)
    first = make.change("companies", acme, employees=20)
    last = ben.change("companies", acme, employees=30)
    html = timeline(client, f"/companies/{acme}")
    assert f'action="/changes/{last}/undo"' in html
    assert f'action="/changes/{first}/undo"' not in html


def test_who_may_not_write_is_offered_no_undo_and_no_pin(client: Client, make: Maker, crm: Crm) -> None:
    acme = make("companies", name="Acme", employees=10)
    make.change("companies", acme, employees=20)
    make("notes", body="Hello.", company=acme)
    html = timeline(client.as_user(add_user(crm.database, "Vera", "viewer")), f"/companies/{acme}")
    assert "/undo" not in html
    assert "/pin" not in html


def test_an_applied_proposal_of_the_assistant_is_marked(client: Client, make: Maker, crm: Crm) -> None:
    acme = make("companies", name="Acme", employees=10)
    asked = Principal(**{**_fields(make.principal), "channel": "assistant"})
    operation = Operation(action="update", object="companies", id=acme, values={"employees": 20})
    proposed = crm.propose(asked, ChangeSet(operations=(operation,)))
    url = f"/companies/{acme}"
    assert "proposal" not in said(client, url)
    crm.apply(make.principal, proposed.id)
    make.change("companies", acme, city="Oslo")
    assert "Assistant's proposal" in said(client, url)
    assert "Oslo" not in said(client, url, "assistant")
    assert "employees" in said(client, url, "assistant")


def _fields(principal: Principal) -> dict[str, Any]:
    return {name: getattr(principal, name) for name in Principal.__slots__}


# --- filters, order, pages --------------------------------------------------------------------------------------------


def test_the_address_says_which_kinds_are_shown(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")
    make("notes", body="A note.", company=acme)
    make("activities", kind="call", name="A call", date="2025-03-04T10:30:00Z", company=acme)
    make("tasks", name="A task", company=acme)
    uploaded(make.crm.database, make.principal, "a-file.txt", company=acme)
    words = {"notes": "A note.", "activities": "A call", "tasks": "A task", "files": "a-file.txt"}
    for kind, own in words.items():
        found = said(client, f"/companies/{acme}", kind)
        assert own in found
        assert not [other for other in words.values() if other != own and other in found]
        assert "created this company" not in found
    assert "created this company" in said(client, f"/companies/{acme}", "changes")
    assert "A note." in said(client, f"/companies/{acme}", "nonsense")


def test_what_is_planned_stands_above_and_what_is_done_in_its_day(client: Client, make: Maker) -> None:
    acme, soon = make("companies", name="Acme"), (utc_now() + timedelta(days=3)).isoformat()
    make("activities", kind="meeting", name="Coming up", date=soon, company=acme)
    task = make("tasks", name="To do", company=acme, due_date=(utc_now() + timedelta(days=1)).date().isoformat())
    make("tasks", name="Some day", company=acme)
    make("notes", body="Just now.", company=acme)
    found = said(client, f"/companies/{acme}")
    order = [found.index(words) for words in ("Planned", "To do", "Coming up", "Some day", "Today", "Just now.")]
    assert order == sorted(order)
    make.change("tasks", task, done=True)
    found = said(client, f"/companies/{acme}")
    assert found.index("Today") < found.index("To do")


def test_a_note_is_pinned_above_everything_and_back(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")
    note = make("notes", body="Remember this.", company=acme)
    assert client.post(f"/notes/{note}/pin", data={"pinned": "true"}).status_code == 303
    found = said(client, f"/companies/{acme}")
    assert found.count("Remember this.") == 1
    assert found.index("Pinned") < found.index("Remember this.") < found.index("Today")
    client.post(f"/notes/{note}/pin", data={"pinned": "false"})
    assert "Pinned" not in said(client, f"/companies/{acme}")


def test_pages_of_everything_come_without_a_gap_or_a_double(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme", employees=0)
    make.many("notes", [{"body": f"N{index:03}.", "company": acme} for index in range(40)])  # of one moment
    make.many("tasks", [{"name": f"T{index:03}.", "company": acme, "done": True} for index in range(30)])
    calls = [{"kind": "call", "name": f"C{index:03}.", "date": "2025-03-04T10:30:00Z"} for index in range(30)]
    make.many("activities", [{**call, "company": acme} for call in calls])
    seen, url = [], f"/companies/{acme}"
    for _ in range(20):
        page = client.get(url, headers={"X-Fragment": "1"} if seen else {}).text
        html = page[page.index('id="timeline"') :].split("</section>")[0] if not seen else page
        seen += [word for word in site.text(html).split() if len(word) == 5 and word[-1] == "." and word[0] in "NTC"]
        url = next((link for link in site.links(html) if "before=" in link), "")
        if not url:
            break
    expected = [f"N{n:03}." for n in range(40)] + [f"T{n:03}." for n in range(30)] + [f"C{n:03}." for n in range(30)]
    assert sorted(seen) == sorted(expected)


@pytest.mark.parametrize("before", ["x", "changes:", "notes:1", "changes:1:2", "a:1:2"])
def test_an_address_that_was_made_up_is_refused_in_words(client: Client, make: Maker, before: str) -> None:
    acme = make("companies", name="Acme")
    answer = client.get(f"/companies/{acme}/timeline?before={before}")
    assert answer.status_code == 400
    assert "can't be read" in site.text(answer.text)


def test_a_timeline_costs_the_same_however_much_hangs_there(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")

    def more(count: int) -> None:
        deals = make.many("deals", [{"name": f"D{index}", "company": acme} for index in range(count)])
        people = make.many("people", [{"name": f"P{index}", "company": acme} for index in range(count)])
        make.many("notes", [{"body": f"N [x](/companies/{acme})", "deal": deal} for deal in deals])
        calls = [{"kind": "call", "date": "2025-03-04T10:30:00Z", "person": person} for person in people]
        make.many("activities", calls)
        for deal in deals[:3]:
            uploaded(make.crm.database, make.principal, f"{deal}.txt", deal=deal)

    more(5)
    client.get(f"/companies/{acme}/timeline")
    with statements(make.crm.database) as few:
        client.get(f"/companies/{acme}/timeline")
    more(60)
    with statements(make.crm.database) as many:
        client.get(f"/companies/{acme}/timeline")
    assert len(many) == len(few)
    assert len(many) <= 32  # of which the frame takes some


def test_no_way_to_a_timeline_reads_a_whole_table(make: Maker) -> None:
    """On SQLite: each way is read by an index, however large the table is."""
    from sqlalchemy import text

    from app.crm.query.feed import FEEDS, hanging

    acme = make("companies", name="Acme")
    seen: list[str] = []
    with statements(make.crm.database) as found, make.crm.database.read() as connection:
        for feed in FEEDS.values():
            hanging(connection, make.principal, feed, "companies", acme, now=utc_now())
        asked = [statement for statement in found if "UNION ALL" in statement]
    assert len(asked) == len(FEEDS)
    with make.crm.database.read() as connection:
        for statement in asked:
            values = tuple("0" for _ in range(statement.count("?")))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            seen += [str(row[3]) for row in plan]
        assert connection.scalar(text("SELECT 1")) == 1
    scans = [line for line in seen if line.startswith("SCAN") and "USING" not in line and "anon" not in line]
    assert [line for line in scans if any(name in line for name in FEEDS)] == []
