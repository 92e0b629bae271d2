"""One call of a route: its instance, the thread that its mapping runs in, and what was sent for it."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from destination.request import Request, Response, Transport, parse_url, redact_headers
from destination.runtime import Destination, Instance, Redactor
from destination.runtime.auth import with_tokens

_SECRET_TOKENS = ("access_token", "refresh_token", "clientSecret")
_Result = TypeVar("_Result")


class Call:
    """The destination for one call.

    Args:
        destination: What is tested.
        settings: The settings that were posted.
        auth: Tokens that were posted beside them, such as `accessToken`; they go before those in the settings.

    Attributes:
        redactor: Masks the secrets of the call. It is the instance's own, once there is one: the author's functions
            may fail before that.

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
            transport: What sends.
            check_settings: Whether the settings must be valid.

        Raises:
            SchemaValidationError: They must, and are not.
            Exception: What the author's own functions make of settings that are not valid.
        """
        instance = Instance(self._destination, self._settings, [], transport=transport, check_settings=check_settings)
        self.redactor = instance.redactor
        return instance


# --- what was sent ---------------------------------------------------------------------------------------


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

        The request's body is text, the response's is JSON where it was. Headers that may hold secrets are `<redacted>`,
        by their names; the URL is without credentials.

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
    """A transport that keeps every exchange of one call; the connections belong to the transport inside.

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
        """Sends a request, and keeps it with its answer."""
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
    """Runs a coroutine in the worker thread, so that the server answers others while events go through mappings.

    All testers of a process share the thread and its event loop. Cancelling it cancels the work. The interpreter gives
    the server its turn every 5 ms, but in the middle of one long call into C.

    Raises:
        Exception: What the work raised.

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
    # Nobody waits for it at the end: a mapping that runs does not keep the process.
    threading.Thread(target=loop.run_forever, name="destination-tester", daemon=True).start()
    return loop


class HomeTransport:
    """Sends for the worker thread in the loop that it was made in: connections belong to one loop.

    Args:
        transport: What sends, in the running loop.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._home = asyncio.get_running_loop()

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its answer.

        Raises:
            DestinationError: As the transport inside.
        """
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._transport.send(request), self._home))

    async def aclose(self) -> None:
        """Closes nothing: the transport inside belongs to who made it."""
