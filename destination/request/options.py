"""The options of a request, and how Segment merges them."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

from destination.errors import EngineTypeError
from destination.records import dataclass
from destination.request.headers import Headers, HeadersInput, merge_headers
from destination.request.limits import AbortSignal
from destination.request.search_params import SearchParamsInput
from destination.values import MISSING, Missing, is_number, ordered_items

if TYPE_CHECKING:
    from destination.request.message import Request, Response

BeforeRequest: TypeAlias = "Callable[[RequestOptions], RequestOptions | Awaitable[RequestOptions | None] | None]"
"""A function that gets the options before a request is sent, and may return options to merge over them."""

AfterResponse: TypeAlias = "Callable[[Request, RequestOptions, Response], Response | Awaitable[Response | None] | None]"
"""A function that gets each response, and may return another one instead."""


DEFAULT_TIMEOUT_MS: Final = 10_000
"""The default time limit of a request without a signal, in milliseconds."""


@dataclass(frozen=True, slots=True, repr=False)
class RequestOptions:
    """All options of a request except its URL, as `extend_request` returns them. Each is optional.

    Attributes:
        method: The HTTP method, in upper or lower case; default `get`.
        headers: A mapping or pairs; merged name by name.
        json: A JSON value for the body; sets the content type to `application/json`.
        body: A string, bytes or `SearchParams`; not for `get` and `head`. `json` replaces it.
        search_params: Replaces the URL's query: a mapping, pairs, a string or `SearchParams`.
        username: With `password`, the request's basic authentication.
        password: See `username`.
        timeout_ms: The time limit in milliseconds (Segment's `timeout`), from sending to the last byte of the
            answer. None is no limit (Segment's `false`). The default is 10,000, or no limit with a `signal`.
        max_response_bytes: The maximum size of an answer, in bytes, as received and decompressed. None is no limit.
            The default is 10,000,000. Beyond it the connection is closed, and the answer's body cannot be read
            (`Response.too_large`).
        throw_http_errors: Whether an answer that is not 2xx raises HTTPError; default true.
        before_request: Functions that are called in order before sending.
        after_response: Functions that are called in order with each response.
        signal: Aborts the request from outside.

    Example:
        >>> options = RequestOptions(method="put", headers={"x-api-key": "k"}, json={"units": []})
        >>> options.method, options.limit_ms
        ('put', 10000)
    """

    method: str | Missing = MISSING
    headers: HeadersInput | None = None
    json: Any = MISSING
    body: Any = None
    search_params: Any = None
    username: str | None = None
    password: str | None = None
    timeout_ms: float | Missing | None = MISSING
    max_response_bytes: int | Missing | None = MISSING
    throw_http_errors: bool | Missing = MISSING
    before_request: tuple[BeforeRequest, ...] = ()
    after_response: tuple[AfterResponse, ...] = ()
    signal: AbortSignal | None = None

    def __repr__(self) -> str:
        given = [field.name for field in fields(self) if getattr(self, field.name) != field.default]
        return f"RequestOptions({', '.join(f'{name}=…' for name in given)})"

    @property
    def limit_ms(self) -> float | None:
        """The time limit that applies, in milliseconds, or None."""
        if isinstance(self.timeout_ms, Missing):
            return DEFAULT_TIMEOUT_MS if self.signal is None else None
        return self.timeout_ms


class _OpenOptions:
    """Options whose attributes can still be set. They have the slots of `RequestOptions`, and become them."""

    __slots__ = tuple(field.name for field in fields(RequestOptions))


def options_of_request(base: RequestOptions, method: str, headers: Headers, json: Any, body: Any) -> RequestOptions:
    """Combines the options of a client with the parts of a request, for hooks on its answer.

    It takes a quarter of the time of `RequestOptions(…)`, as `make_request` does.

    Example:
        >>> options = options_of_request(RequestOptions(username="u"), "GET", Headers(), MISSING, None)
        >>> options.username, options.timeout_ms, options.throw_http_errors
        ('u', 10000, True)
    """
    options: Any = _OpenOptions()
    options.method = method
    options.headers = headers
    options.json = json
    options.body = body
    options.search_params = base.search_params
    options.username = base.username
    options.password = base.password
    options.timeout_ms = base.limit_ms
    options.max_response_bytes = base.max_response_bytes
    options.throw_http_errors = base.throw_http_errors is not False
    options.before_request = base.before_request
    options.after_response = base.after_response
    options.signal = base.signal
    options.__class__ = RequestOptions
    return options  # type: ignore[no-any-return]


class MoreOptions(TypedDict, total=False):
    """The options of a request other than its method, headers and `json`; see `RequestOptions`."""

    body: Any
    search_params: SearchParamsInput | None
    username: str | None
    password: str | None
    timeout_ms: float | None
    max_response_bytes: int | None
    throw_http_errors: bool
    before_request: tuple[BeforeRequest, ...]
    after_response: tuple[AfterResponse, ...]
    signal: AbortSignal | None


def merge_options(base: RequestOptions, new: RequestOptions) -> RequestOptions:
    """Merges `new` over `base` as Segment's client does; the result's headers are `Headers`.

    Headers are merged name by name, and hooks are appended. If both have an object or a list as `json`, `body` or
    `search_params`, lists are joined and objects are merged deeply.

    Raises:
        EngineTypeError: A header or a limit is not legal, or `new` is not RequestOptions.

    Example:
        >>> base = RequestOptions(method="put", headers={"X-A": "1", "X-B": "2"})
        >>> merged = merge_options(base, RequestOptions(headers={"x-a": "3", "X-B": MISSING}))
        >>> merged.method, dict(merged.headers)
        ('put', {'x-a': '3'})
    """
    if not isinstance(new, RequestOptions):
        raise EngineTypeError("The 'options' argument must be an object: RequestOptions")
    headers = merge_headers({}, base.headers or ())
    return RequestOptions(
        method=base.method if new.method is MISSING else new.method,
        headers=Headers.of(merge_headers(headers, new.headers) if new.headers else headers),
        json=base.json if new.json is MISSING else _merged(base.json, new.json),
        body=_merged_if_given(base.body, new.body),
        search_params=_merged_if_given(base.search_params, new.search_params),
        username=base.username if new.username is None else new.username,
        password=base.password if new.password is None else new.password,
        timeout_ms=base.timeout_ms if new.timeout_ms is MISSING else _checked_limit(new.timeout_ms),
        max_response_bytes=base.max_response_bytes
        if new.max_response_bytes is MISSING
        else _checked_size(new.max_response_bytes),
        throw_http_errors=base.throw_http_errors if new.throw_http_errors is MISSING else new.throw_http_errors,
        before_request=(*base.before_request, *new.before_request),
        after_response=(*base.after_response, *new.after_response),
        signal=new.signal or base.signal,
    )


def _checked_limit(limit_ms: Any) -> float | None:
    if limit_ms is None or limit_ms is False:  # on Segment, `false` means no limit
        return None
    if not is_number(limit_ms) or not limit_ms >= 0:
        raise EngineTypeError("timeout_ms is a number of milliseconds from 0, or None for no limit")
    number: float = limit_ms
    return number


def _checked_size(limit_bytes: Any) -> int | None:
    if limit_bytes is not None and (type(limit_bytes) is not int or limit_bytes < 0):
        raise EngineTypeError("max_response_bytes is a whole number of bytes from 0, or None for no limit")
    return limit_bytes


def _merged_if_given(old: Any, new: Any) -> Any:
    if new is None:
        return old
    return new if old is None else _merged(old, new)


def _merged(old: Any, new: Any) -> Any:
    if old is MISSING or not isinstance(new, (dict, list)):
        return new
    result: Any = {}
    for source in (old, new):
        if isinstance(source, list):
            result = [*(result if isinstance(result, list) else ()), *source]
        elif isinstance(source, dict) and isinstance(result, dict):
            for key, value in ordered_items(source):
                result[key] = _merged(result[key], value) if key in result else value
        if isinstance(result, dict):
            # Segment: it adds an empty `headers` to every merged object (test_merged_json_gains_empty_headers)
            result["headers"] = {}
    return result
