"""A second attempt that sends nothing twice."""

from collections.abc import Iterable

from destination.request import PendingRequest, Request, RequestClient, Response, Transport

_ASKING = ("GET", "HEAD", "OPTIONS")
_SHORTEST = 8  # a shorter token could stand in a request by chance


class Delivered:
    """The requests of a first attempt that the partner took, with their answers.

    Requests that only ask are not among them: asking twice does no harm, and an old answer may.

    Args:
        made: The requests of the attempt.
        old_token: The access token that it used, wherever it stands in a request.
    """

    __slots__ = ("_exchanges", "_old_token", "_replayed")

    def __init__(self, made: Iterable[PendingRequest], old_token: object = None) -> None:
        self._exchanges: list[tuple[Request, Response]] = [
            (pending.request, pending.response)
            for pending in made
            if pending.response is not None and pending.response.ok and pending.method not in _ASKING
        ]
        self._old_token = old_token if isinstance(old_token, str) and len(old_token) >= _SHORTEST else None
        self._replayed: list[tuple[Request, Response]] = []

    def replay_through(self, client: RequestClient, new_token: object) -> None:
        """Has a client that made nothing yet give the old answers to the same requests.

        Args:
            client: The client of the second attempt.
            new_token: The access token that it uses.
        """
        if self._exchanges and client.transport is not None:
            client.transport = ReplayTransport(client.transport, self, new_token)

    def find(self, request: Request, new_token: object) -> Response | None:
        """The answer to the same request, once; with another token it is the same request."""
        for index, (old, response) in enumerate(self._exchanges):
            if self._is_same(old, request, new_token):
                del self._exchanges[index]
                self._replayed.append((request, response))
                return response
        return None

    def _is_same(self, old: Request, new: Request, new_token: object) -> bool:
        if old.method != new.method:
            return False
        url, body = old.url, old.body
        if self._old_token is not None and isinstance(new_token, str):
            url = url.replace(self._old_token, new_token)
            body = body and body.replace(self._old_token.encode(), new_token.encode())
        return url == new.url and body == new.body

    def really_sent(
        self, requests: tuple[Request, ...], responses: tuple[Response, ...]
    ) -> tuple[tuple[Request, ...], tuple[Response, ...]]:
        """The exchanges of the second attempt without those that were only repeated."""
        repeated = {id(part) for exchange in self._replayed for part in exchange}
        return (
            tuple(request for request in requests if id(request) not in repeated),
            tuple(response for response in responses if id(response) not in repeated),
        )


class ReplayTransport:
    """Gives the answers of what was delivered before, and sends the rest.

    Args:
        transport: What sends.
        delivered: What was delivered before.
        new_token: The access token of this attempt.
    """

    def __init__(self, transport: Transport, delivered: Delivered, new_token: object) -> None:
        self._transport = transport
        self._delivered = delivered
        self._new_token = new_token

    async def send(self, request: Request) -> Response:
        """The old answer, or a new one."""
        return self._delivered.find(request, self._new_token) or await self._transport.send(request)

    async def aclose(self) -> None:
        """Nothing: the transport belongs to the instance."""
