"""Reads files that a person named, and checks that files can be written."""

from pathlib import Path
from typing import Any, Final

from destination.usage_problem import UsageProblem
from destination.values import read_json

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""The largest file that is read whole; files of events are read piece by piece, and have no limit."""


def is_there(path: Path) -> bool:
    """Returns whether there is something at a path."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, a folder that may not be entered
        return False


def reason_of(error: Exception) -> str:
    """Says why a file or an address cannot be used, without its name.

    Example:
        >>> reason_of(FileNotFoundError(2, "No such file or directory", "events.ndjson"))
        'No such file or directory'
    """
    return getattr(error, "strerror", None) or str(error)


def read_whole(path: Path) -> bytes:
    """Reads a whole file.

    Raises:
        UsageProblem: It is larger than `MAX_FILE_BYTES`, or has no end.
        OSError: It cannot be read.
        ValueError: The path cannot be one.
    """
    with path.open("rb") as file:
        raw = file.read(MAX_FILE_BYTES + 1)
    if len(raw) > MAX_FILE_BYTES:
        raise UsageProblem(f"{path}: is larger than {MAX_FILE_BYTES:,} bytes; give a smaller file")
    return raw


def read_file(path: Path, what: str, wanted: str) -> bytes:
    """Reads a whole file, and says what it should be where it cannot be read.

    Args:
        path: The file.
        what: What messages call it, such as `mappings file`.
        wanted: What to give, such as `a JSON file with subscriptions`.

    Raises:
        UsageProblem: It cannot be read, or is larger than `MAX_FILE_BYTES`.
    """
    try:
        return read_whole(path)
    except FileNotFoundError:
        raise UsageProblem(f"{path}: there is no such {what}") from None
    except IsADirectoryError:
        raise UsageProblem(f"{path}: is a folder; give {wanted}") from None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{path}: cannot be read: {reason_of(error)}") from None


def parse_json(raw: bytes, name: str | Path) -> Any:
    """Reads JSON that may begin with a byte order mark.

    Args:
        raw: The bytes.
        name: What messages call it.

    Raises:
        UsageProblem: It is not valid JSON.
    """
    try:
        return read_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise UsageProblem(f"{name}: is not valid JSON: {error}") from None


def check_writable(option: str, path: Path) -> None:
    """Refuses a file that cannot be written now, not after hours of reading.

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
        raise UsageProblem(f"{option} {path}: cannot be written: {reason_of(error).lower()}") from None
