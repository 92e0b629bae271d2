"""`python -m tests.benchmarks.stubbed_run run FILE …`: the command, but every request is answered in this process.

Workers that are spawned import this module as `__mp_main__`, so that theirs are. An import by any other name, such as
a test runner's that looks for doctests, changes nothing.
"""

from destination.cli import main
from destination.request import HttpxTransport, PyreqwestTransport, Request, Response

_BODY = b'{"ok":true,"warnings":[],"errors":[]}'
_HEADERS = {"content-type": "application/json"}


async def _answer(_transport: object, request: Request) -> Response:
    return Response(200, _BODY, _HEADERS, url=request.url)


if __name__ in ("__main__", "__mp_main__"):
    for transport in (HttpxTransport, PyreqwestTransport):
        transport.send = _answer  # type: ignore[method-assign, assignment]

if __name__ == "__main__":
    main()
