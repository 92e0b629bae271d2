"""Calls what the caller of a delivery gave it, so that an error there is the caller's and no event's."""

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


def guarded(function: Callable[P, object] | None, raised: Callable[[Exception], None]) -> Callable[P, None] | None:
    """The same function, whose errors go to `raised` instead of ending what called it; None for None.

    Example:
        >>> errors = []
        >>> guarded(lambda: 1 / 0, errors.append)()
        >>> errors
        [ZeroDivisionError('division by zero')]
        >>> guarded(None, errors.append) is None
        True
    """
    if function is None:
        return None

    def call(*arguments: P.args, **named: P.kwargs) -> None:
        try:
            function(*arguments, **named)
        except Exception as error:  # noqa: BLE001  whatever it is
            raised(error)

    return call
