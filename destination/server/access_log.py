"""A line for each request."""

from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AccessLog:
    """Tells of each answer: status, method, path and milliseconds. What was posted is never told.

    Args:
        app: What answers.
        write: Takes each line.
    """

    def __init__(self, app: ASGIApp, write: Callable[[str], None]) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, and tells of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        path = scope.get("raw_path", b"").decode("latin-1")  # as it came: a decoded one may hold line breaks

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                duration_ms = round((perf_counter() - started) * 1000)
                self._write(f"{message['status']} {scope['method']} {path} {duration_ms} ms")
            await send(message)

        await self._app(scope, receive, tell)
