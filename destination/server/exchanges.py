"""What was sent to the partner and what came back, in the form of Segment's local dev server."""

from dataclasses import dataclass, replace
from typing import Any

from destination.request import Request, Response, Transport, parse_url, redact_headers
from destination.runtime import Redactor


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    Example:
        >>> request = Request("PUT", "https://h/v1", body=b'{"a":1}')
        >>> Exchange(request, Response(200, json={"ok": True})).to_json(Redactor({}, ()))
        {'request': {'url': 'https://h/v1', 'method': 'PUT', 'headers': {}, 'body': '{"a":1}'},
         'response': {'statusCode': 200, 'statusMessage': 'OK',
                      'headers': {'content-type': 'application/json'}, 'body': {'ok': True}}}
    """

    request: Request
    response: Response

    def to_json(self, redactor: Redactor) -> dict[str, Any]:
        """The exchange as the server answers it: the request's body is text, the response's is JSON where it was.

        Headers that may hold secrets are `<redacted>`, by their names; the URL is without credentials.

        Args:
            redactor: Masks the secrets of the call wherever else they stand.
        """
        request, response = self.request, self.response
        return {
            "request": {
                "url": redactor.text(str(replace(parse_url(request.url), credentials=""))),
                "method": request.method,
                "headers": redactor(redact_headers(request.headers)),
                "body": redactor.text((request.body or b"").decode("utf-8", "replace")),
            },
            "response": {
                "statusCode": response.status,
                "statusMessage": redactor.text(response.status_text),
                "headers": redactor(redact_headers(response.headers)),
                "body": redactor(response.value),
            },
        }


class Recorder:
    """A transport that keeps every exchange of one call; the connections belong to the transport inside.

    Attributes:
        exchanges: The exchanges, in the order in which their answers came.

    Example:
        >>> import asyncio
        >>> from destination.request import MockTransport, RequestClient
        >>> recorder = Recorder(MockTransport())
        >>> async def send() -> None:
        ...     await RequestClient(transport=recorder)("https://h/1")
        >>> asyncio.run(send())
        >>> [exchange.request.url for exchange in recorder.exchanges]
        ['https://h/1']
    """

    def __init__(self, transport: Transport) -> None:
        self.exchanges: list[Exchange] = []
        self._transport = transport

    async def send(self, request: Request) -> Response:
        """Sends a request, and keeps it with its answer."""
        response = await self._transport.send(request)
        self.exchanges.append(Exchange(request, response))
        return response

    async def aclose(self) -> None:
        """Leaves the connections open for the next call."""

    def to_json(self, redactor: Redactor) -> list[dict[str, Any]]:
        """All exchanges, as the server answers them."""
        return [exchange.to_json(redactor) for exchange in self.exchanges]
