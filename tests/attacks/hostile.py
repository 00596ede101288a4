"""Text that would be code, a link or a picture wherever a view forgot to treat it as text; and a page that watches."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route
from sqlalchemy import Connection, Table, Text, select, update
from sqlalchemy.engine import make_url

from app.chatbot.tables import metadata as chat_metadata
from app.crm import customization
from app.crm.accounts import sessions, teams, tokens
from app.crm.objects import RECORD_OBJECTS
from app.crm.port import Crm
from app.crm.schema import metadata as crm_metadata
from app.shared.db import Database
from tests.conftest import add_user, bearer
from tests.pages.site import Maker
from tests.uploads import uploaded

SUM = "1787569"  # what a template engine makes of the expressions below
UNSEEN = "\u202e\u200b\u2066"
MARK = "HOSTILE"
HOSTILE = (
    f"{MARK}\"'`><script>pwn(1)</script><img src=x onerror=pwn(2)><svg/onload=pwn(3)><a href=javascript:pwn(4)>l</a>"
    "{{1337*1337}}${1337*1337}{%print(1337*1337)%}#{1337*1337}<%=1337*1337%>[[1337*1337]]"
    "![i](http://evil.example/i.png)[l](javascript:pwn(5))<http://evil.example/a>"
    "</title></textarea></script></option></dialog><style>*{display:none}</style><base href=//evil.example>"
)
LINKS = (  # for what is kept as an address; the door refuses them, older rows may hold them
    "javascript:pwn(6)",
    "JaVaScRiPt:pwn(7)//",
    "data:text/html,<script>pwn(8)</script>",
    "vbscript:pwn(9)",
    "//evil.example/x",
    "http://evil.example/?\"onmouseover='pwn(10)'<img/src=x onerror=pwn(11)>",
)
# Columns that hold what people typed, wherever they stand. What else is text is a key, a code or a secret.
TYPED = frozenset(
    "name label title body help file_name user_agent lost_reason description city country industry address".split()
)
TYPED_TOO = frozenset("question text location department note message detail value_text".split())
ADDRESSES = ("website", "email", "phone", "linkedin")


def fill(folder: Path, template: Path) -> dict[str, Any]:
    """An instance in which every name and text is hostile: through the doors first, then past them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    admin = add_user(database, "Anna", "admin", "anna@example.com")
    add_user(database, "Ben", "member", "ben@example.com")
    with database.write() as connection:
        for object in RECORD_OBJECTS:
            for type in ("text", "long_text", "select", "multi_select"):
                options = ["One", "Two"] if "select" in type else ()
                customization.create_field(connection, object, f"C {type}", type, options=options)  # type: ignore[arg-type]
        teams.ensure(connection, "Team")
        tokens.create(connection, admin.user_id or 0, "Token", ("read",))
    ids = _records(Maker(Crm(database), admin))
    with database.write() as connection:
        _poison(connection)
        session = sessions.start(connection, admin.user_id or 0)
    token = bearer(database, admin)
    database.close()
    return {"session": session, "token": token, "ids": ids}


def _records(make: Maker) -> dict[str, Any]:
    common = {"c_text": "x", "c_long_text": "x", "c_select": "one", "c_multi_select": ["one", "two"], "tags": ["tag"]}
    company = make("companies", name="x", industry="x", description="x", **common)
    person = make("people", name="x", company=company, **common)
    deal = make("deals", name="x", company=company, person=person, amount=5, stage="lead", owner=1, **common)
    for stage in ("qualified", "won", "lost"):
        make("deals", name="x", company=company, amount=7, stage=stage, owner=1, lost_reason="x")
    task = make("tasks", name="x", company=company, deal=deal, due_date="2025-01-02", **common)
    note = make("notes", body="x", company=company, deal=deal, **common)
    call = make("activities", kind="call", name="x", date="2025-03-04T10:30:00Z", company=company, **common)
    file = uploaded(make.crm.database, make.principal, "x", "x", company=company, **common)
    long = make("companies", name="x")
    make.change("deals", deal, name="y", amount=6)
    trashed = make("companies", name="x")
    make.change("companies", trashed, name="z")
    return {
        "companies": company,
        "people": person,
        "deals": deal,
        "tasks": task,
        "notes": note,
        "activities": call,
        "files": file,
        "long": long,
    }


