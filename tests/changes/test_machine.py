"""Random sets, proposals, conflicts, merges and undos: after each step the tables hold what a plain model says."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select
from sqlalchemy import event as engine_event

from app.crm import catalog, changes, customization
from app.crm.changes import codec
from app.crm.schema import TABLES, change_sets, search_documents, taggings, tags
from app.crm.schema import changes as journal
from app.crm.schema import metadata as crm
from app.shared.contract import SYSTEM, Resolution, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import ParleyError
from app.shared.types import utc_now
from tests.changes.helpers import change_set
from tests.changes.model import FIELDS, LINKS, STAGES, WAYS, Draft, Key, RefusedError, Set, World, settled

WRITER = replace(SYSTEM, channel="import")  # no defaults of its own
CLEARED = ("changes", "change_sets", "search_documents", "taggings", "tags", *reversed(FIELDS))
LONG = bool(os.environ.get("TEST_LONG"))

names = st.sampled_from([*["Acme", "Beta", "Gamma", "Zoë"] * 8, ""])
short = st.none() | names.filter(bool)
amounts = st.none() | st.integers(0, 3)
tag_lists = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=2).map(sorted)
emails = st.none() | st.sampled_from(["a@example.com", "A@example.com", "b@example.com"])
roles = st.sampled_from([None, "champion", "user"])
VALUES: dict[str, dict[str, Any]] = {
    "companies": {"name": names, "city": short, "annual_revenue": amounts, "tags": tag_lists, "nick": short},
    "people": {"name": names, "email": emails, "tags": tag_lists},
    "deals": {"name": names, "stage": st.sampled_from(sorted(STAGES)), "amount": amounts, "tags": tag_lists},
    "deal_contacts": {"role": roles, "note": short},
}
LINKS_OF = {"companies": ("parent",), "people": ("company",), "deals": ("company", "partner"), "deal_contacts": ()}
ACTIONS = [*["create", "update"] * 3, "trash", "restore", "purge", *["link", "merge"] * 4, *["unlink"] * 2]


class Machine(RuleBasedStateMachine):
    """Works on one database, which it empties first."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database, self.world = database, World()
        self.made: list[str] = []  # refs that the operations drawn so far make
        with database.write() as connection:
            for name in CLEARED:
                connection.execute(delete(crm.tables[name]))

    # --- what may be done --------------------------------------------------------------------------------------------

    @initialize()
    def begin_with_a_few_records(self) -> None:
        contacts = (("$r3", "$r1", "user"), ("$r3", "$r2", None), ("$r4", "$r1", None), ("$r4", "$r2", "user"))
        self._apply(
            [
                _new("companies", "r0", name="Acme"),
                _new("companies", None, name="Beta", parent="$r0", tags=["a"]),
                _new("people", "r1", name="Ada", company="$r0"),
                _new("people", "r2", name="Bea", email="b@example.com"),
                _new("deals", "r3", name="D", partner="$r0", amount=1),
                _new("deals", "r4", name="E"),
                *(_new("deal_contacts", None, deal=deal, person=one, role=role) for deal, one, role in contacts),
            ]
        )

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """One rule with weights of its own: Hypothesis would leave whole rules out of half the runs."""
        steps = [self.apply_a_set] * 8 + [self.propose_a_set] * 4 + [self.undo_a_set, self.undo_the_last_set] * 2
        if self._in("proposed"):
            steps += [*[self.apply_a_proposal] * 12, self.reject_a_proposal, self.let_every_proposal_expire]
        if self._undos():
            steps += [self.undo_an_undo, self.undo_again_and_again] * 2
        data.draw(st.sampled_from(steps))(data)

    def apply_a_set(self, data: st.DataObject) -> None:
        self._apply(self._operations(data))

    def _apply(self, operations: list[dict[str, Any]]) -> None:
        done = self._same(
            lambda: self.world.apply(operations, _ids()), lambda: changes.apply(self.database, WRITER, _set(operations))
        )
        self._commit(done, operations, len(operations))

    def propose_a_set(self, data: st.DataObject) -> None:
        operations = self._edits(data) if data.draw(st.booleans()) else self._operations(data)
        asked = self._same(
            lambda: self.world.apply(operations, _ids()),
            lambda: changes.propose(self.database, WRITER, _set(operations)),
        )
        if asked is not None:
            kept = self.world.kept(operations)
            self.world.sets[asked.id] = Set(state="proposed", count=len(operations), operations=kept)

    def apply_a_proposal(self, data: st.DataObject) -> None:
        """As it is, or with some of its fields settled."""
        number = data.draw(st.sampled_from([*self._in("proposed"), *sorted(self.world.sets)]))
        kept = self.world.sets[number].operations
        given = [self._resolution(data, kept) for _ in range(data.draw(st.sampled_from([0, 0, 1, 2])))] if kept else []

        def expected() -> Draft:
            if self.world.sets[number].state != "proposed":
                raise RefusedError("not open")
            return self.world.apply(settled(kept, given), _ids())

        resolutions = [Resolution.model_validate(one) for one in given]
        done = self._same(
            expected, lambda: changes.apply(self.database, WRITER, number, resolutions=resolutions), "applied proposal"
        )
        if done is not None:
            self._commit(done, settled(kept, given), len(kept))

    def reject_a_proposal(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self._in("proposed")))
        changes.reject(self.database, WRITER, number)
        self.world.sets[number].state = "rejected"

    def let_every_proposal_expire(self, _data: st.DataObject) -> None:
        with self.database.write() as connection:
            assert changes.expire(connection, utc_now() + timedelta(days=8)) == len(self._in("proposed"))
        for number in self._in("proposed"):
            self.world.sets[number].state = "expired"

    def undo_a_set(self, data: st.DataObject) -> None:
        self._undo(data.draw(st.sampled_from(self._in("applied") or sorted(self.world.sets))))

    def undo_the_last_set(self, _data: st.DataObject) -> None:
        self._undo(max(self.world.sets))

    def undo_an_undo(self, data: st.DataObject) -> None:
        self._undo(data.draw(st.sampled_from(self._undos())))

    def undo_again_and_again(self, data: st.DataObject) -> None:
        """The newest undo, its undo, and so on."""
        for _ in range(data.draw(st.integers(1, 3))):
            self._undo(max(self._undos() or self.world.sets))

    # --- what they are made of ---------------------------------------------------------------------------------------

    def _undos(self) -> list[int]:
        return [number for number in self._in("applied") if self.world.sets[number].undoes]

    def _in(self, state: str) -> list[int]:
        return sorted(number for number, done in self.world.sets.items() if done.state == state)

    def _operations(self, data: st.DataObject) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for place in range(data.draw(st.integers(1, 3))):
            self.made = [operation["ref"] for operation in found if operation.get("ref")]
            found.append(self._operation(data, place))
        merges = any(operation["action"] == "merge" for operation in found)  # what it moves, a later link can't know
        return [one for one in found if not (merges and one.get("relation") in ("contacts", "deal_roles"))]

    def _edits(self, data: st.DataObject) -> list[dict[str, Any]]:
        """What is proposed most: other values for a record."""
        self.made = []
        keys = [key for key in self._likely("update") if key[0] != "deal_contacts"]
        if not keys:
            return self._operations(data)
        object, id = data.draw(st.sampled_from(keys))
        values = {"name": data.draw(names.filter(bool))} | self._values(data, object, 0)
        return [{"action": "update", "object": object, "id": id, "values": values}]

    def _operation(self, data: st.DataObject, place: int) -> dict[str, Any]:
        action = data.draw(st.sampled_from(ACTIONS))
        if action == "create" or not self.world.items:
            return self._create(data, place)
        object, id = data.draw(st.sampled_from(self._likely(action)))
        operation = {"action": action, "object": object, "id": id}
        if action in ("link", "unlink"):
            return self._link(data, action, place)
        if action == "merge":
            return self._merge(data)
        if action == "update":
            operation["values"] = self._values(data, object, place)
            if object != "deal_contacts" and data.draw(st.integers(0, 5)) == 0:
                operation["expect"] = {"name": data.draw(names.filter(bool))}
        return operation

    def _likely(self, action: str) -> list[Key]:
        """Records that an action fits, most of the time."""
        fits = [key for key, item in self.world.items.items() if item.trashed == (action in ("restore", "purge"))]
        return sorted(self.world.items) + sorted(fits) * 8

    def _create(self, data: st.DataObject, place: int) -> dict[str, Any]:
        people, deals = self._ids_of("people"), self._ids_of("deals")
        objects = ["companies", "people", "deals", *(["deal_contacts"] if people and deals else [])]
        object = data.draw(st.sampled_from(objects))
        if object == "deal_contacts":
            first = {"deal": data.draw(st.sampled_from(deals)), "person": data.draw(st.sampled_from([*people, None]))}
        else:
            first = {"name": data.draw(names)}
        operation = {"action": "create", "object": object, "values": first | self._values(data, object, place)}
        return operation | ({"ref": f"r{place}"} if object == "companies" else {})

    def _link(self, data: st.DataObject, action: str, place: int) -> dict[str, Any]:
        joins = [("deals", "contacts"), ("people", "deal_roles")]
        ways = [way for way in [*joins * 3, *WAYS] if self._ids_of(way[0]) and self._ids_of(_target(*way))]
        if not ways:
            return self._create(data, place)
        object, relation = data.draw(st.sampled_from(ways))
        to = data.draw(st.sampled_from(self._ids_of(_target(object, relation))))
        id = data.draw(st.sampled_from(self._ids_of(object)))
        if data.draw(st.booleans()) and (action == "unlink" or (object, relation) in joins):
            id, to = self._linked(data, object, relation) or (id, to)
        operation: dict[str, Any] = {"action": action, "object": object, "id": id, "relation": relation, "to": to}
        if (object, relation) in joins:
            values = data.draw(st.fixed_dictionaries({"role": roles}, optional={"note": short}))
            operation["values"] = values if action == "link" else {k: v for k, v in values.items() if k == "role"}
        return operation

    def _linked(self, data: st.DataObject, object: str, relation: str) -> tuple[int, int] | None:
        """Two records that are linked, so that what stands there already is met often enough."""
        holder, near, far = WAYS[object, relation]
        held = [(id, item.values) for (name, id), item in sorted(self.world.items.items()) if name == holder]
        pairs = [(values[near] if near else id, values[far] if far else id) for id, values in held]
        found = [pair for pair in pairs if None not in pair]
        return data.draw(st.sampled_from(found)) if found else None

    def _merge(self, data: st.DataObject) -> dict[str, Any]:
        object = data.draw(st.sampled_from([name for name in FIELDS if name != "deal_contacts" and self._ids_of(name)]))
        ids = self._ids_of(object)
        linked = [id for id in ids if (object, id) in self._linked_to()]
        twins = data.draw(st.lists(st.sampled_from(ids + linked * 3), unique=True, min_size=1, max_size=2))
        id = data.draw(st.sampled_from([*[id for id in ids if id not in twins] * 3, ids[0]]))
        values = self._values(data, object, 0) if data.draw(st.integers(0, 2)) == 0 else {}
        return {"action": "merge", "object": object, "id": id, "twins": twins, "values": values}

    def _linked_to(self) -> set[Key]:
        items = self.world.items.values()
        return {(LINKS[n], v) for item in items for n, v in item.values.items() if n in LINKS and v is not None}

    def _ids_of(self, object: str) -> list[int]:
        """Living records come up more often."""
        found = sorted((id, item.trashed) for (name, id), item in self.world.items.items() if name == object)
        return [id for id, trashed in found for _ in range(1 if trashed else 6)]

    def _values(self, data: st.DataObject, object: str, place: int) -> dict[str, Any]:
        fields = VALUES[object]
        chosen = data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=3))
        values = {name: data.draw(fields[name]) for name in chosen}
        targets: list[Any] = [None, *self._ids_of("companies"), *(f"${ref}" for ref in self.made), "$r9"]
        for name in LINKS_OF[object]:
            if data.draw(st.integers(0, 2)) == 0:
                values[name] = data.draw(st.sampled_from(targets))
        return values

    @staticmethod
    def _resolution(data: st.DataObject, operations: Sequence[dict[str, Any]]) -> dict[str, Any]:
        edits = [place for place, one in enumerate(operations) if one["action"] == "update"]
        place = data.draw(st.sampled_from(edits or range(len(operations))))
        fields = [*operations[place].get("stood", {}), *operations[place].get("values", {})] or ["name"]
        keep = data.draw(st.sampled_from(["yours", "theirs"]))
        return {"operation": place, "field": data.draw(st.sampled_from(fields)), "keep": keep}

    # --- both doors, side by side ------------------------------------------------------------------------------------

    def _same(
        self, expected: Callable[[], Draft], real: Callable[[], StoredChangeSet], said: str = ""
    ) -> StoredChangeSet | None:
        """What the door did, where the model does it too; None where both refuse."""
        try:
            expected()
        except RefusedError as reason:
            event(f"refused: {reason}")
            assert _is_refused(real)
            return None
        if said:
            event(said)
        return real()

    def _commit(self, done: StoredChangeSet | None, operations: list[dict[str, Any]], count: int) -> None:
        """The model once more, with the ids that the database gave."""
        if done is None:
            return
        for operation in operations:
            event(f"applied: {operation['action']} {operation.get('relation', '')}")
        first = self.world.apply(operations, _ids())
        made = [ref.id for ref, created in zip(done.records, first.order.values(), strict=False) if created]
        self.world.commit(done.id, self.world.apply(operations, iter(made)), count)

    def _undo(self, number: int) -> None:
        done = self._same(
            lambda: self.world.undo(number), lambda: changes.undo(self.database, WRITER, number), "undone"
        )
        if done is not None:
            self.world.commit(done.id, self.world.undo(number), len(self.world.sets[number].touches), number)

    # --- what must always hold ---------------------------------------------------------------------------------------

    @invariant()
    def the_tables_hold_what_the_model_says(self) -> None:
        expected = {
            key: ({name: value for name, value in item.values.items() if name != "_moved"}, item.trashed, item.version)
            for key, item in self.world.items.items()
        }
        assert self._tables() == expected

    def _tables(self) -> dict[Key, tuple[dict[str, Any], bool, int]]:
        found: dict[Key, tuple[dict[str, Any], bool, int]] = {}
        with self.database.read() as connection:
            tagged: dict[Key, tuple[str, ...]] = {}
            joined = select(taggings.c.object, taggings.c.record_id, tags.c.name).join(tags).order_by(tags.c.name_key)
            for object, id, name in connection.execute(joined):
                tagged[object, id] = (*tagged.get((object, id), ()), name)
            for object, fields in FIELDS.items():
                custom = {field.name: f"f{field.custom_id}" for field in catalog.load(connection)[object].fields}
                for row in connection.execute(select(TABLES[object])).mappings():
                    values = {
                        name: row.get(name, row.get(f"{name}_id", row["custom"].get(custom.get(name))))
                        for name in fields
                        if name != "_moved"
                    }
                    if "tags" in fields:
                        values["tags"] = tagged.pop((object, row["id"]), ())
                    found[object, row["id"]] = (values, row["trashed_at"] is not None, row["version"])
        assert tagged == {}, "tags of nothing"
        return found

    @invariant()
    def every_set_stands_where_the_model_says(self) -> None:
        columns = change_sets.c
        statement = select(columns.id, columns.state, columns.undoes_id, columns.undone_by_id, columns["count"])
        with self.database.read() as connection:
            found = {row[0]: tuple(row[1:]) for row in connection.execute(statement)}
        expected = {n: (one.state, one.undoes, one.undone_by, one.count) for n, one in self.world.sets.items()}
        assert found == expected

    @invariant()
    def every_living_record_and_no_other_has_a_searchable_text(self) -> None:
        with self.database.read() as connection:
            columns = select(search_documents.c.object, search_documents.c.record_id, search_documents.c.title)
            found = {(row[0], row[1]): row[2] for row in connection.execute(columns)}
        named = {key: item for key, item in self.world.items.items() if "name" in item.values}
        assert found == {key: item.values["name"] for key, item in named.items() if not item.trashed}

    def teardown(self) -> None:
        """The journal, played again from its beginning, gives the records."""
        played: dict[Key, dict[str, Any]] = {}
        with self.database.read() as connection:
            known = catalog.load(connection)
            lines = connection.execute(select(journal).order_by(journal.c.seq)).all()
        for line in lines:
            spec, state = known[line.object], played.setdefault((line.object, line.record_id), {})
            for name, value in line.after.items():
                field = spec.field(name)
                assert field is not None
                state[name] = codec.decode(field, value)
        for key, item in self.world.items.items():
            values = {name: value for name, value in item.values.items() if name != "_moved"}
            empty = {name: () if name == "tags" else None for name in values}
            assert {name: (empty | played[key])[name] for name in values} == values


