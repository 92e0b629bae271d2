"""Handles one call of a route: makes its instance, runs its mapping in a thread, and records its requests."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from destination.records import dataclass
from destination.request import Request, Response, Transport, parse_url, redact_headers
from destination.runtime import Destination, Instance, Redactor
from destination.runtime.auth import with_tokens

_SECRET_TOKENS = ("access_token", "refresh_token", "clientSecret")
_Result = TypeVar("_Result")


class Call:
    """The destination for one call.

    Args:
        destination: The destination that is tested.
        settings: The settings that were posted.
        auth: Tokens that were posted with them, such as `accessToken`; they replace those in the settings.

    Attributes:
        redactor: Masks the secrets of the call. When the instance is made, it becomes that of the instance: the
            author's functions may fail before that.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> Call(absmartly, {"apiKey": "s3cr3t"}, {"accessToken": "t0k3n"}).redactor.text("s3cr3t and t0k3n")
        '<redacted> and <redacted>'
    """

    def __init__(
        self, destination: Destination[Any], settings: Mapping[str, Any], auth: Mapping[str, Any] | None = None
    ) -> None:
        self._destination = destination
        self._settings = with_tokens(settings, auth or {})
        self.redactor = Redactor(settings, destination.secret_keys)
        oauth = self._settings.get("oauth")
        if isinstance(oauth, Mapping):
            self.redactor.remember(str(oauth[key]) for key in _SECRET_TOKENS if oauth.get(key) is not None)

    def instance(self, transport: Transport, *, check_settings: bool = True) -> Instance[Any]:
        """Makes the destination's instance for the call; it has no subscriptions.

        Args:
            transport: The transport that sends.
            check_settings: Whether the settings must be valid.

        Raises:
            SchemaValidationError: They must be valid, and are not.
            Exception: The author's own functions may raise anything for settings that are not valid.
        """
        instance = Instance(self._destination, self._settings, [], transport=transport, check_settings=check_settings)
        self.redactor = instance.redactor
        return instance


# --- exchanges -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to the partner and its answer.

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
        """Returns the exchange in the form of Segment's local dev server.

        The request's body is text, the response's is parsed if it was JSON. The values of headers that may hold
        secrets are `<redacted>`, by their names. The URL has no credentials.

        Args:
            redactor: Masks the secrets of the call everywhere else.
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
    """A transport that records every exchange of one call; the inner transport owns the connections.

    Attributes:
        exchanges: The exchanges, in the order in which their answers came.

    Example:
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
        """Sends a request, and records it with its answer."""
        response = await self._transport.send(request)
        self.exchanges.append(Exchange(request, response))
        return response

    async def aclose(self) -> None:
        """Leaves the connections open for the next call."""

    def to_json(self, redactor: Redactor) -> list[dict[str, Any]]:
        """Returns all exchanges in the form of Segment's local dev server."""
        return [exchange.to_json(redactor) for exchange in self.exchanges]


# --- the worker thread -----------------------------------------------------------------------------------


async def run_apart(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Runs a coroutine in the worker thread, so that the server can answer other requests while events are mapped.

    All testers of a process share the thread and its event loop. Cancelling this cancels the work. The interpreter
    switches to the server every 5 ms, except during one long call into C.

    Raises:
        Exception: The work raised it.

    Example:
        >>> async def name() -> str:
        ...     return threading.current_thread().name
        >>> asyncio.run(run_apart(name()))
        'destination-tester'
    """
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _worker_loop()))


@lru_cache(maxsize=1)
def _worker_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    # A daemon thread: a running mapping does not keep the process alive.
    threading.Thread(target=loop.run_forever, name="destination-tester", daemon=True).start()
    return loop


class HomeTransport:
    """A transport for the worker thread that sends in the event loop in which it was made, which owns the connections.

    Args:
        transport: The transport that sends, in the running loop.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._home = asyncio.get_running_loop()

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its answer.

        Raises:
            DestinationError: The inner transport raised it.
        """
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._transport.send(request), self._home))

    async def aclose(self) -> None:
        """Closes nothing, because the inner transport belongs to the caller that made it."""
