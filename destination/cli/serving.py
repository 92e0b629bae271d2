"""What the commands share that serve a browser: the tester and the studio."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from destination.cli.output import Output
from destination.cli.problems import OutputClosedError
from destination.definition.given.files import reason_of
from destination.listening import open_socket
from destination.usage_problem import UsageProblem

_EXTRA = ("starlette", "uvicorn")


@contextmanager
def needing_server(command: str) -> Iterator[None]:
    """Names the extra to install where an import in the block fails for want of it.

    Args:
        command: The command that needs it.

    Raises:
        UsageProblem: A package of the extra `server` is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        raise UsageProblem(
            f"{command} needs {missing}, which is not installed: pip install 'destination-actions[server]'"
        ) from None


def open_listening(host: str, port: int) -> socket.socket:
    """Opens the socket of a server.

    Raises:
        UsageProblem: The port is in use, or the address is not one of this machine's.
    """
    try:
        return open_socket(host, port)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise UsageProblem(
                f"port {port} of {host} is in use: end what listens there, or give another --port"
            ) from None
        raise UsageProblem(f"cannot listen at {address_of(host, port)}: {reason_of(error)}") from None


def address_of(host: str, port: int) -> str:
    """Returns the address of a server, as a browser takes it.

    Example:
        >>> address_of("127.0.0.1", 3001), address_of("::1", 3001)
        ('http://127.0.0.1:3001', 'http://[::1]:3001')
    """
    return f"http://[{host.strip('[]')}]:{port}" if ":" in host else f"http://{host}:{port}"


class RequestLog:
    """Writes a line for each request, as long as somebody reads.

    Args:
        output: Takes the lines.
    """

    def __init__(self, output: Output) -> None:
        self._output = output

    def __call__(self, line: str) -> None:
        """Writes a line."""
        try:
            self._output.line(line)
        except OutputClosedError:
            return