def _ids() -> Iterator[int]:
    """Ids that no record has, rising as those of the database do."""
    return iter(range(10**6, 10**6 + 99))


def _new(object: str, ref: str | None, **values: Any) -> dict[str, Any]:
    return {"action": "create", "object": object, "values": values} | ({"ref": ref} if ref else {})


def _set(operations: Sequence[dict[str, Any]]) -> Any:
    return change_set(*operations)


def _target(object: str, relation: str) -> str:
    holder, near, far = WAYS[object, relation]
    targets = {"company": "companies", "partner": "companies", "parent": "companies", "deal": "deals"}
    return holder if near and not far else targets.get(far or "", "people")


def _is_refused(real: Callable[[], StoredChangeSet]) -> bool:
    try:
        real()
    except ParleyError:
        return True
    return False


def _run(database: Database, examples: int) -> None:
    """Short of the disk's own pace: what a crash leaves behind is tested elsewhere."""
    if database.is_sqlite:
        engine_event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    with database.write() as connection:
        customization.create_field(connection, "companies", "Nick", "text")
        customization.create_field(connection, "deals", "Partner", "link", target="companies")
    slow = settings(
        max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(lambda: Machine(database), settings=slow)  # type: ignore[no-untyped-call]


def test_random_sets_and_undos_do_what_the_model_does(database: Database) -> None:
    _run(database, 2_000 if LONG else 25)


def test_they_do_so_on_postgresql_too(postgres_database: Database) -> None:
    _run(postgres_database, 300 if LONG else 8)
