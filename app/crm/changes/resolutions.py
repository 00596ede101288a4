"""Conflicts that the caller has decided on: whose value stays in which field of which operation."""

from collections.abc import Sequence

from app.crm.changes.context import Problems
from app.crm.changes.validate import Draft
from app.shared.contract import Resolution


def settle(drafts: list[Draft], given: Sequence[Resolution], problems: Problems) -> list[Draft]:
    """The drafts without what they give up: `yours` is written whatever stands there, `theirs` is left as it is.

    A resolution that fits no operation or field is refused. One where nothing is in dispute holds all the same.
    """
    for resolution in given:
        mine = [draft for draft in drafts if draft.index == resolution.operation]
        if not any(_settled(draft, resolution) for draft in mine):
            message = f"Operation {resolution.operation} has nothing to settle in {resolution.field!r}."
            problems.refuse(resolution.operation, "resolutions", message)
    return [draft for draft in drafts if "dropped" not in draft.settled]


def _settled(draft: Draft, resolution: Resolution) -> bool:
    """Note the decision on a draft; whether the draft has such a field."""
    name, expected = resolution.field, draft.expect or {}
    if name == "version":
        return _version(draft, resolution)
    if name not in draft.values and name not in expected:
        return False
    draft.settled.add(name)
    if resolution.keep == "theirs":
        draft.values.pop(name, None)
    if draft.expect is not None:
        draft.expect = {field: value for field, value in expected.items() if field != name}
    return True


def _version(draft: Draft, resolution: Resolution) -> bool:
    """Over a stale version alone, where no field is in dispute: go on, or leave the record as it is."""
    if draft.version is None:
        return False
    draft.settled.add("version")
    if resolution.keep == "theirs" and not draft.values:
        draft.settled.add("dropped")
    return True
