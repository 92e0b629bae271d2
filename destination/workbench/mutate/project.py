"""Copies a project, changes a file of mappings in the copy, and runs a test command there."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

from destination.errors import DestinationError
from destination.records import dataclass
from destination.values import read_json, write_json
from destination.workbench.mutate.mutant import Mutant

_SKIPPED: Final = frozenset(
    {".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__", ".hypothesis"}
    | {".pytest_cache", ".mypy_cache", ".ruff_cache"}
)
MAX_BYTES: Final = 500_000_000
"""Maximum size of a project; a larger folder is rather somebody's home folder."""
_SHORTEST_LIMIT_S: Final = 20.0
_TIMES: Final = 5
_SHOWN_BYTES: Final = 4_000
_KEYS = {"trigger": ("subscribe", "trigger"), "mapping": ("mapping", "settings")}
"""The keys of a part of a subscription in the form of Segment's runtime and in that of its Public API."""

Ran: TypeAlias = Literal["passed", "failed", "timeout"]


class ProjectError(DestinationError):
    """The project cannot be copied, or its tests cannot be run."""


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of the tests.

    Attributes:
        outcome: Whether the tests passed, failed, or ran into the time limit.
        status: The command's exit status; negative for a signal, None after a timeout.
        output: The end of the command's output, at most 4,000 bytes.
        seconds: How long the run took.
    """

    __test__ = False

    outcome: Ran
    status: int | None
    output: str
    seconds: float


class ProjectCopy:
    """A copy of a project's folder, as a context manager that deletes it at the end.

    Folders of version control, virtual environments and caches are not copied. Links are replaced by their targets.
    The copy is the working folder of the tests and the first entry of `PYTHONPATH`; its `src` folder is the second.

    Args:
        folder: The project's folder.
        file: The file of mappings in it.
        command: The test command.

    Attributes:
        limit_s: The time limit of a run in seconds; set by `measure`, None before.

    Raises:
        ProjectError: The file is not in the folder, or the folder cannot be copied.
    """

    def __init__(self, folder: Path, file: Path, command: Sequence[str]) -> None:
        self._folder = folder.resolve()
        self._command = list(command)
        self.limit_s: float | None = None
        try:
            # Links are not resolved: in the copy, their targets are at the paths of the links.
            self._inside = Path(os.path.normpath(file.absolute())).relative_to(os.path.normpath(folder.absolute()))
        except ValueError:
            raise ProjectError(f"{file}: is not in {folder}; start in the folder of the project") from None
        self._copy = Path()
        self._holder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        _check_size(self._folder)
        self._holder = tempfile.TemporaryDirectory(prefix="destination-mutate-", ignore_cleanup_errors=True)
        try:
            self._copy = Path(self._holder.name).resolve() / self._folder.name
            shutil.copytree(self._folder, self._copy, ignore=_not_copied, ignore_dangling_symlinks=True)
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
        """Replaces the mappings of the copy.

        Raises:
            ProjectError: The file is not in the copy.
        """
        path = self._copy / self._inside
        if not path.parent.resolve().is_relative_to(self._copy):
            raise ProjectError(f"{self._inside}: is not in the copy; nothing was changed")
        path.unlink(missing_ok=True)  # a link would lead to the original
        path.write_bytes(content)

    def measure(self) -> TestRun:
        """Runs the tests on the unchanged mappings and sets the time limit of the next runs."""
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
                    cwd=self._copy,
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
            printed.seek(max(printed.seek(0, os.SEEK_END) - _SHOWN_BYTES, 0))
            output = printed.read().decode("utf-8", "replace")
        outcome: Ran = "timeout" if status is None else "failed" if status else "passed"
        return TestRun(outcome, status, output, monotonic() - started)

    def _environment(self) -> dict[str, str]:
        first = [str(self._copy), str(self._copy / "src")]
        given = os.environ.get("PYTHONPATH")
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*first, *([given] if given else [])]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def _not_copied(folder: str, names: Iterable[str]) -> set[str]:
    return {name for name in names if name in _SKIPPED or _leads_away(Path(folder, name))}


def _leads_away(path: Path) -> bool:
    """Whether a path is a virtual environment by any name, a link to a folder around it, or cannot be copied."""
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
    """Kills a command and the processes that it started."""
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


class MappingsFile:
    """The content of a file of mappings, in any form that `read_subscriptions` reads; a change keeps the form.

    Args:
        content: The bytes of the file.

    Example:
        >>> file = MappingsFile(b'{"data": {"subscriptions": [{"trigger": "a", "actionSlug": "x", "settings": {}}]}}')
        >>> file.changed(Mutant(0, "", "mapping", (), "", {"n": 1}))
        b'{"data":{"subscriptions":[{"trigger":"a","actionSlug":"x","settings":{"n":1}}]}}'
        >>> file.changed(Mutant(0, "", "subscription", (), ""))
        b'{"data":{"subscriptions":[]}}'
    """

    def __init__(self, content: bytes) -> None:
        self._content = content.removeprefix(b"\xef\xbb\xbf")

    def changed(self, mutant: Mutant) -> bytes:
        """Returns the content with a change."""
        whole: Any = read_json(self._content)
        holder, key = _holder(whole)
        records: list[dict[str, Any]] = whole if holder is None else _as_list(holder[key])
        if mutant.part == "subscription":
            records = records[: mutant.index] + records[mutant.index + 1 :]
        else:
            record = records[mutant.index]
            public_api = "trigger" in record or "actionSlug" in record
            record[_KEYS[mutant.part][public_api]] = mutant.value
        return _written(whole, holder, key, records)

    def emptied(self) -> bytes:
        """Returns the content without any subscription.

        Example:
            >>> MappingsFile(b'[{"subscribe": "a"}]').emptied()
            b'[]'
        """
        whole: Any = read_json(self._content)
        holder, key = _holder(whole)
        return _written(whole, holder, key, [])


def _holder(whole: Any) -> tuple[dict[str, Any] | None, str]:
    """Returns the object that holds the subscriptions, and their key in it; None if the file is a list of them."""
    if isinstance(whole, list):
        return None, ""
    holder: dict[str, Any] = whole["data"] if isinstance(whole.get("data"), dict) else whole
    return holder, "subscription" if "subscription" in holder else "subscriptions"


def _as_list(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]


def _written(whole: Any, holder: dict[str, Any] | None, key: str, records: list[dict[str, Any]]) -> bytes:
    if holder is None:
        return write_json(records)
    if key == "subscription" and len(records) == 1:
        holder[key] = records[0]
    else:
        holder.pop(key)
        holder["subscriptions"] = records
    return write_json(whole)
