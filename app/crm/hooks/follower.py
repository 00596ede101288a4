"""The hooks as a service: a thread for each durable subscriber, and one that starts a sender for each webhook."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, func, select

from app.crm import changes
from app.crm.changes.subscribers import Reader, State, Subscriber
from app.crm.hooks import enqueue
from app.crm.hooks.deliver import Sender, due_webhooks
from app.crm.hooks.lease import Lease
from app.crm.schema import webhook_deliveries, webhooks
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.types import utc_now

POLL = 1.0  # seconds: another process may write too, and tells nobody
AFTER_FAULT = 5.0  # seconds of rest where the database itself can't be asked
KEPT = timedelta(days=30)  # of deliveries that are over
PRUNE_EVERY = 3600  # polls between two prunings: about an hour
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Deliveries:
    """How the webhooks stand, as last seen."""

    active: int = 0
    failing: int = 0
    pending: int = 0
    seen: bool = False


@dataclass(slots=True)
class _Loop:
    """A thread that works when woken or once a second, for as long as this process holds the lease."""

    name: str
    work: Callable[[], None]
    lease: Lease
    stopping: threading.Event = field(default_factory=threading.Event)
    waking: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    fault: str = ""
    held: bool = True

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.held = self.lease.held()
                if self.held:
                    self.work()
                self.fault = ""
            except Exception as error:
                if not self.stopping.is_set():
                    self.fault = f"{type(error).__name__}: {error}"[:300]
                    log.exception("%s failed and tries again", self.name)
                self.stopping.wait(AFTER_FAULT)
            self.waking.wait(POLL)
            self.waking.clear()

    def stop(self) -> None:
        self.stopping.set()
        self.waking.set()


class Hooks:
    """Runs durable subscribers and webhooks. Start it in the process that serves the CRM half, and nowhere else."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        subscribers: Sequence[Subscriber] = (),
        timers: Mapping[str, Callable[[], None]] = MappingProxyType({}),
    ) -> None:
        """`timers`: called about once a second, by name, each in a thread of its own."""
        self._settings = settings
        self._database = database
        self._lease = Lease(database)
        self._unsubscribe: Callable[[], None] | None = None
        self._readers = [Reader(database, item) for item in (enqueue.subscriber(database), *subscribers)]
        self._sending: dict[int, threading.Thread] = {}
        self._polls = 0
        self.deliveries = Deliveries()
        self._sender = _Loop("webhooks", self._send, self._lease)
        self._loops = [self._follower(reader) for reader in self._readers] + [self._sender]
        self._loops += [_Loop(name, timer, self._lease) for name, timer in timers.items()]

    def _follower(self, reader: Reader) -> _Loop:
        loop = _Loop(f"hooks-{reader.state.name}", lambda: None, self._lease)

        def follow() -> None:
            while not loop.stopping.is_set() and reader.step():
                pass
            self._sender.waking.set()

        loop.work = follow
        return loop

    # --- life ---

    def start(self) -> None:
        for loop in self._loops:
            loop.start()
        self._unsubscribe = changes.subscribe(lambda _change_set: self.notify())

    def stop(self) -> None:
        """End the threads; an attempt that is under way is made again by the next process."""
        if self._unsubscribe:
            self._unsubscribe()
        for loop in self._loops:
            loop.stop()
        ends = time.monotonic() + 1
        for thread in [*(loop.thread for loop in self._loops if loop.thread), *list(self._sending.values())]:
            thread.join(timeout=max(0, ends - time.monotonic()))
        self._lease.release()

    def notify(self) -> None:
        """Something was committed, or is to be sent: look now instead of at the next poll."""
        for loop in self._loops:
            loop.waking.set()

    # --- sending ---

    def _send(self) -> None:
        """See that each webhook with something to send has a thread that sends it: none waits for another."""
        if self._polls % PRUNE_EVERY == 0:
            self._prune()
        self._polls += 1
        with self._database.read() as connection:
            due = due_webhooks(connection, utc_now())
            self.deliveries = _counted(connection)
        self._sending = {hook: thread for hook, thread in self._sending.items() if thread.is_alive()}
        for hook in due:
            if hook not in self._sending:
                thread = threading.Thread(target=self._send_all, args=(hook,), name=f"webhook-{hook}", daemon=True)
                self._sending[hook] = thread
                thread.start()

    def _send_all(self, hook: int) -> None:
        sender = Sender(self._settings, self._database)
        try:
            while not self._sender.stopping.is_set() and sender.send_next(hook):
                pass
        except Exception:
            if not self._sender.stopping.is_set():
                log.exception("A webhook's sender failed and is started again")
                self._sender.stopping.wait(AFTER_FAULT)
        finally:
            sender.close()

    def _prune(self) -> None:
        table = webhook_deliveries
        old = table.c.created_at < utc_now() - KEPT, table.c.next_at.is_(None)
        with self._database.read() as connection:
            if connection.scalar(select(table.c.id).where(*old).limit(1)) is None:
                return
        with self._database.write() as connection:
            connection.execute(delete(table).where(*old))

    # --- state ---

    @property
    def states(self) -> list[State]:
        """Each subscriber as last seen; no I/O."""
        return [reader.state for reader in self._readers]

    @property
    def runs_here(self) -> bool:
        """False where another process of the same database runs the hooks."""
        return self._sender.held

    def state(self) -> dict[str, Any]:
        """How the hooks stand, for /readyz. No I/O."""
        if not self.runs_here:
            return {"status": "ok", "why": "Another process runs the hooks."}
        failing = [state for state in self.states if state.failures]
        reasons = [f"{state.name} failed {state.failures} times in a row ({state.error})" for state in failing]
        reasons += [f"{loop.name}: {loop.fault}" for loop in self._loops if loop.fault]
        if self.deliveries.failing:
            reasons.append(f"{self.deliveries.failing} of {self.deliveries.active} webhooks fail")
        return {
            "status": "degraded" if reasons else "ok",
            "why": f"{'; '.join(reasons)}. They are tried again." if reasons else "Every hook has heard of everything.",
            "lag": self._lag(),
            "webhooks": self.deliveries.active,
            "pending": self.deliveries.pending,
        }

    def _lag(self) -> int:
        return max((state.lag for state in self.states), default=0)

    def gauges(self) -> dict[str, tuple[str, float]]:
        """For /metrics. No I/O."""
        return {
            "parley_hooks_lag": ("Positions of the journal that the slowest hook hasn't had", self._lag()),
            "parley_hooks_failures": ("Failures in a row, of all hooks", sum(item.failures for item in self.states)),
            "parley_webhooks_failing": ("Webhooks whose last attempt failed", self.deliveries.failing),
            "parley_webhook_deliveries_pending": ("Deliveries still to be made", self.deliveries.pending),
        }


def _counted(connection: Any) -> Deliveries:
    active = func.count(webhooks.c.id)
    failing = func.count(webhooks.c.failing_since)
    row = connection.execute(select(active, failing).where(webhooks.c.active)).one()
    pending = select(func.count()).select_from(webhook_deliveries).where(webhook_deliveries.c.next_at.is_not(None))
    return Deliveries(row[0], row[1], connection.scalar(pending) or 0, True)
