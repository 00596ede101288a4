"""The settings' own navigation: what there is, in two parts, and what each place is for in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app, request

from app.crm.pages import locale
from app.crm.pages.frame import Place
from app.crm.pages.words import gettext as _


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the settings."""

    label: str
    entries: tuple["Entry", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    place: Place
    about: str


def _personal() -> Iterator[tuple[str, str, str, str]]:
    yield _("Profile"), "/settings/profile", "user", _("Your name, time zone, and how dates and amounts are written")
    if _is_built("/settings/notifications"):
        yield _("Notifications"), "/settings/notifications", "bell", _("What you are told about, and where")
    yield _("Sign-in"), "/settings/sessions", "monitor", _("Your password, and where you are signed in")
    yield _("API tokens"), "/settings/tokens", "key-round", _("For programs that act as you")


def _workspace() -> Iterator[tuple[str, str, str, str]]:
    yield _("General"), "/settings/workspace", "building", _("The workspace's name and currency")
    yield _("Users"), "/settings/users", "users", _("Who works here, roles, invitations")
    yield _("Teams"), "/settings/teams", "users-round", _("Who belongs together")
    yield _("Visibility"), "/settings/visibility", "eye", _("Who sees which records")
    yield _("Fields"), "/settings/fields", "text-cursor-input", _("Fields of your own on each kind of record")
    yield _("Pipelines"), "/settings/pipelines", "columns-3", _("Stages of a deal, in order")
    yield _("Tags"), "/settings/tags", "tags", _("Tidy up: rename, join, delete")
    yield _("Currencies"), "/settings/currencies", "coins", _("Rates by which amounts are added up")
    yield _("Webhooks"), "/settings/webhooks", "send", _("Tell other programs of changes")
    yield _("Assistant and models"), "/settings/assistant", "bot", _("Model server, search index, a question to try")
    yield _("Words"), "/settings/words", "book-a", _("What your team calls things, so that the assistant knows")
    yield _("Jobs"), "/settings/jobs", "list-checks", _("Imports and other long work, running and done")
    yield _("Audit log"), "/settings/audit", "scroll", _("Who did what, and when")


def sections() -> list[Section]:
    """What this user may open."""
    user = locale.user()
    parts = [(_("Personal"), _personal())]
    if user and user.is_admin:
        parts.append((_("Workspace"), _workspace()))
    return [Section(label, tuple(_entry(*item) for item in items)) for label, items in parts]


def _entry(label: str, url: str, symbol: str, about: str) -> Entry:
    here = request.path == url or request.path.startswith(f"{url}/")
    return Entry(Place(label, url, symbol, here), about)


def places() -> list[Place]:
    """The same as one list, for the palette."""
    return [entry.place for section in sections() for entry in section.entries]


def _is_built(url: str) -> bool:
    """Whether a page answers at this address."""
    return any(rule.rule == url for rule in current_app.url_map.iter_rules())
