"""A model may fill in what the parser cannot read; it is believed as far as the question and the records bear it."""

import json
from typing import Any

import pytest

from app.chatbot import tools
from app.chatbot.types import Answer, Suggestion
from app.crm.port import Crm
from app.shared.contract import ChangeSet, Money, Operation, Principal
from tests.chat.conftest import Bench, events_of, run
from tests.chat.model_server import FakeOllama

UNREAD = Answer(
    text="I can't read “killing”.",
    mode="none",
    readings=(Suggestion("How many deals are there?"),),
    unread=("Betatech",),
)


@pytest.fixture
def filled(bench: Bench, crm: Crm, admin: Principal) -> Bench:
    """Two companies, three deals of Betatech worth 100, 200 and 300 of which two are won."""
    won = next(option.key for option in crm.catalog()["deals"].field("stage").options if option.kind == "won")  # type: ignore[union-attr]
    create = [
        Operation(action="create", object="companies", ref="b", values={"name": "Betatech", "industry": "medical"}),
        Operation(action="create", object="companies", values={"name": "Acme", "industry": "retail"}),
    ]
    for amount, values in ((100, {"stage": won}), (200, {"stage": won}), (300, {})):
        facts: dict[str, Any] = {"name": f"Deal {amount}", "company": "$b", "amount": amount, **values}
        create.append(Operation(action="create", object="deals", values=facts))
    crm.apply(admin, ChangeSet(title="Records", operations=tuple(create)))
    bench.port = crm
    bench.exact.gives = UNREAD
    return bench


def fill(**rest: Any) -> str:
    return json.dumps({"object": "deals", "filters": [], "group_by": [], "measures": [], "sort": []} | rest)


BETATECH = {"field": "company.name", "op": "eq", "value": "Betatech"}


def test_a_question_that_the_model_can_read_is_computed_by_the_door(filled: Bench, admin: Principal) -> None:
    async def body() -> None:
        fake = FakeOllama(
            replies=[fill(filters=[BETATECH], measures=[{"fn": "sum", "field": "amount"}])], words=["Fine. "]
        )
        async with filled.with_model(fake) as chat:
            done = (await events_of(chat, admin, "what is Betatech killing"))[-1].data
            assert (done["mode"], done["model"]) == ("model", "tiny")
            assert done["figures"] == [{"label": "Total amount", "value": 600, "unit": "USD"}]
            assert done["query"]["object"] == "deals"
            assert done["url"].startswith("/deals?")
            assert done["unread"] == done["readings"] == []
            assert "format" in fake.requests[0]
            assert fake.requests[0]["options"]["num_ctx"] == fake.requests[1]["options"]["num_ctx"] == 2048

    run(body)


def test_a_list_and_groups_come_with_their_rows(filled: Bench, admin: Principal) -> None:
    async def body() -> None:
        groups = fill(filters=[BETATECH], group_by=["stage"], measures=[{"fn": "count"}])
        fake = FakeOllama(replies=[fill(filters=[BETATECH], sort=["-amount"]), groups], words=["Fine. "])
        async with filled.with_model(fake) as chat:
            listed = (await events_of(chat, admin, "what is Betatech killing"))[-1].data
            assert [row["amount"] for row in listed["rows"]] == [300, 200, 100]
            assert listed["figures"] == [{"label": "Deals", "value": 3, "unit": None}]
            grouped = (await events_of(chat, admin, "what is Betatech killing"))[-1].data
            assert sorted(row["count"] for row in grouped["rows"]) == [1, 2]

    run(body)


def test_a_bad_query_is_repaired_once(filled: Bench, admin: Principal) -> None:
    async def body() -> None:
        bad = fill(filters=[BETATECH | {"field": "company.nome"}])
        fake = FakeOllama(replies=[bad, fill(filters=[BETATECH])], words=["Fine. "])
        async with filled.with_model(fake) as chat:
            done = (await events_of(chat, admin, "what is Betatech killing"))[-1].data
            assert done["mode"] == "model"
            assert "company.nome" in fake.requests[1]["messages"][-1]["content"]

    run(body)


@pytest.mark.parametrize(
    "reply",
    [
        "no json at all",
        "{}",
        fill(object="none"),
        fill(object="users"),
        fill(filters=[{"field": "company.name", "op": "eq", "value": "Acme"}]),  # not in the question
        fill(filters=[{"field": "amount", "op": "gt", "value": 5000}]),  # neither
        fill(),  # passes over a word that nobody placed
        fill(filters=[BETATECH, {"field": "amount", "op": "gt", "value": 12345}]),
        fill(filters=[BETATECH, {"field": "name", "op": "contains", "value": "Betatech"}]),  # finds nothing
        fill(filters=[BETATECH], measures=[{"fn": "sum", "field": "name"}]),
        fill(filters=[BETATECH], measures=[{"fn": "drop", "field": "amount"}]),
        fill(filters=[BETATECH], sort=["nonsense"]),
    ],
)
def test_an_abstention_stands_where_the_model_has_nothing_to_be_believed(
    filled: Bench, admin: Principal, reply: str
) -> None:
    async def body() -> None:
        fake = FakeOllama(replies=[reply, reply])
        async with filled.with_model(fake) as chat:
            done = (await events_of(chat, admin, "what is Betatech killing"))[-1].data
            assert (done["mode"], done["model"]) == ("none", None)
            assert done["answer"] == UNREAD.text
            assert done["unread"] == ["Betatech"]
            assert done["readings"][0]["question"] == "How many deals are there?"
            assert done["figures"] == done["rows"] == []
            assert len(fake.requests) == 2
            assert chat.model.name == "tiny"  # a bad answer is no fault of the server

    run(body)


def test_an_ambiguous_question_is_put_to_the_asker_and_not_to_the_model(filled: Bench, admin: Principal) -> None:
    filled.exact.gives = Answer(text="Which Anna?", mode="none", readings=(Suggestion("Anna Reed’s deals"),))

    async def body() -> None:
        fake = FakeOllama()
        async with filled.with_model(fake) as chat:
            assert (await events_of(chat, admin, "Anna's deals"))[-1].data["mode"] == "none"
            assert fake.requests == []

    run(body)


def test_the_schema_names_only_what_there_is(crm: Crm) -> None:
    catalog = crm.catalog()
    schema = tools.schema(catalog)
    assert "users" not in schema["properties"]["object"]["enum"]
    paths = schema["properties"]["group_by"]["items"]["enum"]
    assert {"amount", "company.industry", "owner.name"} <= set(paths)
    assert "company.parent.name" not in paths
    assert "deals: " in tools.vocabulary(catalog)


def test_money_of_a_result_is_in_major_units(filled: Bench, crm: Crm, admin: Principal) -> None:
    from app.chatbot.presenting import present
    from app.shared.contract import Measure, Query

    answer = present(crm, admin, Query(object="deals", measures=(Measure(fn="avg", field="amount"),)))
    assert answer.figures[0].value == 200
    assert answer.figures[0].unit == Money(0, "USD").currency
