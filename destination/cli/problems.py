"""What the command line refuses, in one line each."""


class UsageProblem(Exception):  # noqa: N818  it is not a fault of the program
    """Something that was given cannot be used.

    Args:
        lines: What is wrong, where, and what to do; one line for each finding.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = tuple(" ".join(line.split()) for line in lines)


class OutputClosedError(Exception):
    """Whoever read the output has seen enough: not a fault, and nothing to tell."""


class OutputFailedError(Exception):
    """The output cannot be written; the message says why, such as for a disk that is full."""
