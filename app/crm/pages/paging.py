"""Next and previous over keyset pages: the address carries the cursors of the pages before this one."""

from dataclasses import dataclass

from app.crm.pages import queries
from app.crm.pages.state import PAGE_SIZES, Shown
from app.shared.contract import Page, Query

_KEPT = 20  # cursors of earlier pages that an address carries; further back leads to the first page
_MOST = 200  # rows on one page


@dataclass(frozen=True, slots=True)
class Pager:
    """Where this page stands among all rows, and its neighbours' addresses ("" where there is none)."""

    first: int
    last: int
    total: int
    is_bound: bool
    previous: str
    next: str
    all: str = ""  # every row, where the address asks for the first few alone
    size: int = 0  # rows a page
    sizes: tuple[tuple[int, str], ...] = ()  # other sizes, and the list's address with them


def size(asked: str | None, default: int) -> int:
    """Rows a page: as many as the address asks for, within reason; what is no number asks for nothing."""
    if not asked or not asked.isdecimal() or len(asked) > 9 or int(asked) < 1:
        return default
    return min(int(asked), _MOST)


def whole(query: Query) -> str:
    """The same rows without a limit of their own."""
    return queries.url(queries.changed(query, limit=Query.model_fields["limit"].default))


def _read(trail: str) -> tuple[int, list[str]]:
    """How many pages stand before this one, and the cursors of the nearest of them."""
    number, *cursors = trail.split("~")
    if not number.isdecimal() or int(number) < len(cursors) or not cursors:
        return 0, []
    return int(number), cursors


def _address(query: Shown, cursor: str | None, count: int, cursors: list[str]) -> str:
    pairs = queries.params(query.model_copy(update={"cursor": cursor or None}))
    kept = cursors[-_KEPT:]
    trail = f"{count}~{'~'.join(kept)}" if kept else ""
    return queries.address(f"/{query.object}", [*pairs, ("trail", trail)])


def pager(query: Shown, page: Page, trail: str, *, is_cut: bool = False) -> Pager:
    """`trail` is the address's own parameter; a first page has none. `is_cut`: the address has a limit of its own."""
    count, cursors = _read(trail) if query.cursor else (0, [])
    rows = query.limit if is_cut else query.size
    before = count * rows
    following = previous = ""
    if page.next_cursor:
        following = _address(query, page.next_cursor, count + 1, [*cursors, query.cursor or "0"])
    if query.cursor:
        cursor = cursors[-1] if cursors else "0"
        previous = _address(query, None if cursor == "0" else cursor, max(count - 1, 0), cursors[:-1])
    first = before + 1 if page.records else 0
    last = before + len(page.records)
    everything = whole(query) if is_cut and page.total > rows else ""
    sizes = () if is_cut or page.total <= min(PAGE_SIZES) else _sizes(query)
    return Pager(first, last, page.total, page.total_is_bound, previous, following, everything, rows, sizes)


def _sizes(query: Shown) -> tuple[tuple[int, str], ...]:
    return tuple((one, queries.url(queries.changed(query, size=one))) for one in PAGE_SIZES)
