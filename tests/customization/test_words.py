"""The workspace's own words: taught in settings and over REST, refused where they mean something, read by questions."""

from typing import Any

import pytest

from app.chatbot.exact import answer
from app.chatbot.retrieval.index import Index
from app.chatbot.types import Context
from app.crm import catalog, spoken, synonyms
from app.crm.port import Crm
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Forbidden, Invalid, NotFound
from tests.changes.helpers import create
from tests.conftest import add_user


def teach(database: Database, actor: Principal, target: str, word: str) -> int:
    with database.write() as connection:
        row = synonyms.add(connection, catalog.load(connection), target, word, actor=actor)
    return int(row.id)


def test_words_stand_in_the_catalog_beside_those_of_the_declarations(any_database: Database, admin: Principal) -> None:
    anna = add_user(any_database, "Beate", "member", "beate@example.com")
    for target, word in (("deals", "booth"), ("deals.amount", "ticket"), ("tasks.priority=high", "hot")):
        teach(any_database, admin, target, word)
    teach(any_database, admin, f"users/{anna.user_id}", "the boss")
    with any_database.read() as connection:
        found = catalog.load(connection)
    amount, priority = found["deals"].field("amount"), found["tasks"].field("priority")
    assert amount
    assert priority
    assert "booth" in found["deals"].synonyms
    assert "ticket" in amount.synonyms
    assert [option.synonyms for option in priority.options if option.key == "high"] == [("hot",)]
    assert found.nicknames == {("users", anna.user_id): ("the boss",)}


@pytest.mark.parametrize(
    ("target", "word", "why"),
    [
        ("deals", "account", "“account” already means Companies."),
        ("deals", "Amount", "“Amount” already means Deals › Amount."),
        ("deals", "negotiation", "“negotiation” already means Deals › Stage: Negotiation."),
        ("deals", "Anna", "“Anna” already means Anna."),
        ("deals", "how many", "“how many” makes questions; it can't also be a name."),
        ("deals", "42", "Expected at least two letters; a number means itself."),
        ("deals", " ", "Expected a name of 1 to 80 characters."),
        ("deals", "one two three four five", "Expected up to four words and 40 characters."),
        ("ghosts", "boo", "There is nothing of that kind here."),
        ("deals.ghost", "boo", "There is nothing of that kind here."),
        ("tasks.priority=ghost", "boo", "There is nothing of that kind here."),
        ("users/99", "boo", "There is nothing of that kind here."),
        ("people/1", "boo", "There is nothing of that kind here."),
        ("deals;drop", "boo", "Expected an object, a field, an option or a record: deals, deals.amount, users/3."),
    ],
)
def test_a_word_that_means_something_else_is_refused(
    database: Database, admin: Principal, target: str, word: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        teach(database, admin, target, word)
    assert refused.value.errors[0].message == why


def test_a_word_means_one_thing_until_it_is_forgotten(database: Database, admin: Principal, member: Principal) -> None:
    id = teach(database, admin, "deals", "Booth")
    with pytest.raises(Invalid, match="“booth” already means Deals"):
        teach(database, admin, "companies", "booth")
    with database.write() as connection:
        with pytest.raises(Forbidden):
            synonyms.remove(connection, id, actor=member)
        synonyms.remove(connection, id, actor=admin)
        with pytest.raises(NotFound):
            synonyms.remove(connection, id, actor=admin)
    teach(database, admin, "companies", "booth")


def test_a_word_for_what_is_gone_rests(database: Database, admin: Principal) -> None:
    with database.write() as connection:
        connection.execute(
            spoken.synonyms.insert().values(target="deals.gone", word="ghost", word_key="ghost", created_at=_now())
        )
        catalog.bump(connection)
    with database.read() as connection:
        found = catalog.load(connection)
        assert synonyms.label(connection, found, spoken.target("deals.gone")) is None


def _now() -> Any:
    from app.shared.types import utc_now

    return utc_now()


def test_questions_are_read_in_the_workspace_s_own_words(
    crm: Crm, database: Database, admin: Principal, settings: Settings
) -> None:
    anna = add_user(database, "Beate Reyes", "member", "beate@example.com")
    create(database, admin, "deals", name="One", stage="won", amount=100, owner=anna.user_id)
    create(database, admin, "deals", name="Two", stage="lead", amount=50, owner=anna.user_id)
    create(database, admin, "tasks", name="Call", priority="high")
    create(database, admin, "tasks", name="Write", priority="low")
    index = Index(settings, crm)

    def ask(question: str) -> Any:
        return answer(crm, index, admin, question, Context())

    assert ask("how many booths did we win?").mode == "none"
    teach(database, admin, "deals", "booth")
    teach(database, admin, "tasks.priority=high", "hot")
    teach(database, admin, f"users/{anna.user_id}", "the boss")
    assert ask("how many booths did we win?").figures[0].value == 1
    assert ask("how many hot tasks are there?").figures[0].value == 1
    assert ask("how many booths does the boss own?").figures[0].value == 2


def test_words_live_over_rest(client: Any) -> None:
    made = client.post("/api/v1/synonyms", json={"word": "booth", "target": "deals"})
    assert (made.status_code, made.json()["label"]) == (201, "Deals")
    assert client.get("/api/v1/synonyms").json()["items"] == [made.json()]
    twice = client.post("/api/v1/synonyms", json={"word": "booth", "target": "people"})
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (422, "word")
    assert client.delete(f"/api/v1/synonyms/{made.json()['id']}").status_code == 204
    assert client.delete(f"/api/v1/synonyms/{made.json()['id']}").status_code == 404
