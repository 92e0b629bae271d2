"""Tries changes of mappings: by a test command, by files of cases, or by events."""

import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from destination.cli.events import each_event
from destination.cli.instances import make_instance
from destination.cli.output import Output
from destination.cli.process import ending_signals
from destination.cli.progress import StepProgress
from destination.definition import Subscription
from destination.definition.destination import placeholders
from destination.definition.given.files import read_whole
from destination.definition.given.mappings import GivenMappings, is_object, read_mappings
from destination.runtime import Destination, Redactor
from destination.runtime.given import find_destination
from destination.testing.cases import CaseFile, CaseFileError, check_case, found_in, read_cases
from destination.usage_problem import UsageProblem
from destination.workbench.mutate import Corpus, Mutant, MutationReport, Verdict, find_mutants
from destination.workbench.mutate.project import MappingsFile, ProjectCopy, ProjectError, TestRun

_DEFAULT: Final = ("-m", "pytest", "-q", "-x")
_LINES: Final = 5
_VERDICTS: Final[dict[str, Verdict]] = {"passed": "survived", "failed": "noticed", "timeout": "timeout"}

Judge = Callable[[Mutant], Verdict]
"""Says whether a change is noticed."""


class Trial:
    """The changes of some mappings, and which of them are noticed.

    Args:
        slug: The destination.
        mappings: The subscriptions; the mappings of the files of cases, or the presets, when None.
        cases: The files of cases.
        output: Prints the remarks.
        limit: The maximum number of changes, drawn at random; all if None.
        seed: The seed of the draw.

    Attributes:
        unreadable: The number of lines that are not events.

    Raises:
        UsageProblem: A file cannot be used, or there is nothing to change.
    """

    def __init__(
        self,
        slug: str,
        mappings: GivenMappings | None,
        cases: Sequence[Path],
        output: Output,
        *,
        limit: int | None,
        seed: int,
    ) -> None:
        self.unreadable = 0
        self._mappings = mappings
        self._output = output
        self._definition: Destination[Any] = find_destination(slug)
        self._case_files = _read_cases(cases) if cases else []
        self._subscriptions = self._read_subscriptions()
        self._mutants = find_mutants(
            self._subscriptions, self._definition.actions, limit=limit, seed=seed, mask=self.redactor().text
        )
        if not self._mutants.tried:
            raise UsageProblem("there is nothing to change: no enabled subscription that could match an event")
        self._verdicts: dict[int, Verdict] = {}
        """The verdicts, by the identity of the mutant."""

    def _read_subscriptions(self) -> tuple[Subscription, ...]:
        if self._mappings is not None:
            given = tuple(read_mappings(self._mappings, self._definition, self._output.note))
            source = str(self._mappings)
        elif self._case_files:
            first = self._case_files[0]
            self._definition, given = first.destination, first.subscriptions
            source = str(first.document.path)
        else:
            return tuple(self._definition.preset_subscriptions())
        for file in self._case_files:
            if file.subscriptions != given or file.destination is not self._definition:
                raise UsageProblem(f"{file.document.path}: has other mappings than {source}; try them in separate runs")
        return given

    def report(self) -> MutationReport:
        """Returns the verdicts on the changes that were tried."""
        report = MutationReport(self._mutants)
        for mutant in self._mutants.tried:
            if id(mutant) in self._verdicts:
                report.add(mutant, self._verdicts[id(mutant)])
        return report

    def redactor(self) -> Redactor:
        """Returns what masks the secrets of the files of cases; everything else runs with placeholders."""
        secrets: set[str] = set()
        for file in self._case_files:
            secrets |= Redactor(file.settings, file.destination.secret_keys).secrets
        return Redactor({secret: secret for secret in secrets}, secrets)

    def _unnoticed(self) -> list[Mutant]:
        """Returns the changes that were not noticed so far."""
        return [each for each in self._mutants.tried if self._verdicts.get(id(each), "survived") == "survived"]

    def by_command(self, command: Sequence[str]) -> None:
        """Runs the tests for each change, in a copy of the current folder.

        Args:
            command: The test command; pytest when it is empty.

        Raises:
            UsageProblem: The copy cannot be made, or the tests cannot be used.
            ModuleNotFoundError: No command is given, and pytest is not installed.
        """
        if not command:
            import pytest  # noqa: F401  where it is missing, the command line names the extra
        with _command_judge(self._changed_file(), command, self._output) as judge:
            self._try(judge)

    def _changed_file(self) -> Path:
        """Returns the file that is changed in the copy.

        Raises:
            UsageProblem: The mappings are not one JSON file.
        """
        files = [] if self._mappings is None else self._mappings.sources
        if len(files) != 1 or is_object(files[0]) or files[0].endswith(".tf"):
            raise UsageProblem(
                "a test command needs --mappings with one JSON file, which is changed in the copy; "
                f"{self._mappings} can be tried with --events or --cases"
            )
        return Path(files[0])

    def by_cases(self) -> None:
        """Checks the files of cases for each change.

        Raises:
            UsageProblem: There are no cases, or one fails before anything is changed.
        """
        self._try(_cases_judge(self._case_files, self._subscriptions))

    def _try(self, judge: Judge) -> None:
        mutants = self._unnoticed()
        with StepProgress(len(mutants), "changes", self._output) as progress:
            survived = 0
            for number, mutant in enumerate(mutants, 1):
                verdict = self._verdicts[id(mutant)] = judge(mutant)
                survived += verdict == "survived"
                progress.show(number, f"{survived:,} not noticed")

    def by_events(self, file: str) -> None:
        """Tries all changes on every event.

        Args:
            file: The file of events; `-` is standard input.

        Raises:
            UsageProblem: The file cannot be read, or holds no event.
        """
        indexes = [index for index, item in enumerate(self._subscriptions) if item.enabled]
        instance = make_instance(
            self._definition,
            placeholders(self._definition),
            self._subscriptions,
            self._output,
            mappings_name=str(self._mappings or "presets"),
        )
        left = self._unnoticed()
        corpus = Corpus(instance, left, indexes)
        try:
            self.unreadable = each_event(
                file,
                self._output,
                lambda event, _: corpus.take(event),
                lambda: f"{corpus.left:,} changes not noticed",
            )
            if self.unreadable:
                self._output.note(f"{file}: {self.unreadable:,} lines are not events and were skipped")
        finally:  # the events before Ctrl-C count
            noticed = {id(mutant) for mutant in corpus.noticed}
            self._verdicts.update((id(each), "noticed" if id(each) in noticed else "survived") for each in left)
        if not corpus.events:
            raise UsageProblem(f"{file}: holds no event, so no change could be noticed")


