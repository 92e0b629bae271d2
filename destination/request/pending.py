"""A request that was made, and is sent by awaiting it or by returning it from `perform`."""

import inspect
from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from destination.errors import DefinitionError, HTTPError, RequestClientError
from destination.late import asyncio
from destination.request.headers import Headers
from destination.request.limits import send_within_limits
from destination.request.message import Request, Response, json_body, make_request
from destination.request.options import RequestOptions, merge_options, options_of_request
from destination.request.prepare import body_bytes, prepare
from destination.request.url import public_url
from destination.values import MISSING, Missing

if TYPE_CHECKING:
    from destination.request.transport import Transport


class PendingRequest:
    """A request as a value. Awaiting it sends it once; awaiting it again returns or raises the same.

    Attributes:
        method: The method in upper case.
        url: The absolute URL in its normal form.
        headers: The headers, without those that the transport adds.
        json: The JSON value of the body, or MISSING. It is written when `body` is first read.
        response: The answer, if there is one; also that of an HTTPError.
        error: The exception that awaiting it raised, or None.

    Example:
        >>> from destination.request import RequestClient
        >>> pending = RequestClient()("https://example.com/v1", "post", json={"a": 1})
        >>> pending, pending.body, pending.headers["content-type"]
        (<PendingRequest POST https://example.com/v1 (not sent)>, b'{"a":1}', 'application/json')
    """

    __slots__ = (
        "_body",
        "_content",
        "_limit_ms",
        "_options",
        "_request",
        "_started",
        "_transport",
        "_waiter",
        "error",
        "headers",
        "json",
        "method",
        "response",
        "url",
    )

    def __init__(
        self,
        transport: "Transport | None",
        options: RequestOptions,
        limit_ms: float | None,
        method: str,
        url: str,
        headers: Headers,
        json: Any,
        body: Any,
    ) -> None:
        self._transport = transport  # not the client: its `made` holds this, and a cycle is slow to free
        self._options = options
        self._limit_ms = limit_ms
        self.method = method
        self.url = url
        self.headers = headers
        self.json = json
        self._body = body
        self._content: bytes | Missing | None = MISSING
        self._started = False
        self._request: Request | None = None
        self.response: Response | None = None
        self.error: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def body(self) -> bytes | None:
        """The bytes of the body, or None.

        Raises:
            EngineTypeError: `json` holds something that is not a JSON value.
        """
        content = self._content
        if isinstance(content, Missing):
            json = self.json
            content = self._content = body_bytes(self._body) if json is MISSING else json_body(json)
        return content

    @property
    def request(self) -> Request:
        """The request as the transport sends it; hooks may change it when it is sent."""
        request = self._request
        if request is None:
            limit_bytes: Any = self._options.max_response_bytes  # a client's options always have one
            request = make_request(
                self.method,
                self.url,
                self.headers,
                self.body,
                self._limit_ms,
                limit_bytes,
                has_json_body=self.json is not MISSING,
            )
            self._request = request
        return request

    @property
    def options(self) -> RequestOptions:
        """All options of this request, including the client's."""
        return options_of_request(self._options, self.method, self.headers, self.json, self._body)

    @property
    def sent(self) -> bool:
        """Whether sending has begun."""
        return self._started

    def __await__(self) -> Generator[Any, Any, Response]:
        # Returns the iterator of a coroutine, since a generator around it would pass on each step of the request.
        transport = self._transport
        if transport is None:
            return self._show()
        if self._started:
            return self._answer().__await__()
        self._started = True
        return self._send(transport).__await__()

    def _show(self) -> Generator[Any, Any, Response]:
        with suppress(RuntimeError):
            yield self  # shows run_to_first_request, which steps the coroutine, what it waits for
        raise DefinitionError(f"{self!r} cannot be sent: its client has no transport")

    async def _answer(self) -> Response:
        if self.response is None and self.error is None:
            if self._waiter is None:
                self._waiter = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._waiter)
        if self.error is not None:
            raise self.error
        assert self.response is not None  # noqa: S101  there is either a response or an error
        return self.response

    async def _send(self, transport: "Transport") -> Response:
        try:
            options, request = self._options, self.request
            if options.before_request:
                options, request = await self._before(options.before_request)
            response = self.response = await send_within_limits(transport, request, options.signal)
            if options.after_response:
                given = self.options if options is self._options else options
                for hook in options.after_response:
                    changed = hook(request, given, response)
                    if changed is not None and inspect.isawaitable(changed):
                        changed = await changed
                    if isinstance(changed, Response):
                        response = self.response = changed
            if not response.ok and options.throw_http_errors is not False:
                raise HTTPError(response, request)
        except asyncio.CancelledError:
            self.error = RequestClientError()
            raise
        except BaseException as error:
            self.error = error
            raise
        finally:
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)
        return response

    async def _before(self, hooks: tuple[Any, ...]) -> tuple[RequestOptions, Request]:
        options, request = self.options, self.request
        for hook in hooks:
            new = hook(options)
            if inspect.isawaitable(new):
                new = await new
            if new is not None:
                options = merge_options(options, new)
                prepared = prepare(request.url, options)
                self.method, self.url, self.headers, self.json, self._body = prepared
                self._content = MISSING
                limit_bytes: Any = options.max_response_bytes
                request = make_request(self.method, self.url, self.headers, self.body, options.limit_ms, limit_bytes)
        self._request = request
        return options, request

    def __repr__(self) -> str:
        state = "not sent"
        if self.error is not None:
            state = "failed"
        elif self.response is not None:
            state = str(self.response.status)
        elif self._started:
            state = "being sent"
        return f"<PendingRequest {self.method} {public_url(self.url)} ({state})>"
