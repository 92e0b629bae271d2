import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from destination import errors
from destination.errors import (
    APIError,
    CollectorRejectedError,
    DefinitionError,
    DestinationError,
    DroppedRequestError,
    EngineTypeError,
    FQLSyntaxError,
    HTTPError,
    IntegrationError,
    InvalidAudienceMembershipError,
    InvalidAuthenticationError,
    MappingError,
    MappingValidationError,
    MultiStatusError,
    NotPortableError,
    PartnerUnavailableError,
    PayloadValidationError,
    RedirectError,
    RedirectRefusedError,
    RequestClientError,
    RequestTimeoutError,
    ResponseTooLargeError,
    RetryableError,
    SchemaValidationError,
    SelfTimeoutError,
)


@dataclass(frozen=True)
class _Request:
    method: str = "PUT"
    url: str = "https://collector.example/v1/context"


@dataclass(frozen=True)
class ErrorResponse:
    status: int = 500
    status_text: str = "Internal Server Error"
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Finding:
    message: str
    path: str = "$.a"
    pointer: str = "/a"


REQUEST = _Request()

EXAMPLES: dict[type[DestinationError], Callable[[], DestinationError]] = {
    DestinationError: lambda: DestinationError("m"),
    DefinitionError: lambda: DefinitionError("m"),
    DroppedRequestError: lambda: DroppedRequestError([REQUEST]),
    NotPortableError: lambda: NotPortableError("subscription 'Pages'", [("/name", "@jinja")]),
    FQLSyntaxError: lambda: FQLSyntaxError("m", "type ="),
    MappingValidationError: lambda: MappingValidationError(["m"]),
    MappingError: lambda: MappingError("m"),
    EngineTypeError: lambda: EngineTypeError("m"),
    IntegrationError: lambda: IntegrationError("m", "TEAPOT", 418),
    PayloadValidationError: lambda: PayloadValidationError("m"),
    SchemaValidationError: lambda: SchemaValidationError([_Finding("m")]),
    InvalidAudienceMembershipError: lambda: InvalidAudienceMembershipError("m"),
    APIError: lambda: APIError("m", 503),
    SelfTimeoutError: lambda: SelfTimeoutError("m"),
    CollectorRejectedError: lambda: CollectorRejectedError("m", "goals"),
    MultiStatusError: lambda: MultiStatusError("m", "CONFLICT", 409),
    RetryableError: lambda: RetryableError("m"),
    PartnerUnavailableError: PartnerUnavailableError,
    InvalidAuthenticationError: lambda: InvalidAuthenticationError("m"),
    HTTPError: lambda: HTTPError(ErrorResponse(), REQUEST),
    errors.TimeoutError: lambda: errors.TimeoutError(REQUEST, 50),
    RequestTimeoutError: RequestTimeoutError,
    RequestClientError: RequestClientError,
    errors.ConnectionError: lambda: errors.ConnectionError("m"),
    RedirectError: lambda: RedirectError("m"),
    RedirectRefusedError: lambda: RedirectRefusedError("https://a", "https://b"),
    ResponseTooLargeError: lambda: ResponseTooLargeError("m", 9),
}


def _classes() -> set[type[DestinationError]]:
    return {value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, DestinationError)}


# --- the family as a whole -------------------------------------------------------------------------------


def test_every_error_has_an_example_here() -> None:
    assert set(EXAMPLES) == _classes()


def test_the_drawn_tree_is_the_tree() -> None:
    tree = (inspect.getdoc(errors) or "").split("```")[1]
    drawn = re.findall(r"^([│├└─ ]*)(\w+Error)\b", tree, re.MULTILINE)
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for lines, name in drawn:
        depth = len(lines)
        above = [(indent, other) for indent, other in above if indent < depth]
        if above:
            parents[name] = above[-1][1]
        above.append((depth, name))
    assert parents == {
        cls.__name__: next(base.__name__ for base in cls.__mro__[1:] if issubclass(base, DestinationError))
        for cls in _classes() - {DestinationError}
    }


@pytest.mark.parametrize("cls", EXAMPLES)
def test_every_error_says_something(cls: type[DestinationError]) -> None:
    error = EXAMPLES[cls]()
    assert type(error) is cls
    assert str(error)
    assert inspect.getdoc(cls)


# --- codes and statuses, as Segment's runtime has them ---------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "message", "code", "status"),
    [
        (IntegrationError, "m", "TEAPOT", 418),
        (PayloadValidationError, "m", "PAYLOAD_VALIDATION_FAILED", 400),
        (SchemaValidationError, "m", "PAYLOAD_VALIDATION_FAILED", 400),
        (InvalidAudienceMembershipError, "m", "INVALID_AUDIENCE_MEMBERSHIP", 400),
        (APIError, "m", "503", 503),
        (SelfTimeoutError, "m", "SELF_TIMEOUT", 408),
        (CollectorRejectedError, "m", "COLLECTOR_REJECTED", 400),
        (RetryableError, "m", "RETRYABLE_ERROR", 500),
        (InvalidAuthenticationError, "m", "INVALID_AUTHENTICATION", 401),
        (HTTPError, "Internal Server Error", "INTERNAL_SERVER_ERROR", 500),
        (errors.TimeoutError, "Request timed out after 50ms", "ETIMEDOUT", None),
        (RequestTimeoutError, "Request timed out before receiving a response", "REQUESTTIMEOUTERROR", 408),
        (RequestClientError, "Request was aborted", "REQUESTCLIENTERROR", 408),
        (errors.ConnectionError, "m", "ECONNREFUSED", None),
        (EngineTypeError, "m", None, None),
        (MappingError, "m", None, None),
    ],
)
def test_message_code_and_status(
    cls: type[DestinationError], message: str, code: str | None, status: int | None
) -> None:
    error = EXAMPLES[cls]()
    assert (str(error), error.code, error.status) == (message, code, status)


