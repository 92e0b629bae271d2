"""What can be wrong with an input of events."""

from destination.errors import DestinationError


class InputError(DestinationError):
    """An input cannot be read, or not any further: it is missing, cut off or damaged."""


class UnreadableRecordError(DestinationError):
    """One line or item of an input holds no event; the others are not touched by it."""


class RecordingError(DestinationError):
    """A failed event could not be written down."""


class LedgerError(RecordingError):
    """The ledger cannot be opened, does not belong to this run, or could not be written."""
