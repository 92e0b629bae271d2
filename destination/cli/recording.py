"""The ledger and the file of failed events of a run."""

from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from destination.cli.files import is_same, is_there
from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.cli.run_options import RunOptions
from destination.delivery import (
    DeadLetters,
    EventSource,
    InputError,
    Ledger,
    RecordingError,
    Row,
    RunIdentity,
    letters_of,
    message_id,
)
from destination.delivery.ledger import DEAD, WHOLE_EVENT
from destination.runtime import Instance
from destination.values import MISSING

_GROUP = 1_000


def ledger_path(options: RunOptions, *, demo: bool) -> Path | None:
    """Where the ledger is: beside a file that is really sent, unless told otherwise."""
    if options.no_ledger or options.dry_run:
        return None
    if options.ledger is not None:
        return options.ledger
    if demo or not options.is_file:
        if options.resume:
            raise UsageProblem("--resume needs the ledger of the run: give --ledger FILE")
        return None
    return Path(f"{options.file}.ledger")


def run_identity(options: RunOptions, source: EventSource, instance: Instance[Any]) -> RunIdentity:
    """What the ledger belongs to.

    Raises:
        UsageProblem: The input cannot be read.
    """
    try:
        return RunIdentity.of(source.input.name, options.file if options.is_file else None, instance)
    except InputError as error:
        raise UsageProblem(str(error)) from None


def open_ledger(
    options: RunOptions, source: EventSource, instance: Instance[Any], stack: ExitStack, *, demo: bool
) -> Ledger | None:
    """The run's ledger, or None where it keeps none.

    Raises:
        UsageProblem: It cannot be used; nothing was sent.
    """
    path = ledger_path(options, demo=demo)
    if path is None:
        return None
    identity = run_identity(options, source, instance)
    try:
        ledger = Ledger(path, identity, resume=options.resume)
    except RecordingError as error:
        hint = "" if options.resume or is_there(path) else "; --ledger FILE has it elsewhere, --no-ledger keeps none"
        raise UsageProblem(f"{error}{hint}") from None
    stack.callback(ledger.close)
    return ledger


def open_dead_letters(
    options: RunOptions, source: EventSource, output: Output, ledger: Ledger | None, stack: ExitStack
) -> DeadLetters | None:
    """The file of failed events, or None where it is not asked for.

    Raises:
        UsageProblem: It cannot be written, or is the input itself; nothing was sent.
    """
    path = options.errors
    if path is None:
        return None
    try:
        if is_same(path, options.file):
            raise UsageProblem(f"--errors {path}: is the file that is read; give another name")
        try:
            if ledger is not None and options.resume:
                _find_again(path, ledger)
            run = None if ledger is None else ledger.run
            letters = DeadLetters(path, source.input.name, output.redactor, run=run, append=options.resume)
        except RecordingError as error:
            raise UsageProblem(f"--errors {error}") from None
    except UsageProblem:
        if ledger is not None and not options.resume:
            ledger.finish()  # nothing was sent: there is no run to continue
        raise
    stack.callback(letters.close)
    return letters


def _find_again(path: Path, ledger: Ledger) -> None:
    """Settles what a killed run wrote into the file of failed events and not yet into its ledger."""
    rows = (
        Row(position, WHOLE_EVENT if index is None else index, 0, DEAD, None if event is MISSING else message_id(event))
        for position, index, event in letters_of(path, ledger.run)
    )
    while group := list(islice(rows, _GROUP)):
        ledger.add(group)
