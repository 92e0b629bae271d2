"""What ends a command early because an output cannot be written."""


class OutputClosedError(Exception):
    """Whoever read the output has closed it: not a fault, and no message is needed."""


class OutputFailedError(Exception):
    """The output cannot be written; the message says why, such as for a disk that is full."""
