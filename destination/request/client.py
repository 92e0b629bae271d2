"""The request client, which an action's `perform` gets as `request`."""

from typing import Any, Final, Unpack

from destination.request.headers import Headers, HeadersInput, merge_headers
from destination.request.message import DEFAULT_MAX_RESPONSE_BYTES
from destination.request.options import MoreOptions, RequestOptions, merge_options
from destination.request.pending import PendingRequest
from destination.request.prepare import (
    BODILESS,
    check_body,
    method_of,
    prepare,
    upper_method,
    with_basic_auth,
    with_json_type,
)
from destination.request.transport import Transport
from destination.request.url import normalise_url
from destination.values import MISSING, Missing, to_string

USER_AGENT: Final = "Segment (Actions)"
"""The default `user-agent` of requests."""

_BASE: Final = RequestOptions(headers={"user-agent": USER_AGENT}, max_response_bytes=DEFAULT_MAX_RESPONSE_BYTES)


_MERGED_AT_MOST: Final = 1024


class Compiled:
    """A client's options, with everything that can be computed before a request is made."""

    __slots__ = ("_headers", "_json_headers", "_merged", "is_plain", "limit_ms", "method", "options")

    def __init__(self, options: RequestOptions) -> None:
        self.options = options
        self.limit_ms = options.limit_ms
        self._headers = Headers.of(merge_headers({}, options.headers or ()))
        self._json_headers = Headers.of(with_json_type(self._headers.unsorted))
        # For headers given as `Headers`, which never change: by their id, these headers and the merged ones.
        self._merged: dict[tuple[int, bool], tuple[Headers, Headers]] = {}
        self.method = method_of("get" if options.method is MISSING else options.method)
        self.is_plain = (
            options.json is MISSING
            and options.body is None
            and options.search_params is None
            and not options.username
            and not options.password
        )

    def headers_of(self, given: HeadersInput | None, *, has_json: bool) -> Headers:
        """Merges the headers of one request over those of all requests, and adds the content type of `json`.

        Raises:
            EngineTypeError: As for `Headers`.
        """
        if given is None:
            return self._json_headers if has_json else self._headers
        if given.__class__ is not Headers:
            return self._merge(given, has_json)
        key = id(given), has_json  # the id stays unique, because remembered headers are kept alive
        found = self._merged.get(key)
        if found is None:
            if len(self._merged) >= _MERGED_AT_MOST:
                self._merged.clear()
            found = self._merged[key] = (given, self._merge(given, has_json))
        return found[1]

    def _merge(self, given: HeadersInput, has_json: bool) -> Headers:
        values = merge_headers(self._headers.unsorted, given)
        return Headers.of(with_json_type(values) if has_json else values)


_new = object.__new__


class RequestClient:
    """Makes requests that share options. Calling it makes a request and does not send it.

    Args:
        options: The options of every request, which are merged over Segment's own `user-agent`.
        transport: The transport that sends the requests. Without one, the client only makes requests.
        compiled: Replaces `options` when a client is made from another one.
        made: The list for the requests when a client is made from another one.

    Attributes:
        made: All requests that this client and those extended from it made, in order.
        transport: The transport that sends the requests, or None.

    Raises:
        EngineTypeError: A header in the options is not legal.

    Example:
        >>> request = RequestClient(RequestOptions(headers={"X-Environment": "production"}))
        >>> pending = request("https://example.com/v1/context", "put", headers={"X-Agent": "segment"}, json={})
        >>> dict(pending.headers)
        {'content-type': 'application/json', 'user-agent': 'Segment (Actions)',
         'x-agent': 'segment', 'x-environment': 'production'}
    """

    __slots__ = ("_compiled", "made", "transport")

    def __init__(
        self,
        options: RequestOptions | None = None,
        transport: Transport | None = None,
        *,
        compiled: "Compiled | None" = None,
        made: list[PendingRequest] | None = None,
    ) -> None:
        self._compiled = compiled or Compiled(merge_options(_BASE, options or RequestOptions()))
        self.transport = transport
        self.made: list[PendingRequest] = [] if made is None else made

    @property
    def options(self) -> RequestOptions:
        """The options that all requests of the client share."""
        return self._compiled.options

    def __call__(
        self,
        url: str,
        method: str | Missing = MISSING,
        headers: HeadersInput | None = None,
        json: Any = MISSING,
        **more: Unpack[MoreOptions],
    ) -> PendingRequest:
        """Makes a request; see `RequestOptions` for the options.

        Args:
            url: An absolute http or https URL.
            method: The HTTP method, in upper or lower case; by default the client's, or `get`.
            headers: Headers that are merged over the client's; a value `MISSING` removes a header.
            json: A JSON value for the body.
            **more: The other options.

        Raises:
            EngineTypeError: The URL, the method or a header is not legal, or `get` or `head` has a body.
        """
        compiled = self._compiled
        options = compiled.options
        if more or not compiled.is_plain or not isinstance(method, (str, Missing)):
            given = RequestOptions(method=method, headers=headers, json=json, **more)
            options = with_basic_auth(merge_options(options, given))
            pending = PendingRequest(self.transport, options, options.limit_ms, *prepare(url, options))
        else:
            # The common case without a merge of options: a few microseconds for each event.
            has_json = json is not MISSING
            values = compiled.headers_of(headers, has_json=has_json)
            name = compiled.method if isinstance(method, Missing) else upper_method(method)
            if has_json and name in BODILESS:
                check_body(name)
            address = normalise_url(url if type(url) is str else to_string(url))
            pending = PendingRequest(self.transport, options, compiled.limit_ms, name, address, values, json, None)
        self.made.append(pending)
        return pending

    def extend(self, options: RequestOptions) -> "RequestClient":
        """Makes a client with more options merged over this one's; both add their requests to the same `made`.

        Raises:
            EngineTypeError: A header is not legal.

        Example:
            >>> dict(RequestClient().extend(RequestOptions(headers={"User-Agent": MISSING})).options.headers)
            {}
        """
        compiled = Compiled(merge_options(self.options, options))
        return RequestClient(transport=self.transport, compiled=compiled, made=self.made)

    def fresh(self) -> "RequestClient":
        """Makes an equal client with an empty `made`, so that each event has its own list."""
        client = _new(RequestClient)
        client._compiled = self._compiled  # noqa: SLF001  an object of this class
        client.transport = self.transport
        client.made = []
        return client

    def __repr__(self) -> str:
        return f"<RequestClient ({len(self.made)} made)>"


def create_request_client(*options: RequestOptions, transport: Transport | None = None) -> RequestClient:
    """Makes a client with several sets of options, each merged over the previous one.

    Raises:
        EngineTypeError: A header in the options is not legal.

    Example:
        >>> client = create_request_client(RequestOptions(method="put"), RequestOptions(timeout_ms=500))
        >>> client.options.method, client.options.timeout_ms
        ('put', 500)
    """
    client = RequestClient(transport=transport)
    for more in options:
        client = client.extend(more)
    return client
