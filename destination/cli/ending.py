"""How a command ends: its status, and one line on standard error for what a user has to mend."""

import sys
from collections.abc import Callable
from typing import Any, Final

from destination.cli.problems import OutputClosedError, OutputFailedError
from destination.usage_problem import UsageProblem

FAILED_OUTPUT: Final = 1
FAILED_USAGE: Final = 2
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

_EXTRAS: Final = {
    "hypothesis": "properties",
    "prometheus_client": "server",
    "pygal": "report",
    "pytest": "test",
    "sdk": "sdk",
    "segment": "sdk",
    "starlette": "server",
    "syrupy": "test",
    "uvicorn": "server",
    "yaml": "test",
}
"""Packages that are not installed with the project, and the extra that brings each."""


def status_of(call: Callable[[], Any]) -> int:
    """Calls a command, and returns the status to end with; what is wrong is said in one line.

    Example:
        >>> status_of(lambda: 1)
        1
    """
    try:
        status = call()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        say(f"this needs {missing}, which is not installed: pip install 'destination-actions[{_EXTRAS[missing]}]'")
        return FAILED_USAGE
    except UsageProblem as problem:
        for line in problem.lines:
            say(line)
        return FAILED_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputClosedError:
        _forget_output()
        return BROKEN_PIPE
    except OutputFailedError as failure:
        say(f"the output cannot be written: {failure}")
        _forget_output()
        return FAILED_OUTPUT
    return status if isinstance(status, int) else 0


def say(line: str) -> None:
    """Writes a line to standard error, under the name of the program; where that is closed, nothing happens."""
    from destination.cli.process import UnfailingStream
    from destination.values.printable import printable

    encoding = sys.stderr.encoding or "utf-8"
    line = printable(" ".join(line.split()))
    stream = UnfailingStream(sys.stderr)  # the status says it, too
    stream.write(f"destination: {line}\n".encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _forget_output() -> None:
    from destination.cli.process import forget_stream

    for stream in (sys.stdout, sys.stderr):
        forget_stream(stream)
