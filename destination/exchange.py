"""The parts of a request and of a response that an error may use.

Example:
    >>> from destination.errors import HTTPError
    >>> from destination.request import Request, Response
    >>> error = HTTPError(Response(503), Request("PUT", "https://h.test/"))
    >>> error.request.method, error.response.status
    ('PUT', 503)
"""

from typing import Any, Protocol


class RequestLike(Protocol):
    """The parts of a request that an error may use."""

    @property
    def method(self) -> str:
        """The HTTP method, upper case."""
        ...

    @property
    def url(self) -> str:
        """The URL."""
        ...


class ResponseLike(Protocol):
    """The parts of a response that an error may use."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def status_text(self) -> str:
        """The reason phrase."""
        ...

    @property
    def data(self) -> Any:
        """The parsed body."""
        ...
