"""The interface to the network: a transport sends a request and returns a response."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

from destination.request.message import Request, Response, TooLargeResponse


class Transport(Protocol):
    """Sends requests.

    A transport follows redirects with `destination.request.wire`. It reads an answer to its end, but at most the
    request's `max_response_bytes`; beyond these it returns a `TooLargeResponse`. It raises only the network errors of
    `destination.errors`. The client limits the time by cancelling it, so a transport must end cleanly when cancelled.
    """

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its answer.

        Raises:
            ConnectionError: There is no answer, or it ends too early.
            RedirectError: There are too many redirects, or one to an invalid URL.
            ResponseTooLargeError: The headers of the answer are too large.
        """
        ...

    async def aclose(self) -> None:
        """Closes all connections. The transport is not used afterwards."""
        ...


class MockTransport:
    """A transport for tests: nothing leaves the process.

    Args:
        handler: A function, plain or async, that is called with each request. It returns a Response, a status, a dict
            or a list (the JSON of a 200), or raises what the network would raise. Without one, every answer is 200
            `{}`.

    Attributes:
        requests: Every request that was sent, in order.

    Example:
        >>> import asyncio
        >>> from destination.request import RequestClient
        >>> async def send():
        ...     return await RequestClient(transport=MockTransport(lambda request: {"url": request.url}))("https://h/")
        >>> asyncio.run(send()).data
        {'url': 'https://h/'}
    """

    def __init__(self, handler: Callable[[Request], Any] | None = None) -> None:
        self.requests: list[Request] = []
        self._handler = handler

    async def send(self, request: Request) -> Response:
        """Records the request and returns the handler's answer."""
        self.requests.append(request)
        answer: Any = {} if self._handler is None else self._handler(request)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Response):
            response = answer
        elif isinstance(answer, int) and not isinstance(answer, bool):
            response = Response(answer)
        else:
            response = Response(json=answer)
        response.url = response.url or request.url
        limit = request.max_response_bytes
        if limit is not None and not response.too_large and len(response.body) > limit:
            return TooLargeResponse(
                response.status,
                response.headers,
                limit=limit,
                request=request,
                status_text=response.status_text,
                url=response.url,
            )
        return response

    async def aclose(self) -> None:
        """Does nothing, since there are no connections."""
