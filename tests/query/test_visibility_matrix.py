"""What a person may not see makes no difference to anything that they are shown.

Two workspaces are the same but for Olga's records. Each person asks both the same, over every channel: whoever may not
see those records gets the same answers to the letter, so that nothing is readable, countable, groupable, sortable by,
or to be guessed from a total, an order or an error. Objects, fields and routes are taken from the declarations and from
the host itself: what is new joins by itself.
"""

import difflib
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog.testing

from app.crm import fulltext
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.shared.contract import Catalog, Condition, Group, Having, Measure, Query, Related, Text
from app.shared.errors import ParleyError
from tests.query.hidden import AMOUNT, MARK, OBJECTS, PEOPLE, RULES, Two, Workspace, hidden_from, set_rule, shown
from tests.test_every_route import found_routes

BLIND = [(rule, who) for rule in ("team", "owner") for who in hidden_from(rule)]
# Of each rule a member and a viewer go through every page; the doors are asked by everyone.
WALKING = [("team", "other"), ("team", "watching other"), ("owner", "mate"), ("owner", "watching mate")]
LONG = bool(os.environ.get("TEST_LONG"))  # everyone asks everything; else they share the questions


# --- the doors --------------------------------------------------------------------------------------------------------


def _questions(catalog: Catalog) -> Iterator[Query]:
    """Everything that could be asked about Olga's records, field by field, directly and over every link."""
    for name in OBJECTS:
        spec = catalog[name]
        yield Query(object=name)
        yield Query(object=name, trashed=True)
        yield Query(object=name, limit=1, sort=("-id",))
        yield Query(object=name, text=MARK)
        yield Query(object=name, where=Text(text=f"{MARK} desc"))
        for path, kind in _paths(catalog, name):
            yield from _about(name, path, kind)
        for relation, other, _ in catalog.inverses(name):
            for quantifier in ("any", "none"):
                where = Text(text=MARK) if other.has_pages else None
                yield Query(object=name, where=Related(relation=relation, quantifier=quantifier, where=where))  # type: ignore[arg-type]
            yield Query(object=name, where=Condition(field=f"{relation}.id", op="gte", value=1))
        assert spec.fields


def _paths(catalog: Catalog, name: str) -> Iterator[tuple[str, str]]:
    for field in catalog[name].fields:
        yield field.name, field.type
        if field.type == "link" and field.target in OBJECTS:
            target = catalog[field.target]
            telling = (target.label_field, "amount", "tags", "email", "owner")
            ends = target.fields if LONG else [end for end in target.fields if end.name in telling]
            yield from ((f"{field.name}.{end.name}", end.type) for end in ends)


def _about(name: str, path: str, kind: str) -> Iterator[Query]:
    if kind not in ("tags", "multi_select"):
        yield Query(object=name, sort=(f"-{path}",), columns=(path,))
    if kind != "long_text":
        measures = (
            [Measure(), Measure(fn="count_distinct", field=path)]
            if kind not in ("tags", "multi_select", "money")
            else [Measure()]
        )
        measures += [Measure(fn="sum", field=path)] if kind in ("money", "number") else []
        yield Query(object=name, group_by=(Group(field=path),), measures=tuple(measures))
    value = {"money": AMOUNT, "number": 77, "date": "2031-07-17", "datetime": "2031-07-17", "boolean": False}.get(kind)
    if kind in ("text", "long_text", "email", "url"):
        yield Query(object=name, where=Condition(field=path, op="contains", value=MARK))
    elif value is not None:
        yield Query(object=name, where=Condition(field=path, value=value))
    yield Query(object=name, where=Condition(field=path, op="empty", value=False))


def _answer(workspace: Workspace, who: str, asked: Query) -> Any:
    try:
        found = workspace.crm.query(workspace.people[who], asked)
    except ParleyError as error:
        return type(error), str(error)
    return found


