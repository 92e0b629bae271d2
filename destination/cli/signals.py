"""The signals that end a run in an orderly way."""

import signal
from collections.abc import Sequence

HANGUP: int | None = getattr(signal, "SIGHUP", None)  # Windows has none


def ending_signals() -> list[int]:
    """Returns SIGINT, SIGTERM, and SIGHUP unless that was ignored when the process began, as `nohup` has it.

    To be called before a handler is set.
    """
    found: list[int] = [signal.SIGINT, signal.SIGTERM]
    if HANGUP is not None and signal.getsignal(HANGUP) is not signal.SIG_IGN:
        found.append(HANGUP)
    return found


def is_repeated_hangup(number: int, received: Sequence[int]) -> bool:
    """Returns whether a signal only says a second time that the terminal is gone.

    A shell passes SIGHUP on to its jobs, and the system sends it, too, when the shell ends: two of them do not mean
    that somebody is impatient.

    Example:
        >>> import signal
        >>> is_repeated_hangup(signal.SIGHUP, []), is_repeated_hangup(signal.SIGHUP, [signal.SIGHUP])
        (False, True)
    """
    return number == HANGUP and number in received
