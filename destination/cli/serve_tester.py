"""`destination serve-tester`."""

import errno
from typing import TYPE_CHECKING, Annotated

from destination.cli.options import DEFAULT_DESTINATION, Slug
from destination.cli.parameters import Option
from destination.cli.problems import OutputClosedError
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output

_EXTRA = ("starlette", "uvicorn")


def serve_tester(
    destination: Slug = DEFAULT_DESTINATION,
    port: Annotated[int, Option(min=0, max=65535, metavar="PORT", help="0 is any free port.")] = 3000,
    host: Annotated[str, Option(metavar="HOST", help="The address to listen at.")] = "127.0.0.1",
) -> int:
    """Serve a destination to Segment's Actions Tester.

    The routes are those of Segment's own local dev server. They take settings with every call and really send;
    only this machine, and Segment's app in a browser on it, may ask. Ctrl-C ends it. It needs an extra:
    pip install 'destination-actions[server]'

    \b
    Exit status: 0 ended by Ctrl-C, 2 it could not start (the extra is missing, the port is in use).

    \b
    Examples:
      destination serve-tester
      destination serve-tester --destination actions-absmartly --port 3001
      curl http://localhost:3000/manifest
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.instances import find_destination
    from destination.cli.output import Output

    definition = find_destination(destination)
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
    from destination.definition.given.files import reason_of

    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: end what listens there, or give another --port"
    return f"cannot listen at {_address(host, port)}: {reason_of(error)}"


class _Log:
    """Writes a line for each request, as long as somebody reads."""

    def __init__(self, output: "Output") -> None:
        self._output = output

    def __call__(self, line: str) -> None:
        try:
            self._output.line(line)
        except OutputClosedError:
            return
