"""All errors of the framework.

```
DestinationError
├── authoring: raised before there is an event
│   ├── DefinitionError          a destination, action, field or settings file is declared wrongly
│   │   ├── DroppedRequestError  a perform made a request and neither returned nor awaited it
│   │   └── NotPortableError     a mapping has directives that Segment does not know
│   ├── FQLSyntaxError           a trigger that cannot be parsed
│   └── MappingValidationError   a mapping with invalid directives: all of them, in `errors`
├── run time
│   ├── MappingError             a directive cannot process a value of an event
│   ├── EngineTypeError          the reference fails with a TypeError of JavaScript itself
│   ├── IntegrationError         message, code, status
│   │   ├── PayloadValidationError
│   │   │   └── SchemaValidationError   a payload that is not valid: all findings, in `errors`
│   │   ├── InvalidAudienceMembershipError
│   │   ├── APIError
│   │   ├── SelfTimeoutError
│   │   ├── CollectorRejectedError
│   │   └── MultiStatusError     one event of a batch failed
│   ├── RetryableError
│   │   └── PartnerUnavailableError     a proxy answered instead of the partner
│   └── InvalidAuthenticationError
└── network
    ├── HTTPError                an answer that is not 2xx
    ├── TimeoutError             the request's own time limit ran out (code ETIMEDOUT)
    ├── RequestTimeoutError      a signal's time limit ran out (408)
    ├── RequestClientError       a signal aborted the request (408)
    ├── ConnectionError          no answer: refused, reset, not resolved
    ├── RedirectError            too many redirects, or one to an invalid URL
    │   └── RedirectRefusedError a redirect that would take a body to another host or scheme
    └── ResponseTooLargeError    an answer that was read and is larger than the limit
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
    """Base class of all errors of this framework.

    Attributes:
        code: Segment's name of the error, such as `PAYLOAD_VALIDATION_FAILED`, or None.
        status: An HTTP status, which decides whether the event is retried (`is_retryable`), or None.
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
    """A mapping cannot be written in one of Segment's formats, because Segment does not know its directives.

    Attributes:
        what: What cannot be written, such as `subscription 'Pages'`.
        directives: The unknown directives: for each the JSON pointer to its object, and its name.
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
    """A trigger cannot be parsed, so it matches no event.

    Attributes:
        source: The FQL text.
        offset: Where the fault is, in characters from 0. None if it is not at one point of the text.
    """

    def __init__(self, message: str, source: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.offset = offset

    def describe(self) -> str:
        """Returns the message, the text with a mark under the fault, and the error's notes.

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
    """A mapping has invalid directives.

    Attributes:
        errors: A message for each finding, which begins with its JSON pointer (`/a/@path should be …`).
    """

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


# --- run time --------------------------------------------------------------------------------------------


class MappingError(DestinationError):
    """A directive cannot process a value of an event.

    Attributes:
        directive: Its name, such as `@path`, or None for the mapping as a whole.
        path: The keys that lead to the directive in the mapping; empty if they are not known.
    """

    def __init__(self, message: str, directive: str | None = None, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.directive = directive
        self.path = path


class EngineTypeError(DestinationError, TypeError):
    """The reference fails here with a TypeError of the JavaScript engine; the message is this project's."""


class IntegrationError(DestinationError):
    """An event cannot be delivered, for a reason that the destination knows.

    Args:
        message: What happened, for the person who maintains the mapping.
        code: A short upper-case name.
        status: The HTTP status that describes it best.
    """

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class PayloadValidationError(IntegrationError):
    """A payload cannot be sent as it is; sending it again does not help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorCodes.PAYLOAD_VALIDATION_FAILED, 400)


class SchemaValidationError(PayloadValidationError):
    """A payload or settings are not valid; Segment calls this error AggregateAjvError.

    Attributes:
        errors: The findings in the reference's order, each with `message`, `path` (`$.a[0]`) and `pointer`.
    """

    def __init__(self, errors: list[Any]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors


class InvalidAudienceMembershipError(IntegrationError):
    """An event does not say whether its user is added to the audience or removed from it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorCodes.INVALID_AUDIENCE_MEMBERSHIP, 400)


