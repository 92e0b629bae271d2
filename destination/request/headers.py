"""HTTP headers: case-insensitive names, values as node-fetch accepts them, merged as Segment merges them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from destination.errors import EngineTypeError
from destination.values import MISSING, to_string

REDACTED: Final = "<redacted>"
"""The text that replaces a secret."""

REDACTED_HEADERS: Final = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authenticate",
        "proxy-authorization",
        "set-cookie",
        "www-authenticate",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-user-agent",
        "x-api-key",
        "x-client-id",
        "x-csrf-token",
        "x-forwarded-for",
        "x-real-ip",
        "x-requested-with",
        "x-uid",
        "x-xsrf-token",
    }
)
"""The headers that Segment's local dev server shows as `<redacted>`, in lower case."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-zA-Z]+")
_BAD_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class Headers(Mapping[str, str]):
    """Immutable headers: looked up case-insensitively, listed in lower case and sorted.

    Values are unchanged, including white space. Names that differ only in case are one header, whose values are
    joined by `, `.

    Attributes:
        unsorted: The checked values in the order in which they were set, for transports. Do not change it.

    Raises:
        EngineTypeError: HTTP does not allow a name or a value (a line break, a character beyond latin-1). The
            message names the header, never the value.

    Example:
        >>> headers = Headers({"X-Agent": "segment", "Accept": "text/html"})
        >>> headers["x-agent"], list(headers)
        ('segment', ['accept', 'x-agent'])
    """

    __slots__ = ("unsorted",)

    unsorted: dict[str, str]

    def __init__(self, headers: "HeadersInput" = ()) -> None:
        self.unsorted = read_headers(headers)

    @classmethod
    def of(cls, values: dict[str, str]) -> "Headers":
        """Wraps a dict of checked values under lower-case names; it must not be changed afterwards."""
        headers = cls.__new__(cls)
        headers.unsorted = values
        return headers

    def __getitem__(self, name: str) -> str:
        return self.unsorted[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.unsorted

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.unsorted))

    def __len__(self) -> int:
        return len(self.unsorted)

    def __eq__(self, other: object) -> bool:
        return self.unsorted == other.unsorted if isinstance(other, Headers) else dict(self.unsorted) == other

    def __hash__(self) -> int:
        return hash(frozenset(self.unsorted.items()))

    def __repr__(self) -> str:
        return f"Headers({redact_headers(self)})"


HeadersInput: TypeAlias = Headers | Mapping[str, Any] | Iterable[tuple[str, Any]]
"""Headers as a caller may give them: a mapping, or pairs of name and value; values are converted to strings."""


def read_headers(headers: HeadersInput) -> dict[str, str]:
    """Returns checked values under lower-case names; see `Headers`."""
    is_dict = headers.__class__ is dict  # first, because asking an abstract class takes long
    if not is_dict and isinstance(headers, Headers):
        return headers.unsorted
    values: dict[str, str] = {}
    is_mapping = is_dict or isinstance(headers, Mapping)
    for name, value in headers.items() if is_mapping else _pairs(headers):  # type: ignore[union-attr]
        key = header_name(name if type(name) is str else to_string(name))
        is_plain = value.__class__ is str and value.isascii() and value.isprintable()
        text = value if is_plain else header_value(key, value)
        values[key] = f"{values[key]}, {text}" if key in values else text
    return values


def merge_headers(base: dict[str, str], headers: HeadersInput) -> dict[str, str]:
    """Merges `headers` over `base` into a new dict; both the result and `base` have lower-case names.

    A value that is undefined (`MISSING`, or the string `undefined`) removes the header.

    Raises:
        EngineTypeError: As for `Headers`.

    Example:
        >>> merge_headers({"user-agent": "Segment", "accept": "*/*"}, {"Accept": MISSING, "X-Id": 5})
        {'user-agent': 'Segment', 'x-id': '5'}
    """
    if headers.__class__ is dict:
        # A shortcut for the usual headers of a perform: known names and plain text values.
        plain = {}
        for name, value in headers.items():
            if name.__class__ is not str or value.__class__ is not str or value == "undefined":
                break
            if not (value.isascii() and value.isprintable()):
                break
            plain[header_name(name)] = value
        else:
            if len(plain) == len(headers):  # otherwise two names differ only in case
                return base | plain
    values = read_headers(headers)
    merged = base | values
    # Segment: the string counts as undefined (test_header_value_undefined_deletes_the_header)
    if "undefined" in values.values():
        return {name: value for name, value in merged.items() if values.get(name) != "undefined"}
    return merged


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Returns headers to show: sorted, in lower case, the values of secret ones replaced by `<redacted>`.

    Args:
        headers: The headers of a request or a response.
        secrets: Names that are secret in addition to `REDACTED_HEADERS`, in any case.

    Example:
        >>> redact_headers({"X-API-Key": "k", "X-Agent": "segment"})
        {'x-agent': 'segment', 'x-api-key': '<redacted>'}
    """
    hidden = REDACTED_HEADERS.union(name.lower() for name in secrets)
    shown = sorted((name.lower(), value) for name, value in headers.items())
    return {name: REDACTED if name in hidden else value for name, value in shown}


def _pairs(headers: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(headers, str) or not isinstance(headers, Iterable):
        raise EngineTypeError("Headers are a mapping, or pairs of a name and a value")
    for pair in headers:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise EngineTypeError("Each header pair must be a name/value tuple")
        yield pair[0], pair[1]


@lru_cache(maxsize=1024)
def header_name(name: str) -> str:
    """Returns a header's name in lower case.

    Raises:
        EngineTypeError: It is empty or has a character that is not allowed in a header name.
    """
    if not _NAME.fullmatch(name):
        raise EngineTypeError(f"{name} is not a legal HTTP header name")
    return name.lower()


def header_value(name: str, value: Any) -> str:
    """Returns a header's value as a string.

    Raises:
        EngineTypeError: It has a character that HTTP does not allow. The message does not show the value.
    """
    text = value if type(value) is str else "undefined" if value is MISSING else to_string(value)
    if text.isascii() and text.isprintable():
        return text
    if _BAD_VALUE.search(text):
        raise EngineTypeError(
            f"The value of the header `{name}` is not legal in HTTP: it has a line break, a control "
            "character or a character beyond latin-1"
        )
    return text
