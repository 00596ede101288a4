"""No dead link: whatever a page links to answers."""

from collections import deque
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client

_MOST = 260  # pages of one walk
_ELSEWHERE = ("/export/", "/static/", "/api/", "/docs", "/openapi.json")  # served by the host, not by the CRM half


def _walk(client: Client) -> tuple[set[str], list[str]]:
    """Every page that can be reached by links from the first, and what was wrong on the way."""
    waiting, seen, wrong = deque(["/"]), {"/"}, []
    kinds: dict[str, int] = {}
    while waiting and len(seen) < _MOST:
        url = waiting.popleft()
        answer = client.get(url)
        if answer.status_code >= 400:
            wrong.append(f"{answer.status_code} {url}")
        for link in site.links(answer.text):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not link.startswith("/") or link.startswith(_ELSEWHERE):
                continue
            address = link.partition("#")[0]
            kind = parts.path
            if address not in seen and kinds.get(kind, 0) < 12:
                kinds[kind] = kinds.get(kind, 0) + 1
                seen.add(address)
                waiting.append(address)
    return seen, wrong


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_every_link_answers(client: Client, viewer: Principal, filled: dict[str, Any], role: str) -> None:
    seen, wrong = _walk(client if role == "admin" else client.as_user(viewer))
    assert not wrong
    assert {"/deals", "/deals/board", f"/companies/{filled['acme']}", "/search"} <= seen
    assert len(seen) > 60


def test_every_form_of_a_page_has_somewhere_to_go(client: Client, filled: dict[str, Any]) -> None:
    import re

    rules = client.app.url_map.bind("localhost")
    for url in ("/", "/deals", "/tasks", "/deals/board", f"/companies/{filled['acme']}", "/settings/fields"):
        for tag in re.findall(r"<form\b[^>]*>", client.get(url).text):
            action = re.search(r'action="([^"?]*)', tag)
            method = "POST" if 'method="post"' in tag else "GET"
            assert rules.test(action[1] if action else url, method), (url, tag)
