"""`destination serve-tester`."""

from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, Slug


def serve_tester(
    destination: Slug = DEFAULT_DESTINATION,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="0 is any free port.")] = 3000,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen at.")] = "127.0.0.1",
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
    from destination.cli.serve_tester import serve_tester as serve

    return serve(destination, host=host, port=port)
