"""`destination serve-tester`."""

import errno

from destination.cli.instances import find_destination
from destination.cli.output import Output
from destination.cli.problems import OutputClosedError, UsageProblem

_EXTRA = ("starlette", "uvicorn")


def serve_tester(slug: str, *, host: str, port: int) -> int:
    """Serves the tester until Ctrl-C; returns the exit status.

    Raises:
        UsageProblem: The extra is not installed, the address cannot be used, or there is no such destination.
    """
    definition = find_destination(slug)
    try:
        from destination.server import create_tester, is_loopback, open_socket, routes_of, serve
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        raise UsageProblem(
            f"serve-tester needs {missing}, which is not installed: pip install 'destination-actions[server]'"
        ) from None
    try:
        listening = open_socket(host, port)
    except (OSError, UnicodeError) as error:
        raise UsageProblem(_why_not(error, host, port)) from None
    output = Output()
    with listening:
        if not is_loopback(host):
            output.note(f"whoever reaches {host} can send with this server; without --host, only this machine can")
        output.line(f"{definition.name}: listening at {_address(host, listening.getsockname()[1])} (Ctrl-C ends it)")
        for route in routes_of(definition):
            output.line(f"  {route}")
        serve(create_tester(definition, host=host, log=_Log(output)), listening)
    return 0


def _address(host: str, port: int) -> str:
    return f"http://[{host.strip('[]')}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why_not(error: Exception, host: str, port: int) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: end what listens there, or give another --port"
    return f"cannot listen at {_address(host, port)}: {reason}"


class _Log:
    """Writes a line for each request, as long as somebody reads."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def __call__(self, line: str) -> None:
        try:
            self._output.line(line)
        except OutputClosedError:
            return
