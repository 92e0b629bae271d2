"""Every error of the framework.

```
DestinationError
├── authoring: wrong before any event came
│   ├── DefinitionError          a destination, action, field or settings file
│   │   ├── DroppedRequestError  a perform made a request and neither returned nor awaited it
│   │   └── NotPortableError     what Segment would not understand, on its way to one of Segment's formats
│   ├── FQLSyntaxError           a trigger that cannot be parsed
│   └── MappingValidationError   a mapping with invalid directives: all of them, in `errors`
├── run time
│   ├── MappingError             an event asked a directive for something it cannot do
│   ├── EngineTypeError          where the reference dies with a bare TypeError of JavaScript
│   ├── IntegrationError         message, code, status
│   │   ├── PayloadValidationError
│   │   │   └── SchemaValidationError   the payload against the fields: all findings, in `errors`
│   │   ├── InvalidAudienceMembershipError
│   │   ├── APIError
│   │   ├── SelfTimeoutError
│   │   ├── CollectorRejectedError
│   │   └── MultiStatusError     one event of a batch: what its node says
│   ├── RetryableError
│   │   └── PartnerUnavailableError     a page of something between here and the partner
│   └── InvalidAuthenticationError
└── network
    ├── HTTPError                an answer that is not 2xx
    ├── TimeoutError             the client's own limit (code ETIMEDOUT)
    ├── RequestTimeoutError      an outer signal's limit (408)
    ├── RequestClientError       an outer signal aborted the request (408)
    ├── ConnectionError          no answer: refused, reset, not resolved
    ├── RedirectError            redirects that do not end, or lead nowhere
    │   └── RedirectRefusedError to another host or scheme, with a body
    └── ResponseTooLargeError    an answer that was needed and is larger than the limit
```

Where Segment's runtime has a message, `str(error)` is that message.

Example:
    >>> try:
    ...     raise APIError("The list is full.", 429)
    ... except DestinationError as error:
    ...     print(type(error).__name__, error.status, error)
    APIError 429 The list is full.
"""

from collections.abc import Iterable
from typing import Any

from destination.error_codes import ErrorCodes, error_code_from_http_status
from destination.exchange import RequestLike, ResponseLike
from destination.values import MISSING, number_to_string


class DestinationError(Exception):
    """The root of everything this framework raises on purpose.

    Attributes:
        code: Segment's name of the error, such as `PAYLOAD_VALIDATION_FAILED`, or None.
        status: An HTTP status that says what happens next (`is_retryable`), or None.
    """

    code: str | None = None
    status: int | None = None


# --- authoring -------------------------------------------------------------------------------------------


class DefinitionError(DestinationError):
    """A destination, an action, a field, a settings or a mappings file is declared wrongly."""


class DroppedRequestError(DefinitionError):
    """A perform made requests that it neither returned nor awaited (divergence 8: the reference sends them).

    Attributes:
        requests: The requests.
    """

    def __init__(self, requests: Iterable[RequestLike]) -> None:
        self.requests = tuple(requests)
        named = ", ".join(repr(request) for request in self.requests)
        super().__init__(
            f"requests were made but neither returned nor awaited: {named}. "
            "Return them from perform (several as a tuple), or await them"
        )


class NotPortableError(DefinitionError):
    """A mapping cannot be written in one of Segment's formats: it uses directives that Segment does not know.

    Attributes:
        what: What was to be written, such as `subscription 'Pages'`.
        directives: The directives, each as a JSON pointer to its object and its name.
    """

    def __init__(self, what: str, directives: Iterable[tuple[str, str]]) -> None:
        self.what = what
        self.directives = tuple(directives)
        extensions = ", ".join(f"{name} at {pointer or 'the root'}" for pointer, name in self.directives)
        super().__init__(
            f"{what} cannot be written for Segment, which does not know {extensions}. "
            "Say it in Segment's own directives, or keep it here"
        )


