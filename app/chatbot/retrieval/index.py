"""The index as a service: follows the journal in the background, searches, and is built anew beside itself."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import structlog

from app.chatbot.retrieval import choosing, search, writer
from app.chatbot.retrieval import collection as collections
from app.chatbot.retrieval.collection import Collection
from app.chatbot.retrieval.embed import Embedder, EmbedderError, made_embedder
from app.chatbot.retrieval.meaning import Meaning
from app.chatbot.retrieval.scope import Scope
from app.chatbot.retrieval.vectors import Vectors, VectorsError
from app.chatbot.types import Passage
from app.shared import memory
from app.shared.config import Settings
from app.shared.contract import CrmPort, Principal

if TYPE_CHECKING:
    from app.chatbot.choices import Choices

log = structlog.get_logger(__name__)
POLL = 0.5  # seconds: another process may write too, and tells nobody
RETRY = 10.0  # seconds after a fault of the engine or the embedder
Ref = tuple[str, int]


class Index:
    """Implements `Retriever`. Vectors are a second lane: without them, full text serves alone and `state` says why."""

    def __init__(
        self, settings: Settings, port: CrmPort, embedder: Embedder | None = None, choices: "Choices | None" = None
    ) -> None:
        """`choices`: what admins have chosen; an `embedder` that is given goes before."""
        self._settings = settings
        self._port = port
        self._choices = None if embedder else choices
        self._embedder = embedder or made_embedder(settings, settings.embed_model)
        self._next: Embedder | None = None  # chosen, and used from the next rebuild on
        self._lock = threading.RLock()  # guards what is below
        self._collection: Collection | None = None
        self._vectors: Vectors | None = None
        self._pending: dict[Ref, None] = {}  # newest first
        self._seen = 0  # the journal's position up to which changes are in `_pending` or done
        self._behind_since: float | None = None
        self._fault: str | None = None
        self._retry_at = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow the journal from a thread of its own. Opens nothing heavy until there is something to do."""
        if self._choices:
            self._embedder, self._next = choosing.recall(self._settings, self._choices)
        self._thread = threading.Thread(target=self._follow, name="index", daemon=True)
        self._thread.start()

    def choose(self, name: str) -> None:
        """Use this embedding model from the next rebuild on; "" is the built-in one. Raises Conflict."""
        wanted = choosing.chosen(self._settings, self._choices, name)
        with self._lock:
            self._next = None if wanted.name == self._embedder.name else wanted

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=3)
        self._let_go()

    def notify(self) -> None:
        """Something was committed: look now instead of at the next poll."""
        self._wake.set()

    # --- searching ---

    def search(
        self,
        principal: Principal,
        text: str,
        *,
        links: Sequence[Ref] = (),
        objects: Sequence[str] = (),
        since: date | None = None,
        until: date | None = None,
        beside: Ref | None = None,
        limit: int = 8,
    ) -> Sequence[Passage]:
        scope = Scope(tuple(links), tuple(objects), since, until, beside)
        text = search.topic(self._port, principal, text, scope)
        try:
            return search.passages(self._port, principal, text, scope, self.meaning(text, scope), limit)
        except (EmbedderError, VectorsError) as error:
            self._failed(error)
            return search.passages(self._port, principal, text, scope, None, limit)

    def meaning(self, text: str, scope: Scope) -> Meaning | None:
        """What the vectors find, or None where they can't serve."""
        if not text.strip() or time.monotonic() < self._retry_at:
            return None
        vectors = self._open()
        return Meaning(text, self._embedder, vectors, scope.by_kind()) if vectors else None

    # --- following ---

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(POLL)
            self._wake.clear()
            if time.monotonic() < self._retry_at:
                continue
            try:
                self._catch_up()
            except (EmbedderError, VectorsError) as error:
                self._failed(error)
            except Exception as error:
                log.exception("index_follower_failed")
                self._failed(error)
            if self._embedder.unload_if_idle():
                self._rest()

    def _rest(self) -> None:
        """Nobody has searched for a while: close the engine too, and give the memory back to the system."""
        self._let_go()
        memory.give_back()

    def _catch_up(self) -> None:
        if self._collection is None:
            self._begin()
        if self._fault and (vectors := self._open()):
            vectors.count()  # whether it is well again, though nothing is to be written
        self._take_news()
        while self._pending and not self._stopping.is_set():
            batch = list(self._pending)[: writer.BATCH]
            with self._lock:  # a rebuild switches both together
                vectors, embedder = self._open() or self._create(), self._embedder
            writer.write(self._port, embedder, vectors, batch)  # outside the lock: questions go on meanwhile
            with self._lock:
                if vectors is self._vectors:  # else a reindex has switched, and these changes come again
                    for ref in batch:
                        self._pending.pop(ref, None)
            self._take_news()
        self._settle()

    def _begin(self) -> None:
        """Take up the collection that serves, or plan to make one of everything."""
        known = collections.load(self._settings)
        if known and known.fits(self._settings, self._embedder.name):
            self._collection, self._seen = known, known.seq
            if known.complete:
                return
        else:
            self._seen = self._port.journal_end()
        self._pending = dict.fromkeys(writer.all_refs(self._port))

    def _take_news(self) -> None:
        """Put the records that changed since in front, the newest first."""
        with self._lock:
            news: list[Ref] = []
            while entries := self._port.journal(self._seen):
                self._seen = entries[-1][0]
                news += [(name, record) for _, name, record in entries]
            if news:
                fresh = dict.fromkeys(reversed(news))
                self._pending = fresh | {ref: None for ref in self._pending if ref not in fresh}
        if self._pending and self._behind_since is None:
            self._behind_since = time.monotonic()

    def _settle(self) -> None:
        """Everything is in: remember the position, so that the next start needn't look at it again."""
        with self._lock:
            if self._pending:
                return
            self._behind_since = None
            self._fault = None
            current = self._collection
            if current and (current.seq != self._seen or not current.complete):
                self._collection = collections.reached(current, self._seen)
                collections.save(self._settings, self._collection)

    # --- the collection ---

    def _open(self) -> Vectors | None:
        """The collection that serves, opened; None where there is none yet."""
        with self._lock:
            if self._vectors is None:
                known = self._collection or collections.load(self._settings)
                if known is None or not known.fits(self._settings, self._embedder.name):
                    return None
                self._vectors = collections.open_vectors(self._settings, known)
                self._collection = known
                if self._vectors.is_new and known.complete:
                    self._begin_again()
            return self._vectors

    def _begin_again(self) -> None:
        """The engine came back without what it held: everything is to be written anew."""
        log.warning("index_was_lost", collection=self._collection.name if self._collection else None)
        if self._collection:
            self._collection = collections.unfinished(self._collection)
            collections.save(self._settings, self._collection)
        self._pending |= dict.fromkeys(writer.all_refs(self._port))
        self._wake.set()

    def _create(self) -> Vectors:
        fresh, vectors = self._new_collection(self._embedder)
        with self._lock:
            self._collection, self._vectors = fresh, vectors
            collections.save(self._settings, fresh)
        return vectors

    def _new_collection(self, embedder: Embedder) -> tuple[Collection, Vectors]:
        dimension = len(embedder.embed(["dimension"])[0].vector)
        fresh = collections.new(self._settings, embedder.name, dimension)
        return fresh, collections.open_vectors(self._settings, fresh)

    def reindex(self, progress: writer.Progress | None = None, cancelled: Callable[[], bool] = lambda: False) -> int:
        """Build a new collection beside the one that serves, then switch. Returns how many records it holds.

        Raises Canceled, EmbedderError, VectorsError; the old collection serves on in each case.
        """
        start = self._port.journal_end()
        refs = writer.all_refs(self._port)
        embedder = self._next or self._embedder
        fresh, vectors = self._new_collection(embedder)

        def called_off() -> bool:
            return cancelled() or self._stopping.is_set()

        try:
            embedded = writer.write_all(self._port, embedder, vectors, refs, progress, called_off)
        except BaseException:
            vectors.delete()
            raise
        self._switch(collections.reached(fresh, start), vectors, embedder)
        return embedded

    def _switch(self, fresh: Collection, vectors: Vectors, embedder: Embedder) -> None:
        with self._lock:
            old = self._open_quietly()
            self._embedder = embedder
            if self._next and self._next.name == embedder.name:
                self._next = None
            self._collection, self._vectors, self._seen = fresh, vectors, fresh.seq
            self._pending = {}
            self._fault, self._retry_at = None, 0.0
            collections.save(self._settings, fresh)
            if old:
                old.delete()

    def _open_quietly(self) -> Vectors | None:
        try:
            return self._open()
        except VectorsError:
            return None

    def _failed(self, error: Exception) -> None:
        if self._fault != str(error):
            log.warning("index_degraded", reason=str(error))
        self._fault = str(error)
        self._retry_at = time.monotonic() + RETRY
        if isinstance(error, VectorsError):
            self._let_go()

    def _let_go(self) -> None:
        """Open the engine anew at the next try: a server may come back without what it held."""
        with self._lock:
            if self._vectors:
                self._vectors.close()
            self._vectors = None

    def state(self) -> dict[str, Any]:
        """How the index stands, for /readyz and the settings page. No I/O."""
        current = self._collection
        behind = self._behind_since
        return {
            "status": "degraded" if self._fault else "ok",
            "why": f"{self._fault} Full text serves alone." if self._fault else None,
            "engine": collections.engine(self._settings),
            "model": self._embedder.name,
            "next_model": self._next.name if self._next else None,
            "collection": current.name if current else None,
            "seq": current.seq if current and current.complete else None,
            "pending": len(self._pending),
            "lag_seconds": round(time.monotonic() - behind, 1) if behind is not None else 0.0,
        }

    def count(self) -> int | None:
        """How many passages are in the collection that serves; None where it isn't open. Blocks."""
        with self._lock:
            try:
                return self._vectors.count() if self._vectors else None
            except VectorsError:
                return None
