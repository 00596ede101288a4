"""Paths of requests as a log may hold them."""

import re

_SECRET = re.compile(r"^/(setup|invitation)/.+", re.DOTALL)


def shown(path: str) -> str:
    """The path without a one-time link's secret, and on one line."""
    return _SECRET.sub(r"/\1/...", path) if path.isprintable() else repr(_SECRET.sub(r"/\1/...", path))
