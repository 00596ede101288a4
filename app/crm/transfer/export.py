"""Export: the records of a query as CSV, all that the principal may see, in one consistent view of the database.

The file is made whole before the first byte is sent, on disk: a slow reader holds no transaction, an error comes as an
error instead of half a file, and memory stays bounded by one batch of records.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.crm import catalog, query
from app.crm.query import periods
from app.crm.transfer import sheets
from app.shared.contract import Principal, Query
from app.shared.errors import FieldError, Invalid

MOST_ROWS = 1_000_000
MOST_BYTES = 2**30
_FLUSH = 256 * 1024  # bytes that are gathered before they are written
OWN = ("raw", "bom")  # parameters of the export; the others are the query's


@dataclass(frozen=True, slots=True)
class Options:
    """`raw`: keys and values as the REST API has them, which an import takes back. `bom`: see `from_params`."""

    raw: bool = False
    bom: bool = True


class Stopped(Exception):
    """Nobody waits for the file any more."""


def from_params(object: str, params: Iterable[tuple[str, str]]) -> tuple[Query, Options]:
    """The query and the options of an address. Raises Invalid.

    A byte order mark tells spreadsheets that a file is UTF-8: it is there unless `bom=false`, or `raw=true` without
    `bom=true`.
    """
    given = list(params)
    chosen = {name: value for name, value in given if name in OWN}
    raw = _boolean("raw", chosen.get("raw", "false"))
    bom = _boolean("bom", chosen.get("bom", "false" if raw else "true"))
    rest = [pair for pair in given if pair[0] not in (*OWN, "limit", "cursor")]
    return query.from_params(object, rest), Options(raw, bom)


def _boolean(name: str, value: str) -> bool:
    if value not in ("true", "false", ""):
        message = f"{name} is {value!r}: expected true or false."
        raise Invalid(message, [FieldError(name, message)])
    return value == "true"


def write(
    connection: Connection,
    principal: Principal,
    wanted: Query,
    options: Options,
    target: IO[bytes],
    is_wanted: Callable[[], bool] = lambda: True,
) -> int:
    """Write the file and give the number of records. Raises Invalid for what can't be exported, Stopped on request."""
    style = sheets.Style(options.raw, periods.zone(principal.timezone) or ZoneInfo("UTC"))
    columns = sheets.columns(catalog.load(connection), wanted, style)
    paths = tuple(dict.fromkeys((*wanted.columns, *(column.path for column in columns if column.path))))
    records = query.stream(connection, principal, wanted.model_copy(update={"columns": paths}), most=MOST_ROWS)
    lines = _Lines(target, is_wanted, options.bom)
    lines.add([column.head for column in columns])
    for record in records:
        lines.add(sheets.row(record, columns))
    lines.flush()
    return len(records)


class _Lines:
    """Lines of CSV (RFC 4180: commas, CRLF, quotes where they are needed), gathered and written in pieces."""

    def __init__(self, target: IO[bytes], is_wanted: Callable[[], bool], bom: bool) -> None:
        self.target, self.is_wanted, self.size = target, is_wanted, 0
        self.text = io.StringIO(newline="")
        self.writer = csv.writer(self.text)
        self.text.write("\ufeff" if bom else "")

    def add(self, cells: Iterable[sheets.Cell]) -> None:
        self.writer.writerow(cells)
        if self.text.tell() > _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered. Raises Stopped, or Invalid where the file grows too large."""
        if not self.is_wanted():
            raise Stopped
        piece = self.text.getvalue().encode()
        self.size += len(piece)
        if self.size > MOST_BYTES:
            raise Invalid("The file would be larger than 1 GiB: narrow it by a filter, or choose fewer columns.")
        self.target.write(piece)
        self.text.seek(0)
        self.text.truncate()
