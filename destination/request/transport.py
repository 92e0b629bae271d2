"""The seam to the network: a transport takes a request and gives a response."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

from destination.request.message import Request, Response, TooLargeResponse


class Transport(Protocol):
    """Sends requests.

    A transport follows redirects as it should (`destination.request.wire`), reads an answer to its end but no
    more of it than the request's `max_response_bytes` (then it gives a `TooLargeResponse`), and raises the project's
    network errors only. The client around it keeps the time limit, so a transport needs none of its own; it must end
    cleanly when it is cancelled.
    """

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its answer.

        Raises:
            ConnectionError: No answer, or one that breaks off.
            RedirectError: Redirects that do not end, or lead nowhere.
            ResponseTooLargeError: An answer whose head is too large.
        """
        ...

    async def aclose(self) -> None:
        """Closes what is open. The transport is not used afterwards."""
        ...


class MockTransport:
    """A transport for tests: nothing leaves the process.

    Args:
        handler: Called with each request, plain or async. It returns a Response, a status, a dict or a list
            (the JSON of a 200), or raises what the network would. Without one, every answer is 200 `{}`.

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
        """Records the request and gives the handler's answer."""
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
        """Nothing is open."""
