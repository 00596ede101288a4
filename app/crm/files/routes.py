"""The addresses of files on the ASGI side, as a table; the rest of a file's record is served like any other."""

from app.crm.files import downloads, uploads
from app.crm.files.store import Store
from app.crm.files.uploads import Endpoint


def routes(store: Store) -> list[tuple[str, Endpoint, str]]:
    """(path, endpoint, method) of each."""
    return [
        (uploads.NEW, uploads.form(store), "POST"),
        (uploads.COLLECTION, uploads.collection(store), "POST"),
        (downloads.CONTENT, downloads.content(store), "GET"),
        (downloads.PREVIEW, downloads.preview(store), "GET"),
        (downloads.REST_CONTENT, downloads.content(store), "GET"),
    ]
