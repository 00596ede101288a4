"""Links of rows to records: found by name, brought by the file itself, or created where that is allowed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.crm.transfer.cells import CellError
from app.crm.transfer.columns import Column, Mapping
from app.crm.transfer.drafts import Draft
from app.crm.transfer.links import CREATED_BY, Directory, Target, name_key
from app.shared.contract import Catalog, FieldSpec
from app.shared.db import text_key


def is_brought(draft: Draft) -> bool:
    """Whether the row's record isn't among the living ones yet: it is new, or comes back from the trash."""
    return draft.outcome == "restore" or (draft.record is None and draft.outcome in ("create", "failed"))


@dataclass(frozen=True, slots=True)
class Made:
    """A record that the file names and the CRM lacks."""

    object: str
    ref: str
    values: dict[str, Any]


@dataclass(slots=True)
class Resolver:
    """Resolves drafts one by one; afterwards `ordered`, `made`, `stages` and `owners` say what is to be written."""

    mapping: Mapping
    catalog: Catalog
    directory: Directory
    create: frozenset[str]
    ordered: list[Draft] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    stages: list[tuple[str, str]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    named: int = 0
    _new_stages: dict[tuple[str, str], str] = field(default_factory=dict)
    _new_owners: dict[str, str] = field(default_factory=dict)

    def in_order(self, drafts: Sequence[Draft]) -> Iterator[Draft]:
        """Hand out each draft that needs resolving; when all are through, put them in the order of writing."""
        open_ = [draft for draft in drafts if draft.outcome != "known"]
        self._introduce(open_)
        yield from open_
        _Order(open_, self.mapping).fail_dependents()
        self.ordered = _Order(open_, self.mapping).arrange()
        self._keep_what_is_used()

    def _introduce(self, drafts: Sequence[Draft]) -> None:
        """Rows may name each other: a parent company may stand further down in the same file."""
        spec = self.mapping.spec
        if not any(item.field and item.field.target == spec.name for item in self.mapping.filled):
            return
        names = self.directory.names(spec.name)
        for draft in drafts:
            label = draft.values.get(spec.label_field)
            if label and (is_brought(draft) or draft.outcome == "update"):  # which may give it another name
                names.add(draft.target, str(label))

    def resolve(self, draft: Draft) -> None:
        """Turn a draft's words into targets, name it where it has no name, and check what must be there."""
        company = self._company(draft)
        for column in self.mapping.filled:
            name = column.field.name if column.field else ""
            if column.field and name in draft.words and name != "company":
                self._resolve(draft, column, company)
        if draft.outcome == "create":
            self._name(draft)
            self._required(draft)

    def _company(self, draft: Draft) -> Target | None:
        column = self.mapping.of("company")
        if column is None or "company" not in draft.words:
            return None
        self._resolve(draft, column, None)
        target: Target | None = draft.values.get("company")
        return target

    def _resolve(self, draft: Draft, column: Column, company: Target | None) -> None:
        assert column.field is not None
        text = draft.words[column.field.name]
        try:
            if column.field.type == "stage":
                draft.values[column.field.name] = self._stage(draft, column.field, text)
            else:
                draft.values[column.field.name] = self._link(column.field, text, company)
        except CellError as error:
            draft.fail(str(error), column)

    # --- links -------------------------------------------------------------------------------------------------------

    def _link(self, spec: FieldSpec, text: str, company: Target | None) -> Target:
        object = spec.target or ""
        names = self.directory.names(object)
        found = names.find(text, company if object == "people" else None)
        if found is not None:
            return found
        permission = CREATED_BY.get(object)
        if permission not in self.create:
            raise CellError(_missing(self.catalog[object].label_one.lower(), permission))
        if object == "users":
            target: Target = f"@{name_key(text)}"
            self._new_owners[name_key(text)] = text
        else:
            target = self._make(object, text, company)
        names.add(target, text, company if object == "people" else None)
        return target

    def _make(self, object: str, text: str, company: Target | None) -> str:
        made = Made(object, f"{object}-{len(self.made) + 1}", {"name": text})
        if object == "people":
            made.values.update({"company": company} if company is not None else {})
            made.values.update({"email": text} if "@" in text else {})
        self.made.append(made)
        return f"${made.ref}"

    # --- stages ------------------------------------------------------------------------------------------------------

    def _stage(self, draft: Draft, spec: FieldSpec, text: str) -> str:
        pipeline = self._pipeline(draft, spec)
        wanted = text_key(text)
        options = [option for option in spec.options if option.pipeline == pipeline]
        for name in ("key", "label"):
            for option in options:
                if text_key(getattr(option, name)) == wanted:
                    return option.key
        if "stages" not in self.create:
            raise CellError(_missing(f"stage of the pipeline {pipeline}", "stages"))
        self._new_stages[pipeline, name_key(text)] = text
        return self._new_stages[pipeline, name_key(text)]

    def _pipeline(self, draft: Draft, spec: FieldSpec) -> str:
        """The row's pipeline by name: the one that it names, else the first."""
        words = draft.words.get("pipeline")
        names = list(dict.fromkeys(option.pipeline or "" for option in spec.options))
        return next((name for name in names if words and name_key(name) == name_key(words)), names[0] if names else "")

    # --- what must be there ------------------------------------------------------------------------------------------

    def _name(self, draft: Draft) -> None:
        """A required name that no column gives is made from the row's company and its key."""
        spec = self.mapping.spec
        label = spec.field(spec.label_field)
        if label is None or not label.required or self.mapping.of(label.name):
            return
        match = self.mapping.match
        key = draft.row.cells[match.index] if match and not self.mapping.by_id else draft.values.get("email", "")
        parts = [part for part in (draft.words.get("company", ""), key) if part]
        if parts:
            draft.values[label.name] = " ".join(parts)
            self.named += 1

    def _required(self, draft: Draft) -> None:
        if draft.outcome == "failed":
            return
        for spec in self.mapping.spec.fields:
            if spec.required and draft.values.get(spec.name) in (None, "", [], ()):
                column = self.mapping.of(spec.name)
                where = f"the column {column.name} is empty" if column else "no column fills it"
                draft.fail(f"{spec.label} is needed, and {where}.")

    def _keep_what_is_used(self) -> None:
        """Only what a row that is imported names is created."""
        used = {value for draft in self.ordered for value in draft.values.values() if isinstance(value, str)}
        kept: list[Made] = []
        for made in reversed(self.made):
            if f"${made.ref}" in used:
                used.update(value for value in made.values.values() if isinstance(value, str))
                kept.append(made)
        self.made = kept[::-1]
        self.owners = [name for key, name in self._new_owners.items() if f"@{key}" in used]
        written = {(self._stage_pipeline(draft), draft.values.get("stage")) for draft in self.ordered}
        self.stages = [(pipe, text) for (pipe, _), text in self._new_stages.items() if (pipe, text) in written]

    def _stage_pipeline(self, draft: Draft) -> str:
        column = self.mapping.of("stage")
        return self._pipeline(draft, column.field) if column and column.field else ""

    def notes(self) -> list[str]:
        if not self.named:
            return []
        match = self.mapping.match
        parts = [column.name for column in (self.mapping.of("company"), match) if column]
        return [f"No column gives a name: {self.named:,} records are named by {' and '.join(parts) or 'their e-mail'}."]


