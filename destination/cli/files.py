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
from destination.definition.given.mappings import GivenMappings
from destination.records import dataclass
from destination.usage_problem import UsageProblem

_LEDGER_FILES: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database."""


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


def reads_mappings(mappings: GivenMappings | None, option: str = "--mappings") -> "list[NamedFile]":
    """Declares the files of mappings, for `refuse_shared`.

    Raises:
        UsageProblem: A pattern matches no file.
    """
    return [] if mappings is None else [file for path in mappings.files for file in reads(option, path)]


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
