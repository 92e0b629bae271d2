"""What can be wrong with an input of events."""

from destination.errors import DestinationError


class InputError(DestinationError):
    """An input cannot be read, or not any further: it is missing, cut off or damaged."""


class UnreadableRecordError(DestinationError):
    """One line or item of an input holds no event; the others are not touched by it."""


class RecordingError(DestinationError):
    """A failed event could not be written down."""


class SealedAnswerError(DestinationError):
    """An earlier run sent a part of a perform, and its answer cannot be opened with the secrets of these settings.

    Nothing of the perform is sent: the partner would get that part twice.
    """

    def __init__(self) -> None:
        super().__init__(
            "an earlier run sent a part of this, and the answer is sealed in the ledger with other secrets than these "
            "settings have; go on with the settings of that run, or send the event by itself, that part again"
        )


class LedgerError(RecordingError):
    """The ledger cannot be opened, does not belong to this run, or could not be written."""
