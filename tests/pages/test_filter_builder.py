"""The whole filter as a form: any filter comes back to the letter, and each part can be added, edited and removed."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.crm import query as door
from app.crm.pages import filter_tree as tree
from app.shared.contract import And, Catalog, Query
from tests.pages import site
from tests.pages.site import Client
from tests.query import queries

NESTED = (
    '{"and":[{"field":"stage","op":"in","value":["lead","won"]},{"or":[{"field":"owner","value":"me"},'
    '{"and":[{"field":"amount","op":"gt","value":50000},{"not":{"field":"company.industry","value":"medical"}}]}]}]}'
)


@pytest.fixture(scope="module")
def catalog(sqlite_template: Any) -> Catalog:
    """With the custom fields of the oracle's world where the template has them."""
    from sqlalchemy.engine import make_url

    from app.crm import catalog as catalogs
    from app.shared.db import Database

    database = Database(make_url(f"sqlite:///{sqlite_template}"))
    with database.read() as connection:
        found = catalogs.load(connection)
    database.close()
    return found


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_filter_comes_back_from_its_form_to_the_letter(catalog: Catalog, data: Any) -> None:
    object = data.draw(st.sampled_from(("deals", "companies", "people", "tasks")))
    where = data.draw(queries.filter(catalog, object))
    root = tree.from_filter(catalog, object, where)
    sent = MultiDict(tree.to_pairs(root))
    back = tree.to_filter(catalog, tree.from_form(catalog, object, sent))
    assert back == where


def sent(html: str) -> list[tuple[str, str]]:
    """What a browser sends of the builder's form as it stands: (name, value) pairs."""
    form = html[html.index("data-builder data-go-on") :]
    form = form[: form.index("</form>")]
    parts = re.findall(r"<input\b[^>]*>|<textarea\b[^>]*>.*?</textarea>|<select\b[^>]*>.*?</select>", form, re.DOTALL)
    return [pair for part in parts for pair in site._sent(part)]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_page_of_any_filter_sends_it_back(shown: Any, catalog: Catalog, data: Any) -> None:
    """As a browser without scripts would: what stands in the controls, and nothing else."""
    object = data.draw(st.sampled_from(("deals", "companies", "people")))
    where = data.draw(queries.filter(catalog, object, 2))
    query = door.from_params(object, door.to_params(Query(object=object, where=where)))
    html = shown(object, door.to_params(query))
    back = tree.to_filter(catalog, tree.from_form(catalog, object, MultiDict(sent(html))))
    assert _flat(object, back) == _flat(object, where)


def _flat(object: str, where: Any) -> Any:
    """An address holds the parts that must all hold side by side."""
    return door.parts(Query(object=object, where=where if where is not None else And(items=())))


@pytest.fixture(scope="module")
def shown(app: Any, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Any:
    import shutil

    from sqlalchemy.engine import make_url

    from app.crm.port import Crm
    from app.crm.web import Services
    from app.shared.config import load
    from app.shared.db import Database
    from tests.conftest import add_user

    folder = tmp_path_factory.mktemp("builder")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    anna = add_user(database, "Anna", "admin", "anna@example.com")
    settings_ = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)

    def get(object: str, pairs: list[tuple[str, str]]) -> str:
        app.extensions["parley"] = Services(settings_, database, Crm(database))
        answer = Client(app, anna).get(f"/{object}/filter/all?{urlencode(pairs)}")
        assert answer.status_code == 200, site.text(answer.text)[-500:]
        return answer.text

    return get


def go(client: Client, object: str, pairs: list[tuple[str, str]], **more: str) -> Any:
    return client.get(f"/{object}/filter/all?{urlencode([*pairs, *more.items()])}")


def changed(pairs: list[tuple[str, str]], **values: str) -> list[tuple[str, str]]:
    """The form with some controls chosen otherwise."""
    names = {name.replace("_", "."): value for name, value in values.items()}
    return [(name, names.get(name, value)) for name, value in pairs]


