"""What the C library keeps of freed memory: fewer heaps, and giving back. Elsewhere than on glibc this does nothing."""

import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # mallopt(3)
ARENAS = 2


def _call(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function:
        function(*arguments)


def limit_heaps() -> None:
    """glibc makes up to eight heaps a core and gives little of them back; two serve all threads."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Return what is free to the system; takes some milliseconds."""
    gc.collect()
    _call("malloc_trim", 0)
