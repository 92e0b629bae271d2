"""Makes a pytest item of each case in a file of cases."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from destination.runtime import Instance
from destination.testing.cases.check import check_case, found_in, gaps, strangers
from destination.testing.cases.document import CaseFileError, Document, read_document
from destination.testing.cases.model import Case, CaseFile, read_cases
from destination.testing.cases.record import Edit, changing_edits, edited, found_at, missing_edits, write_atomically
from destination.testing.compare import pointer, shown

RECORDED = pytest.StashKey[dict[str, list[str]]]()
"""The names of the recorded cases, by file."""


class CaseFailedError(Exception):
    """The result of a case differs from the expected one; the lines show how."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class CasesFile(pytest.File):
    """A file of cases."""

    edits: list[Edit]
    recorded: list[str]

    def collect(self) -> "Iterator[CaseItem]":
        """Yields an item for each case.

        Raises:
            CollectError: The file cannot be used.
        """
        self.edits, self.recorded = [], []
        try:
            cases = self.cases.cases
            _ = self.instance
        except CaseFileError as error:
            raise self.CollectError(self.with_name(str(error))) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=case.name, case=case)

    @cached_property
    def document(self) -> Document:
        """The text of the file as it is now."""
        return self.cases.document

    @cached_property
    def cases(self) -> CaseFile:
        """The content of the file."""
        return read_cases(self.path)

    @cached_property
    def instance(self) -> Instance[Any]:
        """The instance that the cases are run with."""
        return self.cases.instance()

    @property
    def display_name(self) -> str:
        """The path of the file, relative to the folder in which pytest was started."""
        try:
            return os.path.relpath(self.path, self.config.invocation_params.dir)
        except ValueError:  # another drive
            return str(self.path)

    def with_name(self, text: str) -> str:
        """Replaces the file's path in a message with its display name."""
        return text.replace(str(self.path), self.display_name)

    def teardown(self) -> None:
        """Records the results when the last case is done; an error in writing belongs to that case.

        Raises:
            Failed: The file cannot be written; the message is one line.
        """
        if self.edits:
            edits, self.edits = self.edits, []
            try:
                write_atomically(self.document, edited(self.document, edits))
            except CaseFileError as error:
                raise pytest.fail.Exception(self.with_name(str(error)), pytrace=False) from None
            self.document = read_document(self.path)  # a plugin may run the cases of a file at different times
            self.config.stash.setdefault(RECORDED, {})[self.display_name] = self.recorded


class CaseItem(pytest.Item):
    """One case."""

    parent: CasesFile

    def __init__(self, *, case: Case, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case = case

    def runtest(self) -> None:
        """Compares the result with the expected one; with `--record`, records it.

        Raises:
            CaseFailedError: The result differs, or nothing is expected yet.
        """
        file, case = self.parent, self.case
        record_all = self.config.getoption("record_all")
        record = record_all or self.config.getoption("record")
        unknown = [] if record_all else strangers(case, file.instance)
        if unknown:
            raise CaseFailedError(unknown)
        found = found_in(case, file.instance)
        edits = missing_edits(case, found) if record else []
        if record_all:
            edits += changing_edits(case, found)
        if edits:
            file.edits += edits
            file.recorded.append(case.name)
        redactor = file.instance.redactor
        lines = [] if record_all else [str(one.masked(redactor)) for one in check_case(case, found)]
        if not record:
            lines += [
                f"{pointer(gap)}: nothing is expected yet; pytest --record writes {shown(found_at(found, gap))}"
                for gap in gaps(case)
            ]
        if lines:
            lines += [f"note: {problem}" for problem in file.instance.problems]
            raise CaseFailedError([redactor.text(line) for line in lines])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Returns the differences, without a traceback."""
        error = excinfo.value
        if isinstance(error, CaseFailedError):
            return "\n".join(
                [f"{self.parent.display_name}:{self.case.line}: {self.case.name}", *map("  {}".format, error.lines)]
            )
        if isinstance(error, CaseFileError):
            return self.parent.with_name(str(error))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Returns the file, line and name of the case."""
        return self.path, self.case.line - 1, self.name


def summary(config: pytest.Config) -> Iterator[str]:
    """Yields a line for each file that was recorded."""
    for name, cases in sorted(config.stash.get(RECORDED, {}).items()):
        yield f"recorded {len(cases)} case(s) in {name}: {', '.join(cases)}"
