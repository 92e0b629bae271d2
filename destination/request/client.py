"""The request client: what an action's `perform` gets as `request`."""

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
"""The `user-agent` of every request that names no other."""

_BASE: Final = RequestOptions(headers={"user-agent": USER_AGENT}, max_response_bytes=DEFAULT_MAX_RESPONSE_BYTES)


_MERGED_AT_MOST: Final = 1024


class Compiled:
    """A client's options, with all that can be known before a request is made."""

    __slots__ = ("_headers", "_json_headers", "_merged", "is_plain", "limit_ms", "method", "options")

    def __init__(self, options: RequestOptions) -> None:
        self.options = options
        self.limit_ms = options.limit_ms
        self._headers = Headers.of(merge_headers({}, options.headers or ()))
        self._json_headers = Headers.of(with_json_type(self._headers.unsorted))
        # For headers that were given as `Headers`, which never change: they, and what they come to over these.
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
        """Makes the headers of one request: its own over those of all requests, and the content type of `json`.

        Raises:
            EngineTypeError: As for `Headers`.
        """
        if given is None:
            return self._json_headers if has_json else self._headers
        if given.__class__ is not Headers:
            return self._merge(given, has_json)
        key = id(given), has_json  # it cannot be the id of another one: what is remembered is held
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
    """Makes requests that share options. Calling it makes a value and sends nothing.

    Args:
        options: What every request starts from, over Segment's own `user-agent`.
        transport: What sends them. Without one, the client only makes requests.
        compiled: Instead of `options`, when a client is made from another.
        made: The list to record into, when a client is made from another.

    Attributes:
        made: Every request that this client and those extended from it made, in order.
        transport: What sends them, or None.

    Raises:
        EngineTypeError: A header among the options is not legal.

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
        """The options that all its requests share."""
        return self._compiled.options

    def __call__(
        self,
        url: str,
        method: str | Missing = MISSING,
        headers: HeadersInput | None = None,
        json: Any = MISSING,
        **more: Unpack[MoreOptions],
    ) -> PendingRequest:
        """Makes a request; see `RequestOptions` for what may be given.

        Args:
            url: Absolute, for http or https.
            method: In any case; the client's own, or `get`, when left out.
            headers: Merged over the client's; a value `MISSING` takes a header away.
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
        """A client with more options merged over this one's; both record into the same `made`.

        Raises:
            EngineTypeError: A header is not legal.

        Example:
            >>> dict(RequestClient().extend(RequestOptions(headers={"User-Agent": MISSING})).options.headers)
            {}
        """
        compiled = Compiled(merge_options(self.options, options))
        return RequestClient(transport=self.transport, compiled=compiled, made=self.made)

    def fresh(self) -> "RequestClient":
        """The same client with an empty `made`: one for each event, so that nothing piles up."""
        client = _new(RequestClient)
        client._compiled = self._compiled  # noqa: SLF001  another one of this class
        client.transport = self.transport
        client.made = []
        return client

    def __repr__(self) -> str:
        return f"<RequestClient ({len(self.made)} made)>"


def create_request_client(*options: RequestOptions, transport: Transport | None = None) -> RequestClient:
    """A client with several sets of options, each merged over the one before.

    Raises:
        EngineTypeError: A header among the options is not legal.

    Example:
        >>> client = create_request_client(RequestOptions(method="put"), RequestOptions(timeout_ms=500))
        >>> client.options.method, client.options.timeout_ms
        ('put', 500)
    """
    client = RequestClient(transport=transport)
    for more in options:
        client = client.extend(more)
    return client
