"""A copy of a project, in which a file of mappings is changed and a test command run. The project stays as it is."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from destination.errors import DestinationError

_SKIPPED: Final = frozenset(
    {".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__", ".hypothesis"}
    | {".pytest_cache", ".mypy_cache", ".ruff_cache"}
)
MAX_BYTES: Final = 500_000_000
"""A folder with more than that is no project's, but somebody's home."""
_SHORTEST_LIMIT_S: Final = 20.0
_TIMES: Final = 5
_TOLD_BYTES: Final = 4_000

Ran: TypeAlias = Literal["passed", "failed", "timeout"]


class ProjectError(DestinationError):
    """A project that cannot be copied, or whose tests cannot be used."""


@dataclass(frozen=True, slots=True)
class TestRun:
    """What came of the tests.

    Attributes:
        outcome: Whether they passed.
        status: The command's exit status; negative for a signal, None where it did not end.
        output: The end of what they printed.
        seconds: How long they took.
    """

    __test__ = False

    outcome: Ran
    status: int | None
    output: str
    seconds: float


class ProjectCopy:
    """A copy of a project's folder, as a context manager.

    What version control, virtual environments and caches keep is not copied; what links lead to is. The tests find the
    copy first: it is their working folder, and it stands before everything else on `PYTHONPATH`, with its `src`.

    Args:
        folder: The project's folder.
        file: The file of mappings in it.
        command: The test command.

    Attributes:
        limit_s: After that a run is ended; set by `measure`.

    Raises:
        ProjectError: The file is not in the folder, or the folder cannot be copied.
    """

    def __init__(self, folder: Path, file: Path, command: Sequence[str]) -> None:
        self._folder = folder.resolve()
        self._command = list(command)
        self.limit_s: float | None = None
        try:
            # Links are not followed: the copy has what they lead to in their place.
            self._inside = Path(os.path.normpath(file.absolute())).relative_to(os.path.normpath(folder.absolute()))
        except ValueError:
            raise ProjectError(f"{file}: is not in {folder}; start in the folder of the project") from None
        self._place = Path()
        self._holder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        _check_size(self._folder)
        self._holder = tempfile.TemporaryDirectory(prefix="destination-mutate-", ignore_cleanup_errors=True)
        try:
            self._place = Path(self._holder.name).resolve() / self._folder.name
            shutil.copytree(self._folder, self._place, ignore=_not_copied, ignore_dangling_symlinks=True)
        except (OSError, shutil.Error) as error:
            self._holder.cleanup()
            raise ProjectError(f"{self._folder}: cannot be copied: {_reason(error)}") from None
        except BaseException:
            self._holder.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holder is not None:
            self._holder.cleanup()

    def write(self, content: bytes) -> None:
        """Puts other mappings in the place of the copy's.

        Raises:
            ProjectError: The place is not in the copy.
        """
        path = self._place / self._inside
        if not path.parent.resolve().is_relative_to(self._place):
            raise ProjectError(f"{self._inside}: does not stand in the copy; nothing was changed")
        path.unlink(missing_ok=True)  # never through a link
        path.write_bytes(content)

    def measure(self) -> TestRun:
        """Runs the tests on the mappings as they are, and sets the limit for the runs that follow."""
        run = self.run()
        self.limit_s = max(_SHORTEST_LIMIT_S, run.seconds * _TIMES)
        return run

    def run(self) -> TestRun:
        """Runs the tests.

        Raises:
            ProjectError: The command cannot be started.
        """
        started = monotonic()
        with tempfile.TemporaryFile() as printed:
            try:
                process = subprocess.Popen(  # noqa: S603  the user's own command
                    self._command,
                    cwd=self._place,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ProjectError(f"{self._command[0]}: cannot be started: {_reason(error)}") from None
            try:
                status: int | None = process.wait(self.limit_s)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                _end(process)
            printed.seek(max(printed.seek(0, os.SEEK_END) - _TOLD_BYTES, 0))
            output = printed.read().decode("utf-8", "replace")
        outcome: Ran = "timeout" if status is None else "failed" if status else "passed"
        return TestRun(outcome, status, output, monotonic() - started)

    def _environment(self) -> dict[str, str]:
        first = [str(self._place), str(self._place / "src")]
        given = os.environ.get("PYTHONPATH")
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*first, *([given] if given else [])]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def _not_copied(folder: str, names: Iterable[str]) -> set[str]:
    return {name for name in names if name in _SKIPPED or _leads_away(Path(folder, name))}


def _leads_away(path: Path) -> bool:
    """A virtual environment by any name, a link to a folder that it is in, and what cannot be copied."""
    try:
        if not path.is_dir():
            return not path.is_file()
        return (path / "pyvenv.cfg").exists() or (path.is_symlink() and _is_a_loop(path))
    except OSError:
        return True


def _is_a_loop(link: Path) -> bool:
    target = link.resolve()
    return any(parent.resolve().is_relative_to(target) for parent in link.parents)


def _check_size(folder: Path) -> None:
    size = 0
    for here, folders, names in os.walk(folder, followlinks=True):
        skipped = _not_copied(here, folders)
        folders[:] = [name for name in folders if name not in skipped]
        for name in names:
            with suppress(OSError):
                size += Path(here, name).stat().st_size
        if size > MAX_BYTES:
            raise ProjectError(
                f"{folder}: holds more than {MAX_BYTES // 1_000_000:,} MB to copy; start in the folder of the project"
            )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a command and whatever it started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # Windows
            process.kill()
    process.wait()


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):  # one entry for each file: from, to, why
        source, _, why = error.args[0][0]
        return f"{source}: {why}"
    return (error.strerror or str(error)).lower()
