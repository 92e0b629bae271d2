"""The transport of an instance that is given none."""

from destination.request.message import Request, Response
from destination.request.transport import Transport


class DefaultTransport:
    """`HttpxTransport`, which is imported when the first request is sent: much that makes an instance sends none.

    Example:
        >>> import asyncio
        >>> asyncio.run(DefaultTransport().aclose())
    """

    def __init__(self) -> None:
        self._inner: Transport | None = None

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its answer.

        Raises:
            DestinationError: As `HttpxTransport.send`.
        """
        if self._inner is None:
            from destination.request.httpx_transport import HttpxTransport

            self._inner = HttpxTransport()
        return await self._inner.send(request)

    async def aclose(self) -> None:
        """Closes all connections."""
        if self._inner is not None:
            await self._inner.aclose()
