"""Whatever a Qdrant server does, questions are answered from full text, the state says why, and it heals by itself."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.chatbot.retrieval import Index
from app.chatbot.retrieval.embed import MiniLm
from app.crm.port import Crm
from app.shared.config import Settings
from app.shared.contract import Principal
from tests.retrieval.qdrant_server import FakeQdrant
from tests.retrieval.test_index import NOISE, PRICE, model, note, settled, wait

__all__ = ["model"]  # the fixture


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.chatbot.retrieval.index.RETRY", 0.2)
    monkeypatch.setattr("app.chatbot.retrieval.index.POLL", 0.1)
    monkeypatch.setattr("app.chatbot.retrieval.vectors.READ_SECONDS", 1)


@pytest.fixture
def qdrant() -> Iterator[FakeQdrant]:
    fake = FakeQdrant()
    yield fake
    fake.stop()


@pytest.fixture
def index(settings: Settings, crm: Crm, model: MiniLm, qdrant: FakeQdrant) -> Iterator[Index]:
    """Not started: each test says whether the server is there when it starts."""
    qdrant.start()
    index = Index(replace(settings, qdrant_url=qdrant.url), crm, model)
    yield index
    index.stop()


def test_a_server_serves_as_the_embedded_engine_does(crm: Crm, admin: Principal, index: Index) -> None:
    index.start()
    priced, loud = note(crm, admin, PRICE), note(crm, admin, NOISE)
    settled(index, crm)
    assert index.search(admin, "worried about the cost")[0].ref.id == priced
    assert index.search(admin, "sound level")[0].ref.id == loud
    assert index.state()["status"] == "ok"


def test_one_that_is_down_at_the_start_is_taken_up_once_it_comes(
    crm: Crm, admin: Principal, index: Index, qdrant: FakeQdrant
) -> None:
    qdrant.stop()
    index.start()
    priced = note(crm, admin, PRICE)
    wait(lambda: index.state()["status"] == "degraded")
    assert "Qdrant server" in index.state()["why"]
    assert index.state()["why"].endswith("Full text serves alone.")
    assert [hit.ref.id for hit in index.search(admin, "expensive machine")] == [priced]
    qdrant.start()
    settled(index, crm)
    assert index.search(admin, "worried about the cost")[0].ref.id == priced
    assert index.state()["status"] == "ok"


@pytest.mark.parametrize("fault", ["hang", "broken", "garbage", "old", "dead"])
def test_one_that_fails_leaves_full_text_and_comes_back(
    crm: Crm, admin: Principal, index: Index, qdrant: FakeQdrant, fault: str
) -> None:
    index.start()
    priced = note(crm, admin, PRICE)
    settled(index, crm)
    if fault == "dead":
        qdrant.stop()
    qdrant.fault = fault
    assert [hit.ref.id for hit in index.search(admin, "expensive machine")] == [priced]
    wait(lambda: index.state()["status"] == "degraded")
    while_away = note(crm, admin, NOISE)
    assert [hit.ref.id for hit in index.search(admin, "grinder")] == [while_away]
    qdrant.fault = ""
    if fault == "dead":
        qdrant.start()
    settled(index, crm)
    wait(lambda: [hit.ref.id for hit in index.search(admin, "sound level")] == [while_away])
    assert index.state()["status"] == "ok"


def test_one_that_comes_back_empty_gets_everything_again(
    crm: Crm, admin: Principal, index: Index, qdrant: FakeQdrant
) -> None:
    index.start()
    priced = note(crm, admin, PRICE)
    settled(index, crm)
    qdrant.stop()
    index.search(admin, "worried about the cost")
    qdrant.collections.clear()
    qdrant.start()
    wait(lambda: [hit.ref.id for hit in index.search(admin, "worried about the cost")] == [priced])
    assert index.state()["status"] == "ok"
