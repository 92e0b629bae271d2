"""Questions about files that are answered no, where a file cannot even be looked at."""

from pathlib import Path

from destination.cli.problems import UsageProblem
from destination.delivery import STANDARD_INPUT


def is_there(path: Path) -> bool:
    """Whether there is something at a path."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, a folder that may not be entered
        return False


def is_same(path: Path, other: str | Path | None) -> bool:
    """Whether two paths lead to one file; standard input is none."""
    if other is None or str(other) == STANDARD_INPUT:
        return False
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def check_writable(option: str, path: Path, *read: str | Path | None) -> None:
    """Tells now, not after hours of reading, that a file cannot be written.

    Args:
        option: What messages call it.
        path: The file; where it is missing, it still is afterwards.
        read: What the command reads, which it must not replace.

    Raises:
        UsageProblem: It cannot be written, or is one of those.
    """
    if any(is_same(path, other) for other in read):
        raise UsageProblem(f"{option} {path}: is a file that is read; give another name")
    missing = not is_there(path)
    try:
        path.open("ab").close()
        if missing:
            path.unlink()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageProblem(f"{option} {path}: cannot be written: {reason}") from None
