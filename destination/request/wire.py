"""What every transport adds to a request, as node-fetch does."""

from typing import Final

from destination.request.headers import Headers
from destination.request.prepare import basic_auth
from destination.request.url import Url

# What node-fetch adds to a request that does not name them itself.
_DEFAULT_HEADERS: Final = {"accept": "*/*", "accept-encoding": "gzip,deflate", "connection": "keep-alive"}
# The length and the form of the body on the wire are the transport's business, whatever a caller says.
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


def wire_headers(headers: Headers, url: Url) -> dict[str, str]:
    """The headers that go out; `host` and the body's length are added by who writes them.

    Example:
        >>> from destination.request import parse_url
        >>> wire_headers(Headers({"x-id": " 5 "}), parse_url("https://u@h/"))
        {'accept': '*/*', 'accept-encoding': 'gzip,deflate', 'connection': 'keep-alive', 'x-id': '5',
         'authorization': 'Basic dQ=='}
    """
    values = {
        # White space around a value is no part of it; some writers refuse it.
        name: value.strip(" \t")
        for name, value in {**_DEFAULT_HEADERS, **headers.unsorted}.items()
        if name not in _FRAMING
    }
    if url.credentials:
        values.setdefault("authorization", basic_auth(url.credentials))
    return values