def _poison(connection: Connection) -> None:
    """Put the text straight into the tables, as a row of an older version or of another program might have it."""
    for table in (*crm_metadata.sorted_tables, *chat_metadata.sorted_tables):
        for column in table.columns:
            is_key = table.name == "settings" or (table.name, column.name) == ("custom_fields", "name")
            if isinstance(column.type, Text) and column.name in TYPED | TYPED_TOO and not is_key:
                connection.execute(update(table).values({column.name: UNSEEN + HOSTILE}))
        for name, link in zip(ADDRESSES, (LINKS[0], LINKS[5], LINKS[5], LINKS[2]), strict=True):
            if name in table.c and table.name in RECORD_OBJECTS:
                connection.execute(update(table).values({name: link}))
    _poison_json(connection, crm_metadata.tables["custom_fields"], "options", lambda value: _relabelled(value))
    for object in RECORD_OBJECTS:
        _poison_json(connection, crm_metadata.tables[object], "custom", lambda value: _hostile_texts(value))
    for column in ("before", "after"):
        _poison_json(connection, crm_metadata.tables["changes"], column, lambda value: _hostile_texts(value))
    customization.set_setting(connection, "workspace.name", f"{HOSTILE}"[:80])


def _poison_json(connection: Connection, table: Table, column: str, change: Any) -> None:
    if column not in table.c:
        return
    key = next(iter(table.primary_key.columns))
    for id, value in connection.execute(select(key, table.c[column])).all():
        if value:
            connection.execute(update(table).where(key == id).values({column: change(value)}))


def _hostile_texts(value: Any) -> Any:
    """Every free text in it; what looks like a key, a date or a number stays."""
    return json.loads(
        json.dumps(value),
        object_hook=lambda item: {k: UNSEEN + HOSTILE if v in ("x", "y", "z") else v for k, v in item.items()},
    )


def _relabelled(options: Any) -> Any:
    """The options with the text as their labels: (key, label, ...) each, or {"key", "label"}."""
    return [
        {**item, "label": UNSEEN + HOSTILE} if isinstance(item, dict) else [item[0], UNSEEN + HOSTILE, *item[2:]]
        for item in options
    ]


HERE = Path(__file__).parent
WATCH = (HERE / "watch.js").read_text()
LOOK = (HERE / "look.js").read_text().replace("%SUM%", SUM).replace("%MARK%", MARK)
CONTROLS = (HERE / "controls.js").read_text()


class Watched:
    """A page that notes what no page may do: run a foreign script, ask another host, lose its controls."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        self.told: set[str] = set()
        page.context.route("**/*", self._only_here)
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._console)
        page.on("websocket", lambda socket: self._same(socket.url))
        page.on("popup", lambda opened: self.faults.append(f"{page.url} opened {opened.url}"))
        page.add_init_script(WATCH)

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"{self.page.url}: a dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, line: Any) -> None:
        if "Content Security Policy" in line.text or "Refused to" in line.text:
            self.faults.append(f"{self.page.url}: {line.text}")

    def _same(self, url: str) -> bool:
        if urlsplit(url).netloc == urlsplit(self.url).netloc:
            return True
        self.faults.append(f"{self.page.url} asked {url}")
        return False

    def _only_here(self, route: Route) -> None:
        if self._same(route.request.url):
            route.continue_()
        else:
            route.abort()

    def open(self, path: str, controls: tuple[str, ...] = ()) -> None:
        """Go to a page of ours and look at it; the controls are asked for where it answers 200."""
        answer = self.page.goto(path)
        status = answer.status if answer else 0
        if not 200 <= status < 500:
            self.faults.append(f"{path}: status {status}")
        self.look(path[:60], controls if status == 200 else ())

    def look(self, where: str, controls: tuple[str, ...] = ()) -> None:
        """Note what is wrong with the page as it stands, and whether the hostile text is told on it."""
        found = self.page.evaluate(LOOK)
        wrong = found["bad"] + (self.page.evaluate(CONTROLS, list(controls)) if controls else [])
        self.faults += [f"{where}: {item}" for item in wrong]
        if found["told"]:
            self.told.add(where)

    def check(self) -> None:
        """Fails with everything that was noted since the last time."""
        faults, self.faults = self.faults, []
        assert not faults, f"{len(faults)} faults:\n" + "\n".join(dict.fromkeys(faults))


@contextmanager
def watched(browser: Browser, url: str, session: str, **options: Any) -> Iterator[Watched]:
    context = browser.new_context(base_url=url, **options)
    context.add_cookies([{"name": "parley_session", "value": session, "url": url}])
    context.set_default_timeout(15_000)
    try:
        yield Watched(context.new_page(), url)
    finally:
        context.close()
