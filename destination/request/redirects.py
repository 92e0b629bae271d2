"""Redirects as node-fetch 2 follows them, for every transport alike.

Source: node-fetch 2.7, and the Fetch Standard's HTTP-redirect fetch. A 301 or 302 turns POST alone into GET, so a
PUT keeps its method and body. Beyond the reference, which takes only `authorization` and cookies away, no secret
header follows to another host: an `x-api-key` would be told to whoever answers there. Nor does a body, which holds
what people did: such a redirect is an error.
"""

from collections.abc import Awaitable, Callable

from destination.errors import EngineTypeError, RedirectError, RedirectRefusedError
from destination.request.headers import REDACTED_HEADERS, Headers
from destination.request.message import Request, Response
from destination.request.url import Url, parse_url, public_url, resolve_url

MAX_REDIRECTS = 20
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ONLY_FOR_THE_SAME_HOST = REDACTED_HEADERS | {"cookie2"}


async def follow(request: Request, response: Response, send_once: Callable[[Request], Awaitable[Response]]) -> Response:
    """Follows where the answer to a request, and those after it, lead; at most 20 times.

    Raises:
        RedirectError: A twenty-first redirect, or one to something that is no http or https URL.
        RedirectRefusedError: A redirect that would take a body to another host or scheme.
    """
    for _ in range(MAX_REDIRECTS):
        redirected = redirect(request, response)
        if redirected is None:
            return response
        request = redirected
        response = await send_once(request)
    redirected = redirect(request, response)
    if redirected is None:
        return response
    raise RedirectError(f"maximum redirect reached at: {public_url(redirected.url)}", redirected)


def redirect(request: Request, response: Response) -> Request | None:
    """The request that a response leads to, or None when it is no redirect or names no place.

    Raises:
        RedirectError: The place is no http or https URL.
        RedirectRefusedError: The body would go to another host or scheme.

    Example:
        >>> answer = Response(303, headers={"location": "/done"})
        >>> redirect(Request("POST", "https://h/a", body=b"x"), answer)
        <Request GET https://h/done (no body)>
    """
    if response.status not in REDIRECTS:
        return None
    location = response.headers.get("location")
    if location is None:
        return None
    origin = parse_url(request.url)
    try:
        place = resolve_url(origin, location)
    except EngineTypeError:
        raise RedirectError("uri requested responds with an invalid redirect URL", request) from None
    method, body = request.method, request.body
    if response.status == 303 or (response.status in (301, 302) and method == "POST"):
        method, body = "GET", None
    if body and not _keeps_body(origin, place):
        raise RedirectRefusedError(origin.origin, place.origin, request)
    headers = request.headers.unsorted
    if not _keeps_secrets(origin, place):
        headers = {name: value for name, value in headers.items() if name not in _ONLY_FOR_THE_SAME_HOST}
    return Request(method, str(place), Headers.of(dict(headers)), body, request.timeout_ms, request.max_response_bytes)


def _keeps_secrets(origin: Url, place: Url) -> bool:
    """Whether secrets may go along: to the same host or one below it, by the same scheme."""
    return origin.scheme == place.scheme and _is_same_or_below(origin, place)


def _keeps_body(origin: Url, place: Url) -> bool:
    """Whether a body may go along: where secrets may, and from http to https of the same host."""
    if origin.scheme == place.scheme:
        return _is_same_or_below(origin, place)
    return place.scheme == "https" and origin.host == place.host


def _is_same_or_below(origin: Url, place: Url) -> bool:
    return origin.host == place.host or place.host.endswith(f".{origin.host}")
