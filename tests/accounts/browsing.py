"""A browser without scripts over the whole host, for the tests of the accounts' pages."""

import html
import re
from typing import Any

from starlette.testclient import TestClient

from app.crm.accounts import sessions
from app.shared import cookies
from app.shared.db import Database

HOME = "http://127.0.0.1:5050"


class Visitor:
    """A client with cookies of its own that sends forms as our own pages do."""

    def __init__(self, app: Any, database: Database | None = None, user_id: int | None = None) -> None:
        self.client = TestClient(app, base_url=HOME, follow_redirects=False)
        if database and user_id:
            with database.write() as connection:
                self.client.cookies.set(cookies.PLAIN, sessions.start(connection, user_id))

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, data=fields, headers={"Origin": HOME})


def words(answer: Any) -> str:
    """What a page says, without its tags."""
    body = re.sub(r"<(script|style|select)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
