"""Outline icons, inlined into the page from the set among the vendor assets; each file is read once."""

import re
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

FOLDER = Path(__file__).resolve().parents[2] / "static" / "vendor" / "icons"
_INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@cache
def _shape(name: str) -> str:
    """An icon's inner drawing; nothing where the assets haven't been installed."""
    path = FOLDER / f"{name}.svg"
    found = _INNER.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return re.sub(r"\s*\n\s*", "", found[1]) if found else ""


@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> Markup:
    """An icon by its name in the set. Without a label it is decoration; where it is missing, an empty box."""
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(  # noqa: S704 - the set's own drawing, and an escaped label
        f'<svg class="icon" {role} viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-linecap="round" stroke-linejoin="round">{_shape(name)}</svg>'
    )


BRAND_MARK = Markup(
    '<svg aria-hidden="true" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.8" '
    'stroke-linecap="round"><path d="M3.5 9V7M8 11V5M12.5 9.5v-3"/></svg>'
)
