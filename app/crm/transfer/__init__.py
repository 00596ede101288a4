"""Import: a delimited file into records, planned whole, written as one change set, safe to run twice.

What reads and plans is loaded when something is imported: a server that starts has no use for it yet.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from app.crm.transfer.options import CREATABLE, Options, from_parts, from_words

if TYPE_CHECKING:
    from app.crm.transfer.engine import plan, run
    from app.crm.transfer.report import Report
    from app.crm.transfer.source import Sheet, read

__all__ = ["CREATABLE", "Options", "Report", "Sheet", "from_parts", "from_words", "plan", "read", "run"]
_WHERE = {"plan": "engine", "run": "engine", "Report": "report", "Sheet": "source", "read": "source"}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
