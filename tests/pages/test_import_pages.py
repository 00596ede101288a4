"""The import's pages: what a file's columns are taken for, and what became of an import."""

from collections.abc import Callable
from io import BytesIO

import pytest

from app.crm import transfer
from app.crm.port import Crm
from app.crm.transfer import jobs, tray
from app.shared.config import Settings
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker

TWIN = "Name\nacme\nQuill\n"
Start = Callable[..., int]


@pytest.fixture
def start(crm: Crm, settings: Settings, admin: Principal) -> Start:
    """Run an import of companies to its end; gives its number."""

    def start_(text: str, *, dry_run: bool = False) -> int:
        options = transfer.from_words("companies", create=["fields"], dry_run=dry_run)
        folder = settings.instance / "imports"
        id = jobs.start(crm.database, folder, admin, BytesIO(text.encode()), "rows.csv", options)
        jobs.wait(crm.database, id)
        return id

    return start_


def test_the_ids_of_an_export_are_proposed_as_the_key(client: Client, make: Maker) -> None:
    id = make("companies", name="Acme")
    form = {"object": "companies", "column": ["ID", "Name"], "sample": [str(id), "Acme"]}
    page = client.post("/import/columns", data=form).text
    assert '<option value="id" selected>' in page
    other = client.post("/import/columns", data=form | {"sample": [str(id), "Quill"]}).text
    assert '<option value="id"' not in other


def test_an_undone_import_says_so_and_what_stays(client: Client, start: Start) -> None:
    id = start("Name,Floor area\nQuill,120\n")
    page = client.get(f"/import/{id}").text
    assert "Undo this import" in page
    change_set = page.partition('action="/changes/')[2].partition("/")[0]
    client.post(f"/changes/{change_set}/undo")
    after = client.get(f"/import/{id}").text
    assert "This import has been undone" in after
    assert "Undo this import" not in after
    assert "The fields that it made stay (floor_area)" in site.text(after)


def test_a_check_says_how_many_would_be_made_twice_and_leaves_the_tray(
    client: Client,
    crm: Crm,
    admin: Principal,
    make: Maker,
    start: Start,
) -> None:
    make("companies", name="Acme")
    page = client.get(f"/import/{start(TWIN, dry_run=True)}").text
    assert "1 row has the name of a record that exists" in site.text(page)
    assert 'data-match-by="name"' in page
    assert tray.ImportJobs(crm.database).listing(admin) == []
    start("Name\nQuill\n")
    assert [work.kind for work in tray.ImportJobs(crm.database).listing(admin)] == ["import"]
