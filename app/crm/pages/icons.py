"""Outline icons, inlined into the page from the sprite among the vendor assets, which is read once."""

import re
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

SPRITE = Path(__file__).resolve().parents[2] / "static" / "vendor" / "icons.svg"
_SYMBOL = re.compile(r'<symbol[^>]*?\bid="([^"]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@cache
def _shapes() -> dict[str, str]:
    """Each icon's inner drawing by its name; none where the assets haven't been installed."""
    if not SPRITE.is_file():
        return {}
    found = _SYMBOL.findall(SPRITE.read_text(encoding="utf-8"))
    return {name: re.sub(r"\s*\n\s*", "", inner) for name, inner in found}


@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> Markup:
    """An icon by its name in the set. Without a label it is decoration; where it is missing, an empty box."""
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(  # noqa: S704 - the set's own drawing, and an escaped label
        f'<svg class="icon" {role} viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-linecap="round" stroke-linejoin="round">{_shapes().get(name, "")}</svg>'
    )


BRAND_MARK = Markup(
    '<svg aria-hidden="true" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.8" '
    'stroke-linecap="round"><path d="M3.5 9V7M8 11V5M12.5 9.5v-3"/></svg>'
)
