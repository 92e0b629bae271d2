"""The error of every part that reads what a person gave: a file, an option, a configuration."""


class UsageProblem(Exception):  # noqa: N818  it is not a fault of the program
    """Something that was given cannot be used.

    Args:
        lines: Each says what is wrong, where, and what to do.

    Example:
        >>> UsageProblem("shop.json: there is no such  mappings file").lines
        ('shop.json: there is no such mappings file',)
    """

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = tuple(" ".join(line.split()) for line in lines)
