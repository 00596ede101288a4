"""Charts as SVG, drawn by the server: bars, each a link to its rows. A table with the same numbers stands behind."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, a solid part and a pale whole (0 and more, of one unit), their words, and where it leads."""

    label: str
    value: float
    text: str
    url: str = ""
    whole: float = 0.0
    whole_text: str = ""
    hue: int = 0
    title: str = ""  # on hover, and for who listens; made of the texts where empty
    exact: str = ""  # the part and the whole to the last digit, for the table
    whole_exact: str = ""


_WIDTH, _HEIGHT, _FOOT, _HEAD = 560, 180, 22, 18


def columns(bars: Sequence[Bar], label: str) -> Markup:
    """Upright bars in the order given, as for months."""
    top = max((max(bar.value, bar.whole) for bar in bars), default=0) or 1
    step = _WIDTH / max(len(bars), 1)
    width = min(step * 0.62, 40)
    shapes = [_column(bar, index, step, width, top) for index, bar in enumerate(bars)]
    base = _HEIGHT - _FOOT
    return Markup(  # noqa: S704 - numbers of our own and escaped labels
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="group" aria-label="{escape(label)}">'
        f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{base + 0.5}" y2="{base + 0.5}"/>{"".join(shapes)}</svg>'
    )


def _column(bar: Bar, index: int, step: float, width: float, top: float) -> str:
    middle, base = step * (index + 0.5), _HEIGHT - _FOOT
    room = base - _HEAD
    parts = []
    for value, kind in ((bar.whole, "bar-soft"), (bar.value, "bar")):
        height = room * value / top
        if height > 0:
            parts.append(
                f'<rect class="{kind}" x="{middle - width / 2:.1f}" y="{base - max(height, 1.5):.1f}" '
                f'width="{width:.1f}" height="{max(height, 1.5):.1f}" rx="2"/>'
            )
    highest = room * max(bar.value, bar.whole) / top
    # The words stand in the order in which they are read out; the whole step is the target, not the bar alone.
    parts.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 5}" text-anchor="middle">{escape(bar.label)}</text> ')
    if highest > 0:
        place = f'x="{middle:.1f}" y="{base - highest - 6:.1f}" text-anchor="middle"'
        parts.append(f'<text class="value" {place}>{escape(bar.whole_text or bar.text)}</text>')
    parts.append(f'<rect x="{middle - step / 2:.1f}" y="0" width="{step:.1f}" height="{base}" fill="transparent"/>')
    inner = f'<g class="mark-{bar.hue}"><title>{escape(_title(bar))}</title>{"".join(parts)}</g>'
    return f'<a href="{escape(bar.url)}">{inner}</a>' if bar.url else inner


def _title(bar: Bar) -> str:
    return bar.title or f"{bar.label}: {bar.text}" + (f", {bar.whole_text}" if bar.whole_text else "")


def line(share: float, hue: int = 0, whole: float | None = None) -> Markup:
    """A level bar as a row of a table has it: `share` and `whole` from 0 to 1."""
    solid = round(100 * min(max(share, 0), 1), 1)
    pale = f'<rect class="bar-soft" width="{round(100 * whole, 1)}" height="8"/>' if whole else ""
    return Markup(  # noqa: S704 - numbers of our own
        f'<svg class="level mark-{int(hue)}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'{pale}<rect class="bar" width="{solid}" height="8"/></svg>'
    )
