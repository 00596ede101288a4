"""What the C library keeps: fewer heaps, so that memory freed by one thread serves the others."""

import ctypes
import sys

_M_ARENA_MAX = -8  # mallopt(3)
ARENAS = 2


def limit_arenas() -> None:
    """glibc makes up to eight heaps a core and gives little of them back; elsewhere this does nothing."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(_M_ARENA_MAX, ARENAS)
