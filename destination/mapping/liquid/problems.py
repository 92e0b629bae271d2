"""Errors of a template, with or without a line and column."""

from typing import Final

MEMORY_IS_UP: Final = "memory alloc limit exceeded"


class LiquidProblem(Exception):  # noqa: N818  internal: it always leaves the engine as a MappingError
    """The root of the errors that the engine raises inside itself.

    Attributes:
        message: The message of liquidjs.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unpositioned(LiquidProblem):
    """A problem without a line and column: the surrounding tag or output adds its own."""


class Positioned(LiquidProblem):
    """A problem whose message ends with a line and column: nothing is added to it."""


class StopRendering(Exception):  # noqa: N818  no error: what `break` and `continue` do outside a loop
    """Ends the rendering. The text written so far is the result."""


def line_and_column(source: str, offset: int) -> str:
    r"""Writes a line and column as liquidjs does, for the end of a message.

    Args:
        source: The template, one character for each UTF-16 unit.
        offset: An offset in `source`. It may be greater than its length.

    Example:
        >>> line_and_column("a\nbc", 3)
        ', line:2, col:2'
    """
    row = source.count("\n", 0, offset) + 1
    return f", line:{row}, col:{offset - source.rfind(chr(10), 0, offset)}"