def _read_cases(paths: Sequence[Path]) -> list[CaseFile]:
    try:
        return [read_cases(path) for path in paths]
    except CaseFileError as error:
        raise UsageProblem(str(error)) from None


def _cases_judge(files: Sequence[CaseFile], subscriptions: Sequence[Subscription]) -> Judge:
    """Makes a judge that checks cases."""
    if not any(file.cases for file in files):
        raise UsageProblem("there are no cases in these files, so no change could be noticed")
    found = _first_failure(files, tuple(subscriptions))
    if found is not None:
        raise UsageProblem(f"{found}; this fails before anything is changed; fix that first")

    def judge(mutant: Mutant) -> Verdict:
        return "survived" if _first_failure(files, mutant.applied(subscriptions)) is None else "noticed"

    return judge


def _first_failure(files: Sequence[CaseFile], subscriptions: tuple[Subscription, ...]) -> str | None:
    for file in files:
        try:
            instance = file.instance(subscriptions)
        except CaseFileError as error:
            raise UsageProblem(str(error)) from None
        for case in file.cases:
            differences = check_case(case, found_in(case, instance))
            if differences:
                difference = instance.redactor.text(str(differences[0].masked(instance.redactor)))
                return f"{file.document.path}: line {case.line}: {case.name}: {difference}"
    return None


@contextmanager
def _command_judge(file: Path, command: Sequence[str], output: Output) -> Iterator[Judge]:
    """Makes a judge that runs a test command in a copy of the current folder, and removes the copy at the end."""
    shown = shlex.join(command) if command else "pytest -q -x"
    try:
        content = read_whole(file)
        mappings = MappingsFile(content)
        run = command or (sys.executable, *_DEFAULT)
        with _ending_well(), ProjectCopy(Path.cwd(), file, run) as copy:
            output.note(f"{shown} runs in a copy of this folder")
            _check(copy.measure(), shown)
            copy.write(mappings.emptied())
            if copy.run().outcome == "passed":
                raise UsageProblem(
                    f"{shown} also passes without any subscription: it does not read {file} in the copy that it runs "
                    "in, or checks nothing of it; open the file by a relative path, not by an absolute one"
                )

            def judge(mutant: Mutant) -> Verdict:
                copy.write(mappings.changed(mutant))
                return _VERDICTS[copy.run().outcome]

            yield judge
    except ProjectError as error:
        raise UsageProblem(str(error)) from None


def _check(run: TestRun, shown: str) -> None:
    """Refuses tests that fail on the unchanged mappings."""
    if run.outcome == "passed":
        return
    lines = [line for line in run.output.splitlines() if line.strip()][-_LINES:]
    raise UsageProblem(
        f"{shown} fails (status {run.status}) before anything is changed; fix that first. Its output ends with:", *lines
    )


@contextmanager
def _ending_well() -> Iterator[None]:
    """Turns SIGTERM and SIGHUP into an interrupt, so that the copy is removed."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    with suppress(ValueError):  # not in the main thread
        before = {number: signal.signal(number, interrupt) for number in ending_signals() if number != signal.SIGINT}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