class APIError(IntegrationError):
    """The partner's API refused an event in its own format; the code is the status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, str(status), status)


class SelfTimeoutError(IntegrationError):
    """The destination stopped waiting by itself; sending the event again may help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorCodes.SELF_TIMEOUT, 408)


class CollectorRejectedError(IntegrationError):
    """The collector's answer names this event as rejected (divergence 2). Never retried.

    Attributes:
        subject: The part of the event that the collector's message is about, or None.
    """

    def __init__(self, message: str, subject: str | None = None) -> None:
        super().__init__(message, "COLLECTOR_REJECTED", 400)
        self.subject = subject


class MultiStatusError(IntegrationError):
    """One event of a batch failed, as its node in the multistatus says.

    Attributes:
        reporter: `DESTINATION` if the partner refused it, else `INTEGRATIONS`.
        body: The partner's answer for this event, or None.
    """

    def __init__(self, message: str, code: str, status: int, reporter: str | None = None, body: Any = None) -> None:
        super().__init__(message, code, status)
        self.reporter = reporter
        self.body = body


class RetryableError(DestinationError):
    """An event failed, and sending it again later may help."""

    def __init__(self, message: str = "", status: int = 500) -> None:
        super().__init__(message)
        self.code = ErrorCodes.RETRYABLE_ERROR
        self.status = status


class PartnerUnavailableError(RetryableError):
    """The answer is not the partner's: a proxy sent a page, such as a maintenance page, instead.

    Source: divergence 2.
    """

    def __init__(self, message: str = "the partner is unavailable") -> None:
        super().__init__(message, 503)


class InvalidAuthenticationError(DestinationError):
    """The credentials are not valid, or not any longer."""

    def __init__(self, message: str = "", code: str = ErrorCodes.INVALID_AUTHENTICATION) -> None:
        super().__init__(message)
        self.code = code
        self.status = 401


# --- network ---------------------------------------------------------------------------------------------


class HTTPError(DestinationError):
    """The answer's status is not 2xx; `str(error)` is its status text, or the status if there is none.

    Attributes:
        response: The response; its status is the error's status.
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
        """The parsed body of the answer; `MISSING` if it cannot be parsed or was too large to be read."""
        return MISSING if getattr(self.response, "too_large", False) else self.response.data


class TimeoutError(DestinationError):  # noqa: A001  Segment's name; never imported bare beside the builtin
    """There was no answer within the request's own time limit."""

    code = "ETIMEDOUT"

    def __init__(self, request: RequestLike, timeout_ms: float) -> None:
        super().__init__(f"Request timed out after {number_to_string(timeout_ms)}ms")
        self.request = request


class RequestClientError(DestinationError):
    """A signal aborted the request."""

    code = "REQUESTCLIENTERROR"
    status = 408

    def __init__(self, message: str = "Request was aborted") -> None:
        super().__init__(message)


class RequestTimeoutError(DestinationError):
    """A signal's time limit ran out before there was an answer."""

    code = "REQUESTTIMEOUTERROR"
    status = 408

    def __init__(self, message: str = "Request timed out before receiving a response") -> None:
        super().__init__(message)


class ConnectionError(DestinationError):  # noqa: A001  the family's natural name, like TimeoutError
    """There was no answer: the connection was refused, reset or could not be made."""

    def __init__(self, message: str, request: RequestLike | None = None, code: str = "ECONNREFUSED") -> None:
        super().__init__(message)
        self.request = request
        self.code = code


class RedirectError(DestinationError):
    """There were too many redirects, or one to an invalid URL."""

    def __init__(self, message: str, request: RequestLike | None = None) -> None:
        super().__init__(message)
        self.request = request


class ResponseTooLargeError(DestinationError):
    """An answer that was read is larger than the request's limit; never retried.

    Args:
        answer: What was not read, such as `the answer of https://h.test/v1`.
        limit: The limit in bytes, or None if it is not the request's own limit.
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

    The address in the settings is at fault, and not the event. Never retried.

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
