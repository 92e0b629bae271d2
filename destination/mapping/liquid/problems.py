"""What can go wrong in a template, and where: errors that know their place and errors that do not yet."""

from typing import Final

MEMORY_IS_UP: Final = "memory alloc limit exceeded"


class LiquidProblem(Exception):  # noqa: N818  internal: it always leaves the engine as a MappingError
    """The root of what the engine raises inside itself.

    Attributes:
        message: What liquidjs says.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unplaced(LiquidProblem):
    """A problem that the surrounding tag or output will give its own place."""


class Placed(LiquidProblem):
    """A problem whose message ends with its place; it goes up unchanged."""


class StopRendering(Exception):  # noqa: N818  no error: what `break` and `continue` do outside a loop
    """Nothing more is rendered; what was written so far is the result."""


def place(source: str, offset: int) -> str:
    r"""How liquidjs writes a place: `source` has one character a UTF-16 unit, `offset` may lie behind its end.

    Example:
        >>> place("a\nbc", 3)
        ', line:2, col:2'
    """
    row = source.count("\n", 0, offset) + 1
    return f", line:{row}, col:{offset - source.rfind(chr(10), 0, offset)}"
