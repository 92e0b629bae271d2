"""What an error knows of a request and of its answer.

Example:
    >>> from destination.errors import HTTPError
    >>> from destination.request import Request, Response
    >>> error = HTTPError(Response(503), Request("PUT", "https://h.test/"))
    >>> error.request.method, error.response.status
    ('PUT', 503)
"""

from typing import Any, Protocol


class RequestLike(Protocol):
    """What an error knows of a request."""

    @property
    def method(self) -> str:
        """The HTTP method, upper case."""
        ...

    @property
    def url(self) -> str:
        """Where it goes."""
        ...


class ResponseLike(Protocol):
    """What an error knows of a response."""

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
