"""Given values onto a record's state: references, money in its currency, stages in their pipeline, tags by name."""

from decimal import Decimal
from typing import Any

from app.crm.changes import rules
from app.crm.changes.codec import State, minor
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.changes.seen import Targets
from app.crm.changes.validate import Draft
from app.shared.contract import FieldSpec, Money
from app.shared.money import digits

MAX_MINOR = 10**15 - 1  # exact as a JSON number, whatever the currency's digits
_LATER = ("money", "stage")  # need the currency and the pipeline first


class Assigner:
    """Sets a draft's values on a record. What can't be set is refused in the context's problems."""

    def __init__(self, context: Context, refs: dict[str, Work], targets: Targets) -> None:
        self.context, self.refs, self.targets = context, refs, targets
        self.tag_names: dict[str, str] = {}  # key -> the name under which a tag is known

    def assign(self, draft: Draft, work: Work, *, new: bool) -> None:
        was = None if new else dict(work.state)
        for field in work.spec.fields:
            if field.name in draft.values and field.type not in _LATER:
                self._plain(draft, work, field)
        self._money(draft, work, was)
        self._stage(draft, work, new=new)
        rules.derive(self.context, draft.index, work.spec.name, was, work.state, draft.values)
        self._required(draft, work, new=new)

    def _plain(self, draft: Draft, work: Work, field: FieldSpec) -> None:
        value = draft.values[field.name]
        if field.type == "link":
            self._link(draft, work, field, value)
        elif field.type == "tags":
            work.state[field.name] = self._tags(value)
        elif not field.retired_options or self._offered(draft, work, field, value):
            work.state[field.name] = value

    def _offered(self, draft: Draft, work: Work, field: FieldSpec, value: Any) -> bool:
        """A retired option can be kept where it stands, and not chosen anew."""
        held, wanted = (
            set(one if isinstance(one, tuple) else (one,)) for one in (work.state[field.name], value)
        )  # fmt: skip
        out = [option.label for option in field.retired_options if option.key in wanted - held]
        if out:
            self._refuse(draft, field, f"{out[0]} is retired: it can't be chosen any more.")
        return not out

    def _refuse(self, draft: Draft, field: FieldSpec, message: str, **extra: Any) -> None:
        self.context.problems.refuse(draft.index, draft.said.get(field.name, field.name), message, **extra)

    # --- links -------------------------------------------------------------------------------------------------------

    def _link(self, draft: Draft, work: Work, field: FieldSpec, value: int | str | None) -> None:
        if value is None or value == self.targets.shown(field, work.state[field.name]):
            work.state[field.name] = value  # what stands already isn't questioned: its target may be in the trash
            return
        id = self._reference(draft, field, value) if isinstance(value, str) else value
        if id is not None and self._linkable(draft, work, field, id):
            work.state[field.name] = id

    def _reference(self, draft: Draft, field: FieldSpec, value: str) -> int | None:
        made = self.refs.get(value[1:])
        if made is None or made.spec.name != field.target:
            self._refuse(draft, field, f"{value} isn't created by an earlier operation of this set.")
            return None
        return made.id

    def _linkable(self, draft: Draft, work: Work, field: FieldSpec, id: int) -> bool:
        key = (field.target or "", id)
        target = self.targets.get(key)
        one = self.context.catalog[field.target or ""].label_one.lower()
        if key == work.key:
            self._refuse(draft, field, f"A {one} can't link to itself.")
        elif target is None or not target.visible:
            self._refuse(draft, field, f"There is no {one} {id}.")
        elif target.trashed:
            self._refuse(draft, field, f"{target.label} is in the trash. Restore it first.")
        else:
            return True
        return False

    def _tags(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.tag_names.get(name, name) for name in names)

    # --- money -------------------------------------------------------------------------------------------------------

    def _money(self, draft: Draft, work: Work, was: State | None) -> None:
        """Major units to minor ones; where the currency alone changes, the amount in major units stays."""
        fields = [field for field in work.spec.fields if field.type == "money"]
        old = self.context.currency(work.spec, was or {})
        currency = self.context.currency(work.spec, work.state)
        for field in fields:
            if field.name in draft.values:
                work.state[field.name] = self._amount(draft, field, draft.values[field.name], currency)
            elif work.state[field.name] is not None and digits(old) != digits(currency):
                amount = Money(work.state[field.name], old).major
                work.state[field.name] = self._amount(draft, field, amount, currency)
        if self.context.has_currency(work.spec) and any(work.state[field.name] is not None for field in fields):
            work.state["currency"] = currency

    def _amount(self, draft: Draft, field: FieldSpec, amount: Decimal | None, currency: str) -> int | None:
        if amount is None:
            return None
        try:
            value = minor(amount, currency)
        except ValueError:
            self._refuse(draft, field, f"{currency} amounts have at most {digits(currency)} decimal digits.")
            return None
        if abs(value) > MAX_MINOR:
            self._refuse(draft, field, "This amount is too large.")
        return value

    # --- stages and what must be there -------------------------------------------------------------------------------

    def _stage(self, draft: Draft, work: Work, *, new: bool) -> None:
        words, field = draft.values.get("stage"), self.context.fields(work.spec).get("stage")
        if field is None or field.type != "stage" or "stage" not in draft.values:
            return
        if words is None:
            if not new:  # a new deal gets the first one
                self._refuse(draft, field, f"{field.label} is needed.")
            return
        stage = self.context.stages.find(work.state["pipeline"], words)
        if stage:
            work.state["stage"] = stage.id
        else:
            known = ", ".join(item.label for item in self.context.stages.of(work.state["pipeline"]))
            self._refuse(draft, field, f"{words!r} isn't a stage of this pipeline: {known}.")

    def _required(self, draft: Draft, work: Work, *, new: bool) -> None:
        for field in work.spec.fields:
            missing = field.required and work.state[field.name] in (None, ())
            asked = new or field.name in draft.values
            known = (draft.index, draft.said.get(field.name, field.name)) in self.context.problems.refused
            if missing and asked and not known:
                self._refuse(draft, field, f"{field.label} is needed.")
