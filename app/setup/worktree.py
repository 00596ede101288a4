"""Whether this checkout is a linked git worktree, and of which main checkout; read from git's files, without git."""

from pathlib import Path


def main_checkout(root: Path) -> Path | None:
    """The main checkout of a linked worktree; None in a main checkout, a bare repository's worktree, or without git."""
    marker = root / ".git"
    try:
        if not marker.is_file():
            return None
        folder = _pointed(marker.read_text().removeprefix("gitdir:").strip(), root)
        common = _pointed((folder / "commondir").read_text().strip(), folder)
    except OSError:
        return None
    main = common.parent
    return main if common.name == ".git" and main != root.resolve() else None


def _pointed(path: str, base: Path) -> Path:
    return (base / path).resolve()
