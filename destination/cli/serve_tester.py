"""`destination serve-tester`."""

from typing import Annotated

from destination.cli.options import DEFAULT_DESTINATION, Slug
from destination.cli.parameters import Option


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
    from destination.cli.output import Output
    from destination.cli.serving import RequestLog, address_of, needing_server, open_listening
    from destination.runtime.given import find_destination

    definition = find_destination(destination)
    with needing_server("serve-tester"):
        from destination.server import create_tester, is_loopback, routes_of, serve
    listening = open_listening(host, port)
    output = Output()
    with listening:
        if not is_loopback(host):
            output.note(f"whoever reaches {host} can send with this server; without --host, only this machine can")
        output.line(f"{definition.name}: listening at {address_of(host, listening.getsockname()[1])} (Ctrl-C ends it)")
        for route in routes_of(definition):
            output.line(f"  {route}")
        serve(create_tester(definition, host=host, log=RequestLog(output)), listening, "tester")
    return 0
