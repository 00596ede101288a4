"""Characters that nobody sees and that change what is seen: they are left out of names.

Overrides and embeddings turn the words after them around (`gpj.exe` reads `exe.jpg`); characters without a width make
two names that look the same. Directional marks and joiners stay: Arabic, Hebrew, Persian, Indic scripts and emoji are
written with them. (Unicode's technical reports 36 and 55 tell the dangers.)
"""

import re

_UNSEEN = re.compile(
    "\u00ad"  # soft hyphen
    "|[\u200b\u2060-\u2064\ufeff\u180e]"  # no width
    "|[\u202a-\u202e\u2066-\u2069]"  # embeddings, overrides, isolates
    "|[\u206a-\u206f\ufff9-\ufffb]"  # deprecated controls, annotations
    "|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0000-\U000e007f]+"  # tags: words that only programs read; not flags
)


def seen(text: str) -> str:
    """The text without what is unseen. What only programs could read is gone too, but for the flags of regions."""
    return text if text.isprintable() else _UNSEEN.sub("", text)
