"""Files of cases as pytest sees them: each case is a test."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from destination.runtime import Instance
from destination.testing.cases.check import check_case, found_in, gaps, strangers
from destination.testing.cases.model import Case, CaseFile, read_cases, read_document
from destination.testing.cases.nodes import CaseFileError, Document
from destination.testing.cases.record import Edit, changing_edits, edited, found_at, missing_edits, write_atomically
from destination.testing.compare import pointer, shown

RECORDED = pytest.StashKey[dict[str, list[str]]]()
"""The names of the recorded cases, by file."""


class CaseFailedError(Exception):
    """A case that something else came out of; the lines say what."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class CasesFile(pytest.File):
    """A file of cases."""

    edits: list[Edit]
    recorded: list[str]

    def collect(self) -> "Iterator[CaseItem]":
        """The cases.

        Raises:
            CollectError: The file cannot be used.
        """
        self.edits, self.recorded = [], []
        try:
            cases = self.cases.cases
            _ = self.instance
        except CaseFileError as error:
            raise self.CollectError(self.told(str(error))) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=case.name, case=case)

    @cached_property
    def document(self) -> Document:
        """The file as it is now."""
        return self.cases.document

    @cached_property
    def cases(self) -> CaseFile:
        """What the file says."""
        return read_cases(self.path)

    @cached_property
    def instance(self) -> Instance[Any]:
        """What its events go through."""
        return self.cases.instance()

    @property
    def place(self) -> str:
        """The file as people name it."""
        try:
            return os.path.relpath(self.path, self.config.invocation_params.dir)
        except ValueError:  # another drive
            return str(self.path)

    def told(self, text: str) -> str:
        """A message with the file as people name it."""
        return text.replace(str(self.path), self.place)

    def teardown(self) -> None:
        """Writes what is to be recorded, when the last case is done; what cannot be written is an error of that one.

        Raises:
            Failed: It cannot be written; one line.
        """
        if self.edits:
            edits, self.edits = self.edits, []
            try:
                write_atomically(self.document, edited(self.document, edits))
            except CaseFileError as error:
                raise pytest.fail.Exception(self.told(str(error)), pytrace=False) from None
            self.document = read_document(self.path)  # its cases may come in several goes, in an order of some plugin's
            self.config.stash.setdefault(RECORDED, {})[self.place] = self.recorded


class CaseItem(pytest.Item):
    """One case."""

    parent: CasesFile

    def __init__(self, *, case: Case, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case = case

    def runtest(self) -> None:
        """Compares what comes out with what is expected; records it where that is wanted.

        Raises:
            CaseFailedError: Something else comes out, or nothing is expected yet.
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
        """The differences, without the way through the program."""
        error = excinfo.value
        if isinstance(error, CaseFailedError):
            return "\n".join(
                [f"{self.parent.place}:{self.case.line}: {self.case.name}", *map("  {}".format, error.lines)]
            )
        if isinstance(error, CaseFileError):
            return self.parent.told(str(error))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.case.line - 1, self.name


def summary(config: pytest.Config) -> Iterator[str]:
    """A line for each file that was recorded."""
    for place, names in sorted(config.stash.get(RECORDED, {}).items()):
        yield f"recorded {len(names)} case(s) in {place}: {', '.join(names)}"
