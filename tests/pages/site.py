"""A small workspace for the tests of pages, and how to read a page."""

import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from app.crm.port import Crm
from app.shared.contract import ChangeSet, Operation, Principal

LONG = "Internationale Gesellschaft für außerordentlich lange Firmennamen und Söhne GmbH & Co"
HOSTILE = "<script>alert('x')</script> & \"quotes\""


class Answer:
    """What came back."""

    def __init__(self, response: TestResponse) -> None:
        self.status_code, self.headers, self.text = (
            response.status_code,
            response.headers,
            response.get_data(as_text=True),
        )

    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """Asks the pages as one user; the identity layer has done its work already. Cookies are kept between requests."""

    def __init__(self, app: Flask, principal: Principal) -> None:
        self._client, self.principal, self.app = app.test_client(), principal, app

    def as_user(self, principal: Principal) -> "Client":
        return Client(self.app, principal)

    def keep(self, cookie: str, value: str) -> None:
        """As if a script of the page had set this cookie."""
        self._client.set_cookie(cookie, value)

    def _environ(self) -> dict[str, Any]:
        return {"asgi.scope": {"parley.principal": self.principal, "parley.nonce": "n"}}

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        return Answer(self._client.get(url, headers=headers, environ_base=self._environ()))

    def post(self, url: str, data: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return Answer(self._client.post(url, data=data, headers=headers, environ_base=self._environ()))


@dataclass
class Maker:
    """Makes records as a user would, one change set each."""

    crm: Crm
    principal: Principal
    made: dict[str, int] = field(default_factory=dict)

    def __call__(self, object: str, **values: Any) -> int:
        operation = Operation(action="create", object=object, values=values)
        return self.crm.apply(self.principal, ChangeSet(operations=(operation,))).records[0].id

    def change(self, object: str, id: int, **values: Any) -> int:
        operation = Operation(action="update", object=object, id=id, values=values)
        return self.crm.apply(self.principal, ChangeSet(operations=(operation,))).id

    def many(self, object: str, rows: list[dict[str, Any]]) -> list[int]:
        operations = tuple(Operation(action="create", object=object, values=row) for row in rows)
        return [ref.id for ref in self.crm.apply(self.principal, ChangeSet(operations=operations)).records]


def fill(make: Maker, deals: int = 12) -> dict[str, Any]:
    """A workspace with something of everything; gives the ids."""
    acme = make(
        "companies", name="Acme", industry="software", country="Norway", employees=120, annual_revenue=5_000_000
    )
    long = make("companies", name=LONG, industry="medical", parent=acme)
    hostile = make("companies", name=HOSTILE, description=HOSTILE)
    paula = make("people", name="Paula Berg", company=acme, email="paula@acme.test", title="Head of buying")
    stages = ("lead", "qualified", "proposal", "negotiation", "won", "lost")
    rows = [
        {
            "name": f"Deal {index:03}",
            "company": (acme, long, hostile)[index % 3],
            "stage": stages[index % 6],
            "amount": 1000 * (index + 1),
            "close_date": f"2025-{index % 12 + 1:02}-15",
            **({"person": paula} if index % 2 else {}),
        }
        for index in range(deals)
    ]
    ids = make.many("deals", rows)
    note = make("notes", body="They want to start in spring.", company=acme)
    call = make("activities", kind="call", name="First call", date="2025-03-04T10:30:00Z", company=acme, person=paula)
    task = make("tasks", name="Send the offer", due_date="2025-01-02", company=acme, deal=ids[0])
    make("tasks", name="Call back", priority="high")
    found = {"acme": acme, "long": long, "hostile": hostile, "paula": paula, "deals": ids}
    return found | {"note": note, "call": call, "task": task}


# --- reading pages -----------------------------------------------------------------------------------------------


def text(html: str) -> str:
    """What a page says: without markup, with single spaces."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def main(html: str) -> str:
    """The part of the page between the frame's bars."""
    return html[html.index('<header class="top"') : html.index("</main>")]


def links(html: str) -> list[str]:
    """The addresses of every link, in order."""
    return [unescape(found) for found in re.findall(r'<a\b[^>]*?href="([^"]*)"', html)]


def way(html: str, rel: str) -> str:
    """The address of the pager's link `next` or `prev`; "" where there is none."""
    found = re.search(rf'<a\b[^>]*rel="{rel}"[^>]*href="([^"]*)"', html)
    return unescape(found[1]) if found else ""


def total(html: str) -> int:
    """The number of records that a list says it has."""
    found = re.search(r'<span class="count"[^>]* aria-label="Total">([\d,]+)', html)
    assert found, text(main(html))[:300]
    return int(found[1].replace(",", ""))


def rows(html: str) -> list[str]:
    """The text of each row of the list."""
    body = re.search(r"<tbody[^>]*>(.*?)</tbody>", html, re.DOTALL)
    return [text(row) for row in re.findall(r"<tr\b.*?</tr>", body[1], re.DOTALL)] if body else []


def inputs(html: str, head: str = '<form class="form record-form"') -> list[tuple[str, str]]:
    """What a browser would send of the page's main form, or of the one that begins so: (name, value) pairs."""
    form = html[html.index(head) :]
    form = form[: form.index("</form>")]
    found: list[tuple[str, str]] = []
    pattern = r"<input\b[^>]*>|<textarea\b[^>]*>.*?</textarea>|<select\b[^>]*>.*?</select>"
    for part in re.findall(pattern, form, re.DOTALL):
        found += _sent(part)
    return found


def _attribute(tag: str, name: str) -> str | None:
    match = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(match[1]) if match else None


def _sent(part: str) -> list[tuple[str, str]]:
    head = part[: part.index(">") + 1]
    name = _attribute(head, "name")
    if name is None:
        return []
    if part.startswith("<textarea"):
        return [(name, unescape(part[part.index(">") + 1 : part.rindex("<")]).removeprefix("\n"))]
    if part.startswith("<select"):
        options = re.findall(r"<option\b[^>]*>", part)
        chosen = [option for option in options if " selected" in option] or options[:1]
        return [(name, _attribute(option, "value") or "") for option in chosen]
    if _attribute(head, "type") in ("checkbox", "radio") and " checked" not in head:
        return []
    return [(name, _attribute(head, "value") or "")]


def with_values(sent: list[tuple[str, str]], **values: str) -> dict[str, Any]:
    """The form with some values typed over, as data for the test client."""
    kept = [pair for pair in sent if pair[0] not in values]
    data: dict[str, Any] = {}
    for name, value in [*kept, *values.items()]:
        data[name] = [*data[name], value] if name in data else [value]
    return data


def params(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
