"""A record's page: facts, timeline, composer, related records, trash and undo."""

from typing import Any

from tests.pages import site
from tests.pages.site import HOSTILE, LONG, Client, Maker


def test_a_record_shows_its_facts(client: Client, filled: dict[str, Any]) -> None:
    said = site.text(client.get(f"/companies/{filled['acme']}").text)
    for words in ("Industry software", "Employees 120", "Annual revenue $5,000,000", "Country Norway"):
        assert words in said


def test_the_timeline_tells_changes_with_their_values(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    make.change("deals", filled["deals"][0], stage="won")
    make.change("deals", filled["deals"][0], amount=9, name="Renamed")
    said = site.text(client.get(f"/deals/{filled['deals'][0]}").text)
    assert "Anna created this deal" in said
    assert "changed stage from Lead to Won" in said
    assert "Amount $1,000 to → $9" in said
    assert "Name Deal 000 to → Renamed" in said


def test_the_timeline_holds_notes_activities_and_tasks(client: Client, filled: dict[str, Any]) -> None:
    page = client.get(f"/companies/{filled['acme']}").text
    said = site.text(page[page.index('id="timeline"') :])
    assert "They want to start in spring." in said
    assert "First call" in said
    assert "Send the offer" in said
    assert said.index("Today") < said.index("March 4, 2025")  # newest first


def test_earlier_lines_come_page_by_page_without_a_gap(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")
    make.many("notes", [{"body": f"Line {index:03}.", "company": acme} for index in range(60)])
    seen, url, pages = [], f"/companies/{acme}", 0
    while url:
        page = client.get(url, headers={"X-Fragment": "1"} if pages else {}).text
        seen += [word for word in site.text(page).split() if word.endswith(".") and word[:3].isdecimal()]
        url = next((link for link in site.links(page) if "/timeline?before=" in link), "")
        pages += 1
    assert sorted(seen) == [f"{index:03}." for index in range(60)]
    assert pages == 3


def test_the_composer_adds_a_note_and_comes_back(client: Client, filled: dict[str, Any]) -> None:
    url = f"/companies/{filled['acme']}"
    answer = client.post("/notes/new", data={"body": "From the composer", "company": str(filled["acme"]), "_next": url})
    assert answer.status_code == 303
    assert answer.headers["location"] == url
    page = client.get(url).text
    assert "From the composer" in site.text(page)
    assert "Note created" in site.text(page)


def test_related_records_are_counted_and_open_as_a_list(client: Client, filled: dict[str, Any]) -> None:
    page = client.get(f"/companies/{filled['acme']}").text
    assert "Deals 4" in site.text(page)
    assert "Subsidiaries 1" in site.text(page)
    assert f"/deals?company={filled['acme']}" in site.links(page)
    assert site.total(client.get(f"/deals?company={filled['acme']}").text) == 4


def test_a_deleted_record_says_so_and_undo_brings_it_back(client: Client, filled: dict[str, Any]) -> None:
    url = f"/companies/{filled['acme']}"
    answer = client.post(f"{url}/trash")
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "Company moved to the trash" in site.text(page)
    assert "in the trash since" in site.text(client.get(url).text)
    undo = page[page.index('action="/changes/') :].split('"')[1]
    assert client.post(undo).status_code == 303
    assert "in the trash since" not in site.text(client.get(url).text)


def test_a_toast_is_shown_once(client: Client, filled: dict[str, Any]) -> None:
    client.post(f"/companies/{filled['acme']}/trash")
    assert "moved to the trash" in site.text(client.get("/companies").text)
    assert "moved to the trash" not in site.text(client.get("/companies").text)


def test_an_undo_that_comes_too_late_says_so_and_changes_nothing(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    first = make.change("companies", filled["acme"], industry="energy")
    make.change("companies", filled["acme"], industry="biology")
    assert client.post(f"/changes/{first}/undo").status_code == 303
    assert "can't be undone any more" in site.text(client.get("/").text)
    assert client.get(f"/api/v1/companies/{filled['acme']}").json()["industry"] == "biology"


def test_a_record_that_does_not_exist_is_a_designed_404(client: Client) -> None:
    page = client.get("/companies/999")
    assert page.status_code == 404
    assert "404" in site.text(page.text)
    assert "/search" in site.links(page.text)


def test_what_people_wrote_is_shown_as_text(client: Client, filled: dict[str, Any]) -> None:
    page = client.get(f"/companies/{filled['hostile']}").text
    assert "<script>alert" not in page
    assert HOSTILE in site.text(page).replace("  ", " ")


def test_a_long_name_stands_whole_on_its_page(client: Client, filled: dict[str, Any]) -> None:
    assert LONG in site.text(client.get(f"/companies/{filled['long']}").text)


def test_users_and_pipelines_lead_to_where_their_deals_are(client: Client, filled: dict[str, Any]) -> None:
    answer = client.get("/users/1")
    assert answer.headers["location"] == "/deals?owner=1"
    assert client.get("/pipelines/1").headers["location"].startswith("/deals/board")


def test_addresses_are_links_only_where_they_are_safe(client: Client, make: Maker) -> None:
    from app.crm.pages.show import website

    assert 'href="https://example.com"' in website("example.com")
    for bad in ("javascript:alert(1)", "data:text/html,x", "vbscript:x", " javascript:alert(1)"):
        assert "href" not in website(bad), bad
