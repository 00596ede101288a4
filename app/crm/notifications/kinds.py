"""The kinds of notifications: the one table from which settings, words and icons follow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `help` says when it comes."""

    key: str
    label: str
    help: str
    icon: str


KINDS = (
    Kind("assigned", "Assigned to you", "A record becomes yours, or you join a deal's team", "user"),
    Kind("mentioned", "Mentions", "Somebody names you in a note or another text", "at-sign"),
    Kind("changed", "What you follow", "A record that you follow is changed, or gets a note, activity or task", "bell"),
    Kind("unlocked", "Next in a chain", "The step before your task is done", "link"),
    Kind("reminder", "Reminders", "The time that a task's reminder was set to", "alarm-clock"),
    Kind("due", "Due tasks", "In the morning: what is due today, and what has become overdue", "calendar-clock"),
    Kind("import", "Imports", "An import of yours has ended", "upload"),
    Kind("proposal", "Proposals", "A change that you proposed was decided on, or has expired", "git-compare"),
)  # fmt: skip
BY_KEY = {kind.key: kind for kind in KINDS}
