"""Every page against axe-core's rules for WCAG 2.2 A and AA, light and dark, wide and on a phone."""

from pathlib import Path
from typing import Any

import pytest

from app.shared.config import ROOT
from tests.pages.browsing import PHONE, WIDE, Site

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "home": "/",
    "home, all time": "/?period=all",
    "companies": "/companies",
    "people": "/people",
    "deals": "/deals?stage__in=won,lost&amount__gt=2000&sort=-amount",
    "tasks": "/tasks",
    "notes": "/notes",
    "my day": "/tasks/day?who=all",
    "notifications": "/notifications",
    "settings notifications": "/settings/notifications",
    "activities": "/activities",
    "no match": "/deals?amount__gt=99999999",
    "bent address": "/deals?bogus=1",
    "trash": "/deals?trashed=true",
    "groups": "/deals?group_by=stage&measure=count,sum:amount",
    "list in groups": "/deals?group=stage&totals=avg:amount",
    "board": "/deals/board",
    "board of tasks": "/tasks/board?by=priority",
    "board without a field": "/companies/board",
    "move": "/deals/{deal}/move?by=stage",
    "why lost": "/deals/{deal}/move?by=stage&to=lost",
    "company": "/companies/{acme}",
    "deal": "/deals/{deal}",
    "person": "/people/{paula}",
    "task": "/tasks/{task}",
    "note": "/notes/{note}",
    "activity": "/activities/{call}",
    "new deal": "/deals/new",
    "new activity": "/activities/new",
    "edit": "/companies/{acme}/edit",
    "filter": "/deals/filter?_field=stage",
    "fields to filter by": "/deals/filter",
    "whole filter": "/deals/filter/all?stage=won&amount__gt=5",
    "search": "/search?q=acme",
    "import": "/import",
    "settings": "/settings",
    "settings sessions": "/settings/sessions",
    "settings teams": "/settings/teams",
    "settings visibility": "/settings/visibility",
    "settings tags": "/settings/tags",
    "settings currencies": "/settings/currencies",
    "settings webhooks": "/settings/webhooks",
    "settings assistant": "/settings/assistant",
    "settings words": "/settings/words",
    "settings jobs": "/settings/jobs",
    "settings audit log": "/settings/audit",
    "jobs": "/jobs",
    "settings workspace": "/settings/workspace",
    "settings pipelines": "/settings/pipelines",
    "settings fields": "/settings/fields",
    "settings profile": "/settings/profile",
    "settings tokens": "/settings/tokens",
    "settings users": "/settings/users",
    "not found": "/companies/999999",
    "assistant": "/assistant",
}
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = """([part, rules]) => axe.run(document.querySelector(part), {runOnly: rules}).then((found) =>
    found.violations.map((one) => [one.id, ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 99))].join(" | ")))
"""

pytestmark = pytest.mark.browser


def faults(page: Any, part: str = "html") -> list[str]:
    """What axe finds on the page, or in the first part that the selector finds, as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN, [part, _RULES])
    return found


def _address(site: Site, path: str) -> str:
    return path.format(deal=site.ids["deals"][0], **site.ids)


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", WIDE), ("dark", WIDE), ("light", PHONE)], ids=["light", "dark", "phone"]
)
def test_no_page_has_a_fault(site: Site, browser: Any, scheme: str, size: dict[str, int]) -> None:
    found: dict[str, list[str]] = {}
    context = site.context(browser, color_scheme=scheme, viewport=size, reduced_motion="reduce")
    page = context.new_page()
    for name, path in PAGES.items():
        page.goto(_address(site, path))
        if problems := faults(page):
            found[name] = problems
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found[f"{name}, too wide"] = [f"{wide} px"]
    context.close()
    assert not found, "\n".join(f"{name}: {problem}" for name, problems in found.items() for problem in problems)


def test_no_dialog_menu_or_popover_has_a_fault(site: Site, browser: Any) -> None:
    with site.page(browser, reduced_motion="reduce") as page:
        page.goto("/deals?stage=won")
        page.keyboard.press("Control+k")
        page.wait_for_selector("#palette [role=option]")
        page.locator("#palette input").fill("acme")
        page.wait_for_selector("#palette [data-ask]")
        assert faults(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Filter", exact=True).click()
        page.locator(".filter-popover").get_by_role("option", name="Company", exact=True).click()
        field = page.locator(".filter-popover .picker [role=combobox]")
        field.fill("ac")
        page.wait_for_selector(".filter-popover .picker [role=option]")
        assert faults(page) == []
        page.keyboard.press("Escape")
        page.goto("/deals/board")
        page.locator(".board-card [data-move]").first.click()
        assert faults(page, ".move-menu") == []
        page.get_by_role("menuitem", name="Lost").click()
        page.wait_for_selector("#ask[open]")
        assert faults(page, "#ask") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_dialog_of_the_frame_has_a_fault(site: Site, browser: Any, scheme: str) -> None:
    with site.page(browser, reduced_motion="reduce", color_scheme=scheme) as page:
        page.goto(_address(site, "/companies/{acme}"))
        page.locator("[data-bell]:visible").click()
        page.wait_for_selector(".bell-panel[open] .empty, .bell-panel[open] .note")
        assert faults(page, ".bell-panel") == []
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert faults(page, ".keys") == []
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        page.wait_for_selector(".create[open] #create-name")
        assert faults(page, ".create") == []
        page.keyboard.press("Escape")
        page.goto("/tasks/day?who=all")
        page.locator("[data-task]").first.focus()
        page.keyboard.press("s")
        assert faults(page, "#batch") == []
        page.keyboard.press("d")
        assert faults(page, "#when") == []


def test_the_sign_in_page_has_no_fault(site: Site, browser: Any) -> None:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/sign-in")
    assert faults(page) == []
    context.close()


def test_axe_is_there() -> None:
    assert Path(AXE).is_file(), "axe-core is missing: set up the tests' front-end assets (./run.sh test does)"