class FQLSyntaxError(DestinationError):
    """A trigger that cannot be parsed; it matches nothing.

    Attributes:
        source: The FQL text.
        offset: Where in the text, in characters from 0, or None where no single place is at fault.
    """

    def __init__(self, message: str, source: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.offset = offset

    def describe(self) -> str:
        """The message with the place drawn under the text, and what the error's notes add to it.

        Example:
            >>> print(FQLSyntaxError("Invalid character.", "type ~ 1", 5).describe())
            Invalid character.
              type ~ 1
                   ^
        """
        notes = "".join(f"\n{note}" for note in getattr(self, "__notes__", ()))
        if self.offset is None:
            return f"{self}\n  {self.source}{notes}"
        start = self.source.rfind("\n", 0, self.offset) + 1
        line = self.source[start:].partition("\n")[0]
        return f"{self}\n  {line}\n  {' ' * (self.offset - start)}^{notes}"


class MappingValidationError(DestinationError):
    """A mapping that holds invalid directives.

    Attributes:
        errors: One message a finding, each with its place as a JSON pointer (`/a/@path should be …`).
    """

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


# --- run time --------------------------------------------------------------------------------------------


class MappingError(DestinationError):
    """A directive met something in an event that it cannot work on.

    Attributes:
        directive: Its name, such as `@path`, or None for the mapping as a whole.
        path: Where in the mapping, as a list of keys, where it is known.
    """

    def __init__(self, message: str, directive: str | None = None, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.directive = directive
        self.path = path


class EngineTypeError(DestinationError, TypeError):
    """The reference dies here with a TypeError of the JavaScript engine; the message is our own."""


class IntegrationError(DestinationError):
    """An event cannot be delivered, for a reason that the destination knows.

    Args:
        message: What happened, for the person who owns the mapping.
        code: A short upper-case name.
        status: The HTTP status that fits.
    """

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class PayloadValidationError(IntegrationError):
    """The payload cannot be sent as it is; sending it again will not help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorCodes.PAYLOAD_VALIDATION_FAILED, 400)


class SchemaValidationError(PayloadValidationError):
    """A payload (or settings) that does not fit its fields; Segment calls it AggregateAjvError.

    Attributes:
        errors: The findings in the reference's order, each with `message`, `path` (`$.a[0]`) and `pointer`.
    """

    def __init__(self, errors: list[Any]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors


class InvalidAudienceMembershipError(IntegrationError):
    """An event does not tell whether its user is in or out of the audience."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorCodes.INVALID_AUDIENCE_MEMBERSHIP, 400)


class APIError(IntegrationError):
    """The partner's API said no, in a way of its own; the code is the status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, str(status), status)


class SelfTimeoutError(IntegrationError):
    """The destination gave up by itself; sending it again may help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorCodes.SELF_TIMEOUT, 408)


class CollectorRejectedError(IntegrationError):
    """The collector answered, but named this event as not taken (divergence 2). Never retried.

    Attributes:
        subject: What the collector's finding is about, or None.
    """

    def __init__(self, message: str, subject: str | None = None) -> None:
        super().__init__(message, "COLLECTOR_REJECTED", 400)
        self.subject = subject


class MultiStatusError(IntegrationError):
    """One event of a batch failed; its node in the multistatus says how.

    Attributes:
        reporter: `DESTINATION` where the partner refused it, else `INTEGRATIONS`.
        body: What the partner answered for it, or None.
    """

    def __init__(self, message: str, code: str, status: int, reporter: str | None = None, body: Any = None) -> None:
        super().__init__(message, code, status)
        self.reporter = reporter
        self.body = body


class RetryableError(DestinationError):
    """Sending it again later may help."""

    def __init__(self, message: str = "", status: int = 500) -> None:
        super().__init__(message)
        self.code = ErrorCodes.RETRYABLE_ERROR
        self.status = status


class PartnerUnavailableError(RetryableError):
    """What answered is not the partner: a maintenance page of a proxy in the place of an acknowledgement.

    Source: divergence 2.
    """

    def __init__(self, message: str = "the partner is unavailable") -> None:
        super().__init__(message, 503)


class InvalidAuthenticationError(DestinationError):
    """The credentials are not, or no longer, valid."""

    def __init__(self, message: str = "", code: str = ErrorCodes.INVALID_AUTHENTICATION) -> None:
        super().__init__(message)
        self.code = code
        self.status = 401


# --- network ---------------------------------------------------------------------------------------------


class HTTPError(DestinationError):
    """The answer's status is not 2xx; `str(error)` is its status text, or the status without one.

    Attributes:
        response: The response, whose status is the error's too.
        request: The request.
    """

    def __init__(self, response: ResponseLike, request: RequestLike) -> None:
        super().__init__(response.status_text or str(response.status))
        self.response = response
        self.request = request
        self.status = response.status
        self.code = error_code_from_http_status(response.status)

    @property
    def answer(self) -> Any:
        """The parsed body of the answer; `MISSING` where it cannot be read, or was too large to be."""
        return MISSING if getattr(self.response, "too_large", False) else self.response.data


class TimeoutError(DestinationError):  # noqa: A001  Segment's name; never imported bare beside the builtin
    """No answer within the client's own limit."""

    code = "ETIMEDOUT"

    def __init__(self, request: RequestLike, timeout_ms: float) -> None:
        super().__init__(f"Request timed out after {number_to_string(timeout_ms)}ms")
        self.request = request


class RequestClientError(DestinationError):
    """The request was aborted from outside."""

    code = "REQUESTCLIENTERROR"
    status = 408

    def __init__(self, message: str = "Request was aborted") -> None:
        super().__init__(message)


class RequestTimeoutError(DestinationError):
    """A limit from outside ran out before an answer came."""

    code = "REQUESTTIMEOUTERROR"
    status = 408

    def __init__(self, message: str = "Request timed out before receiving a response") -> None:
        super().__init__(message)


class ConnectionError(DestinationError):  # noqa: A001  the family's natural name, like TimeoutError
    """No answer at all: the connection was refused, reset or could not be made."""

    def __init__(self, message: str, request: RequestLike | None = None, code: str = "ECONNREFUSED") -> None:
        super().__init__(message)
        self.request = request
        self.code = code


class RedirectError(DestinationError):
    """The answers redirect in a circle, or to a place that is no URL."""

    def __init__(self, message: str, request: RequestLike | None = None) -> None:
        super().__init__(message)
        self.request = request


class ResponseTooLargeError(DestinationError):
    """The answer that was needed is larger than the request's limit; never retried.

    Args:
        answer: What was not read, such as `the answer of https://h.test/v1`.
        limit: The limit in bytes, where it is the request's own.
    """

    code = "RESPONSE_TOO_LARGE"

    def __init__(self, answer: str, limit: int | None = None) -> None:
        size = "too large" if limit is None else f"larger than {limit:,} bytes"
        super().__init__(
            f"{answer} is {size} and was not read; the partner may have taken the event, so it is not sent again"
        )
        self.limit = limit


class RedirectRefusedError(RedirectError):
    """An answer redirects a request with a body to another host or scheme; the body is not sent there (divergence 26).

    It says something about the address in the settings, and nothing about the event. It is never retried.

    Attributes:
        origin: Scheme, host and port that redirect, such as `https://api.example.com`.
        target: Scheme, host and port that they redirect to.
    """

    code = "REDIRECT_REFUSED"

    def __init__(self, origin: str, target: str, request: RequestLike | None = None) -> None:
        super().__init__(
            f"{origin} redirects to {target}: a body is not sent to another host or scheme; if that address is right, "
            "put it into the settings",
            request,
        )
        self.origin = origin
        self.target = target
