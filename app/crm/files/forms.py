"""An upload as it comes: a multipart form, read piece by piece, its files straight to the disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.requests import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from app.crm.files.kinds import plain_name
from app.crm.files.store import Incoming, Store
from app.shared.errors import BadRequest, FieldError, Invalid, ParleyError
from app.shared.limits import MEGABYTE, TooLarge

MOST_FILES = 20  # of one form
_MOST_PARTS = 60
_WORDS = 64 * 1024  # bytes of all the form's texts
_FED = 16 * 1024  # bytes that the form's parser is given at a time; it holds back no more than `_WORDS`
_PIECE = MEGABYTE  # what is written at a time


class NotAForm(ParleyError):
    status = 415
    title = "Unsupported media type"


@dataclass(slots=True)
class Upload:
    """What a form held: its texts by name, and its files."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: list[Incoming] = field(default_factory=list)

    def text(self, name: str) -> str:
        return next(iter(self.texts.get(name, ())), "")


@asynccontextmanager
async def upload(request: Request, store: Store) -> AsyncIterator[Upload]:
    """The form of a request. Whatever of it isn't kept meanwhile is gone afterwards, also where the sender left."""
    found = Upload()
    try:
        await _Reading(request, store, found).read()
        yield found
    finally:
        for incoming in found.files:
            incoming.discard()


def _boundary(request: Request) -> bytes:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "multipart/form-data":
        raise NotAForm(f"The body has {kind.strip() or 'no type'}; this takes multipart/form-data.")
    values = (part.partition("=") for part in rest.split(";"))
    given = next((value.strip().strip('"') for name, _, value in values if name.strip().lower() == "boundary"), "")
    if not 0 < len(given) <= 200:
        raise BadRequest("The form names no boundary between its parts.")
    return given.encode("latin-1", "replace")


class _Reading:
    """One form on its way."""

    def __init__(self, request: Request, store: Store, found: Upload) -> None:
        self.request, self.store, self.found = request, store, found
        self.decoder = MultipartDecoder(_boundary(request), _WORDS, max_parts=_MOST_PARTS)
        self.file: Incoming | None = None
        self.name, self.words, self.waiting = "", bytearray(), bytearray()
        self.skipping = self.whole = False
        self.length = 0

    async def read(self) -> None:
        """Raises TooLarge, NoRoom, BadRequest, and what tells that the sender has left."""
        try:
            async for chunk in self.request.stream():
                for start in range(0, len(chunk), _FED):
                    self.decoder.receive_data(chunk[start : start + _FED])
                    await self._events()
            self.decoder.receive_data(None)
            await self._events()
        except (ValueError, RequestEntityTooLarge):
            raise BadRequest("The form can't be read.") from None
        if not self.whole:
            raise BadRequest("The form ends before its last part.")

    async def _events(self) -> None:
        while not isinstance(event := self.decoder.next_event(), NeedData):
            if isinstance(event, File):
                await self._begin(event)
            elif isinstance(event, Field):
                self.name, self.file = event.name or "", None
            elif isinstance(event, Data):
                await self._data(event)
            elif isinstance(event, Epilogue):
                self.whole = True
                return

    async def _begin(self, event: File) -> None:
        self.name, self.skipping, self.file = event.name or "", not event.filename, None
        if self.skipping:  # a form sends an empty part where no file was chosen
            return
        if event.name != "file":
            raise Invalid("A file comes as the part named file.", [FieldError(event.name or "", "Not known here.")])
        if len(self.found.files) >= MOST_FILES:
            raise TooLarge(f"At most {MOST_FILES} files can be added at a time.")
        self.file = await asyncio.to_thread(self.store.incoming, plain_name(event.filename))
        self.found.files.append(self.file)

    async def _data(self, event: Data) -> None:
        if self.file is None:
            self._word(event)
            return
        self.waiting += event.data
        if self.file.size + len(self.waiting) > self.store.limit:
            raise TooLarge(too_large(self.store, self.file.name))
        if len(self.waiting) >= _PIECE or not event.more_data:
            await asyncio.to_thread(self.file.write, bytes(self.waiting))
            self.waiting.clear()
        if not event.more_data:
            await asyncio.to_thread(self.file.finish)

    def _word(self, event: Data) -> None:
        if self.skipping:
            self.skipping = event.more_data
            return
        self.words += event.data
        self.length += len(event.data)
        if self.length > _WORDS:
            raise TooLarge("The form's texts are longer than they need be.")
        if not event.more_data:
            text = self.words.decode("utf-8", "replace")
            self.found.texts.setdefault(self.name, []).append(text)
            self.words.clear()


def too_large(store: Store, name: str) -> str:
    return f"{name} is larger than the {store.limit // MEGABYTE} MB that a file may have here."
