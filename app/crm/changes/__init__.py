"""The change door: every write of records. Nothing else writes them.

A set of changes is proposed (kept, nothing written), applied (one transaction, checked against the old values) and
undone. The journal that applying writes is the timeline, the audit log, the undo history and the outbox.
"""

from app.crm.changes.apply import apply, apply_within, check
from app.crm.changes.history import history, of_set, recent
from app.crm.changes.journal import advance, journal, journal_end, position, rewind
from app.crm.changes.preview import Preview, Refusal, preview, sifted
from app.crm.changes.propose import expire, propose, reject
from app.crm.changes.recent_sets import folded
from app.crm.changes.revise import revise
from app.crm.changes.store import get, listing
from app.crm.changes.subscribe import announce, subscribe
from app.crm.changes.undo import undo, undo_within

__all__ = [
    "Preview", "Refusal", "advance", "announce", "apply", "apply_within", "check", "expire", "folded", "get", "history",
    "journal", "journal_end", "listing", "of_set", "position", "preview", "propose", "recent", "reject", "revise",
    "rewind", "sifted", "subscribe", "undo",
    "undo_within",
]  # fmt: skip
