"""Requests of a perform that the partner took, so that another attempt does not send them again.

A perform may make several requests. When one of them fails, the perform runs again as a whole, and what was
acknowledged before is answered from here. The ledger keeps exchanges sealed (`sealing`).
"""

import hashlib
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from destination.delivery.errors import SealedAnswerError
from destination.request import Request, Response, TooLargeResponse, Transport
from destination.values import read_json, write_json

_ASKING = ("GET", "HEAD", "OPTIONS")  # asking twice does no harm, and an old answer may


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was acknowledged, by a digest of it, and its answer.

    A body that was too large to be read stands as its limit in bytes.

    Example:
        >>> exchange = Exchange.of(Request("PUT", "https://h/", body=b"1"), Response(200, json={"id": 7}))
        >>> Exchange.read(exchange.to_bytes()).response().data
        {'id': 7}
    """

    digest: str
    status: int
    status_text: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | int
    url: str

    @classmethod
    def of(cls, request: Request, response: Response) -> "Exchange":
        """What is kept of an exchange."""
        headers = tuple((name, value) for name, value in response.headers.items())
        body = response.limit if isinstance(response, TooLargeResponse) else response.body
        return cls(digest_of(request), response.status, response.status_text, headers, body, response.url)

    @classmethod
    def read(cls, raw: bytes) -> "Exchange":
        """What `to_bytes` wrote."""
        digest, status, status_text, headers, body, url = read_json(raw)
        pairs = tuple((name, value) for name, value in headers)
        return cls(digest, status, status_text, pairs, body if isinstance(body, int) else body.encode("latin-1"), url)

    def to_bytes(self) -> bytes:
        """The exchange as bytes."""
        headers = [list(pair) for pair in self.headers]
        body = self.body if isinstance(self.body, int) else self.body.decode("latin-1")
        return write_json([self.digest, self.status, self.status_text, headers, body, self.url])

    def response(self) -> Response:
        """The answer, as it was."""
        headers, text = list(self.headers), self.status_text
        if isinstance(self.body, int):
            return TooLargeResponse(self.status, headers, limit=self.body, status_text=text, url=self.url)
        return Response(self.status, self.body, headers, status_text=text, url=self.url)


def digest_of(request: Request) -> str:
    """Tells requests apart: method, URL and body, not the headers, which may hold a moment or a new token."""
    head = f"{request.method} {request.url}\n".encode("utf-8", "surrogateescape")
    return hashlib.sha256(head + (request.body or b"")).hexdigest()


class Exchanges:
    """The exchanges of one perform, over all its attempts.

    Args:
        known: Those that an earlier run had; None for one that cannot be opened.
        keep: Called with number and exchange of each as soon as the perform goes on to another request.
    """

    __slots__ = ("_answered", "_is_sealed", "_keep", "_kept", "_left", "_open", "_started")

    def __init__(
        self, known: Sequence[Exchange | None] = (), keep: Callable[[int, Exchange], None] | None = None
    ) -> None:
        # None: the secrets that it was sealed with are gone, so that nobody can tell what was sent.
        self._is_sealed = None in known
        readable = [exchange for exchange in known if exchange is not None]
        self._answered: list[Exchange | tuple[Request, Response]] = [*readable]
        self._kept = len(self._answered)
        self._left = readable
        self._keep = keep
        self._started = 0
        self._open = 0

    def begin(self) -> None:
        """Another attempt: what was acknowledged is answered again, each once."""
        if self._started and not self._open and len(self._answered) > self._kept:
            self._answered.pop()  # every request was taken: it is the last answer that the perform did not like
        self._left = [self._exchange(index) for index in range(len(self._answered))]
        self._started = self._open = 0

    def answer(self, request: Request) -> Response | None:
        """The answer to a request that was acknowledged before; None for one to send.

        Raises:
            SealedAnswerError: It may have been acknowledged, and what was cannot be read.
        """
        self._started += 1
        if self._is_sealed and request.method not in _ASKING:
            raise SealedAnswerError
        if self._left and request.method not in _ASKING:
            digest = digest_of(request)
            for index, exchange in enumerate(self._left):
                if exchange.digest == digest:
                    del self._left[index]
                    return exchange.response()
        self._open += 1
        self._flush()
        return None

    def add(self, request: Request, response: Response) -> None:
        """An answer came."""
        if response.ok:
            self._open -= 1
            if request.method not in _ASKING:
                self._answered.append((request, response))
        self._flush()

    def _flush(self) -> None:
        # The last answer waits: the perform may not like it. So most performs, which make one request, keep nothing.
        if self._keep is not None and self._open:
            for index in range(self._kept, len(self._answered)):
                self._keep(index + 1, self._exchange(index))
                self._kept = index + 1

    def _exchange(self, index: int) -> Exchange:
        item = self._answered[index]
        if not isinstance(item, Exchange):
            item = self._answered[index] = Exchange.of(*item)
        return item


current: ContextVar[Exchanges | None] = ContextVar("destination_exchanges", default=None)
"""The perform that runs; tasks that it starts inherit it."""


class AcknowledgingTransport:
    """Around the transport of a delivery: what one perform had acknowledged is not sent again by it.

    Args:
        transport: What sends.

    Attributes:
        inner: The same.
    """

    def __init__(self, transport: Transport) -> None:
        self.inner = transport

    async def send(self, request: Request) -> Response:
        """Sends a request, or gives the answer that it had in an earlier attempt."""
        exchanges = current.get()
        if exchanges is None:
            return await self.inner.send(request)
        known = exchanges.answer(request)
        if known is not None:
            return known
        response = await self.inner.send(request)
        exchanges.add(request, response)
        return response

    async def aclose(self) -> None:
        """Closes the transport inside."""
        await self.inner.aclose()
