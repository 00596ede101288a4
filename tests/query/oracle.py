"""What a query must answer, computed in plain Python over the same records. Knows nothing of SQL or of the door."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.shared.contract import (
    And,
    Condition,
    FieldSpec,
    Filter,
    Money,
    Not,
    Option,
    Or,
    Principal,
    Query,
    Ref,
    Related,
    Text,
)
from app.shared.money import digits
from tests.query.plain import compare, key, mentions, ordered, relative, span, utf8, within
from tests.query.world import JOINED, NOW, Record, World

TEXTS = ("text", "long_text", "email", "url", "phone", "key")
STAGE_FIELDS = {"key": "key", "label": "text", "kind": "select", "probability": "number", "position": "number"}
KINDS = (Option("open", "Open"), Option("won", "Won"), Option("lost", "Lost"))


def stage_field(name: str) -> FieldSpec:
    options = KINDS if name == "kind" else ()
    return FieldSpec(name, name, STAGE_FIELDS[name], options=options, integer=True)  # type: ignore[arg-type]


@dataclass
class End:
    """Where a path ended: the object and record that hold the field (no record: a link on the way led nowhere)."""

    object: str
    record: Record | None
    spec: FieldSpec

    @property
    def value(self) -> Any:
        found = None if self.record is None else self.record.get(self.spec.name)
        return () if found is None and self.spec.type in ("tags", "multi_select") else found


class Oracle:
    def __init__(self, world: World, principal: Principal) -> None:
        self.world = world
        self.principal = principal
        self.zone = ZoneInfo(principal.timezone)

    # --- who sees what -----------------------------------------------------------------------------------------------

    def visible(self, object: str, record: Record) -> bool:
        if object in JOINED:
            return all(self.visible(name, end) for name, end in self._ends(object, record))
        if object not in self.world.rules:
            return True
        me, owner = self.principal.user_id, record["owner"] or record["created_by"]
        if record.get("private") and (me is None or owner != me):
            return False
        rule = self.world.rules[object]
        if self.principal.role == "admin" or rule == "everyone" or (owner == me and me is not None):
            return True
        return rule == "team" and self.principal.team_id is not None and self._team(owner) == self.principal.team_id

    def _team(self, user: int | None) -> int | None:
        found = self.world.find("users", user)
        return found["team"] if found else None

    def _ends(self, object: str, record: Record) -> list[tuple[str, Record]]:
        """What a join connects."""
        ends = [(spec.target or "", record[spec.name]) for spec in self.world.catalog[object].ends]
        return [(target, self.world.find(target, id) or {}) for target, id in ends]

    def living(self, object: str, record: Record) -> bool:
        if object in JOINED and not all(self.living(name, end) for name, end in self._ends(object, record)):
            return False
        return record.get("trashed_at") is None

    def seen(self, object: str, record: Record) -> bool:
        return self.living(object, record) and self.visible(object, record)

    # --- paths -------------------------------------------------------------------------------------------------------

    def follow(self, record: Record | None, spec: FieldSpec) -> Record | None:
        id = None if record is None else record[spec.name]
        if spec.type == "stage":
            return self.world.stages.get(id) if id is not None else None
        found = self.world.find(spec.target or "", id)
        return found if found is not None and self.seen(spec.target or "", found) else None

    def end(self, object: str, record: Record | None, path: str) -> End:
        head, _, rest = path.partition(".")
        if object == "stages":
            return End(object, record, stage_field(head))
        spec = self.world.catalog[object].field(head) or FieldSpec("id", "ID", "number", integer=True)
        if not rest:
            return End(object, record, spec)
        target = "stages" if spec.type == "stage" else spec.target or ""
        return self.end(target, self.follow(record, spec), rest)

    def split_many(self, object: str, path: str) -> tuple[str, str, str] | None:
        """The path before a to-many relation, the relation, and the path after it."""
        steps = path.split(".")
        for place, step in enumerate(steps):
            if object == "stages":
                return None
            spec = self.world.catalog[object].field(step)
            if spec is None and self.world.catalog.inverse(object, step):
                return ".".join(steps[:place]), step, ".".join(steps[place + 1 :])
            if spec is None or spec.type not in ("link", "stage"):
                return None
            object = "stages" if spec.type == "stage" else spec.target or ""
        return None

    def related(self, object: str, record: Record, before: str, relation: str) -> tuple[str, list[Record]]:
        """The records that point back to where the path before leads."""
        for step in filter(None, before.split(".")):
            spec = self.world.catalog[object].field(step)
            assert spec is not None
            object, found = spec.target or "", self.follow(record, spec)
            if found is None:
                back = self.world.catalog.inverse(object, relation)
                return (back[0].name if back else ""), []
            record = found
        back = self.world.catalog.inverse(object, relation)
        assert back is not None
        many = [item for item in self.world.records.get(back[0].name, ()) if item[back[1].name] == record["id"]]
        return back[0].name, [item for item in many if self.seen(back[0].name, item)]

    # --- filters -----------------------------------------------------------------------------------------------------

    def matches(self, object: str, record: Record, filter: Filter) -> bool:
        if isinstance(filter, And):
            return all(self.matches(object, record, item) for item in filter.items)
        if isinstance(filter, Or):
            return any(self.matches(object, record, item) for item in filter.items)
        if isinstance(filter, Not):
            return not self.matches(object, record, filter.item)
        if isinstance(filter, Text):
            return self.mentions(object, record, filter.text)
        if isinstance(filter, Related):
            before, _, relation = filter.relation.rpartition(".")
            target, many = self.related(object, record, before, relation)
            wanted = filter.where
            found = any(wanted is None or self.matches(target, item, wanted) for item in many)
            return found == (filter.quantifier == "any")
        return self.condition(object, record, filter)

    def mentions(self, object: str, record: Record, wanted: str) -> bool:
        """Whether the words stand in the record's name or in its searchable fields; the trash has no such text."""
        if record["trashed_at"] is not None or object in JOINED:
            return False
        spec = self.world.catalog[object]
        texts = [str(record[spec.label_field] or "")]
        for field in spec.fields:
            value = record[field.name]
            if field.type in ("select", "multi_select") and field.custom_id:
                chosen = value if isinstance(value, tuple) else (value,)
                texts += [option.label for option in field.options if option.key in chosen]
            elif field.searchable or field.type == "key" or (field.custom_id and field.type in TEXTS):
                texts.append(str(value or ""))
        return mentions(" | ".join(texts), wanted)

    def condition(self, object: str, record: Record, condition: Condition) -> bool:
        many = self.split_many(object, condition.field)
        if many is None:
            return self.holds(self.end(object, record, condition.field), condition.op, condition.value)
        before, relation, rest = many
        target, found = self.related(object, record, before, relation)
        if rest:
            inner = Condition(field=rest, op=condition.op, value=condition.value)
            return any(self.condition(target, item, inner) for item in found)
        ids = {item["id"] for item in found}
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        if condition.op == "empty":
            return bool(ids) != condition.value
        return bool(ids & set(values)) != (condition.op in ("ne", "not_in"))

    def holds(self, end: End, op: str, value: Any) -> bool:
        negative = {"ne": "eq", "not_in": "in", "not_contains": "contains"}
        if op in negative:
            return not self.holds(end, negative[op], value)
        if op == "empty":
            return self.is_empty(end) == value
        if op == "eq" and (value is None or value == ""):
            return self.is_empty(end)
        if op in ("eq", "in"):
            return any(self.equals(end, item) for item in (value if op == "in" else [value]))
        if end.spec.type in ("tags", "multi_select"):
            return self.equals(end, value)
        if end.value is None:
            return False
        return self.compares(end, op, value)

    def is_empty(self, end: End) -> bool:
        if end.spec.type == "link":
            return self.follow(end.record, end.spec) is None if end.record else True
        return end.value in (None, "", ())

    def equals(self, end: End, wanted: Any) -> bool:
        kind, value = end.spec.type, end.value
        if wanted is None or wanted == "":
            return self.is_empty(end)
        if kind in ("tags", "multi_select"):
            return key(wanted) in {key(name) for item in value for name in self._names(end.spec, item)}
        if value is None:
            return False
        if kind in TEXTS:
            return key(value) == key(wanted)
        if kind == "select":
            return key(wanted) in {key(name) for name in self._names(end.spec, value)}
        if kind == "stage":
            stage = self.world.stages[value]
            return key(wanted) in {key(stage["key"]), key(stage["label"]), stage["kind"]}
        if kind == "link":
            wanted = self.principal.user_id if wanted == "me" else wanted
            return self.follow(end.record, end.spec) is not None and value == wanted
        if kind == "boolean":
            return bool(value is wanted)
        return self.compares(end, "eq", wanted)

    def _names(self, spec: FieldSpec, stored: str) -> list[str]:
        return [stored, *(option.label for option in spec.options if option.key == stored)]

    def compares(self, end: End, op: str, wanted: Any) -> bool:
        kind, value = end.spec.type, end.value
        if op == "between":
            return self.compares(end, "gte", wanted[0]) and self.compares(end, "lte", wanted[1])
        if kind in TEXTS:
            mine, theirs = key(value) or "", key(wanted) or ""
            tests = {"contains": theirs in mine, "starts_with": mine.startswith(theirs)}
            return tests[op] if op in tests else compare(mine.encode(), op, theirs.encode())
        if kind in ("number", "money"):
            return compare(self.figure(end), op, Decimal(str(wanted)))
        if kind == "datetime" and "T" in wanted:
            moment = datetime.fromisoformat(wanted)
            return compare(value, op, moment if moment.tzinfo else moment.replace(tzinfo=self.zone))
        return within(self.day(value), op, *self.span(wanted))

    def span(self, wanted: str) -> tuple[date, date]:
        if wanted[0].isdigit():
            return span(wanted)
        return relative(wanted, NOW.astimezone(self.zone).date())

    def figure(self, end: End) -> Decimal:
        """A number, or an amount in major units."""
        if end.spec.type == "number":
            return Decimal(str(end.value))
        return Decimal(end.value).scaleb(-digits(self.currency(end.record or {})))

    def currency(self, record: Record) -> str:
        return str(record.get("currency") or self.world.currency)

    def day(self, value: date) -> date:
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    # --- pages -------------------------------------------------------------------------------------------------------

    def rows(self, query: Query) -> list[Record]:
        return [
            record
            for record in self.world.records[query.object]
            if self.visible(query.object, record)
            and (record["trashed_at"] is not None if query.trashed else self.living(query.object, record))
            and (not query.text or self.mentions(query.object, record, query.text))
            and (query.where is None or self.matches(query.object, record, query.where))
        ]

    def sorted(self, query: Query) -> list[int]:
        """The ids in the order of the query, which names a sort; ties by id in the direction of the last key."""
        last = query.sort[-1]
        terms = [(lambda record, name=name: self.sort_value(query.object, record, name), name) for name in query.sort]
        terms.append((lambda record: record["id"], "-id" if last.startswith("-") else "id"))  # type: ignore[misc]
        return [record["id"] for record in ordered(self.rows(query), terms)]

    def sort_value(self, object: str, record: Record, name: str) -> Any:
        return self.sort_key(self.end(object, record, name.removeprefix("-")))

    def sort_key(self, end: End) -> Any:
        kind, value = end.spec.type, end.value
        if kind == "link":
            target = self.follow(end.record, end.spec)
            return None if target is None else utf8(key(target["name"]))
        if value is None:
            return None
        if kind == "stage":
            return self.world.stages[value]["position"]
        if kind == "select" and end.spec.options:
            return [option.key for option in end.spec.options].index(value)
        if kind in TEXTS:
            return utf8(key(value))
        return self.figure(end) if kind in ("number", "money") else utf8(value) if isinstance(value, str) else value

    def value(self, end: End) -> Any:
        """A value as the door returns it."""
        value = end.value
        if end.spec.type == "link":
            target = self.follow(end.record, end.spec)
            return None if target is None else Ref(end.spec.target or "", target["id"], self.label(end.spec, target))
        if value is None:
            return None
        if end.spec.type == "stage":
            return self.world.stages[value]["key"]
        return Money(value, self.currency(end.record or {})) if end.spec.type == "money" else value

    def label(self, spec: FieldSpec, target: Record) -> str:
        one = self.world.catalog[spec.target or ""].label_one
        return target["name"] or f"{one} {target['id']}"
