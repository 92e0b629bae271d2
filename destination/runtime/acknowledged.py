"""Remembers acknowledged requests, so that they are not sent again when a perform runs again.

A perform may make several requests. If one of them fails, or the tokens are refreshed after a 401, the whole perform
runs again. The requests that were acknowledged before then get their earlier answers. Requests that only read are not
remembered: sending them twice does no harm, but an old answer may.
"""

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Final

from destination.errors import DestinationError
from destination.records import dataclass
from destination.request import PendingRequest, Request, RequestClient, Response, TooLargeResponse, Transport
from destination.values import read_json, write_json

_READING: Final = ("GET", "HEAD", "OPTIONS")
_SHORTEST: Final = 8  # a shorter token could be in a request by chance


class SealedAnswerError(DestinationError):
    """An earlier run sent a part of a perform, and the answer cannot be opened with the secrets of these settings.

    The perform sends nothing, because the partner would get that part twice.
    """

    def __init__(self) -> None:
        super().__init__(
            "an earlier run sent a part of this, and the answer is sealed in the ledger with other secrets than these "
            "settings have; go on with the settings of that run, or send the event by itself, that part again"
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """A digest of an acknowledged request, and its answer.

    If the answer's body was too large to be read, the limit in bytes is kept instead.

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
        """Makes the record of an exchange."""
        return cls._of(_digest(request.method, request.url, request.body), response)

    @classmethod
    def _of(cls, digest: str, response: Response) -> "Exchange":
        headers = tuple((name, value) for name, value in response.headers.items())
        body = response.limit if isinstance(response, TooLargeResponse) else response.body
        return cls(digest, response.status, response.status_text, headers, body, response.url)

    @classmethod
    def with_token(cls, request: Request, response: Response, old_token: object, new_token: object) -> "Exchange":
        """Makes the record of an exchange as if the request had had another access token in its URL and body."""
        url, body = request.url, request.body
        if isinstance(old_token, str) and isinstance(new_token, str) and len(old_token) >= _SHORTEST:
            url = url.replace(old_token, new_token)
            body = body and body.replace(old_token.encode(), new_token.encode())
        return cls._of(_digest(request.method, url, body), response)

    @classmethod
    def read(cls, raw: bytes) -> "Exchange":
        """Reads what `to_bytes` wrote."""
        digest, status, status_text, headers, body, url = read_json(raw)
        pairs = tuple((name, value) for name, value in headers)
        return cls(digest, status, status_text, pairs, body if isinstance(body, int) else body.encode("latin-1"), url)

    def to_bytes(self) -> bytes:
        """Writes the exchange as bytes."""
        headers = [list(pair) for pair in self.headers]
        body = self.body if isinstance(self.body, int) else self.body.decode("latin-1")
        return write_json([self.digest, self.status, self.status_text, headers, body, self.url])

    def response(self) -> Response:
        """Makes the original answer again."""
        headers, text = list(self.headers), self.status_text
        if isinstance(self.body, int):
            return TooLargeResponse(self.status, headers, limit=self.body, status_text=text, url=self.url)
        return Response(self.status, self.body, headers, status_text=text, url=self.url)


def _digest(method: str, url: str, body: bytes | None) -> str:
    # Without the headers, which may hold the time or a new token.
    from hashlib import sha256

    return sha256(f"{method} {url}\n".encode("utf-8", "surrogateescape") + (body or b"")).hexdigest()


class Acknowledged:
    """The acknowledged requests of one perform, over all of its attempts.

    Args:
        known: The exchanges of earlier attempts or runs; None for one that cannot be opened.
        keep: Called with the number and the exchange of each, as soon as the perform makes a further request.
    """

    __slots__ = ("_answered", "_is_sealed", "_keep", "_kept", "_left", "_open", "_repeated", "_started")

    def __init__(
        self, known: Sequence[Exchange | None] = (), keep: Callable[[int, Exchange], None] | None = None
    ) -> None:
        # None: it was sealed with other secrets, so it is unknown what was sent.
        self._is_sealed = None in known
        readable = [exchange for exchange in known if exchange is not None]
        self._answered: list[Exchange | tuple[Request, Response]] = [*readable]
        self._kept = len(self._answered)
        self._left = readable
        self._repeated: list[tuple[Request, Response]] = []
        self._keep = keep
        self._started = 0
        self._open = 0

    @classmethod
    def before_401(cls, made: Iterable[PendingRequest], old_token: object, new_token: object) -> "Acknowledged":
        """Collects the acknowledged requests of an attempt that ended with a 401, for a retry with a new token."""
        return cls(
            [
                Exchange.with_token(pending.request, pending.response, old_token, new_token)
                for pending in made
                if pending.response is not None and pending.response.ok and pending.method not in _READING
            ]
        )

    def restart(self) -> None:
        """Begins another attempt, in which each acknowledged request gets its earlier answer once."""
        if self._started and not self._open and len(self._answered) > self._kept:
            self._answered.pop()  # every request was acknowledged, so the perform failed because of the last answer
        self._left = [self._exchange(index) for index in range(len(self._answered))]
        self._started = self._open = 0

    def answer_for(self, client: RequestClient) -> None:
        """Makes an unused client answer equal requests with these answers."""
        if self._left and client.transport is not None:
            client.transport = AcknowledgingTransport(client.transport, self)

    def answer(self, request: Request) -> Response | None:
        """Returns the answer to a request that was acknowledged before; None if the request is to be sent.

        Raises:
            SealedAnswerError: It may have been acknowledged, and the answer cannot be opened.
        """
        self._started += 1
        if self._is_sealed and request.method not in _READING:
            raise SealedAnswerError
        if self._left and request.method not in _READING:
            digest = _digest(request.method, request.url, request.body)
            for index, exchange in enumerate(self._left):
                if exchange.digest == digest:
                    del self._left[index]
                    response = exchange.response()
                    self._repeated.append((request, response))
                    return response
        self._open += 1
        self._flush()
        return None

    def add(self, request: Request, response: Response) -> None:
        """Remembers the answer to a request."""
        if response.ok:
            self._open -= 1
            if request.method not in _READING:
                self._answered.append((request, response))
        self._flush()

    def really_sent(
        self, requests: tuple[Request, ...], responses: tuple[Response, ...]
    ) -> tuple[tuple[Request, ...], tuple[Response, ...]]:
        """Returns requests and responses without those that were answered from memory."""
        repeated = {id(part) for exchange in self._repeated for part in exchange}
        return (
            tuple(request for request in requests if id(request) not in repeated),
            tuple(response for response in responses if id(response) not in repeated),
        )

    def _flush(self) -> None:
        # The last answer waits, since the perform may fail because of it. So a perform with one request keeps nothing.
        if self._keep is not None and self._open:
            for index in range(self._kept, len(self._answered)):
                self._keep(index + 1, self._exchange(index))
                self._kept = index + 1

    def _exchange(self, index: int) -> Exchange:
        item = self._answered[index]
        if not isinstance(item, Exchange):
            item = self._answered[index] = Exchange.of(*item)
        return item


current: ContextVar[Acknowledged | None] = ContextVar("destination_acknowledged", default=None)
"""The acknowledged requests of the running perform; the tasks that it starts inherit them."""


class AcknowledgingTransport:
    """A transport that does not send again what the perform had acknowledged.

    Args:
        transport: The transport that sends.
        acknowledged: The acknowledged requests; None for those of the running perform.

    Attributes:
        inner: The transport that sends.

    Example:
        >>> import asyncio
        >>> from destination.request import MockTransport
        >>> mock, goals = MockTransport(), Request("PUT", "https://h.test/goals")
        >>> answered = Exchange.of(goals, Response(200, json={"id": 7}))
        >>> transport = AcknowledgingTransport(mock, Acknowledged([answered]))
        >>> asyncio.run(transport.send(goals)).data, mock.requests
        ({'id': 7}, [])
    """

    def __init__(self, transport: Transport, acknowledged: Acknowledged | None = None) -> None:
        self.inner = transport
        self._acknowledged = acknowledged

    async def send(self, request: Request) -> Response:
        """Sends a request, or returns its answer of an earlier attempt."""
        acknowledged = self._acknowledged or current.get()
        if acknowledged is None:
            return await self.inner.send(request)
        known = acknowledged.answer(request)
        if known is not None:
            return known
        response = await self.inner.send(request)
        acknowledged.add(request, response)
        return response

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self.inner.aclose()
