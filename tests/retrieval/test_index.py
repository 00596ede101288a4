"""The index on real parts: the embedding model that comes with the install, and both vector engines' interface."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.chatbot.retrieval import Index
from app.chatbot.retrieval import index as index_module
from app.chatbot.retrieval.embed import EmbedderError, Embedding, MiniLm
from app.chatbot.retrieval.writer import Canceled
from app.crm.port import Crm
from app.shared.config import Settings, load
from app.shared.contract import ChangeSet, Operation, Principal

PRICE = "They find the machine too expensive and hope for a better offer before the end of the quarter."
NOISE = "The grinder is far too loud for the reading room next door, so the quieter model was chosen."


@pytest.fixture(scope="session")
def model() -> MiniLm:
    return MiniLm()


@pytest.fixture
def index(settings: Settings, crm: Crm, model: MiniLm) -> Iterator[Index]:
    index = Index(settings, crm, model)
    index.start()
    yield index
    index.stop()


def write(crm: Crm, principal: Principal, *operations: Operation) -> int:
    return crm.apply(principal, ChangeSet(operations=operations)).records[0].id


def note(crm: Crm, principal: Principal, body: str, **values: object) -> int:
    return write(crm, principal, Operation(action="create", object="notes", values={"body": body, **values}))


def company(crm: Crm, principal: Principal, name: str) -> int:
    return write(crm, principal, Operation(action="create", object="companies", values={"name": name}))


def settled(index: Index, crm: Crm, seconds: float = 20) -> None:
    """Wait until everything that was committed is in the vectors."""
    wait(lambda: index.state()["seq"] == crm.journal_end(), seconds)


def wait(until: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "the wait was too long"
        time.sleep(0.02)


def test_a_text_is_found_by_its_words_at_once_and_by_its_meaning_soon(crm: Crm, admin: Principal, index: Index):
    priced, loud = note(crm, admin, PRICE), note(crm, admin, NOISE)
    assert [hit.ref.id for hit in index.search(admin, "grinder")] == [loud]
    settled(index, crm)
    assert index.search(admin, "worried about the cost")[0].ref.id == priced


def test_nothing_is_quoted_for_a_question_about_something_else(crm: Crm, admin: Principal, index: Index):
    note(crm, admin, PRICE)
    settled(index, crm)
    assert index.search(admin, "football championship") == []


def test_a_changed_text_replaces_the_old_one(crm: Crm, admin: Principal, index: Index):
    changed = note(crm, admin, PRICE)
    settled(index, crm)
    write(crm, admin, Operation(action="update", object="notes", id=changed, values={"body": NOISE}))
    settled(index, crm)
    assert index.search(admin, "worried about the cost") == []
    assert index.search(admin, "sound level")[0].text == NOISE


def test_a_trashed_record_never_comes_back_as_a_hit(crm: Crm, admin: Principal, index: Index):
    gone = note(crm, admin, PRICE)
    settled(index, crm)
    write(crm, admin, Operation(action="trash", object="notes", id=gone))
    assert index.search(admin, "too expensive") == []
    settled(index, crm)
    assert index.search(admin, "worried about the cost") == []


def test_a_private_note_is_found_by_its_author_alone(crm: Crm, admin: Principal, member: Principal, index: Index):
    mine = note(crm, member, PRICE, private=True)
    settled(index, crm)
    assert [hit.ref.id for hit in index.search(member, "worried about the cost")] == [mine]
    assert index.search(admin, "worried about the cost") == []


def test_a_search_is_narrowed_to_a_company_and_to_dates(crm: Crm, admin: Principal, index: Index):
    ours, theirs = company(crm, admin, "Ours"), company(crm, admin, "Theirs")
    about_us = note(crm, admin, PRICE, company=ours)
    note(crm, admin, PRICE + " Again.", company=theirs)
    settled(index, crm)
    assert [hit.ref.id for hit in index.search(admin, "cost", links=[("companies", ours)])] == [about_us]
    assert index.search(admin, "cost", links=[("companies", ours)], until=date(2001, 1, 1)) == []


def test_without_a_subject_the_newest_texts_of_the_record_come_first(crm: Crm, admin: Principal, index: Index):
    ours = company(crm, admin, "Ours")
    first, second = note(crm, admin, PRICE, company=ours), note(crm, admin, NOISE, company=ours)
    found = index.search(admin, "what did they say?", links=[("companies", ours)])
    assert {hit.ref.id for hit in found} == {first, second}


def test_the_same_words_twice_are_quoted_once(crm: Crm, admin: Principal, index: Index):
    note(crm, admin, PRICE), note(crm, admin, PRICE)
    settled(index, crm)
    assert len(index.search(admin, "expensive machine")) == 1


def test_a_restart_embeds_nothing_again(
    crm: Crm, admin: Principal, settings: Settings, model: MiniLm, monkeypatch: pytest.MonkeyPatch
):
    first = Index(settings, crm, model)
    first.start()
    note(crm, admin, PRICE)
    settled(first, crm)
    first.stop()
    second = Index(settings, crm, model)
    monkeypatch.setattr(index_module.writer, "write", lambda *_: pytest.fail("embedded again"))
    second._catch_up()
    assert second.search(admin, "worried about the cost")
    second.stop()


def test_a_lost_index_folder_is_built_again(crm: Crm, admin: Principal, tmp_path: Path, model: MiniLm):
    note(crm, admin, PRICE)
    index = Index(load({}, tmp_path / "elsewhere"), crm, model)
    index._catch_up()
    assert index.search(admin, "worried about the cost")
    index.stop()


def test_reindex_builds_beside_and_a_canceled_one_leaves_the_old_serving(crm: Crm, admin: Principal, index: Index):
    note(crm, admin, PRICE)
    settled(index, crm)
    before = index.state()["collection"]
    with pytest.raises(Canceled):
        index.reindex(cancelled=lambda: True)
    assert index.state()["collection"] == before
    seen: list[tuple[int, int]] = []
    assert index.reindex(lambda done, total: seen.append((done, total))) == 1
    assert seen[-1][0] == seen[-1][1]
    assert index.state()["collection"] != before
    assert index.search(admin, "worried about the cost")


def test_searches_go_on_while_the_index_is_built_anew(crm: Crm, admin: Principal, index: Index):
    for number in range(40):
        note(crm, admin, f"{PRICE} Number {number}.")
    settled(index, crm)
    builder = threading.Thread(target=index.reindex)
    builder.start()
    while builder.is_alive():
        assert index.search(admin, "too expensive")
    builder.join()


class Broken:
    name = "broken"

    def embed(self, texts: object) -> list[Embedding]:
        raise EmbedderError("The model is away.")

    def unload_if_idle(self) -> bool:
        return False


def test_without_vectors_full_text_serves_and_the_state_says_why(crm: Crm, admin: Principal, settings: Settings):
    index = Index(settings, crm, Broken())
    index.start()
    found = note(crm, admin, PRICE)
    wait(lambda: index.state()["status"] == "degraded")
    assert "The model is away" in index.state()["why"]
    assert [hit.ref.id for hit in index.search(admin, "expensive")] == [found]
    index.stop()


def test_the_model_is_dropped_when_idle_and_comes_back(model: MiniLm, monkeypatch: pytest.MonkeyPatch):
    own = MiniLm()
    before = own.embed(["a quiet machine"])
    monkeypatch.setattr("app.chatbot.retrieval.embed.UNLOAD_AFTER", 0.0)
    assert own.unload_if_idle()
    assert own._parts is None
    assert own.embed(["a quiet machine"])[0].vector == before[0].vector


def test_a_tampered_model_is_not_used(monkeypatch: pytest.MonkeyPatch):
    package, path, _ = MiniLm._MODEL
    monkeypatch.setattr(MiniLm, "_MODEL", (package, path, "0" * 64))
    with pytest.raises(EmbedderError, match="not the one that was tested"):
        MiniLm().embed(["text"])


TIDES = "The pallets come by sea and wait for the tide, so a delivery takes two weeks longer than by lorry."


def test_of_two_that_say_the_same_the_record_in_view_s_own_is_quoted(crm: Crm, admin: Principal, index: Index):
    places = [company(crm, admin, name) for name in ("Acme", "Globex")]
    notes = [note(crm, admin, PRICE, company=at) for at in places]
    settled(index, crm)
    for at, own in zip(places, notes, strict=True):
        found = index.search(admin, "worried about the cost", beside=("companies", at))
        assert [hit.ref.id for hit in found] == [own]


def test_of_two_that_say_the_same_the_newer_is_quoted(crm: Crm, admin: Principal, index: Index):
    days = [datetime.now(UTC).date() - timedelta(days=ago) for ago in (900, 2, 400)]
    operations = [
        Operation(action="create", object="activities", values={"kind": "call", "date": str(day), "body": PRICE})
        for day in days
    ]
    ids = [write(crm, admin, operation) for operation in operations]
    settled(index, crm)
    assert [hit.ref.id for hit in index.search(admin, "worried about the cost")] == [ids[1]]


def test_nearly_the_same_words_are_quoted_once(crm: Crm, admin: Principal, index: Index):
    alike = {note(crm, admin, text) for text in (TIDES, TIDES.replace("so a delivery", "and so a delivery"))}
    counted = note(crm, admin, TIDES.replace("two weeks", "3 weeks"))
    settled(index, crm)
    found = {hit.ref.id for hit in index.search(admin, "delivery by sea")}
    assert counted in found
    assert len(found & alike) == 1


def test_what_has_the_number_comes_before_what_is_about_the_same(crm: Crm, admin: Principal, index: Index):
    for number in ("4710", "4711", "4712"):
        note(crm, admin, f"They wait for invoice {number} to be put right before they pay for the machine.")
    settled(index, crm)
    assert "4711" in index.search(admin, "what about invoice 4711")[0].text


def test_words_tell_apart_what_lies_beside_much_else(crm: Crm, admin: Principal, index: Index):
    """A vector of the whole means all of it; the words of one sentence still answer."""
    for dish in ("soup", "bread", "cheese", "salad", "cake", "rice"):
        note(crm, admin, f"We had {dish} in the canteen. {NOISE} {TIDES}")
    hidden = note(crm, admin, f"We had fish in the canteen. {NOISE} Their lawyer has left the firm. {TIDES}")
    settled(index, crm)
    assert index.search(admin, "whose attorney quit")[0].ref.id == hidden


def test_a_long_text_is_found_by_what_it_says_late(crm: Crm, admin: Principal, index: Index):
    filler = " ".join(f"On day {day} we spoke of the weather in the valley and of little else." for day in range(1, 40))
    note(crm, admin, filler)
    long = note(crm, admin, f"{filler} Their lawyer has left the firm.")
    settled(index, crm)
    assert index.search(admin, "whose attorney quit")[0].ref.id == long
