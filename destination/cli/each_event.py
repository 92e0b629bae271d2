"""Reads a file of events for a command that looks at each of them."""

from collections.abc import Callable
from typing import Final

from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.cli.progress import Progress
from destination.delivery import ByteInput, EventSource, InputError
from destination.event import Event

_NAMED: Final = 10
"""So many lines that are no events are named."""


def each_event(file: str, output: Output, take: Callable[[Event, str], object], tell: Callable[[], str]) -> int:
    """Hands over every event of a file; gives the number of lines or items that are none.

    Args:
        file: The file's path; `-` is standard input.
        output: Takes the remarks.
        take: Gets each event, and where it stands.
        tell: What the progress says beside the number of events.

    Raises:
        UsageProblem: The file cannot be read, or breaks off.
    """
    events = unreadable = 0
    try:
        with ByteInput.open(file) as data, Progress(data, output) as progress:
            for record in EventSource(data):
                if record.event is None:
                    unreadable += 1
                    if unreadable <= _NAMED:
                        progress.note(f"{record.label}: {record.error}")
                    continue
                take(record.event, record.label)
                events += 1
                progress.show(events, lambda: [tell()])
    except InputError as error:
        raise UsageProblem(str(error)) from None
    if unreadable > _NAMED:
        output.note(f"… and {unreadable - _NAMED:,} more lines are no events")
    return unreadable
