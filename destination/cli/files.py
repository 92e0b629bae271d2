"""The files that are named on the command line: what is asked of them, and how JSON is read from them."""

from pathlib import Path
from typing import Any, Final

from destination.cli.problems import UsageProblem
from destination.values import read_json

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""The largest file that is read whole; files of events are read piece by piece, and have no limit."""


def is_there(path: Path) -> bool:
    """Whether there is something at a path."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, a folder that may not be entered
        return False


def read_whole(path: Path) -> bytes:
    """What stands in a file that is read whole.

    Raises:
        UsageProblem: It is larger than `MAX_FILE_BYTES`, or gives data without end.
        OSError: It cannot be read.
        ValueError: The path cannot be one.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_FILE_BYTES + 1)
    if len(raw) > MAX_FILE_BYTES:
        raise UsageProblem(f"{path}: is larger than {MAX_FILE_BYTES:,} bytes; give a smaller file")
    return raw


def read_file(path: Path, what: str, holds: str) -> bytes:
    """What stands in a file of JSON.

    Args:
        path: The file.
        what: What messages call it, such as `mappings file`.
        holds: What stands in such a file.

    Raises:
        UsageProblem: It cannot be read, or is larger than `MAX_FILE_BYTES`.
    """
    try:
        return read_whole(path)
    except FileNotFoundError:
        raise UsageProblem(f"{path}: there is no such {what}") from None
    except IsADirectoryError:
        raise UsageProblem(f"{path}: is a folder; give a JSON file with {holds}") from None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def parse_json(raw: bytes, place: str | Path) -> Any:
    """JSON that may begin with a byte order mark.

    Args:
        raw: The bytes.
        place: What messages call it.

    Raises:
        UsageProblem: It is no JSON.
    """
    try:
        return read_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise UsageProblem(f"{place}: is no JSON: {error}") from None


def check_writable(option: str, path: Path) -> None:
    """Tells now, not after hours of reading, that a file cannot be written.

    Args:
        option: What messages call it.
        path: The file; where it is missing, it still is afterwards.

    Raises:
        UsageProblem: It cannot be written.
    """
    missing = not is_there(path)
    try:
        path.open("ab").close()
        if missing:
            path.unlink()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageProblem(f"{option} {path}: cannot be written: {reason}") from None
