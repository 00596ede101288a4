"""Operations as they come to operations as the door works on them; every bad field is named at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from app.crm.changes import ways
from app.crm.changes.codec import State, empty
from app.crm.changes.context import Problems
from app.crm.changes.formats import Refused, text
from app.crm.changes.values import JSON_INT, parse
from app.crm.changes.ways import Way
from app.shared.contract import Action, Catalog, ChangeSet, FieldSpec, ObjectSpec, Operation, Principal
from app.shared.errors import FieldError, Forbidden, Invalid

MAX_OPERATIONS = 200_000  # about 4 KB of memory each while they are applied, see bench/doors/writing.py
MOST_TWINS = 100
_REF = re.compile(r"[\w-]{1,64}")


@dataclass(slots=True)
class Draft:
    """One operation, its values parsed. Values that were refused are left out, and known to `Problems`."""

    index: int
    action: Action
    spec: ObjectSpec
    id: int | str | None
    ref: str | None = None
    values: State = field(default_factory=dict)
    expect: State | None = None
    version: int | None = None
    way: Way | None = None  # link, unlink: over which relation
    to: int | str | None = None
    twins: tuple[int, ...] = ()  # merge
    said: Mapping[str, str] = field(
        default_factory=dict
    )  # of a change made for a link: under what its fields are known
    settled: set[str] = field(default_factory=set)  # conflicts that the caller has decided on


def allowed(principal: Principal, changes: ChangeSet) -> None:
    """Raises Forbidden where this principal may not write at all, or may not delete for good."""
    if not principal.can_write:
        raise Forbidden("You can look at records, but not change them.")
    if any(operation.action == "purge" for operation in changes.operations) and not principal.is_admin:
        raise Forbidden("Only an admin can delete records for good.")
    if len(changes.operations) > MAX_OPERATIONS:
        message = f"A change set holds at most {MAX_OPERATIONS:,} operations; this one has {len(changes.operations):,}."
        raise Invalid(message, [FieldError("operations", message)])


def drafts(
    catalog: Catalog, principal: Principal, changes: ChangeSet, problems: Problems, *, lenient: bool
) -> list[Draft]:
    """Parse every operation. What is refused stands in `problems`. Touches no database."""
    problems.several = len(changes.operations) > 1
    _check_set(changes, problems)
    parser = _Parser(catalog, principal, problems, lenient)
    found = (parser.draft(index, operation) for index, operation in enumerate(changes.operations))
    return [draft for draft in found if draft]


def _check_set(changes: ChangeSet, problems: Problems) -> None:
    try:
        text(changes.title)
    except Refused as problem:
        problems.invalid.append(FieldError("title", str(problem)))
    if not changes.operations:
        problems.invalid.append(FieldError("operations", "A change set holds at least one operation."))


class _Parser:
    def __init__(self, catalog: Catalog, principal: Principal, problems: Problems, lenient: bool) -> None:
        self.catalog, self.timezone, self.problems, self.lenient = catalog, principal.timezone, problems, lenient
        self.tells_the_past = principal.channel == "system"  # the demo: since when its deals have stood where they do
        self.fields: dict[str, dict[str, FieldSpec]] = {}
        self.refs: set[str] = set()

    def draft(self, index: int, operation: Operation) -> Draft | None:
        spec = self.catalog.objects.get(operation.object)
        if spec is None or spec.support:
            self.problems.refuse(index, "object", f"There is no object {operation.object!r} to change.")
            return None
        if not self._addressed(index, operation):
            return None
        draft = Draft(index, operation.action, spec, operation.id, operation.ref, version=operation.version)
        self._particular(index, operation)
        if operation.action in ("link", "unlink"):
            return self._linked(draft, operation)
        if operation.action == "merge" and spec.join:
            self.problems.refuse(index, "object", f"{spec.label} can't be merged.")
            return None
        if operation.action == "merge":
            draft.twins = self._twins(index, operation)
        draft.values = self._values(index, spec, operation.values)
        if operation.expect is not None:
            draft.expect = self._expected(index, spec, operation.expect)
        return draft

    def _addressed(self, index: int, operation: Operation) -> bool:
        """A create has no id; everything else has the one of a record, or the "$ref" of one made earlier."""
        creates, id = operation.action == "create", operation.id
        known = 0 < id <= JSON_INT if isinstance(id, int) else id is not None and id[:1] == "$"
        good = id is None if creates else known
        if not good:
            message = "A new record gets its id from the CRM." if creates else "Expected the id of a record."
            self.problems.refuse(index, "id", message)
        if creates and (operation.expect is not None or operation.version is not None):
            self.problems.refuse(index, "expect", "A new record has no old values.")
        if operation.ref is not None:
            self._named(index, operation.ref, creates=creates)
        if operation.values and operation.action in ("trash", "restore", "purge"):
            self.problems.refuse(index, "values", f"{operation.action.capitalize()} takes no values.")
        return good

    def _particular(self, index: int, operation: Operation) -> None:
        """What belongs to links and merges is refused elsewhere."""
        links, merges = operation.action in ("link", "unlink"), operation.action == "merge"
        given = {
            "relation": operation.relation is not None and not links,
            "to": operation.to is not None and not links,
            "twins": bool(operation.twins) and not merges,
        }
        for name in (name for name, wrong in given.items() if wrong):
            self.problems.refuse(index, name, f"{operation.action.capitalize()} takes no {name}.")

    def _linked(self, draft: Draft, operation: Operation) -> Draft | None:
        index, spec = draft.index, draft.spec
        draft.way = way = ways.find(self.catalog, spec, operation.relation or "")
        if way is None:
            known = ", ".join(ways.names(self.catalog, spec))
            asked = f"{spec.label} have no relation {operation.relation!r}" if operation.relation else "Name a relation"
            self.problems.refuse(index, "relation", f"{asked}. They can be linked over: {known}.")
            return None
        draft.to = self._other(index, way, operation)
        joins = way.holder.join and way.far is not None
        draft.values = self._values(index, way.holder, operation.values) if joins else {}
        if operation.values and not joins:
            self.problems.refuse(index, "values", f"A link over {way.relation} takes no values.")
        for end in way.holder.ends if joins else ():
            if draft.values.pop(end.name, None) is not None:
                self.problems.refuse(index, end.name, "What is linked stands in id and to.")
        if operation.expect is not None:
            draft.expect = self._expected(index, spec, operation.expect)
        return draft

    def _other(self, index: int, way: Way, operation: Operation) -> int | str | None:
        """The id or "$ref" of the other record; over a link field an unlink may leave it out."""
        value = operation.to
        known = 0 < value <= JSON_INT if isinstance(value, int) else value is not None and value[:1] == "$"
        optional = operation.action == "unlink" and way.near is None
        if not known and not (value is None and optional):
            self.problems.refuse(index, "to", f"Expected the id of one of the {way.target}.")
        return value

    def _twins(self, index: int, operation: Operation) -> tuple[int, ...]:
        twins = operation.twins
        if not twins or len(twins) > MOST_TWINS:
            self.problems.refuse(index, "twins", f"Name 1 to {MOST_TWINS} records to merge into this one.")
        elif operation.id in twins or len(set(twins)) < len(twins):
            self.problems.refuse(index, "twins", "A record can't be merged with itself, or twice.")
        elif any(not 0 < twin <= JSON_INT for twin in twins):
            self.problems.refuse(index, "twins", "Expected the ids of records.")
        return twins

    def _named(self, index: int, ref: str, *, creates: bool) -> None:
        name = ref.removeprefix("$")
        if not creates or not _REF.fullmatch(name) or name in self.refs:
            self.problems.refuse(index, "ref", "A ref names one new record of the set: letters, digits, - and _.")
        self.refs.add(name)

    def _known(self, spec: ObjectSpec) -> dict[str, FieldSpec]:
        if spec.name not in self.fields:
            self.fields[spec.name] = {item.name: item for item in spec.fields}
        return self.fields[spec.name]

    def _values(self, index: int, spec: ObjectSpec, given: Mapping[str, Any]) -> State:
        values: State = {}
        known = self._known(spec)
        for name, value in given.items():
            item = known.get(name)
            if item is None:
                self.problems.refuse(index, name, _unknown(spec, name))
            elif item.read_only and not (self.tells_the_past and name == "stage_changed_at"):
                self.problems.refuse(index, name, f"{item.label} is kept by the program and can't be set.")
            else:
                self._value(index, item, value, values)
        return values

    def _value(self, index: int, item: FieldSpec, value: Any, values: State) -> None:
        try:
            values[item.name] = parse(item, value, timezone=self.timezone, lenient=self.lenient)
        except Refused as problem:
            self.problems.refuse(index, item.name, str(problem))

    def _expected(self, index: int, spec: ObjectSpec, given: Mapping[str, Any]) -> State:
        """What the caller saw. A value that no field can hold is kept raw: it will not be what stands there."""
        known, expected = self._known(spec), {}
        for name, value in given.items():
            item = known.get(name)
            if item is None:
                self.problems.refuse(index, name, _unknown(spec, name))
                continue
            try:
                expected[name] = parse(item, value, timezone=self.timezone, lenient=True)
            except Refused:
                expected[name] = value if value is not None else empty(item)
        return expected


def _unknown(spec: ObjectSpec, name: str) -> str:
    gone = next((item for item in spec.retired if item.name == name), None)
    if gone:
        return f"{gone.label} ({name}) is retired: an admin can bring it back in the settings. Its data is kept."
    near = get_close_matches(name, [item.name for item in spec.fields], 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{spec.label} have no field {name!r}.{hint}"
