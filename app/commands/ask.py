"""`python -m app ask QUESTION`: the assistant's answer, from the running server or, without one, from right here."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from app.commands import common

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.shared.config import Settings
    from app.shared.contract import Principal
    from app.shared.db import Database

WIDEST = 32  # characters of a cell
MOST_ROWS = 20  # shown; the link opens them all


@click.command("ask")
@click.argument("question", nargs=-1, required=True)
@click.option("--user", "email", metavar="EMAIL", help="Ask as this user; without it, as the system, who sees all.")
@click.option("--json", "as_json", is_flag=True, help="Print the finished answer as JSON and nothing else.")
@common.instance_option
@common.tells_errors
def command(question: tuple[str, ...], email: str | None, as_json: bool, instance: str | None) -> None:
    """Ask the assistant a question about your records."""
    settings, database = common.open_instance(instance)
    try:
        asked = _checked(" ".join(question))
        user_id = _user_id(database, email)
        server = common.running_server(settings, "chatbot")
        answer = _by_server(settings, server, user_id, asked) if server else _here(settings, database, user_id, asked)
    finally:
        database.close()
    if as_json:
        common.show(answer)
    else:
        _print(answer, server.url if server else "")


def _checked(question: str) -> str:
    """The same bounds as over the network."""
    from pydantic import ValidationError

    from app.chatbot.problem_route import invalid
    from app.chatbot.schemas import Ask

    try:
        return Ask(question=question).question
    except ValidationError as error:
        raise invalid(error.errors()) from None


def _user_id(database: "Database", email: str | None) -> int | None:
    from app.crm.accounts import users

    if email is None:
        return None
    with database.read() as connection:
        found = users.by_email(connection, email)
    if found is None:
        common.fail(f"There is no user {email}.")
    return int(found.id)


def _by_server(settings: "Settings", server: "Runtime", user_id: int | None, question: str) -> Mapping[str, Any]:
    from app.shared.outgoing import clients

    with common.server_client(settings, server, user_id) as client:
        try:
            response = client.post("/chat/ask", json={"question": question})
        except clients.Failure as error:
            common.fail(f"The server at {server.url} did not answer: {error}.")
    body: dict[str, Any] = response.json()
    if response.status_code != 200:
        common.fail(body.get("detail") or f"The server at {server.url} answered {response.status_code}.")
    return body


def _here(settings: "Settings", database: "Database", user_id: int | None, question: str) -> Mapping[str, Any]:
    from app.chatbot.retrieval import Index
    from app.crm.port import Crm

    port = Crm(database)
    index = Index(settings, port)
    try:
        return asyncio.run(_ask(settings, database, port, index, _principal(settings, database, user_id), question))
    finally:
        index.stop()


async def _ask(
    settings: "Settings", database: "Database", port: Any, index: Any, principal: "Principal", question: str
) -> Mapping[str, Any]:
    from app.chatbot.service import Chat

    chat = Chat(settings, database, port, index)
    await chat.start(recover=False)
    try:
        await chat.find_model()
        return await chat.finished(await chat.ask(principal, question))
    finally:
        await chat.stop()


def _principal(settings: "Settings", database: "Database", user_id: int | None) -> "Principal":
    """Who asks, found as the server would find it."""
    from app.crm.accounts.local import local_token
    from app.crm.accounts.resolver import resolve
    from app.shared.identity import Credentials

    found = resolve(database, settings, Credentials(bearer=local_token(settings, user_id), is_local=True))
    if found is None:
        common.fail("This user can't sign in any more.")
    return replace(found, channel="assistant")


# --- as text ----------------------------------------------------------------------------------------------------------


def _print(answer: Mapping[str, Any], origin: str) -> None:
    print(_words(answer))
    for line in _table(answer["rows"], answer["columns"]):
        print(line)
    for number, passage in enumerate(answer["passages"], 1):
        print(f"\n[{number}] “{passage['text']}”\n    {_source(passage)}  {origin}{passage['url']}")
    if answer["readings"]:
        print("\n" + "\n".join(f"  - {reading['question']}" for reading in answer["readings"]))
    for note in answer["notes"]:
        if note not in answer["answer"]:
            print(f"\n{note}")
    if answer["url"]:
        print(f"\n{origin}{answer['url']}")


def _words(answer: Mapping[str, Any]) -> str:
    """The answer's paragraphs but for its quotes, which follow with their sources."""
    paragraphs = str(answer["answer"]).split("\n\n")
    return "\n\n".join(text for text in paragraphs if not (answer["passages"] and text.startswith("“")))


def _source(passage: Mapping[str, Any]) -> str:
    return ", ".join(str(item) for item in (passage["label"], passage["author"], (passage["date"] or "")[:10]) if item)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The first rows in columns that fit the terminal; numbers to the right."""
    if not rows or not columns:
        return []
    cells = [[_cell(row, column) for column in columns] for row in rows[:MOST_ROWS]]
    heads = [str(column["label"]) for column in columns]
    widths = [min(WIDEST, max(len(line[at]) for line in [heads, *cells])) for at in range(len(columns))]
    fit = _fitting(widths, shutil.get_terminal_size((100, 24)).columns)
    right = [column.get("type") in ("number", "money") for column in columns]
    lines = [_line(line, widths[:fit], right) for line in [heads, *cells]]
    lines.insert(1, "  ".join("─" * width for width in widths[:fit]))
    more = [f"… the first {MOST_ROWS}; the link opens them all"] if len(rows) > MOST_ROWS else []
    return ["", *lines, *more]


def _fitting(widths: Sequence[int], room: int) -> int:
    """How many columns fit beside each other; at least two."""
    used = 0
    for at, width in enumerate(widths):
        used += width + (2 if at else 0)
        if used > room and at >= 2:
            return at
    return len(widths)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    shown = [
        cell if len(cell) <= width else cell[: width - 1] + "…" for cell, width in zip(cells, widths, strict=False)
    ]
    aligned = [
        text.rjust(width) if to_right else text.ljust(width)
        for text, width, to_right in zip(shown, widths, right, strict=False)
    ]
    return "  ".join(aligned).rstrip()


def _cell(row: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    value = row.get(column["name"])
    if isinstance(value, Mapping):
        return str(value.get("label", ""))
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    if column.get("options"):
        return next((str(item["label"]) for item in column["options"] if item["key"] == value), str(value or ""))
    text = "" if value is None else str(value)
    return text[:10] if column.get("type") == "datetime" else text
