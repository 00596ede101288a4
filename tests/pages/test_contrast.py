"""The colours: every text on every ground that it may stand on, in both themes, at 4.5 to 1; outlines at 3 to 1."""

import math
import re

import pytest

from app.shared.assets import FOLDER

_COLOR = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")
_TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)|(oklch\([^)]*\)));")
GROUNDS = ("ground", "ground-tint", "raised", "hover", "pressed")
MEANINGS = ("good", "warning", "bad", "info")


def _tokens() -> dict[str, tuple[str, str]]:
    found = _TOKEN.findall((FOLDER / "css" / "tokens.css").read_text())
    return {name: (light or both, dark or both) for name, light, dark, both in found}


TOKENS = _tokens()


def _linear(color: str) -> tuple[float, float, float]:
    """OKLCH as linear sRGB, cut to what a screen shows."""
    match = _COLOR.fullmatch(color)
    assert match, color
    light, chroma, hue = float(match[1]) / 100, float(match[2]), math.radians(float(match[3]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long, middle, short = (
        (light + x * a + y * b) ** 3
        for x, y in ((0.3963377774, 0.2158037573), (-0.1055613458, -0.0638541728), (-0.0894841775, -1.291485548))
    )
    rgb = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
    )
    return tuple(min(max(part, 0.0), 1.0) for part in rgb)  # type: ignore[return-value]  # three parts


def contrast(one: str, other: str) -> float:
    lights = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (_linear(one), _linear(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _pairs() -> list[tuple[str, str, float]]:
    texts = [(text, ground, 4.5) for text in ("text", "text-2", "accent") for ground in GROUNDS]
    texts += [("text-3", ground, 4.5) for ground in ("ground", "ground-tint", "raised", "hover")]
    texts += [(name, f"{name}-ground", 4.5) for name in MEANINGS]
    texts += [(name, ground, 4.5) for name in MEANINGS for ground in ("ground", "raised", "hover")]
    texts += [(f"hue-{hue}", f"hue-{hue}-ground", 4.5) for hue in range(8)]
    texts += [("text", "accent-ground", 4.5), ("accent", "accent-ground", 4.5)]
    texts += [("on-accent", fill, 4.5) for fill in ("accent-fill", "accent-fill-hover", "bad-fill")]
    return texts + [("line-input", ground, 3.0) for ground in ("ground", "raised")]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), _pairs(), ids=lambda value: str(value))
def test_the_contrast_is_enough(text: str, ground: str, least: float, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= least


def test_the_measure_is_right() -> None:
    assert round(contrast("oklch(100% 0 0)", "oklch(0% 0 0)"), 1) == 21.0
    assert round(contrast("oklch(62.8% 0.2577 29.23)", "oklch(100% 0 0)"), 1) == 4.0  # pure red on white
