"""When a record that should move is thought to stand still, on every page and for the assistant."""

from __future__ import annotations

from datetime import timedelta

STALE = timedelta(days=30)  # in one stage