class _Order:
    """Rows that link to rows of the same file: the linked ones come first, and fail together."""

    def __init__(self, drafts: Sequence[Draft], mapping: Mapping) -> None:
        self.drafts = drafts
        self.brought = {draft.target: draft for draft in drafts if is_brought(draft)}
        own = [item for item in mapping.filled if item.field and item.field.target == mapping.spec.name]
        self.columns = [(item, item.field.name) for item in own if item.field]

    def _linked(self, draft: Draft) -> Iterator[tuple[Column, Draft]]:
        for column, name in self.columns:
            if (target := draft.values.get(name)) in self.brought:
                yield column, self.brought[target]

    def fail_dependents(self) -> None:
        """A row can't link to one that isn't imported, nor can rows link to each other in a circle."""
        for draft in self.drafts:
            seen = {draft.ref}
            step = draft
            while step.outcome != "failed" and (link := next(self._linked(step), None)):
                column, step = link
                if step.ref in seen:
                    draft.fail("leads back to this row in a circle", column)
                    break
                seen.add(step.ref)
        failing = True
        while failing:
            failing = False
            for draft in self.drafts:
                bad = next(((c, to) for c, to in self._linked(draft) if to.outcome == "failed"), None)
                if draft.outcome != "failed" and bad:
                    draft.fail(f"names row {bad[1].row.number:,}, which can't be imported", bad[0])
                    failing = True

    def arrange(self) -> list[Draft]:
        """The rows that are imported, each after those that it links to."""
        placed: dict[str, Draft] = {}
        for draft in self.drafts:
            if draft.outcome == "failed":
                continue
            chain = [draft]
            while link := next((to for _, to in self._linked(chain[-1]) if to.ref not in placed), None):
                chain.append(link)
            placed |= {item.ref: item for item in reversed(chain) if item.ref not in placed}
        return list(placed.values())


def _missing(what: str, permission: str | None) -> str:
    hint = f"; --create {permission} would make one" if permission else ""
    return f"is no {what} that the CRM has{hint}"
