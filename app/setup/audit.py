"""`./run.sh audit`: whether a package of the locks has a known weakness. What couldn't be looked up is a failure too.

Needs the network: PyPI's own service (or one that speaks OSV's protocol) for Python, the npm registry's for npm. Where
one of them can't be asked, the answer is "not known", which is never taken for "none". The exit code is 0 only where
every package of every lock was looked up and none has a known weakness; 1 for a weakness, 2 where it isn't known.
"""

import argparse
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.setup import assets, environment

ROOT = environment.ROOT
LOCKS = ("requirements-test.lock", "requirements-node.lock")  # the first holds what runs as well as what tests
PIP_AUDIT = environment.VENV / "bin" / "pip-audit"
SECONDS = 900
CLEAN, WEAK, UNKNOWN = 0, 1, 2


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh audit", description=__doc__.splitlines()[0])
    parser.add_argument("--osv", metavar="URL", default="", help="ask this OSV service in place of PyPI's")
    parser.add_argument("--registry", metavar="URL", default="", help="ask this npm registry in place of the usual one")
    parser.add_argument(
        "--lock", metavar="FILE", action="append", default=[], help="audit this lock, not the project's"
    )
    options = parser.parse_args(words)
    locks = [Path(name) for name in options.lock] or [ROOT / name for name in LOCKS]
    codes = [python(lock, options.osv) for lock in locks]
    if not options.lock:
        codes.append(npm(options.registry))
    code = _together(codes)
    print({CLEAN: "No known weakness.", WEAK: "There are known weaknesses.", UNKNOWN: "Not everything is known."}[code])
    return code


def _together(codes: Sequence[int]) -> int:
    """A known weakness counts most, then what isn't known."""
    return WEAK if WEAK in codes else max(codes)


# --- Python -----------------------------------------------------------------------------------------------------------


def wanted(lock: Path) -> list[dict[str, str]]:
    """The packages of a lock and their versions; a package that is pinned twice, by platform, is in two of them."""
    rounds: list[dict[str, str]] = [{}]
    for name, version in re.findall(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", lock.read_text(), re.MULTILINE):
        free = next((pins for pins in rounds if _normal(name) not in pins), None)
        if free is None:
            rounds.append(free := {})
        free[_normal(name)] = version
    return rounds


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def python(lock: Path, osv: str = "") -> int:
    """Ask about every package of a lock, whatever platform it is for."""
    return _together([_ask(lock.name, pins, osv) for pins in wanted(lock)])


def _ask(name: str, pins: Mapping[str, str], osv: str) -> int:
    service = ["--vulnerability-service", "osv", "--osv-url", osv] if osv else ["--vulnerability-service", "pypi"]
    with tempfile.TemporaryDirectory() as cache:
        listed = Path(cache) / "pins.txt"
        listed.write_text("".join(f"{package}=={version}\n" for package, version in pins.items()))
        command = [str(PIP_AUDIT), "-r", str(listed), "--no-deps", "--disable-pip", "--strict", "-f", "json"]
        command += [*service, "--cache-dir", cache, "--progress-spinner", "off", "--timeout", "15"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603 - our words
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"{name}: not known. pip-audit couldn't be run: {error}")
            return UNKNOWN
    return judge(name, pins, done.stdout, done.stderr)


def judge(name: str, asked: Mapping[str, str], output: str, complaint: str) -> int:
    """What pip-audit's report says; a package that isn't in it, or was passed over, isn't known."""
    try:
        told = {_normal(item["name"]): item for item in json.loads(output)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        last = (complaint.strip().splitlines() or ["no report"])[-1]
        print(f"{name}: not known. The service couldn't be asked about its {len(asked)} packages: {last[:300]}")
        return UNKNOWN
    weak = [(item["name"], item["version"], bug["id"]) for item in told.values() for bug in item.get("vulns", ())]
    for package, version, bug in weak:
        print(f"{name}: {package} {version} has {bug}")
    unknown = sorted(package for package in asked if "vulns" not in told.get(package, {}))
    if unknown:
        shown = ", ".join(unknown[:8]) + (" ..." if len(unknown) > 8 else "")
        print(f"{name}: {len(unknown)} of {len(asked)} packages couldn't be looked up: {shown}")
    if not weak and not unknown:
        print(f"{name}: {len(asked)} packages looked up, no known weakness.")
    return WEAK if weak else UNKNOWN if unknown else CLEAN


# --- npm --------------------------------------------------------------------------------------------------------------


def npm(registry: str = "") -> int:
    """Ask the registry about the packages of package-lock.json."""
    from app.setup.steps import Progress

    command, environ = assets.npm(Progress("npm"))
    command += ["audit", "--package-lock-only", "--json", *(["--registry", registry] if registry else [])]
    try:
        done = subprocess.run(  # noqa: S603 - npm, with words of our own
            command,
            cwd=ROOT,
            env=environ | {"npm_config_audit": "true"},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"package-lock.json: not known. npm couldn't be run: {error}")
        return UNKNOWN
    return judge_npm(done.stdout)


def judge_npm(output: str) -> int:
    """What npm's report says; one without the counts is no report."""
    try:
        report: dict[str, Any] = json.loads(output)
        counts = report["metadata"]["vulnerabilities"]
        total = int(counts["total"])
    except (ValueError, KeyError, TypeError):
        print("package-lock.json: not known. The registry didn't answer the audit.")
        return UNKNOWN
    for name, item in report.get("vulnerabilities", {}).items():
        print(f"package-lock.json: {name} has a {item.get('severity', 'known')} weakness")
    if not total:
        print("package-lock.json: looked up, no known weakness.")
    return WEAK if total else CLEAN
