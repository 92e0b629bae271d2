"""`destination mutate`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination.cli.each_event import each_event
from destination.cli.instances import find_destination, make_instance, read_mappings
from destination.cli.mutate_text import show_report
from destination.cli.output import Output
from destination.cli.paths import reads, reads_events, refuse_shared
from destination.cli.problems import UsageProblem
from destination.cli.steps import Steps
from destination.definition import Subscription
from destination.definition.destination import placeholders
from destination.runtime import Destination, Redactor
from destination.workbench.mutate import Corpus, Mutant, MutationReport, Verdict, find_mutants

_INTERRUPTED = 130
Judge = Callable[[Mutant], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class MutateOptions:
    """What was given on the command line; see the command's help."""

    command: tuple[str, ...]
    mappings: Path | None
    destination: str
    cases: tuple[Path, ...]
    events: str | None
    limit: int | None
    seed: int
    fail_under: float | None
    as_json: bool


def mutate_mappings(options: MutateOptions) -> int:
    """Tries small changes of mappings and shows which ones no test notices; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used, or the tests fail before anything is changed.
    """
    output = Output()
    by_command = not options.cases and options.events is None
    if options.command and not by_command:
        raise UsageProblem("give a test command, or --cases and --events, but not both")
    if by_command and options.mappings is None:
        raise UsageProblem(
            "a test command needs --mappings FILE, which is changed in a copy; presets stand in code: "
            "they can be tried with --events or --cases"
        )
    refuse_shared(
        reads("--mappings", options.mappings),
        *(reads("--cases", path) for path in options.cases),
        reads_events("--events", options.events),
    )
    trial = _Trial(options, output)
    interrupted = False
    try:
        if by_command:
            trial.by_command()
        else:
            if options.cases:
                trial.by_cases()
            if options.events is not None:
                trial.by_events(options.events)
    except KeyboardInterrupt:
        interrupted = True
    report = trial.report()
    output.redactor = trial.redactor()
    if options.as_json:
        output.json(report.to_json())
    else:
        show_report(report, output)
    if interrupted:
        output.note("interrupted: not every change was tried")
        return _INTERRUPTED
    if options.fail_under is not None and report.score < options.fail_under:
        output.note(f"{report.score} % are noticed, less than --fail-under {options.fail_under:g}")
        return 1
    return 1 if trial.unreadable else 0


class _Trial:
    """The changes of some mappings, and what came of them.

    Attributes:
        unreadable: How many lines were no events.
    """

    def __init__(self, options: MutateOptions, output: Output) -> None:
        self.unreadable = 0
        self._options = options
        self._output = output
        self._definition: Destination[Any] = find_destination(options.destination)
        self._case_files = _read_cases(options.cases) if options.cases else []
        self._subscriptions = self._read_subscriptions()
        self._mutants = find_mutants(
            self._subscriptions,
            self._definition.actions,
            limit=options.limit,
            seed=options.seed,
            mask=self.redactor().text,
        )
        if not self._mutants.tried:
            raise UsageProblem("there is nothing to change: no enabled subscription that could match an event")
        self._verdicts: dict[int, Verdict] = {}
        """By identity of the mutant."""

    def _read_subscriptions(self) -> tuple[Subscription, ...]:
        if self._options.mappings is not None:
            given = tuple(read_mappings(self._options.mappings))
            source = str(self._options.mappings)
        elif self._case_files:
            first = self._case_files[0]
            self._definition, given = first.destination, first.subscriptions
            source = str(first.document.path)
        else:
            return tuple(self._definition.preset_subscriptions())
        for file in self._case_files:
            if file.subscriptions != given or file.destination is not self._definition:
                raise UsageProblem(
                    f"{file.document.path}: is about other mappings than {source}; try them by themselves"
                )
        return given

    def report(self) -> MutationReport:
        """What came of the changes that were tried."""
        report = MutationReport(self._mutants)
        for mutant in self._mutants.tried:
            if id(mutant) in self._verdicts:
                report.add(mutant, self._verdicts[id(mutant)])
        return report

    def redactor(self) -> Redactor:
        """Masks the secrets of the files of cases; what else is run has placeholders."""
        secrets: set[str] = set()
        for file in self._case_files:
            secrets |= Redactor(file.settings, file.destination.secret_keys).secrets
        return Redactor({secret: secret for secret in secrets}, secrets)

    def _left(self) -> list[Mutant]:
        """What was not noticed so far."""
        return [each for each in self._mutants.tried if self._verdicts.get(id(each), "survived") == "survived"]

    def by_command(self) -> None:
        """Runs the tests for each change, in a copy of the current folder."""
        from destination.cli.mutate_command import command_judge

        mappings = self._options.mappings or Path()
        with command_judge(mappings, self._options.command, self._output) as judge:
            self._try(judge)

    def by_cases(self) -> None:
        """Puts each change to the files of cases."""
        from destination.cli.mutate_cases import cases_judge

        self._try(cases_judge(self._case_files, self._subscriptions))

    def _try(self, judge: Judge) -> None:
        mutants = self._left()
        with Steps(len(mutants), "changes", self._output) as steps:
            survived = 0
            for number, mutant in enumerate(mutants, 1):
                verdict = self._verdicts[id(mutant)] = judge(mutant)
                survived += verdict == "survived"
                steps.show(number, f"{survived:,} not noticed")

    def by_events(self, file: str) -> None:
        """Puts all changes to every event."""
        indexes = [index for index, item in enumerate(self._subscriptions) if item.enabled]
        instance = make_instance(
            self._definition,
            placeholders(self._definition),
            self._subscriptions,
            self._output,
            mappings_place=str(self._options.mappings or "presets"),
        )
        left = self._left()
        corpus = Corpus(instance, left, indexes)
        try:
            self.unreadable = each_event(
                file,
                self._output,
                lambda event, _: corpus.take(event),
                lambda: f"{corpus.left:,} changes not noticed",
            )
            if self.unreadable:
                self._output.note(f"{file}: {self.unreadable:,} lines are no events; they were left out")
        finally:  # what was seen until Ctrl-C counts
            noticed = {id(mutant) for mutant in corpus.noticed}
            self._verdicts.update((id(each), "noticed" if id(each) in noticed else "survived") for each in left)
        if not corpus.events:
            raise UsageProblem(f"{file}: holds no event, so no change could be noticed")


def _read_cases(paths: Sequence[Path]) -> list[Any]:
    from destination.testing.cases import CaseFileError, read_cases

    try:
        return [read_cases(path) for path in paths]
    except CaseFileError as error:
        raise UsageProblem(str(error)) from None
