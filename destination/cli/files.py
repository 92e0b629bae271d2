"""The files that are named on the command line: reads them, writes pages, and checks that none is shared.

No two options may share a file that is written.
"""

import os
import stat
import sys
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple

from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.records import dataclass
from destination.values import read_json

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""The largest file that is read whole; files of events are read piece by piece, and have no limit."""

_LEDGER_FILES: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""


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


def write_page_and_note(option: str, path: Path, page: str, output: Output) -> bool:
    """Writes a page, and notes that, or why it was not written.

    Args:
        option: The option that names the file.
        path: The file.
        page: The page, as HTML.
        output: Takes the note.

    Returns:
        Whether the page was written.
    """
    from destination.pages import PageError, write_page

    try:
        write_page(path, page)
    except PageError as error:
        output.note(f"{option} {error}")
        return False
    output.note(f"the page is in {path}")
    return True


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file of a command, with what messages call it.

    Attributes:
        name: What messages call it: the option that names it, and its value.
        path: The path, or the number of an open file.
        is_written: Whether the command writes it.
        owner: Files of one owner, such as a ledger's, are not compared with each other; empty for a single file.
        is_stream: It is a stream that the shell gave: it matters only where it leads to a file.
    """

    name: str
    path: str | int
    is_written: bool = False
    owner: str = ""
    is_stream: bool = False


class _Identity(NamedTuple):
    key: tuple[object, ...]
    read_once: bool  # what one reader takes of a pipe, another does not get


def reads(option: str, path: str | Path | None) -> list[NamedFile]:
    """Declares a file that a command reads; none where the option was not given.

    Args:
        option: The option, or what the help calls the argument.
        path: The file.
    """
    return [] if path is None else [NamedFile(f"{option} {path}", str(path))]


def reads_events(option: str, path: str | None) -> list[NamedFile]:
    """Declares an input of events, where `-` is standard input."""
    from destination.delivery import STANDARD_INPUT

    if path != STANDARD_INPUT:
        return reads(option, path)
    number = _number_of(sys.stdin)
    return [] if number is None else [NamedFile(f"{option} - (standard input)", number, is_stream=True)]


def writes(option: str, path: str | Path | None) -> list[NamedFile]:
    """Declares a file that a command writes."""
    return [] if path is None else [NamedFile(f"{option} {path}", str(path), is_written=True)]


def ledger_files(path: Path | None, *, is_default: bool) -> list[NamedFile]:
    """Declares a ledger, with the files that SQLite keeps beside it.

    Args:
        path: The ledger, or None.
        is_default: Whether it is the default, and no option names it.
    """
    if path is None:
        return []
    name = f"--ledger {path} (its default)" if is_default else f"--ledger {path}"
    files = [NamedFile(name, str(path), is_written=True, owner="ledger")]
    try:
        real = os.path.realpath(path)  # SQLite puts them beside the file that a link leads to
    except (OSError, ValueError):
        return files
    return files + [
        NamedFile(f"{name} (its {suffix} file)", f"{real}{suffix}", is_written=True, owner="ledger")
        for suffix in _LEDGER_FILES
    ]


def refuse_shared(*declared: Iterable[NamedFile]) -> None:
    """Refuses a command two of whose files are one, unless both are only read.

    Links are resolved. Files that exist are the same by device and number, so that hard links and `/dev/fd` are
    found; files that do not exist yet by their folder and name. Standard output and standard error count where the
    shell sends them to a file.

    Args:
        declared: The files, in the order in which messages name them.

    Raises:
        UsageProblem: Two are the same; the message names both. Nothing was opened or created.
    """
    files = [file for group in declared for file in group]
    files += _outputs()
    known = [(file, found) for file in files if (found := _identity(file)) is not None]
    for (one, first), (other, second) in combinations(known, 2):
        if first.key != second.key or (one.owner and one.owner == other.owner):
            continue
        if one.is_written or other.is_written:
            raise UsageProblem(f"{one.name} and {other.name} are the same file: give one of them another name")
        if first.read_once:
            raise UsageProblem(f"{one.name} and {other.name} are the same pipe, which can be read only once")


def _outputs() -> list[NamedFile]:
    streams = (("standard output", sys.stdout), ("standard error", sys.stderr))
    return [
        NamedFile(name, number, is_written=True, owner="output", is_stream=True)
        for name, stream in streams
        if (number := _number_of(stream)) is not None
    ]


def _number_of(stream: Any) -> int | None:
    try:
        number = stream.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or without a file
        return None
    return number if isinstance(number, int) else None


def _identity(file: NamedFile) -> _Identity | None:
    """Returns what is equal for two names of one file; None where sharing it does no harm, or that is unknown."""
    try:
        found = os.fstat(file.path) if isinstance(file.path, int) else Path(file.path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None if isinstance(file.path, int) else _identity_of_new(file.path)
    except (OSError, ValueError):  # opening it says why
        return None
    if stat.S_ISCHR(found.st_mode):  # a terminal, /dev/null
        return None
    is_pipe = stat.S_ISFIFO(found.st_mode) or stat.S_ISSOCK(found.st_mode)
    if is_pipe and file.is_stream and file.is_written:
        return None
    return _Identity((found.st_dev, found.st_ino), is_pipe)


def _identity_of_new(path: str) -> _Identity | None:
    try:
        folder, name = os.path.split(os.path.realpath(path))
    except (OSError, ValueError):
        return None
    try:
        found = Path(folder).stat()
    except OSError:
        return _Identity((folder, name), read_once=False)
    return _Identity((found.st_dev, found.st_ino, name), read_once=False)
