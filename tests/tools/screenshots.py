"""Screenshots of every page with the demo's records, for `docs/screenshots/`: wide and on a phone, light and dark.

    .venv/bin/python -m tests.tools.screenshots [FOLDER]

A server of its own is started on a temporary instance. With the font Inter installed, the pages are set in it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from app import migrations
from app.crm import demo
from app.crm.accounts import sessions
from app.setup.browser import find
from app.shared.config import ROOT
from app.shared.contract import SYSTEM
from app.shared.db import Database
from tests.conftest import add_user
from tests.pages.browsing import FLAGS, PHONE, WIDE
from tests.processes import start_server

FOLDER = ROOT / "docs" / "screenshots"
PAGES = {
    "home": "/",
    "day": "/tasks/day",
    "tasks": "/tasks",
    "companies": "/companies",
    "people": "/people",
    "deals": "/deals?stage=open&sort=-amount",
    "deals-grouped": "/deals?group=stage&sort=-amount",
    "board": "/deals/board",
    "task-board": "/tasks/board?by=priority",
    "groups": "/deals?group_by=owner&measure=count,sum:amount&sort=-sum:amount",
    "filter": "/deals/filter/all?stage=open",
    "activities": "/activities",
    "notes": "/notes",
    "files": "/files",
    "company": "/companies/1",
    "deal": "/deals/2",
    "person": "/people/1",
    "task": "/tasks/1",
    "edit": "/deals/1/edit",
    "search": "/search?q=pilot",
    "notifications": "/notifications",
    "assistant": "/assistant",
    "import": "/import",
    "settings": "/settings",
    "profile": "/settings/profile",
    "users": "/settings/users",
    "fields": "/settings/fields",
    "pipelines": "/settings/pipelines",
    "words": "/settings/words",
    "models": "/settings/assistant",
    "audit": "/settings/audit",
    "not-found": "/companies/999999",
}
KINDS = {
    "wide-light": ("light", WIDE),
    "wide-dark": ("dark", WIDE),
    "phone-light": ("light", PHONE),
    "phone-dark": ("dark", PHONE),
}
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
<match target="pattern"><edit name="family" mode="prepend_first" binding="strong"><string>Inter</string></edit></match>
</fontconfig>"""


def use_inter(folder: Path) -> None:
    """Let every family be Inter for the browsers that this process starts."""
    if shutil.which("fc-list") and "Inter" in subprocess.run(["fc-list"], capture_output=True, text=True).stdout:
        (folder / "fonts.conf").write_text(_FONTS)
        os.environ["FONTCONFIG_FILE"] = str(folder / "fonts.conf")


@contextmanager
def demo_server(folder: Path) -> Iterator[tuple[str, str]]:
    """A server over the demo's records; gives its address and the session of an admin who owns a part of them."""
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    migrations.upgrade(database)
    admin = add_user(database, "Anna Reyes", "admin", "anna@example.com")
    demo.load(database, SYSTEM)
    assert admin.user_id is not None
    with database.write() as connection:
        connection.execute(text("UPDATE tasks SET owner_id = :me WHERE id % 3 = 0"), {"me": admin.user_id})
        secret = sessions.start(connection, admin.user_id)
    database.close()
    server = start_server(folder)
    try:
        yield server.url, secret
    finally:
        server.end()


def shoot(browser: Any, url: str, secret: str, target: Path) -> None:
    """One picture of each page in each kind."""
    for kind, (scheme, size) in KINDS.items():
        phone = size is PHONE
        context = browser.new_context(viewport=size, color_scheme=scheme, is_mobile=phone, has_touch=phone)
        context.add_cookies([{"name": "parley_session", "value": secret, "url": url}])
        page = context.new_page()
        for name, path in PAGES.items():
            page.goto(url + path, wait_until="networkidle")
            page.screenshot(path=target / f"{name}-{kind}.png")
        context.close()


def main(target: Path = FOLDER) -> None:
    from playwright.sync_api import sync_playwright

    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        use_inter(folder)
        with demo_server(folder) as (url, secret), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
            shoot(browser, url, secret, target)
            browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
