"""`destination mutate` with a test command."""

import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from destination.cli.files import read_whole
from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.cli.signals import ending_signals
from destination.workbench.mutate import Mutant, Verdict
from destination.workbench.mutate.project import MappingsFile, ProjectCopy, ProjectError, TestRun

_DEFAULT: Final = ("-m", "pytest", "-q", "-x")
_LINES: Final = 5
_VERDICTS: Final[dict[str, Verdict]] = {"passed": "survived", "failed": "noticed", "timeout": "timeout"}


@contextmanager
def command_judge(file: Path, command: Sequence[str], output: Output) -> Iterator[Callable[[Mutant], Verdict]]:
    """What tells whether a test command notices a change; it has a copy of the current folder meanwhile.

    Raises:
        UsageProblem: The copy cannot be made, or the tests cannot be used.
    """
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
                    f"{shown} passes without any subscription, too: it does not read {file} of the copy that it runs "
                    "in, or asks nothing of it; read the file by its place in the folder, not by an absolute path"
                )

            def judge(mutant: Mutant) -> Verdict:
                copy.write(mappings.changed(mutant))
                return _VERDICTS[copy.run().outcome]

            yield judge
    except ProjectError as error:
        raise UsageProblem(str(error)) from None


def _check(run: TestRun, shown: str) -> None:
    """Refuses tests that fail on the mappings as they are."""
    if run.outcome == "passed":
        return
    lines = [line for line in run.output.splitlines() if line.strip()][-_LINES:]
    raise UsageProblem(
        f"{shown} fails (status {run.status}) before anything is changed; mend that first. It says:", *lines
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
