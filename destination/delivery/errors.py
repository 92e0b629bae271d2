"""The errors of reading events and of recording their outcomes."""

from typing import TypeVar

from destination.errors import DestinationError


class InputError(DestinationError):
    """An input cannot be read, or not to its end: it is missing, cut off or damaged."""


class UnreadableRecordError(DestinationError):
    """One line or item of an input holds no event; the others are not affected."""


class RecordingError(DestinationError):
    """A failed event could not be recorded."""


class LedgerError(RecordingError):
    """The ledger cannot be opened, does not belong to this run, or could not be written."""


E = TypeVar("E", bound=Exception)


def without_traces(error: E) -> E:
    """Removes an error's traceback, whose frames keep the event and everything made from it in memory.

    Example:
        >>> try:
        ...     raise InputError("cut off")
        ... except InputError as error:
        ...     print(without_traces(error).__traceback__)
        None
    """
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        found.__traceback__ = None
        found = found.__cause__ or found.__context__
    return error
