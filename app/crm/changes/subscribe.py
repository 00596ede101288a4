"""Who wants to know after a commit: callbacks with the applied set's id, isolated from the write and each other."""

import logging
from collections.abc import Callable

Callback = Callable[[int], None]
_callbacks: list[Callback] = []
_log = logging.getLogger(__name__)


def subscribe(callback: Callback) -> Callable[[], None]:
    """Call `callback(change_set_id)` after each commit, in the writer's thread: keep it short. Returns how to stop.

    The journal is the source of truth: a subscriber that fails, or wasn't there, catches up from its own position.
    """
    _callbacks.append(callback)

    def stop() -> None:
        if callback in _callbacks:
            _callbacks.remove(callback)

    return stop


def announce(change_set: int) -> None:
    """Tell every subscriber. A failing one is logged and breaks nothing."""
    for callback in list(_callbacks):
        try:
            callback(change_set)
        except Exception:
            _log.exception("A subscriber to changes failed", extra={"change_set": change_set})