def test_status_and_code_may_be_given_where_segment_takes_them() -> None:
    assert RetryableError("m", 429).status == 429
    assert str(RetryableError()) == ""
    assert InvalidAuthenticationError("m", "REFRESH_TOKEN_EXPIRED").code == "REFRESH_TOKEN_EXPIRED"
    assert str(InvalidAuthenticationError()) == ""


def test_an_engine_error_is_a_type_error() -> None:
    assert issubclass(EngineTypeError, TypeError)


def test_names_of_builtins_are_not_the_builtins() -> None:
    assert not issubclass(errors.TimeoutError, TimeoutError)
    assert not issubclass(errors.ConnectionError, ConnectionError)


# --- what single errors carry ----------------------------------------------------------------------------


def test_http_error_carries_response_and_request() -> None:
    response = ErrorResponse(404, "Not Found")
    error = HTTPError(response, REQUEST)
    assert error.response is response
    assert error.request is REQUEST
    assert (str(error), error.status, error.code) == ("Not Found", 404, "NOT_FOUND")


def test_http_error_without_a_reason_phrase_says_the_status() -> None:
    assert str(HTTPError(ErrorResponse(599, ""), REQUEST)) == "599"
    assert HTTPError(ErrorResponse(599, ""), REQUEST).code == "UNKNOWN_ERROR"


def test_timeout_is_told_in_milliseconds_as_javascript_prints_them() -> None:
    assert str(errors.TimeoutError(REQUEST, 10_000)) == "Request timed out after 10000ms"
    assert str(errors.TimeoutError(REQUEST, 1e7)) == "Request timed out after 10000000ms"
    assert str(errors.TimeoutError(REQUEST, 0.5)) == "Request timed out after 0.5ms"
    assert errors.TimeoutError(REQUEST, 1).request is REQUEST


def test_connection_and_redirect_errors_know_their_request() -> None:
    error = errors.ConnectionError("no such host", REQUEST, "ENOTFOUND")
    assert (error.request, error.code) == (REQUEST, "ENOTFOUND")
    assert errors.ConnectionError("m").request is None
    assert RedirectError("m", REQUEST).request is REQUEST
    assert RedirectError("m").request is None


def test_schema_error_joins_its_findings() -> None:
    findings = [_Finding("A is wrong."), _Finding("B too.")]
    error = SchemaValidationError(findings)
    assert str(error) == "A is wrong. B too."
    assert error.errors == findings


def test_mapping_validation_error_has_a_line_for_each_finding() -> None:
    error = MappingValidationError(["/a is wrong.", "/b too."])
    assert str(error) == "/a is wrong.\n/b too."
    assert error.errors == ["/a is wrong.", "/b too."]


def test_mapping_error_knows_its_place() -> None:
    error = MappingError("m", "@path", ("a", "b"))
    assert (error.directive, error.path) == ("@path", ("a", "b"))
    assert (MappingError("m").directive, MappingError("m").path) == (None, ())


def test_rejection_knows_its_subject() -> None:
    assert CollectorRejectedError("m", "goals").subject == "goals"
    assert CollectorRejectedError("m").subject is None


def test_dropped_requests_are_named() -> None:
    error = DroppedRequestError(iter([REQUEST, _Request("GET", "https://other.example/")]))
    assert len(error.requests) == 2
    assert "collector.example" in str(error)
    assert "other.example" in str(error)
    assert isinstance(error, DefinitionError)


# --- the place in an FQL text ----------------------------------------------------------------------------


def test_describe_points_at_the_offset() -> None:
    assert FQLSyntaxError("Bad.", "type ~ 1", 5).describe() == "Bad.\n  type ~ 1\n       ^"


def test_describe_shows_the_line_at_fault_only() -> None:
    error = FQLSyntaxError("Bad.", 'type = "track"\nand ~\nand x', 19)
    assert error.describe() == "Bad.\n  and ~\n      ^"


def test_describe_points_behind_the_end() -> None:
    assert FQLSyntaxError("Bad.", "type =", 6).describe() == "Bad.\n  type =\n        ^"
    assert FQLSyntaxError("Bad.", "", 0).describe() == "Bad.\n  \n  ^"


def test_describe_without_a_place_shows_the_text() -> None:
    assert FQLSyntaxError("Bad.", "foo").describe() == "Bad.\n  foo"


def test_describe_adds_the_notes() -> None:
    error = FQLSyntaxError("Bad.", "foo", 0)
    error.add_note("Write it like this.")
    error.add_note("Or like that.")
    assert error.describe() == "Bad.\n  foo\n  ^\nWrite it like this.\nOr like that."


def test_fql_error_carries_its_source() -> None:
    error = FQLSyntaxError("Bad.", "foo", 2)
    assert (str(error), error.source, error.offset) == ("Bad.", "foo", 2)
