"""The ledger and the file of failed events of a run."""

from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from destination.cli.files import ledger_files, reads, reads_events, reads_mappings, refuse_shared, writes
from destination.cli.output import Output
from destination.cli.run_options import RunOptions
from destination.definition.given.files import is_there
from destination.delivery import (
    DeadLetters,
    EventSource,
    InputError,
    Ledger,
    RecordingError,
    Row,
    RunIdentity,
    dead_letters_of,
    message_id,
)
from destination.delivery.ledger import DEAD, WHOLE_EVENT
from destination.runtime import Instance
from destination.usage_problem import UsageProblem
from destination.values import MISSING

_GROUP = 1_000


def declare_files(options: RunOptions, ledger: Path | None) -> None:
    """Refuses options that share a file.

    Raises:
        UsageProblem: Two of them do.
    """
    refuse_shared(
        reads_events("FILE", options.file),
        reads("--settings", options.settings),
        reads_mappings(options.mappings),
        options.network.files,
        ledger_files(ledger, is_default=options.ledger is None),
        writes("--errors", options.errors),
        writes("--report", options.report),
    )


def ledger_path(options: RunOptions) -> Path | None:
    """Says where the ledger is: beside a file that is really sent, unless an option names another file.

    Raises:
        UsageProblem: A run is to be continued that keeps no ledger.
    """
    if options.no_ledger or options.dry_run:
        return None
    if options.ledger is not None:
        return options.ledger
    if options.uses_demo or not options.is_file:
        if options.resume:
            raise UsageProblem("--resume needs the ledger of the run: give --ledger FILE")
        return None
    return Path(f"{options.file}.ledger")


def _run_identity(options: RunOptions, source: EventSource, instance: Instance[Any]) -> RunIdentity:
    """Identifies the run that the ledger belongs to.

    Raises:
        UsageProblem: The input cannot be read.
    """
    try:
        identity = RunIdentity.of(source.input.name, options.file if options.is_file else None, instance)
    except InputError as error:
        raise UsageProblem(str(error)) from None
    if options.uses_demo:  # what only the stand-in has taken is not settled for the partner
        return replace(identity, destination=f"the embedded collector of {identity.destination}")
    return identity


def open_ledger(
    path: Path | None,
    options: RunOptions,
    source: EventSource,
    instance: Instance[Any],
    output: Output,
    stack: ExitStack,
) -> Ledger | None:
    """Opens the run's ledger; None where it keeps none.

    Raises:
        UsageProblem: It cannot be used; nothing was sent.
    """
    if path is None:
        return None
    identity = _run_identity(options, source, instance)
    try:
        ledger = Ledger(path, identity, resume=options.resume)
    except RecordingError as error:
        hint = "" if options.resume or is_there(path) else "; --ledger FILE has it elsewhere, --no-ledger keeps none"
        raise UsageProblem(f"{error}{hint}") from None
    stack.callback(ledger.close)
    if ledger.replaced is not None:
        before, is_same_run = ledger.replaced
        what = "everything is sent again; --resume would send only what is not settled"
        if not is_same_run:
            what = "this run replaces it, and everything is sent"
        output.note(f"{path}: the run of {before} in it has ended: {what}")
    return ledger


def open_dead_letters(options: RunOptions, source: EventSource, output: Output, stack: ExitStack) -> DeadLetters | None:
    """Opens the file of failed events; None where it is not asked for.

    Nothing that it holds is changed before `begin_dead_letters`.

    Raises:
        UsageProblem: It cannot be written, or holds failed events that are not to be replaced; nothing was sent.
    """
    path = options.errors
    if path is None:
        return None
    is_new = not is_there(path)
    try:
        dead_letters = DeadLetters(path, source.input.name, output.redactor, append=options.resume or options.overwrite)
    except RecordingError as error:
        raise UsageProblem(f"--errors {error}") from None
    stack.callback(dead_letters.close)
    if is_new:
        stack.push(partial(_remove_unused, path))
    return dead_letters


def begin_dead_letters(dead_letters: DeadLetters | None, options: RunOptions, ledger: Ledger | None) -> None:
    """Prepares the file of failed events for what is sent now.

    Raises:
        UsageProblem: It cannot be read or written; nothing was sent.
    """
    if dead_letters is None:
        return
    try:
        if options.overwrite:
            dead_letters.clear()
        if ledger is not None:
            dead_letters.run = ledger.run
            if options.resume:
                _find_again(dead_letters.path, ledger)
    except RecordingError as error:
        raise UsageProblem(f"--errors {error}") from None


def _remove_unused(path: Path, _kind: object, error: BaseException | None, _trace: object) -> None:
    """Leaves no empty file behind where a run is refused after its file of failed events was made."""
    if isinstance(error, UsageProblem):
        with suppress(OSError):
            if not path.stat().st_size:
                path.unlink()


def _find_again(path: Path, ledger: Ledger) -> None:
    """Settles what a killed run wrote into the file of failed events and not yet into its ledger."""
    rows = (
        Row(position, WHOLE_EVENT if index is None else index, 0, DEAD, None if event is MISSING else message_id(event))
        for position, index, event in dead_letters_of(path, ledger.run)
    )
    while group := list(islice(rows, _GROUP)):
        ledger.add(group)