def test_a_nested_filter_is_built_step_by_step_without_scripts(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals/filter/all?sort=-amount").text
    pairs = sent(page)  # an empty filter begins with a row
    pairs = sent(go(client, "deals", changed(pairs, w_0_field="stage"), _do="refresh").text)
    pairs += [("w.0.value", "won"), ("w.0.value", "lost")]
    page = go(client, "deals", pairs, _do="group:w").text
    pairs = sent(page)
    pairs = sent(go(client, "deals", changed(pairs, w_1_0_field="amount", w_1_1_field="owner"), _do="refresh").text)
    page = go(client, "deals", [*changed(pairs, w_1_0_value="9000")], _do="related:w").text
    assert "Has any" in page
    pairs = sent(go(client, "deals", changed(sent(page), w_2_relation="tasks"), _do="refresh").text)
    page = go(client, "deals", pairs, _do="condition:w.2.0").text
    pairs = sent(go(client, "deals", changed(sent(page), w_2_0_0_field="done"), _do="refresh").text)
    answer = go(client, "deals", changed(pairs, w_2_quantifier="none"), _apply="1")
    assert answer.status_code == 302, site.text(answer.text)[-400:]
    listed = client.get(answer.headers["location"]).text
    chips = [site.text(chip) for chip in re.findall(r'<span class="chip">.*?</a></span>', listed, re.DOTALL)]
    assert [chip.split(" Remove")[0].strip() for chip in chips] == [
        "Stage is Won or Lost", "Amount at least $9,000 or Owner is me", "has no tasks where Done is yes"
    ]  # fmt: skip
    assert site.params(answer.headers["location"])["sort"] == "-amount"


def test_a_chip_of_a_group_opens_the_whole_filter_and_comes_back_the_same(
    client: Client, filled: dict[str, Any]
) -> None:
    start = f"/deals?{urlencode({'where': NESTED})}"
    page = client.get(start).text
    edit = next(link for link in site.links(page) if "/filter/all" in link and "_edit" in link)
    answer = go(client, "deals", sent(client.get(edit).text), _apply="1")
    assert unescape(client.get(answer.headers["location"]).text).count("Owner is me or (") >= 1
    one, two = (
        door.from_params("deals", list(site.params(url).items())) for url in (start, answer.headers["location"])
    )
    assert door.parts(one) == door.parts(two)


def test_parts_are_removed(client: Client, filled: dict[str, Any]) -> None:
    pairs = sent(client.get(f"/deals/filter/all?{urlencode({'where': NESTED})}").text)
    pairs = sent(go(client, "deals", pairs, _do="remove:w.1").text)
    answer = go(client, "deals", pairs, _apply="1")
    assert site.params(answer.headers["location"]) == {"stage__in": "lead,won"}


def test_what_is_half_said_is_named_and_what_is_empty_is_left_out(client: Client, filled: dict[str, Any]) -> None:
    root = [("w.kind", "group"), ("w.match", "all"), ("w.1.kind", "condition")]
    half = [*root, ("w.0.kind", "condition"), ("w.0.field", "amount"), ("w.0.op", "gt")]
    answer = go(client, "deals", half, _apply="1")
    assert answer.status_code == 200
    assert "Choose or type a value." in site.text(answer.text)
    answer = go(client, "deals", [*half, ("w.0.value", "lots")], _apply="1")
    assert "“lots” can't be read as a number" in site.text(answer.text)


@pytest.mark.parametrize(
    "pairs",
    [
        [("w.kind", "bogus")],
        [("w.kind", "group"), ("w.0.kind", "raw"), ("w.0.was", "{")],
        [("w.kind", "group"), ("w.0.kind", "condition"), ("w.0.field", "nonsense.path"), ("w.0.op", "x")],
        [("w.kind", "group"), ("w.0.kind", "related"), ("w.0.relation", "nothing"), ("w.0.quantifier", "x")],
        [("w.kind", "group"), ("w.extra", "99"), ("w.match", "x"), ("w.999999.kind", "group")],
        [("w.kind", "group"), ("_do", "explode:w"), ("w.0.kind", "text"), ("w.0.text", "<b>")],
    ],
)
def test_a_bent_form_is_answered_by_a_page(client: Client, filled: dict[str, Any], pairs: Any) -> None:
    assert go(client, "deals", pairs).status_code == 200
    assert go(client, "deals", pairs, _apply="1").status_code in (200, 302)


def test_a_board_has_the_same_builder_and_leads_back(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals/board?stage=won").text
    link = next(link for link in site.links(page) if link.startswith("/deals/filter?"))
    whole = next(
        link for link in site.links(client.get(link).text) if "/filter/all" in link and "_relation" not in link
    )
    answer = go(client, "deals", sent(client.get(whole).text), _apply="1")
    assert answer.headers["location"].startswith("/deals/board")
