"""Makes the parts of a request from a URL and options: method, URL, headers and body."""

import base64
import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from destination.errors import EngineTypeError
from destination.request.headers import Headers, merge_headers
from destination.request.options import RequestOptions, merge_options
from destination.request.search_params import SearchParams
from destination.request.url import normalise_url, parse_url, with_query
from destination.values import MISSING, to_string
from destination.values.text import to_well_formed

_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Z]+")
_JSON_TYPE: Final = "application/json"
"""The content type of `json`."""
BODILESS: Final = frozenset({"GET", "HEAD"})
"""The methods that have no body."""


class Prepared(NamedTuple):
    """The parts of a request before its body is written; see `PendingRequest`."""

    method: str
    url: str
    headers: Headers
    json: Any
    body: Any


def prepare(url: str, options: RequestOptions) -> Prepared:
    """Checks and completes a request.

    Raises:
        EngineTypeError: The URL, the method or a header is not legal, or `get` or `head` has a body.
    """
    method = method_of("get" if options.method is MISSING else options.method)
    url = normalise_url(url if type(url) is str else to_string(url))
    # Segment: an empty object removes the query, an empty string does not (test_empty_search_params)
    if options.search_params is not None and options.search_params != "":
        url = str(with_query(parse_url(url), str(SearchParams(options.search_params))))
    headers = merge_headers({}, options.headers or ())
    if options.json is not MISSING or options.body is not None:
        check_body(method)
        headers = _with_content_type(headers, options.json, options.body)
    return Prepared(method, url, Headers.of(headers), options.json, options.body)


def method_of(method: Any) -> str:
    """Returns the method in upper case.

    Raises:
        EngineTypeError: It is not an HTTP method.
    """
    if not isinstance(method, str):
        raise EngineTypeError(f"{to_string(method)!r} is not an HTTP method")
    return upper_method(method)


@lru_cache(maxsize=64)
def upper_method(method: str) -> str:
    """Returns a method that is a string in upper case; see `method_of`.

    Raises:
        EngineTypeError: It is not an HTTP method.
    """
    name = method.upper()
    if not _METHOD.fullmatch(name):
        raise EngineTypeError(f"{method!r} is not an HTTP method")
    return name


def check_body(method: str) -> None:
    """Refuses a body for methods without one.

    Raises:
        EngineTypeError: The method is GET or HEAD.
    """
    if method in BODILESS:
        raise EngineTypeError("Request with GET/HEAD method cannot have body")


def with_json_type(headers: dict[str, str]) -> dict[str, str]:
    """Returns the headers with the content type of `json`; the dict itself if nothing changes."""
    # Segment: `json` overrides a content type that was given (test_json_overrides_the_content_type)
    return headers if headers.get("content-type") == _JSON_TYPE else {**headers, "content-type": _JSON_TYPE}


def _with_content_type(headers: dict[str, str], json: Any, body: Any) -> dict[str, str]:
    if json is not MISSING:
        return with_json_type(headers)
    if "content-type" in headers or isinstance(body, (bytes, bytearray, memoryview)):
        return headers
    kind = "application/x-www-form-urlencoded" if isinstance(body, SearchParams) else "text/plain"
    return {**headers, "content-type": f"{kind};charset=UTF-8"}


def body_bytes(body: Any) -> bytes | None:
    """Returns the body as bytes: a string in UTF-8, or a form."""
    if body is None:
        return None
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    text = str(body) if isinstance(body, SearchParams) else to_string(body)
    return to_well_formed(text).encode("utf-8")


def with_basic_auth(options: RequestOptions) -> RequestOptions:
    """Returns the options with the `authorization` of `username` and `password`, which replaces a given one.

    Segment: it is encoded in UTF-8, whereas a browser's btoa accepts latin-1 only (test_basic_auth_is_utf8).
    """
    if not options.username and not options.password:
        return options
    pair = f"{to_string(options.username or '')}:{to_string(options.password or '')}"
    return merge_options(options, RequestOptions(headers={"authorization": basic_auth(pair)}))


def basic_auth(pair: str) -> str:
    """Returns the header's value for `user:password`."""
    return f"Basic {base64.b64encode(to_well_formed(pair).encode('utf-8')).decode('ascii')}"
