"""The keys of the program: the one table that the sheet (?) shows, that drives keys.js, and that the docs tell."""

from dataclasses import dataclass

from app.crm.pages.words import gettext as _


@dataclass(frozen=True, slots=True)
class Key:
    """One shortcut. `keys` as pressed, "g t" one after another; `go`: the page it leads to, where it is no action."""

    keys: str
    label: str
    go: str = ""

    @property
    def strokes(self) -> list[list[str]]:
        """What is drawn: for each way to press it, its caps."""
        return [way.split(" ") for way in self.keys.split(" / ")]


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    keys: tuple[Key, ...]


def groups() -> list[Group]:
    """Every shortcut, by where it works. Those of a page's own (`data-key`) are added by the sheet."""
    return [
        Group(
            _("Anywhere"),
            (
                Key("Ctrl K", _("Search records, go to a page, do something, ask the assistant")),
                Key("Ctrl J", _("Open or close the assistant")),
                Key("c", _("Create a record without leaving the page")),
                Key("?", _("This list")),
                Key("/", _("Search in the list")),
                Key("Esc", _("Close what is open")),
            ),
        ),
        Group(
            _("Go to"),
            (
                Key("g h", _("Home"), "/"),
                Key("g t", _("My day"), "/tasks/day"),
                Key("g c", _("Companies"), "/companies"),
                Key("g p", _("People"), "/people"),
                Key("g d", _("Deals"), "/deals"),
                Key("g b", _("Deal board"), "/deals/board"),
                Key("g n", _("Notes"), "/notes"),
                Key("g a", _("Activities"), "/activities"),
                Key("g i", _("Notifications"), "/notifications"),
                Key("g s", _("Settings"), "/settings"),
            ),
        ),
        Group(
            _("Lists and notifications"),
            (
                Key("j / k", _("Next or previous row")),
                Key("Enter", _("Open it")),
                Key("x", _("Mark as read, or as new")),
            ),
        ),
        Group(
            _("My day"),
            (
                Key("n", _("New task in one line")),
                Key("x / Space", _("Complete")),
                Key("t", _("Due today")),
                Key("m", _("Due tomorrow")),
                Key("w", _("Due next Monday")),
                Key("d", _("Another date")),
                Key("r", _("Set a reminder")),
                Key("s", _("Choose, to act on several")),
                Key("Shift ↑ / Shift ↓", _("Choose rows on the way")),
            ),
        ),
        Group(_("Records and forms"), (Key("e", _("Edit the record")), Key("Ctrl Enter", _("Save the form")))),
    ]
