"""What run.sh calls: set up what is missing, then hand on to the program. The standard library alone, nothing else."""

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from app.setup import assets, audit, browser, checks, environment
from app.setup.steps import SetupError


def main(words: Sequence[str]) -> int:
    if words[:1] in (["stop"], ["status"]) and not environment.PYTHON.exists():
        print("Parley is not set up here, so it isn't running.")
        return 1
    kind = "test" if words[:1] in (["test"], ["audit"]) else "run"
    try:
        with _alone():
            environment.ensure(kind)
            assets.ensure(kind)
            if words[:1] == ["test"]:
                browser.ensure()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    if words[:1] == ["audit"]:
        return audit.main(words[1:])
    return checks.run_all(words[1:]) if kind == "test" else _hand_on(words)


@contextmanager
def _alone() -> Iterator[None]:
    """One set-up at a time; a second one waits, and then finds everything done."""
    if environment.is_ready("run") and assets.is_ready("run"):
        yield
        return
    environment.VENV.mkdir(exist_ok=True)
    with (environment.VENV / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hand_on(words: Sequence[str]) -> NoReturn:
    """Become `python -m app`. Options alone mean `serve`."""
    serve = not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version"))
    arguments = ["-P", "-m", "app", *(["serve"] if serve else []), *words]
    sys.stdout.flush()
    os.environ["PYTHONPATH"] = str(environment.ROOT)
    os.execv(environment.PYTHON, [str(environment.PYTHON), *arguments])  # noqa: S606 - no shell is wanted


sys.exit(main(sys.argv[1:]))
