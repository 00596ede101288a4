"""How far a long command has come: a bar on a terminal, plain lines elsewhere; always on standard error."""

import sys
import time

WIDTH = 24  # characters of the bar
EVERY = 0.1  # seconds between two drawings
EVERY_LINE = 2.0  # seconds between two lines where there is no terminal


class Progress:
    """Called with what is being done, how many are done, and how many there are."""

    def __init__(self, unit: str = "rows") -> None:
        self.unit = unit
        self.live = sys.stderr.isatty()
        self._what = ""
        self._started = self._shown = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._what:
            self._what, self._started, self._shown = what, now, 0.0 if self.live else now
        finished = done >= total
        if finished or now - self._shown >= (EVERY if self.live else EVERY_LINE):
            self._shown = now
            self._show(done, total, now - self._started, finished)

    def _show(self, done: int, total: int, seconds: float, finished: bool) -> None:
        rate = f", {done / seconds:,.0f} {self.unit}/s" if seconds > 0.05 and done else ""
        text = f"{self._what}: {done:,} of {total:,}{rate}"
        if self.live:
            filled = WIDTH * done // total if total else WIDTH
            bar = "█" * filled + "░" * (WIDTH - filled)
            print(f"\r\x1b[K{bar} {text}", end="\n" if finished else "", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)
