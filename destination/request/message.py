"""Requests and responses, independent of any transport."""

from dataclasses import field
from typing import Any, Final

from destination.errors import EngineTypeError, HTTPError, ResponseTooLargeError
from destination.records import dataclass
from destination.request.headers import Headers, HeadersInput
from destination.request.status import STATUS_TEXTS
from destination.request.url import public_url
from destination.values import MISSING, read_json, write_json

_UNREAD = object()

DEFAULT_MAX_RESPONSE_BYTES: Final = 10_000_000
"""The default maximum size of an answer that is read, in bytes."""


def json_body(value: Any) -> bytes:
    """Writes a JSON value as a body.

    Raises:
        EngineTypeError: It holds something that is not a JSON value, or is nested too deeply.
    """
    try:
        return write_json(value)
    except (TypeError, ValueError) as error:
        raise EngineTypeError(f"the request's `json` cannot be written: {error}") from None


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a transport sends it.

    Attributes:
        method: The method in upper case.
        url: The absolute URL in its normal form; it may have credentials and a fragment.
        headers: The headers, without those that a transport adds itself (`host`, `content-length`, `accept`, …).
        body: The bytes of the body, or None.
        timeout_ms: The time limit of the request, in milliseconds, or None.
        max_response_bytes: The maximum size of the answer, in bytes, or None.
        has_json_body: Whether the body was written from a JSON value here, so that it is compact JSON. False for a
            body that was given as text or bytes.

    Example:
        >>> request = Request("PUT", "https://h.test/v1?key=k", body=b'{"units":[]}')
        >>> request, request.json()
        (<Request PUT https://h.test/v1?… (12 bytes)>, {'units': []})
    """

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = None
    timeout_ms: float | None = None
    max_response_bytes: int | None = DEFAULT_MAX_RESPONSE_BYTES
    # Not an argument: a copy with another body does not have it.
    has_json_body: bool = field(default=False, init=False, repr=False, compare=False)

    def json(self) -> Any:
        """Returns the body as JSON; None if there is no body.

        Raises:
            ValueError: The body is not valid JSON.

        Example:
            >>> Request("PUT", "https://h/", body=b'{"a":1}').json()
            {'a': 1}
        """
        return None if self.body is None else read_json(self.body)

    @property
    def data(self) -> Any:
        """The body as JSON, or as text if it is not valid JSON; `MISSING` if there is no body.

        Example:
            >>> [Request("PUT", "https://h/", body=body).data for body in (b'{"a":1}', b"a=1", None)]
            [{'a': 1}, 'a=1', MISSING]
        """
        if self.body is None:
            return MISSING
        try:
            return read_json(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")

    def __repr__(self) -> str:
        size = "no body" if self.body is None else f"{len(self.body)} bytes"
        return f"<Request {self.method} {public_url(self.url)} ({size})>"


class _OpenRequest:
    """A request whose attributes can still be set. It has the slots of `Request`, and becomes one."""

    __slots__ = ("body", "has_json_body", "headers", "max_response_bytes", "method", "timeout_ms", "url")


def make_request(
    method: str,
    url: str,
    headers: Headers,
    body: bytes | None,
    timeout_ms: float | None,
    max_response_bytes: int | None,
    *,
    has_json_body: bool = False,
) -> Request:
    """Makes a request from its parts, in a third of the time of `Request(…)`.

    Example:
        >>> make_request("GET", "https://h.test/", Headers(), None, None, 10_000_000) == Request("GET", "https://h.test/")
        True
    """
    request: Any = _OpenRequest()
    request.method = method
    request.url = url
    request.headers = headers
    request.body = body
    request.timeout_ms = timeout_ms
    request.max_response_bytes = max_response_bytes
    request.has_json_body = has_json_body
    # A frozen dataclass sets its attributes one by one with `object.__setattr__`, which is slow.
    request.__class__ = Request
    return request  # type: ignore[no-any-return]


class Response:
    r"""An answer, read to its end.

    Args:
        status: The HTTP status.
        body: The bytes, after decompression.
        headers: The headers; the values of equal names are joined by `, `.
        status_text: The reason phrase; by default the usual one of the status.
        url: The URL of the answer, after redirects.
        json: A value to write as the body instead of `body`, for tests; it sets the content type.

    Attributes:
        warnings: Warnings that a hook read from the answer; they are on the event's outcome.

    Example:
        >>> response = Response(200, json={"ok": True})
        >>> response.ok, response.status_text, response.data
        (True, 'OK', {'ok': True})
        >>> Response(200, b"{", {"content-type": "application/json"}).data
        MISSING
    """

    __slots__ = ("_content", "_data", "body", "headers", "status", "status_text", "url", "warnings")

    def __init__(
        self,
        status: int = 200,
        body: bytes = b"",
        headers: HeadersInput = (),
        *,
        status_text: str = "",
        url: str = "",
        json: Any = MISSING,
    ) -> None:
        self.status = status
        self.headers = Headers(headers)
        if json is not MISSING:
            body = json_body(json)
            self.headers = Headers.of({"content-type": "application/json", **self.headers.unsorted})
        self.body = body
        self.status_text = status_text or STATUS_TEXTS.get(status, "")
        self.url = url
        self.warnings: list[str] = []
        self._content: str | None = None
        self._data: Any = _UNREAD

    @classmethod
    def of(cls, status: int, body: bytes, headers: dict[str, str], url: str) -> "Response":
        """Makes an answer as a transport read it, with checked headers under lower-case names."""
        response = cls.__new__(cls)
        response.status = status
        response.headers = Headers.of(headers)
        response.body = body
        response.status_text = STATUS_TEXTS.get(status, "")
        response.url = url
        response.warnings = []
        response._content = None  # noqa: SLF001  an object of this class
        response._data = _UNREAD  # noqa: SLF001
        return response

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def too_large(self) -> bool:
        """Whether the body was larger than the request's `max_response_bytes`; reading it then raises."""
        return False

    @property
    def content(self) -> str:
        """The body as text, always decoded as UTF-8, as on Segment."""
        if self._content is None:
            self._content = self.body.decode("utf-8", "replace")
        return self._content

    @property
    def data(self) -> Any:
        """The parsed JSON if the content type contains `application/json`, else the text.

        `MISSING` if the JSON cannot be parsed.
        """
        if self._data is _UNREAD:
            self._data = self._read()
        return self._data

    @property
    def value(self) -> Any:
        """The result of an action that returns this answer: `data`, or `content` if `data` is null or missing."""
        data = self.data
        return self.content if data is None or data is MISSING else data

    def _read(self) -> Any:
        if "application/json" not in self.headers.unsorted.get("content-type", ""):
            return self.content
        try:
            return read_json(self.body)
        except ValueError:  # possibly only because of bytes that are not UTF-8, which are replaced in the text
            try:
                return read_json(self.content)
            except ValueError:
                return MISSING

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.status_text}>"


