"""Import: a delimited file into records, planned whole, written as one change set, safe to run twice."""

from app.crm.transfer.engine import plan, run
from app.crm.transfer.options import CREATABLE, Options, from_parts, from_words
from app.crm.transfer.report import Report
from app.crm.transfer.source import Sheet, read

__all__ = ["CREATABLE", "Options", "Report", "Sheet", "from_parts", "from_words", "plan", "read", "run"]
