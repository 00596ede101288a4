"""Full text: ranked, narrowed by rights, and blind to any syntax in what a person types."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.crm import fulltext
from app.shared.contract import Hit, Principal, Ref
from app.shared.db import Database
from tests.changes.helpers import act, create, update


def search(database: Database, principal: Principal, text: str, **rest: object) -> list[Hit]:
    with database.read() as connection:
        return list(fulltext.search(connection, principal, text, **rest))  # type: ignore[arg-type]


def found(database: Database, principal: Principal, text: str, **rest: object) -> list[tuple[str, int]]:
    return [(hit.ref.object, hit.ref.id) for hit in search(database, principal, text, **rest)]


@pytest.fixture
def records(any_database: Database, admin: Principal) -> dict[str, Ref]:
    values = {
        "betatech": ("companies", {"name": "Betatech", "industry": "Medical", "description": "Integration partner"}),
        "will": ("people", {"name": "Will Young", "email": "will@example.com", "title": "Chief engineer"}),
        "call": ("activities", {"kind": "call", "date": "2024-05-01T10:00:00Z", "body": "Spoke of integrations."}),
        "note": ("notes", {"name": "Integration", "body": "The naïve plan: connect the café systems, 40% off."}),
        "deal": ("deals", {"name": "Big deal", "close_date": "2024-06-30", "description": "x " * 300 + "zebra here"}),
    }
    return {name: create(any_database, admin, object, **rest) for name, (object, rest) in values.items()}


def test_words_are_found_in_their_forms_and_the_title_weighs_more(
    any_database: Database, admin: Principal, records: dict[str, Ref]
) -> None:
    hits = search(any_database, admin, "integration")
    assert hits[0].ref == Ref("notes", records["note"].id, "Integration")
    assert {hit.ref.object for hit in hits} == {"notes", "companies", "activities"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].score > hits[1].score > 0


def test_any_word_will_do_unless_all_are_asked_for(
    any_database: Database, admin: Principal, records: dict[str, Ref]
) -> None:
    assert len(found(any_database, admin, "What was said about zebra or integration")) == 4
    assert found(any_database, admin, "integration medical", match_all=True) == [("companies", records["betatech"].id)]
    assert found(any_database, admin, "integration zebra", match_all=True) == []


def test_the_last_word_may_be_unfinished(any_database: Database, admin: Principal, records: dict[str, Ref]) -> None:
    for typed in ("b", "bet", "Betatec", "betatech", "medical bet"):
        assert ("companies", records["betatech"].id) in found(any_database, admin, typed, match_all=True)


def test_a_word_is_found_at_every_letter_of_its_ending(
    any_database: Database, admin: Principal, records: dict[str, Ref]
) -> None:
    for length in range(4, len("integrations") + 1):
        assert ("notes", records["note"].id) in found(any_database, admin, "integrations"[:length], match_all=True)


def test_a_name_that_is_a_common_word_is_found(
    any_database: Database, admin: Principal, records: dict[str, Ref]
) -> None:
    for typed in ("will", "Will", "will young", "wil"):
        assert found(any_database, admin, typed, match_all=True) == [("people", records["will"].id)]


def test_a_snippet_marks_what_matched(any_database: Database, admin: Principal, records: dict[str, Ref]) -> None:
    [hit] = search(any_database, admin, "zebra")
    assert "\x02zebra\x03 here" in hit.snippet
    assert len(hit.snippet) < 400
    assert hit.date is not None
    assert hit.date.date().isoformat() == "2024-06-30"
    [call] = search(any_database, admin, "integration", objects=["activities"])
    assert "\x02integrations\x03" in call.snippet
    assert (call.ref.label, call.date and call.date.isoformat()) == (
        "Spoke of integrations.",
        "2024-05-01T10:00:00+00:00",
    )


SYNTAX = (
    '"', '"unbalanced', "NEAR(a b)", "AND", "a AND", "*", "^x", "title:x", "x*y", "(", "a' b", "'; --", ":*", "&|!",
)  # fmt: skip


def test_syntax_is_only_text(any_database: Database, admin: Principal, records: dict[str, Ref]) -> None:
    for typed in SYNTAX:
        for match_all in (True, False):
            search(any_database, admin, typed, match_all=match_all)
            search(any_database, admin, f"{typed} zebra", match_all=match_all)
        assert ("deals", records["deal"].id) in found(any_database, admin, f"{typed} zebra")


@given(st.text(max_size=60), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_breaks_a_search(any_database: Database, admin: Principal, typed: str, match_all: bool) -> None:
    search(any_database, admin, typed, match_all=match_all)


def test_nothing_is_found_by_nothing(any_database: Database, admin: Principal, records: dict[str, Ref]) -> None:
    for typed in ("", "   ", "…", "%", "_", "\x00"):
        assert search(any_database, admin, typed) == []
    assert search(any_database, admin, "zebra", objects=["users"]) == []


def test_hits_are_narrowed_to_what_may_be_seen(any_database: Database, admin: Principal, member: Principal) -> None:
    note = create(any_database, member, "notes", body="A secret zebra", private=True)
    assert found(any_database, member, "zebra") == [("notes", note.id)]
    assert found(any_database, admin, "zebra") == []


def test_what_is_in_the_trash_is_not_found(any_database: Database, admin: Principal, records: dict[str, Ref]) -> None:
    act(any_database, admin, "trash", records["deal"])
    assert found(any_database, admin, "zebra") == []
    act(any_database, admin, "restore", records["deal"])
    update(any_database, admin, records["deal"], description="No animals")
    assert found(any_database, admin, "zebra") == []
    assert len(found(any_database, admin, "animals")) == 1


def test_documents_carry_what_an_index_needs(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    jane = create(any_database, admin, "people", name="Jane", company=acme.id)
    call = create(
        any_database,
        admin,
        "activities",
        kind="call",
        date="2024-05-01T10:00Z",
        body="Hello",
        company=acme.id,
        person=jane.id,
    )
    gone = create(any_database, admin, "notes", body="Gone")
    act(any_database, admin, "trash", gone)
    with any_database.read() as connection:
        first, second, third = fulltext.documents(
            connection, [("activities", call.id), ("notes", gone.id), ("notes", 99)]
        )
    assert (first.title, first.text, first.author) == ("", "Hello", "Anna")
    assert first.links == (Ref("companies", acme.id, "Acme"), Ref("people", jane.id, "Jane"))
    assert first.seq > 0
    assert (second.text, second.seq > first.seq) == (None, True)
    assert (third.text, third.seq) == (None, 0)


def test_the_whole_index_can_be_built_page_by_page(any_database: Database, admin: Principal) -> None:
    made = [create(any_database, admin, "companies", name=f"C{n}", description="Text") for n in range(5)]
    made += [create(any_database, admin, "notes", body=f"N{n}") for n in range(3)]
    create(any_database, admin, "companies", name="Without prose")
    act(any_database, admin, "trash", made[1])
    pages: list[tuple[str, int]] = []
    with any_database.read() as connection:
        while page := fulltext.document_refs(connection, pages[-1] if pages else None, 2):
            pages += page
    assert pages == [("notes", 3), ("notes", 2), ("notes", 1), *(("companies", n) for n in (5, 4, 3, 1))]


def test_the_largest_text_is_searchable(any_database: Database, admin: Principal) -> None:
    words = " ".join(f"w{n:x}" for n in range(15_000))
    ref = create(any_database, admin, "companies", name="Large", description=words)
    assert len(words) > 80_000
    assert found(any_database, admin, "w3a97") == [("companies", ref.id)]