@pytest.mark.parametrize(("rule", "who"), BLIND)
def test_no_question_is_answered_otherwise(both: Two, rule: str, who: str) -> None:
    set_rule(both, rule)
    one, other = both
    asked = list(_questions(one.crm.catalog()))
    assert len(asked) > 500
    turn = slice(None) if LONG else slice(BLIND.index((rule, who)), None, len(BLIND))
    for question in asked[turn]:
        here = _answer(one, who, question)
        assert here == _answer(other, who, question), question
        assert MARK not in repr(here).replace(repr(question), ""), question


def test_who_may_see_them_gets_other_answers(both: Two) -> None:
    """So that the tests of those who may not can fail."""
    set_rule(both, "team")
    one, other = both
    asked = list(_questions(one.crm.catalog()))[:: 1 if LONG else 40]
    for who in ("olga", "mate", "watching mate", "admin"):
        differing = sum(_answer(one, who, question) != _answer(other, who, question) for question in asked)
        assert differing > len(asked) / 2, who


@pytest.mark.parametrize(("rule", "who"), BLIND)
def test_no_search_label_or_record_shows_them(both: Two, rule: str, who: str) -> None:
    set_rule(both, rule)
    found = []
    for workspace in both:
        principal, crm = workspace.people[who], workspace.crm
        refs = [(name, id) for name, ids in workspace.hers.items() for id in ids]
        with workspace.database.read() as connection:
            hits = fulltext.search(connection, principal, f"{MARK} own common", limit=50)
        assert crm.get_many(principal, refs) == {}
        shown = sorted((hit.ref.url, hit.ref.label, hit.snippet, hit.date) for hit in hits)  # BM25 knows all texts
        found.append((shown, [crm.labels(principal, name) for name in OBJECTS]))
    assert found[0] == found[1]
    assert MARK not in repr(found)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "olga"])
@pytest.mark.parametrize("rule", RULES)
def test_a_private_note_is_seen_by_its_author_alone(both: Two, rule: str, who: str) -> None:
    """By no role, no team and no way, whatever else is seen."""
    set_rule(both, rule)
    workspace, private = both[0], both[0].hers["notes"][2]
    principal, crm = workspace.people[who], workspace.crm
    assert crm.get_many(principal, [("notes", private)]) == {}
    assert private not in [id for id, _ in crm.labels(principal, "notes")]
    words = f"{MARK} private"
    assert private not in [hit.ref.id for hit in crm.search(principal, words) if hit.ref.object == "notes"]
    for asked in (
        Query(object="notes", text=words),
        Query(object="notes", where=Condition(field="private", value=True)),
        Query(object="companies", where=Related(relation="notes", where=Text(text=words))),
        Query(object="companies", where=Condition(field="notes", value=private)),
        Query(object="companies", where=Condition(field="notes.name", op="starts_with", value=words)),
        Query(object="notes", group_by=(Group(field="name"),), having=(Having(measure="count", value=1),)),
    ):
        found = _answer(workspace, who, asked)
        assert words not in repr(found).replace(repr(asked), ""), asked
        assert not getattr(found, "total", 0), asked
    assert workspace.get(who, f"/notes/{private}").status_code == 404
    assert workspace.get(who, f"/api/v1/notes/{private}").status_code == 404


# --- every page and route ---------------------------------------------------------------------------------------------


def _addresses(workspace: Workspace, who: str) -> Iterator[str]:
    """Every route that is read by object and id, of one's own records and of Olga's; and lists in many ways."""
    for route in sorted(found_routes(workspace.client.app)):
        method, path = route.split(" ", 1)
        holes = set(re.findall(r"<(?:any\([^)]*\):|int:)?(\w+)>|\{(\w+)", path))
        names = {one or other for one, other in holes}
        if method == "GET" and names <= {"object", "id", "name"} and not path.startswith(_ELSEWHERE):
            yield from _filled(workspace, who, path, names)