class TooLargeResponse(Response):
    """An answer whose body was larger than the limit, so that the connection was closed before its end.

    Reading the body raises: after a 2xx a ResponseTooLargeError, since it is unknown what the partner did with the
    event; after any other status the HTTPError of that status.

    Args:
        status: The HTTP status.
        headers: The headers.
        limit: The limit, in bytes.
        request: The request, if it is known.
        status_text: The reason phrase; by default the usual one of the status.
        url: The URL of the answer, after redirects.

    Attributes:
        limit: The limit, in bytes.

    Example:
        >>> response = TooLargeResponse(200, limit=10_000_000, url="https://h.test/v1?key=k")
        >>> response.ok, response.too_large, response.warnings
        (True, True, ['the answer is larger than 10,000,000 bytes and was not read'])
        >>> response.data
        Traceback (most recent call last):
        destination.errors.ResponseTooLargeError: the answer of https://h.test/v1?… is larger than 10,000,000 bytes …
    """

    __slots__ = ("_request", "limit")

    def __init__(
        self,
        status: int,
        headers: HeadersInput = (),
        *,
        limit: int,
        request: Request | None = None,
        status_text: str = "",
        url: str = "",
    ) -> None:
        super().__init__(status, b"", headers, status_text=status_text, url=url)
        self.limit = limit
        self._request = request
        self.warnings.append(f"the answer is larger than {limit:,} bytes and was not read")

    @property
    def too_large(self) -> bool:
        """True."""
        return True

    @property
    def body(self) -> bytes:
        """The body, which was not read: always raises.

        Raises:
            ResponseTooLargeError: The status is 2xx.
            HTTPError: The status is another one.
        """
        if not self.ok and self._request is not None:
            raise HTTPError(self, self._request)
        raise ResponseTooLargeError(f"the answer of {public_url(self.url)}", self.limit)

    @body.setter
    def body(self, value: bytes) -> None:
        """Keeps nothing."""

    @property
    def value(self) -> Any:
        """None, since the answer was not read."""
        return None
