"""A project for the plugin to run in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import pytest
import syrupy

import destination
import destination.testing

# A run inside a run forgets what it imports; what is there before, all of them share, and every class is there once.
for _package in (destination, destination.testing):
    for _name in _package.__all__:
        getattr(_package, _name)
for _module in (
    "destination.catalog.absmartly",
    "destination.mapping.liquid",
    "destination.testing.cases.items",
    "destination.testing.suite.collector",
    "tests.testing.shop",
    "yaml",
):
    import_module(_module)

_OFF = ("cacheprovider", "faulthandler", "hypothesispytest", "logging")


@dataclass(frozen=True)
class Run:
    """What became of a run of pytest.

    Attributes:
        outcomes: How many tests passed, failed and so on, by word.
        status: The exit status.
        output: What was printed.
        changed: The files that are new or have another content, by name.
    """

    outcomes: Mapping[str, int]
    status: int
    output: str
    changed: Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """A project of a few files; running it changes nothing of this object.

    Attributes:
        files: The texts by name.
        pytester: What runs pytest, in this process.
    """

    files: Mapping[str, str]
    pytester: pytest.Pytester

    def having(self, **texts: str) -> "Example":
        """The same with other files; `__` in a keyword is a dot."""
        return replace(self, files={**self.files, **{name.replace("__", "."): text for name, text in texts.items()}})

    def run_pytest(self, *arguments: str) -> Run:
        """Writes the files into a new folder, and runs pytest there."""
        folder = self.pytester.mkdir(f"project-{len(list(self.pytester.path.iterdir()))}")
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode())
        with _syrupy_left_alone():
            off = [part for name in _OFF for part in ("-p", f"no:{name}")]
            result = self.pytester.runpytest_inprocess(
                "-q",
                *off,
                "-Werror",
                "-Wignore::pytest.PytestAssertRewriteWarning",
                f"--rootdir={folder}",
                str(folder),
                *arguments,
            )
        summary = "" if "--help" in arguments else result.outlines
        outcomes = result.parseoutcomes() if summary else {}
        return Run(outcomes, int(result.ret), str(result.stdout), dict(self._changed(folder)))

    def _changed(self, folder: Path) -> Iterator[tuple[str, str]]:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and path.suffix != ".pyc":
                text = path.read_bytes().decode()
                if self.files.get(name) != text:
                    yield name, text


@contextmanager
def _syrupy_left_alone() -> Iterator[None]:
    """Syrupy keeps its session in a global, which a run inside a run would take over."""
    session = syrupy._syrupy
    try:
        yield
    finally:
        syrupy._syrupy = session