# What holds no records: accounts, settings, set-up, health, documentation; conversations are by person.
_ELSEWHERE = (
    "/settings/", "/sign", "/setup", "/invitation", "/healthz", "/readyz", "/metrics", "/docs", "/openapi", "/static",
    "/chat/conversations", "/chat/model", "/chat/index", "/assistant", "/api/v1/fields", "/api/v1/stages",
    "/api/v1/pipelines", "/api/v1/users", "/api/v1/teams",
)  # fmt: skip


def _filled(workspace: Workspace, who: str, path: str, names: set[str]) -> Iterator[str]:
    if "object" not in names and "id" not in names:
        yield path
        yield f"{path}?q={MARK}"
        return
    for name in RECORD_OBJECTS if "object" in names else [""]:
        kind = name or ("files" if "/files/" in path else "deals")
        ids = [*workspace.hers[kind], workspace.own[who][kind][0]] if "id" in names else [0]
        for id in ids:
            address = re.sub(r"<any\([^)]*\):object>|<object>|\{object[^}]*\}", name, path)
            address = re.sub(r"<(?:int:)?id>|\{id[^}]*\}", str(id), address)
            yield address
            if "id" not in names:
                yield f"{address}?q={MARK}"


_MENTIONED = quote(f'{{"text":"{MARK}"}}')


def _lists() -> Iterator[str]:
    for name in RECORD_OBJECTS:
        label = BUILT_IN[name].label_field
        yield from (
            f"/{name}?trashed=true",
            f"/{name}?group_by={label}&measure=count",
            f"/api/v1/{name}?{label}__contains={MARK}",
            f"/api/v1/{name}?trashed=true&sort=-updated_at&limit=1",
            f"/api/v1/{name}?where={_MENTIONED}",
            f"/api/v1/{name}?cursor=abc",
        )
    yield f"/api/v1/deals?company.name__starts_with={MARK}&sort=-company.name"
    yield f"/deals?company=1&amount__gte={AMOUNT}"


@pytest.mark.timeout(600)  # every page and route, in two workspaces
@pytest.mark.parametrize(("rule", "who"), WALKING)
def test_no_page_or_route_shows_a_difference(both: Two, rule: str, who: str) -> None:
    set_rule(both, rule)
    addresses = [*_addresses(both[0], who), *_lists()]
    assert len(addresses) > 100
    with structlog.testing.capture_logs():
        found = {address: difference for address in addresses if (difference := _difference(both, who, address))}
    assert found == {}


def _difference(both: Two, who: str, address: str) -> str:
    """What tells the two answers apart, or shows a mark; "": nothing."""
    here, there = (shown(workspace.get(who, address)) for workspace in both)
    if here[0] >= 500 or (MARK in here[2] and MARK not in address):
        return f"{here[0]} {here[2]}"
    if here == there:
        return ""
    if here[:2] != there[:2]:
        return f"{here[:2]} {there[:2]}"
    lines = difflib.unified_diff(
        *(text[2].replace("><", ">\n<").splitlines() for text in (here, there)), n=0, lineterm=""
    )
    return "\n".join(lines)[:1500]


QUESTIONS = (
    f"Show {MARK} name",
    f"Who is {MARK}?",
    "How many deals are there?",
    "How many notes?",
    "What is the total amount of deals?",
    "Deals by owner",
    "Largest deal",
    "Which companies have deals over $7,000,000?",
    f"What was said about {MARK}?",
    "Average amount by company",
    "Deals of olga",
    "What did olga write?",
)


@pytest.mark.parametrize(("rule", "who"), [("team", "watching other"), ("owner", "mate")])
def test_the_assistant_knows_nothing_of_them(both: Two, rule: str, who: str) -> None:
    set_rule(both, rule)
    with structlog.testing.capture_logs():
        for question in QUESTIONS:
            answers = [
                workspace.client.post("/chat/ask", json={"question": question}, headers=workspace.headers(who)).json()
                for workspace in both
            ]
            here, there = ({key: value for key, value in answer.items() if key not in _THEIRS} for answer in answers)
            assert here == there, question
            assert MARK not in str(here) or MARK in question, question


_THEIRS = ("conversation_id", "message_id")
