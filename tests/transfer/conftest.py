"""A small file in, a report out."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from app.crm import transfer
from app.crm.port import Crm
from app.crm.transfer import Report
from app.shared.contract import SYSTEM, Page, Query
from app.shared.db import Database

Import = Callable[..., Report]
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run(_store: Database) -> Import:
    """Import a text as a file: `run("companies", text, "account=name", match=..., create=...)`."""

    def run_(object: str, text: str, *maps: str, match: str | None = None, create: str = "", **rest: Any) -> Report:
        options = transfer.from_words(
            object, maps, match, [create], rest.pop("order", None), rest.pop("dry_run", False)
        )
        principal = rest.pop("principal", replace(SYSTEM, channel="import"))
        sheet = transfer.read(BytesIO(text.encode()), rest.pop("name", "rows.csv"))
        return transfer.run(_store, principal, sheet, options, **rest)

    return run_


@pytest.fixture
def rows(crm: Crm) -> Rows:
    """Records as plain values: `rows("deals", "name", "company")`, links by their labels, in the order of making."""

    def rows_(object: str, *fields: str, trashed: bool = False) -> list[dict[str, Any]]:
        found = crm.query(SYSTEM, Query(object=object, columns=fields, limit=1000, trashed=trashed))
        assert isinstance(found, Page)
        records = sorted(found.records, key=lambda record: record.id)
        return [{name: getattr(value, "label", value) for name, value in item.values.items()} for item in records]

    return rows_
