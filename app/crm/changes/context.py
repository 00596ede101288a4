"""What one run of the change door knows: who, when, the declarations, the stages, and what was refused so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, select

from app.crm.changes.codec import Labels
from app.crm.query.visibility import visible
from app.crm.schema import pipelines, stages
from app.shared.contract import Catalog, FieldSpec, ObjectSpec, Principal, Resolution
from app.shared.db import text_key
from app.shared.errors import Conflict, FieldError, Invalid
from app.shared.types import utc_now

HUMAN_CHANNELS = frozenset({"page", "api", "assistant"})


@dataclass(frozen=True, slots=True)
class Stage:
    id: int
    pipeline_id: int
    key: str
    label: str
    kind: str
    probability: int | None
    retired: bool


class Stages:
    """Every pipeline's stages, in order: a small table, read once where deals are touched."""

    def __init__(self, connection: Connection) -> None:
        columns: list[Any] = [stages.c[name] for name in Stage.__slots__[:-1]]
        columns.append((stages.c.retired | pipelines.c.retired).label("retired"))
        home = stages.join(pipelines, pipelines.c.id == stages.c.pipeline_id)
        found = connection.execute(select(*columns).select_from(home).order_by(stages.c.position, stages.c.id))
        self.all = {row.id: Stage(*row) for row in found}
        living = select(pipelines.c.id).where(pipelines.c.retired.is_(False))
        rows = connection.execute(living.order_by(pipelines.c.position, pipelines.c.id))
        self.pipelines = tuple(rows.scalars())
        self.names = {stage.id: (stage.key, stage.label) for stage in self.all.values()}

    def of(self, pipeline: int | None) -> list[Stage]:
        return [stage for stage in self.all.values() if stage.pipeline_id == pipeline and not stage.retired]

    def first(self, pipeline: int | None) -> Stage | None:
        """Where a new deal stands: the first open stage."""
        found = self.of(pipeline)
        return next((stage for stage in found if stage.kind == "open"), found[0] if found else None)

    def find(self, pipeline: int | None, words: str) -> Stage | None:
        """By key, else by label, else by kind."""
        wanted, found = text_key(words), self.of(pipeline)
        for name in ("key", "label", "kind"):
            for stage in found:
                if text_key(getattr(stage, name)) == wanted:
                    return stage
        return None


@dataclass
class Problems:
    """What was refused: every bad field of every operation, and every value that someone else has changed."""

    several: bool = False  # the set has several operations: errors carry their operation's index
    invalid: list[FieldError] = field(default_factory=list)
    stale: list[FieldError] = field(default_factory=list)
    refused: set[tuple[int, str]] = field(default_factory=set)

    def refuse(self, index: int, name: str, message: str, **extra: Any) -> None:
        self.refused.add((index, name))
        self.invalid.append(FieldError(name, message, self._placed(index, extra)))

    def conflict(self, index: int, name: str, message: str, **extra: Any) -> None:
        self.stale.append(FieldError(name, message, {"operation": index} | extra))

    def _placed(self, index: int, extra: dict[str, Any]) -> dict[str, Any] | None:
        return ({"operation": index} | extra if self.several else extra) or None

    def check(self) -> None:
        """Raises Invalid with every refused field, else Conflict with every stale one."""
        if self.invalid:
            raise Invalid(_sentence(self.invalid), self.invalid)
        if self.stale:
            raise Conflict(_sentence(self.stale), self.stale)


def _sentence(errors: Sequence[FieldError]) -> str:
    if len(errors) == 1:
        return errors[0].message
    names = list(dict.fromkeys(error.field for error in errors))
    return f"{len(errors)} values can't be taken: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}."


@dataclass
class Context:
    """One run over one connection. `lenient`: odd e-mails, phones and addresses are kept as written (imports)."""

    connection: Connection
    principal: Principal
    catalog: Catalog
    lenient: bool = False
    problems: Problems = field(default_factory=Problems)
    now: datetime = field(default_factory=utc_now)
    rules: Mapping[str, str] | None = None  # who sees what, where it has been read already
    resolutions: Sequence[Resolution] = ()
    uploads: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)  # what was uploaded, by its operation
    kept: bool = False  # a proposal, whose old values the program has noted: they may name what nobody was shown
    _fields: dict[str, dict[str, FieldSpec]] = field(default_factory=dict)

    @cached_property
    def stages(self) -> Stages:
        return Stages(self.connection)

    @cached_property
    def labels(self) -> Labels:
        return Labels(lambda: self.stages.names)

    @property
    def today(self) -> date:
        """Today where the asking user is."""
        return self.now.astimezone(ZoneInfo(self.principal.timezone)).date()

    @property
    def is_import(self) -> bool:
        return self.principal.channel == "import"

    @property
    def author_id(self) -> int | None:
        """The asking user, where a person writes by their own hand."""
        return self.principal.user_id if self.principal.channel in HUMAN_CHANNELS else None

    def visible(self, object: str) -> ColumnElement[bool]:
        """The condition that the principal may see a record."""
        return visible(self.principal, object, rules=self.rules)

    def fields(self, spec: ObjectSpec) -> dict[str, FieldSpec]:
        """An object's fields by name: looked up for every value of a large set."""
        if spec.name not in self._fields:
            self._fields[spec.name] = {item.name: item for item in spec.fields}
        return self._fields[spec.name]

    def currency(self, spec: ObjectSpec, state: Mapping[str, Any]) -> str:
        """The currency of a record's money; a record without one counts in the workspace's."""
        return (state.get("currency") if self.has_currency(spec) else None) or self.catalog.currency

    def has_currency(self, spec: ObjectSpec) -> bool:
        """Whether the records of an object name their currency."""
        item = self.fields(spec).get("currency")
        return item is not None and item.custom_id is None
