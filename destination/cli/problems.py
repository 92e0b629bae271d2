"""What ends a command early: wrong input, and an output that cannot be written."""


class UsageProblem(Exception):  # noqa: N818  it is not a fault of the program
    """Something that was given cannot be used.

    Args:
        lines: Each says what is wrong, where, and what to do.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = tuple(" ".join(line.split()) for line in lines)


class OutputClosedError(Exception):
    """Whoever read the output has closed it: not a fault, and no message is needed."""


class OutputFailedError(Exception):
    """The output cannot be written; the message says why, such as for a disk that is full."""
