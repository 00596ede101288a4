"""Random sets, conflicts and undos: after each step the tables hold what a plain model says."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, select
from sqlalchemy import event as engine_event

from app.crm import catalog, changes
from app.crm.changes import codec
from app.crm.schema import TABLES, search_documents, taggings, tags
from app.crm.schema import changes as journal
from app.crm.schema import metadata as crm
from app.shared.contract import SYSTEM
from app.shared.db import Database
from app.shared.errors import ParleyError
from tests.changes.helpers import change_set
from tests.changes.model import FIELDS, STAGES, Key, RefusedError, World

WRITER = replace(SYSTEM, channel="import")  # no defaults of its own
CLEARED = ("changes", "change_sets", "search_documents", "taggings", "tags", *reversed(FIELDS))

names = st.sampled_from([*["Acme", "Beta", "Gamma", "Zoë"] * 8, ""])
amounts = st.none() | st.integers(0, 3)
tag_lists = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=2).map(sorted)
emails = st.none() | st.sampled_from(["a@example.com", "A@example.com", "b@example.com"])
VALUES: dict[str, dict[str, Any]] = {
    "companies": {"name": names, "city": st.none() | names.filter(bool), "annual_revenue": amounts, "tags": tag_lists},
    "people": {"name": names, "email": emails, "tags": tag_lists},
    "deals": {"name": names, "stage": st.sampled_from(sorted(STAGES)), "amount": amounts, "tags": tag_lists},
}
LINK_OF = {"companies": "parent", "people": "company", "deals": "company"}


class Machine(RuleBasedStateMachine):
    """Works on one database, which it empties first."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database, self.world = database, World()
        with database.write() as connection:
            for name in CLEARED:
                connection.execute(delete(crm.tables[name]))

    # --- what may be done --------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def apply_a_set(self, data: st.DataObject) -> None:
        operations = [self._operation(data, place) for place in range(data.draw(st.integers(1, 4)))]
        self._compare(lambda: self.world.apply(operations, iter(range(-1, -99, -1))), operations=operations)

    @precondition(lambda self: self.world.sets)
    @rule(data=st.data())
    def undo_a_set(self, data: st.DataObject) -> None:
        still = sorted(number for number, done in self.world.sets.items() if not done.undone)
        number = data.draw(st.sampled_from(still or sorted(self.world.sets)))
        self._compare(lambda: self.world.undo(number), undoes=number)

    @precondition(lambda self: self.world.sets)
    @rule()
    def undo_the_last_set(self) -> None:
        number = max(self.world.sets)
        self._compare(lambda: self.world.undo(number), undoes=number)

    def _operation(self, data: st.DataObject, place: int) -> dict[str, Any]:
        known = sorted(self.world.items)
        action = data.draw(st.sampled_from([*["create", "update"] * 3, *["trash", "restore"] * 2, "purge"]))
        if action == "create" or not known:
            object = data.draw(st.sampled_from(sorted(FIELDS)))
            values = {"name": data.draw(names)} | self._values(data, object, place)
            operation = {"action": "create", "object": object, "values": values}
            return operation | ({"ref": f"r{place}"} if object == "companies" else {})
        object, id = data.draw(st.sampled_from(known))
        operation = {"action": action, "object": object, "id": id}
        if action == "update":
            operation["values"] = self._values(data, object, place)
            if data.draw(st.integers(0, 5)) == 0:
                operation["expect"] = {"name": data.draw(names.filter(bool))}
        return operation

    def _values(self, data: st.DataObject, object: str, place: int) -> dict[str, Any]:
        fields = VALUES[object]
        chosen = data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=3))
        values = {name: data.draw(fields[name]) for name in chosen}
        companies = [id for name, id in self.world.items if name == "companies"]
        targets: list[Any] = [None, *companies * 2, *(f"$r{earlier}" for earlier in range(place))]
        if data.draw(st.integers(0, 2)) == 0:
            values[LINK_OF[object]] = data.draw(st.sampled_from(targets))
        return values

    # --- both doors, side by side ------------------------------------------------------------------------------------

    def _compare(self, expected: Any, operations: Any = None, undoes: int | None = None) -> None:
        wanted = self._or_none(expected)
        if wanted is None:
            assert self._is_refused(operations, undoes)
            return
        done = self._real(operations, undoes)
        if undoes is None:  # the same again, with the ids that the database gave
            made = iter([ref.id for ref, one in zip(done.records, self._first(operations), strict=False) if one])
            wanted = self.world.apply(operations, made)
        event("undone" if undoes is not None else "applied")
        self.world.commit(done.id, wanted, undoes)

    @staticmethod
    def _or_none(expected: Any) -> Any:
        try:
            return expected()
        except RefusedError as reason:
            event(f"refused: {reason}")
            return None

    def _is_refused(self, operations: Any, undoes: int | None) -> bool:
        try:
            self._real(operations, undoes)
        except ParleyError:
            return True
        return False

    def _real(self, operations: Any, undoes: int | None) -> Any:
        if undoes is not None:
            return changes.undo(self.database, WRITER, undoes)
        return changes.apply(self.database, WRITER, change_set(*operations))

    @staticmethod
    def _first(operations: list[dict[str, Any]]) -> Iterator[bool]:
        """For each record of the answer, in order: whether the set makes it. Those that a purge detaches come last."""
        seen: set[Any] = set()
        for operation in operations:
            key = (operation["object"], operation.get("id"))
            if operation["action"] == "create":
                yield True
            elif key not in seen:
                seen.add(key)
                yield False

    # --- what must always hold ---------------------------------------------------------------------------------------

    @invariant()
    def the_tables_hold_what_the_model_says(self) -> None:
        expected = {key: (item.values, item.trashed) for key, item in self.world.items.items()}
        assert self._tables() == expected

    def _tables(self) -> dict[Key, tuple[dict[str, Any], bool]]:
        found: dict[Key, tuple[dict[str, Any], bool]] = {}
        with self.database.read() as connection:
            tagged: dict[Key, tuple[str, ...]] = {}
            joined = select(taggings.c.object, taggings.c.record_id, tags.c.name).join(tags).order_by(tags.c.name_key)
            for object, id, name in connection.execute(joined):
                tagged[object, id] = (*tagged.get((object, id), ()), name)
            for object, fields in FIELDS.items():
                for row in connection.execute(select(TABLES[object])).mappings():
                    columns = {name: row.get(name, row.get(f"{name}_id")) for name in fields}
                    values = columns | {"tags": tagged.get((object, row["id"]), ())}
                    found[object, row["id"]] = (values, row["trashed_at"] is not None)
        return found

    @invariant()
    def every_living_record_and_no_other_has_a_searchable_text(self) -> None:
        with self.database.read() as connection:
            columns = select(search_documents.c.object, search_documents.c.record_id, search_documents.c.title)
            found = {(row[0], row[1]): row[2] for row in connection.execute(columns)}
        living = {key: item.values["name"] for key, item in self.world.items.items() if not item.trashed}
        assert found == living

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
            empty = {name: () if name == "tags" else None for name in item.values}
            assert {name: (empty | played[key])[name] for name in item.values} == item.values


def _run(database: Database, examples: int) -> None:
    """Short of the disk's own pace: what a crash leaves behind is tested elsewhere."""
    if database.is_sqlite:
        engine_event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    slow = settings(
        max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(lambda: Machine(database), settings=slow)  # type: ignore[no-untyped-call]


def test_random_sets_and_undos_do_what_the_model_does(database: Database) -> None:
    _run(database, 25)


def test_they_do_so_on_postgresql_too(postgres_database: Database) -> None:
    _run(postgres_database, 8)
