"""The virtual environment: made once, filled from the hashed lock, left alone while both are as they were."""

import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from app.setup.steps import Progress, SetupError, run, step

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}  # the second holds the first too
_STAMP = VENV / "parley-stamp.json"
_PIP = "-m pip install --require-hashes --disable-pip-version-check --no-input --progress-bar off".split()


def is_ready(kind: str) -> bool:
    """Whether everything of this lock (`run` or `test`) is installed as it stands now."""
    stamp = _read_stamp()
    wanted = [_hash(LOCKS[kind])] + ([_hash(LOCKS["test"])] if kind == "run" else [])
    return PYTHON.exists() and stamp.get("root") == str(ROOT) and any(stamp.get(name) in wanted for name in LOCKS)


def ensure(kind: str) -> None:
    """Make what is missing. Raises SetupError where the machine lacks something, naming it."""
    if is_ready(kind):
        return
    if not _works():
        _make()
    with step(f"Installing {_count(LOCKS[kind])} packages") as progress:
        install(LOCKS[kind], progress)
    _STAMP.write_text(json.dumps({"root": str(ROOT), kind: _hash(LOCKS[kind])}))


def install(lock: Path, progress: Progress, target: Path | None = None) -> None:
    """Install a hashed lock into the environment, or into a folder of its own."""
    total, seen = _count(lock), set[str]()

    def count(line: str) -> None:
        found = re.match(r"\s*(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", line)
        if found:
            seen.add(found[1].lower())
            progress.show(f"{min(len(seen), total)} of {total}")
        elif line.startswith("Installing collected packages"):
            progress.show("unpacking")

    where = ["--target", str(target)] if target else []
    run(
        [str(PYTHON), *_PIP, *where, "-r", str(lock)],
        VENV / "setup.log",
        "The packages couldn't be installed. Is the package index reachable?",
        each_line=count,
    )


def _works() -> bool:
    """Whether there is an environment of a Python that we run on, in the place where it was made."""
    if not (VENV / "pyvenv.cfg").exists() or _read_stamp().get("root", str(ROOT)) != str(ROOT):
        return False
    check = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False


def _make() -> None:
    try:
        import ensurepip
        import venv
    except ImportError:
        raise SetupError(_lacks_venv()) from None
    assert ensurepip.version()
    version = platform.python_version()
    with step(f"Making the virtual environment with Python {version}"):
        try:
            _clear()
            venv.EnvBuilder(with_pip=True).create(VENV)
        except (subprocess.CalledProcessError, OSError) as error:
            raise SetupError(f"The virtual environment couldn't be made in {VENV}: {error}") from None


def _clear() -> None:
    """Take away an environment that doesn't work; not the lock that this set-up holds."""
    VENV.mkdir(exist_ok=True)
    for path in VENV.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "setup.lock":
            path.unlink()


def _lacks_venv() -> str:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    return (
        f"Python {platform.python_version()} is here, but its parts for virtual environments are not. "
        f"On Debian and Ubuntu: sudo apt install {name}"
    )


def _count(lock: Path) -> int:
    return sum(1 for line in lock.read_text().splitlines() if re.match(r"[A-Za-z0-9].*==", line))


def _hash(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _read_stamp() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found
